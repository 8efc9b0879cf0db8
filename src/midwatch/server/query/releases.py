"""Releases as people look at them: what the workspace knows of each, who runs it, and what broke in it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from midwatch.server.model.errors import NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.query.logs import stats_since
from midwatch.server.query.release_health import Health, ReleaseHealthQueries, Sessions
from midwatch.server.query.source import Scope
from midwatch.server.schemas.releases import (
    CommitShown,
    DeployShown,
    ReleaseDetail,
    ReleaseHealth,
    ReleaseIssue,
    ReleaseList,
    ReleasePoint,
    ReleaseSummary,
)
from midwatch.server.workspace.artifacts import ArtifactLedger
from midwatch.server.workspace.models import DeployRow, ReleaseCommitRow, ReleaseRow
from midwatch.server.workspace.releases import Around, Releases

SHOWN_MAX = 200
NEW_ISSUES_MAX = 50
STEPS_SECONDS = (300, 900, 3600, 10_800, 21_600, 86_400)
POINTS_MAX = 120
_NO_SESSIONS = Sessions(0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ReleaseEvents:
    """Error events of one release in a range of time."""

    events: int = 0
    unhandled: int = 0
    users: int = 0
    first_ns: int = 0
    last_ns: int = 0


@dataclass(frozen=True, slots=True)
class NewIssue:
    """An issue that was first seen in a release."""

    id: str
    title: str
    level: str
    status: str
    first_ns: int


class IssueCounts(Protocol):
    """What releases ask about issues."""

    async def events_by_release(self, scope: Scope) -> Mapping[str, ReleaseEvents]:
        """Of releases that have events in the scope."""
        ...

    async def new_by_release(self, project: int, versions: Sequence[str]) -> Mapping[str, int]:
        """How many issues were first seen in each."""
        ...

    async def new_in(self, project: int, version: str, *, limit: int) -> Sequence[NewIssue]:
        """The newest first."""
        ...


class ReleaseQueries:
    def __init__(
        self, releases: Releases, artifacts: ArtifactLedger, health: ReleaseHealthQueries, issues: IssueCounts
    ) -> None:
        self._releases, self._artifacts, self._health, self._issues = releases, artifacts, health, issues

    async def all(self, scope: Scope) -> ReleaseList:
        """The newest SHOWN_MAX that were made, and those that are seen in the range; the newest first."""
        started = time.perf_counter()
        rows = {row.version: row for row in await self._releases.newest(scope.project, limit=SHOWN_MAX)}
        health = await self._health.all(scope)
        events = await self._issues.events_by_release(scope)
        others = (health.by_release.keys() | events.keys()) - rows.keys()
        if others and len(rows) == SHOWN_MAX:  # They may have been made before the newest ones.
            rows |= {row.version: row for row in await self._releases.of(scope.project, others)}
        versions = sorted(
            rows.keys() | health.by_release.keys() | events.keys(),
            key=lambda version: (-_since(version, rows, health, events), version),
        )
        shown = versions[:SHOWN_MAX]
        summaries = await self._summaries(scope.project, shown, rows, health, events)
        return ReleaseList(releases=summaries, total=len(versions), stats=stats_since(started))

    async def detail(self, scope: Scope, version: str) -> ReleaseDetail:
        """
        Raises:
            NotFound: nobody made it, and nothing of it was seen in the range.
        """
        started = time.perf_counter()
        row = await self._releases.get(scope.project, version)
        health = await self._health.all(scope)
        events = await self._issues.events_by_release(scope)
        if row is None and version not in health.by_release and version not in events:
            raise NotFound(f"cannot find release {version[:200]}: nobody made it, and nothing of it came in this range")
        rows = {version: row} if row is not None else {}
        summaries = await self._summaries(scope.project, [version], rows, health, events)
        step = next((one for one in STEPS_SECONDS if scope.span.seconds / one <= POINTS_MAX), STEPS_SECONDS[-1])
        points = await self._health.points(scope, version, step)
        issues = await self._issues.new_in(scope.project, version, limit=NEW_ISSUES_MAX)
        return ReleaseDetail(
            summary=summaries[0],
            deploys=[deploy_shown(one, version) for one in await self._releases.deploys_of(row.id)] if row else [],
            commits=[_commit(one) for one in await self._releases.commits(row.id)] if row else [],
            new_issues=[
                ReleaseIssue(
                    id=one.id,
                    title=one.title,
                    level=one.level,
                    status=one.status,
                    first_seen=format_time(one.first_ns),
                )
                for one in issues
            ],
            step_seconds=step,
            points=[
                ReleasePoint(
                    time=format_time(one.start_ns),
                    sessions=one.sessions,
                    crashed=one.crashed,
                    users=one.users,
                    adoption_sessions=_share(one.sessions, one.all_sessions),
                )
                for one in points
            ],
            stats=stats_since(started),
        )

    async def _summaries(
        self,
        project: int,
        versions: Sequence[str],
        rows: Mapping[str, ReleaseRow],
        health: Health,
        events: Mapping[str, ReleaseEvents],
    ) -> list[ReleaseSummary]:
        around = await self._releases.around([rows[version].id for version in versions if version in rows])
        files = await self._artifacts.counts(project, versions)
        fresh = await self._issues.new_by_release(project, versions)
        found = []
        for version in versions:
            row = rows.get(version)
            beside = around.get(row.id, Around()) if row is not None else Around()
            sessions, seen = health.by_release.get(version), events.get(version, ReleaseEvents())
            times = [one for one in (sessions, seen) if one is not None and one.first_ns]
            found.append(
                ReleaseSummary(
                    version=version,
                    known=row is not None,
                    created=_ms(row.created_ms) if row is not None else None,
                    released=_ms(row.released_ms) if row is not None else None,
                    archived=row.archived if row is not None else False,
                    url=row.url if row is not None else "",
                    ref=row.ref if row is not None else "",
                    first_seen=format_time(min(one.first_ns for one in times)) if times else None,
                    last_seen=format_time(max(one.last_ns for one in times)) if times else None,
                    commits=beside.commits,
                    deploys=beside.deploys,
                    last_deploy=deploy_shown(beside.last, version) if beside.last is not None else None,
                    files=files.get(version, 0),
                    events=seen.events,
                    unhandled=seen.unhandled,
                    new_issues=fresh.get(version, 0),
                    health=_health(sessions or _NO_SESSIONS, health),
                )
            )
        return found


def deploy_shown(row: DeployRow, version: str) -> DeployShown:
    finished = _ms(row.finished_ms)
    assert finished is not None
    return DeployShown(
        id=row.id,
        version=version,
        environment=row.environment,
        service=row.service,
        name=row.name,
        url=row.url,
        started=_ms(row.started_ms),
        finished=finished,
        marked_by=row.marked_by,
    )


def _since(version: str, rows: Mapping[str, ReleaseRow], health: Health, events: Mapping[str, ReleaseEvents]) -> int:
    """When it began: made, or seen first."""
    if (row := rows.get(version)) is not None:
        return row.created_ms * 10**6
    seen = (health.by_release.get(version), events.get(version))
    return min(one.first_ns for one in seen if one is not None)


def _health(one: Sessions, of_all: Health) -> ReleaseHealth:
    ok, ok_users = one.sessions - one.crashed, one.users - one.crashed_users
    return ReleaseHealth(
        sessions=one.sessions,
        crashed=one.crashed,
        abnormal=one.abnormal,
        errored=one.errored,
        users=one.users,
        crashed_users=one.crashed_users,
        crash_free_sessions=_share(ok, one.sessions),
        crash_free_users=_share(ok_users, one.users),
        adoption_sessions=_share(one.sessions, of_all.sessions),
        adoption_users=_share(one.users, of_all.users),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _commit(row: ReleaseCommitRow) -> CommitShown:
    return CommitShown(
        sha=row.sha,
        repository=row.repository,
        author=row.author,
        email=row.email,
        message=row.message,
        time=_ms(row.at_ms),
        files=list(row.files),
    )


def _ms(ms: int | None) -> str | None:
    return format_time(ms * 10**6) if ms is not None else None
