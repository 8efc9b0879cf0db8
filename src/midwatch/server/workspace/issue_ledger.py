"""What the digest writes down of issues: which there are, seen again, come back. Every call may be repeated."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.error_group import ErrorGroup
from midwatch.server.model.errors import Conflict
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models.issues import DigestedSegmentRow, IssueActivityRow, IssueGroupRow, IssueRow
from midwatch.server.workspace.models.releases import ReleaseRow

TRIES_MAX = 5
DIGESTED_KEPT_MS = 4 * 86_400_000
NEW, REGRESSED, ESCALATING, ONGOING = "new", "regressed", "escalating", "ongoing"


@dataclass(frozen=True, slots=True)
class Happened:
    """Something about an issue that alerting is to be told of."""

    activity_id: int
    kind: str
    """new, regressed, escalating."""
    time_ms: int
    data: Mapping[str, Any]
    issue: IssueRow


class IssueLedger:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._releases: set[tuple[int, str]] = set()

    async def note(self, groups: Sequence[ErrorGroup]) -> int:
        """Every group is of an issue when this returns. Several servers may note the same at once.

        Returns how many issues are new or came back; `owed` has them.

        Raises:
            Unavailable: the database does not answer.
        """
        ordered = sorted(groups, key=lambda group: (group.project, group.hash))
        for attempt in range(TRIES_MAX):
            try:
                return await self._database.call(lambda session: self._note(session, ordered))
            except Conflict:
                if attempt == TRIES_MAX - 1:
                    raise
        return 0

    async def owed(self, *, limit: int) -> list[Happened]:
        """What alerting has not been told of yet, the oldest first."""
        query = (
            select(IssueActivityRow, IssueRow)
            .join(IssueRow, IssueRow.id == IssueActivityRow.issue_id)
            .where(IssueActivityRow.owed.is_(True))
            .order_by(IssueActivityRow.id)
            .limit(limit)
        )
        found = await self._database.call(lambda s: list(s.execute(query)))
        return [Happened(row.id, row.kind, row.time_ms, row.data, issue) for row, issue in found]

    async def paid(self, activity_ids: Collection[int]) -> None:
        """Alerting has taken these in."""
        change = update(IssueActivityRow).where(IssueActivityRow.id.in_(list(activity_ids))).values(owed=False)
        await self._database.call(lambda s: s.execute(change))

    async def digested(self, segments: Collection[str]) -> set[str]:
        """Which of these segments are done."""
        if not segments:
            return set()
        some = list(segments)

        def work(session: Session) -> set[str]:
            found: set[str] = set()
            for at in range(0, len(some), 500):
                query = select(DigestedSegmentRow.segment).where(DigestedSegmentRow.segment.in_(some[at : at + 500]))
                found.update(session.scalars(query))
            return found

        return await self._database.call(work)

    async def note_digested(self, segments: Iterable[str]) -> None:
        some, now = list(segments), now_ms(self._clock)

        def work(session: Session) -> None:
            for segment in some:
                row = insert_into(session, DigestedSegmentRow).values(segment=segment, at_ms=now)
                session.execute(row.on_conflict_do_nothing())
            session.execute(delete(DigestedSegmentRow).where(DigestedSegmentRow.at_ms < now - DIGESTED_KEPT_MS))

        await self._database.call(work)

    def _note(self, session: Session, groups: Sequence[ErrorGroup]) -> int:
        news = 0
        self._see_releases(session, groups)
        for group in groups:
            link = session.get(IssueGroupRow, (group.project, group.hash))
            if link is None:
                link, is_new = self._new_group(session, group)
                news += is_new
            issue = session.get(IssueRow, link.issue_id, with_for_update=True)
            if issue is None:
                continue
            _see(issue, group)
            news += self._come_back(session, issue, group)
        return news

    def _see_releases(self, session: Session, groups: Sequence[ErrorGroup]) -> None:
        """A release is known from its first event on, whoever tells of it later."""
        seen = {(group.project, release): group.first_ns for group in groups for release in group.releases}
        for (project, release), first_ns in seen.items():
            if (project, release) not in self._releases:
                row = insert_into(session, ReleaseRow).values(
                    project=project,
                    version=release[:200],
                    created_ms=first_ns // 1_000_000,
                    url="",
                    ref="",
                    archived=False,
                )
                session.execute(row.on_conflict_do_nothing())
                self._releases.add((project, release))

    def _new_group(self, session: Session, group: ErrorGroup) -> tuple[IssueGroupRow, bool]:
        """A group that an older algorithm knows stays with its issue; else it is a new issue."""
        now = now_ms(self._clock)
        happened = False
        known = next(
            (one for hash_ in group.older if (one := session.get(IssueGroupRow, (group.project, hash_)))), None
        )
        if known is not None:
            issue_id = known.issue_id
        else:
            issue = _new_issue(group, now)
            session.add(issue)
            session.flush()
            issue_id = issue.id
            data = {"release": group.first_release} if group.first_release else {}
            session.add(activity(issue_id, issue.first_ms, NEW, data, owed=True))
            happened = True
        link = IssueGroupRow(
            project=group.project,
            hash=group.hash,
            issue_id=issue_id,
            version=group.version,
            title=group.title[:300],
            first_ms=group.first_ns // 1_000_000,
        )
        session.add(link)
        session.flush()
        return link, happened

    def _come_back(self, session: Session, issue: IssueRow, group: ErrorGroup) -> bool:
        """Whether these events open again what was closed."""
        now = now_ms(self._clock)
        last_ms = group.last_ns // 1_000_000
        if issue.status == "resolved" and issue.resolved_ms is not None and last_ms > issue.resolved_ms:
            if not _is_after(session, issue, group):
                return False
            data = {"release": group.release, "resolved_in": issue.resolved_in}
            issue.status, issue.substatus, issue.changed_ms = "unresolved", REGRESSED, now
            issue.resolved_ms, issue.resolved_in = None, ""
            session.add(activity(issue.id, now, REGRESSED, data, owed=True))
            return True
        until = issue.ignored_until.get("time_ms") if issue.status == "ignored" else None
        if until is not None and last_ms > until:
            open_again(session, issue, now, {"because": "time"})
        return False


def activity(
    issue_id: int, time_ms: int, kind: str, data: dict[str, Any], *, actor: str = "", owed: bool = False
) -> IssueActivityRow:
    """`owed`: alerting is to be told of it."""
    return IssueActivityRow(issue_id=issue_id, time_ms=time_ms, kind=kind, actor=actor[:254], data=data, owed=owed)


def open_again(session: Session, issue: IssueRow, now: int, data: dict[str, Any]) -> None:
    """An ignored issue whose condition came true."""
    issue.status, issue.substatus, issue.changed_ms = "unresolved", ONGOING, now
    issue.ignored_ms, issue.ignored_until = None, {}
    session.add(activity(issue.id, now, "unignored", data))


def priority_of(level: str, *, handled: bool) -> str:
    if level == "fatal" or (level == "error" and not handled):
        return "high"
    return "medium" if level == "error" else "low"


def _new_issue(group: ErrorGroup, now: int) -> IssueRow:
    return IssueRow(
        project=group.project,
        status="unresolved",
        substatus=NEW,
        title=group.title[:300],
        culprit=group.culprit[:300],
        type=group.type[:300],
        value=group.value[:2000],
        level=group.level,
        severity=group.severity[:40],
        category=group.category[:100],
        platform=group.platform[:64],
        service=group.service[:200],
        environment=group.environment[:200],
        handled=group.handled,
        priority=priority_of(group.level, handled=group.handled),
        priority_by="",
        primary_hash=group.hash,
        first_ms=group.first_ns // 1_000_000,
        last_ms=group.last_ns // 1_000_000,
        first_release=group.first_release[:200],
        last_release=group.release[:200],
        last_event_id=group.event_id[:64],
        assignee="",
        resolved_ms=None,
        resolved_in="",
        ignored_ms=None,
        ignored_until={},
        merged_into=None,
        changed_ms=now,
    )


def _see(issue: IssueRow, group: ErrorGroup) -> None:
    """The newest event says how the issue looks."""
    first_ms, last_ms = group.first_ns // 1_000_000, group.last_ns // 1_000_000
    if first_ms < issue.first_ms:
        issue.first_ms, issue.first_release = first_ms, group.first_release[:200]
    if last_ms < issue.last_ms:
        return
    issue.last_ms, issue.last_event_id = last_ms, group.event_id[:64]
    issue.title, issue.value, issue.culprit = group.title[:300], group.value[:2000], group.culprit[:300]
    issue.level, issue.severity, issue.category = group.level, group.severity[:40], group.category[:100]
    issue.handled = issue.handled and group.handled
    if group.release:
        issue.last_release = group.release[:200]
    if not issue.priority_by:
        issue.priority = priority_of(issue.level, handled=issue.handled)


def _is_after(session: Session, issue: IssueRow, group: ErrorGroup) -> bool:
    """Whether one of these events is of a release in which the issue was to be gone."""
    wanted = issue.resolved_in
    if not wanted:
        return True
    release, sign = wanted[1:], wanted[0]
    for seen in group.releases:
        if seen == release:
            if sign == "=":
                return True
            continue
        if newer(session, issue.project, seen, release):
            return True
    return not group.releases


def newer(session: Session, project: int, one: str, other: str) -> bool:
    """Whether a release came after another: by version where both have one, else by when they were first known."""
    versions = [_version(release) for release in (one, other)]
    if versions[0] is not None and versions[1] is not None:
        return versions[0] > versions[1]
    query = select(ReleaseRow.version, ReleaseRow.created_ms).where(
        ReleaseRow.project == project, ReleaseRow.version.in_([one, other])
    )
    made = {row.version: row.created_ms for row in session.execute(query)}
    return bool(made.get(one, 1 << 62) > made.get(other, 0))


def _version(release: str) -> Version | None:
    """Of `package@1.2.3+build` or `1.2.3`."""
    try:
        return Version(release.rpartition("@")[2].partition("+")[0])
    except InvalidVersion:
        return None
