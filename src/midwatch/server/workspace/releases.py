"""What is kept about releases: who made which when, their commits, and where they were deployed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict, NotFound
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import DeployRow, ReleaseCommitRow, ReleaseRow

T = TypeVar("T")
RELEASES_MAX = 10_000
"""Of one project, the newest; what is older is forgotten with its commits and deploys."""
COMMITS_MAX = 1000
"""Of one release, the newest."""
FILES_OF_COMMIT_MAX = 500
MESSAGE_CHARACTERS_MAX = 4000
PATH_CHARACTERS_MAX = 1000
DEPLOYS_MAX = 1000
"""In one answer, the newest."""


@dataclass(frozen=True, slots=True)
class Change:
    """What of a release is to be set; None leaves a field as it is."""

    url: str | None = None
    ref: str | None = None
    created_ms: int | None = None
    """Only of a new one."""
    released_ms: int | None = None
    archived: bool | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    repository: str = ""
    author: str = ""
    email: str = ""
    message: str = ""
    at_ms: int | None = None
    files: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Deploy:
    environment: str
    finished_ms: int
    started_ms: int | None = None
    service: str = ""
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """How many commits and deploys a release has, and the last deploy."""

    commits: int = 0
    deploys: int = 0
    last: DeployRow | None = None


class Releases:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def put(self, actor: Actor, project: int, version: str, change: Change) -> tuple[ReleaseRow, bool]:
        """Make or change; whether it is new."""

        def work(session: Session) -> tuple[ReleaseRow, bool]:
            return self._put(session, actor, project, version, change)

        return await self._made(work)

    async def newest(self, project: int, *, limit: int) -> list[ReleaseRow]:
        query = select(ReleaseRow).where(ReleaseRow.project == project)
        query = query.order_by(ReleaseRow.created_ms.desc(), ReleaseRow.id.desc()).limit(limit)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def get(self, project: int, version: str) -> ReleaseRow | None:
        return await self._database.call(lambda s: _found(s, project, version))

    async def of(self, project: int, versions: Collection[str]) -> list[ReleaseRow]:
        """Those of these versions that were made."""
        query = select(ReleaseRow).where(ReleaseRow.project == project, ReleaseRow.version.in_(versions))
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def projects_of(self, version: str) -> list[int]:
        """Those that have a release of this version."""
        query = select(ReleaseRow.project).where(ReleaseRow.version == version).order_by(ReleaseRow.project)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def remove(self, actor: Actor, project: int, version: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = _found(session, project, version)
            if row is None:
                raise _missing(version, project)
            session.add(noted(self._clock, actor, "release.remove", version, {"project": project}))
            session.execute(delete(DeployRow).where(DeployRow.release_id == row.id))
            session.execute(delete(ReleaseCommitRow).where(ReleaseCommitRow.release_id == row.id))
            session.delete(row)

        await self._database.call(work)

    async def put_commits(self, actor: Actor, project: int, version: str, commits: Sequence[Commit]) -> None:
        """In place of those that were known; the release is made where there is none."""

        def work(session: Session) -> None:
            row, _ = self._put(session, actor, project, version, Change())
            session.execute(delete(ReleaseCommitRow).where(ReleaseCommitRow.release_id == row.id))
            for position, one in enumerate(commits[:COMMITS_MAX]):
                session.add(_commit_row(row.id, position, one))

        await self._made(work)

    async def commits(self, release_id: int) -> list[ReleaseCommitRow]:
        query = select(ReleaseCommitRow).where(ReleaseCommitRow.release_id == release_id)
        return await self._database.call(lambda s: list(s.scalars(query.order_by(ReleaseCommitRow.position))))

    async def previous_with_commits(self, project: int, version: str) -> tuple[ReleaseRow, ReleaseCommitRow] | None:
        """The newest release before this one that has commits, with its newest commit."""

        def work(session: Session) -> tuple[ReleaseRow, ReleaseCommitRow] | None:
            this = _found(session, project, version)
            query = select(ReleaseRow, ReleaseCommitRow).join(
                ReleaseCommitRow, (ReleaseCommitRow.release_id == ReleaseRow.id) & (ReleaseCommitRow.position == 0)
            )
            query = query.where(ReleaseRow.project == project, ReleaseRow.version != version)
            if this is not None:
                query = query.where(ReleaseRow.created_ms <= this.created_ms)
            found = session.execute(query.order_by(ReleaseRow.created_ms.desc(), ReleaseRow.id.desc()).limit(1)).first()
            return (found[0], found[1]) if found is not None else None

        return await self._database.call(work)

    async def add_deploy(self, actor: Actor, project: int, version: str, deploy: Deploy) -> DeployRow:
        """The release is made where there is none, and is released by its first deploy."""

        def work(session: Session) -> DeployRow:
            row, _ = self._put(session, actor, project, version, Change())
            if row.released_ms is None:
                row.released_ms = deploy.finished_ms
            made = DeployRow(
                release_id=row.id,
                project=project,
                environment=deploy.environment,
                service=deploy.service,
                name=deploy.name,
                url=deploy.url,
                started_ms=deploy.started_ms,
                finished_ms=deploy.finished_ms,
                marked_by=actor.name[:254],
            )
            session.add(made)
            session.flush()
            told = {"project": project, "environment": deploy.environment, "service": deploy.service}
            session.add(noted(self._clock, actor, "deploy.mark", version, {k: v for k, v in told.items() if v}))
            return made

        return await self._made(work)

    async def deploys_of(self, release_id: int) -> list[DeployRow]:
        """Newest first."""
        query = select(DeployRow).where(DeployRow.release_id == release_id).order_by(DeployRow.finished_ms.desc())
        return await self._database.call(lambda s: list(s.scalars(query.limit(DEPLOYS_MAX))))

    async def deploys_between(
        self, project: int, start_ms: int, end_ms: int, *, environments: Sequence[str] = (), service: str = ""
    ) -> list[tuple[DeployRow, str]]:
        """With their versions, newest first. A deploy that names no service or environment is one of all of them."""
        query = select(DeployRow, ReleaseRow.version).join(ReleaseRow, ReleaseRow.id == DeployRow.release_id)
        query = query.where(
            DeployRow.project == project, DeployRow.finished_ms >= start_ms, DeployRow.finished_ms < end_ms
        )
        if environments:
            query = query.where(DeployRow.environment.in_([*environments, ""]))
        if service:
            query = query.where(DeployRow.service.in_([service, ""]))
        query = query.order_by(DeployRow.finished_ms.desc()).limit(DEPLOYS_MAX)
        return await self._database.call(lambda s: [(row[0], row[1]) for row in s.execute(query)])

    async def around(self, release_ids: Sequence[int]) -> Mapping[int, Around]:
        """For a list of releases."""

        def work(session: Session) -> dict[int, Around]:
            commits, deploys, newest = ReleaseCommitRow, DeployRow, func.max(DeployRow.id)
            counted = select(commits.release_id, func.count()).where(commits.release_id.in_(release_ids))
            of_commits = {row[0]: row[1] for row in session.execute(counted.group_by(commits.release_id))}
            marked = select(deploys.release_id, func.count(), newest).where(deploys.release_id.in_(release_ids))
            of_deploys = {row[0]: (row[1], row[2]) for row in session.execute(marked.group_by(deploys.release_id))}
            last = select(DeployRow).where(DeployRow.id.in_([one for _, one in of_deploys.values()]))
            lasts = {row.release_id: row for row in session.scalars(last)}
            return {
                one: Around(of_commits.get(one, 0), of_deploys.get(one, (0, 0))[0], lasts.get(one))
                for one in release_ids
            }

        return await self._database.call(work) if release_ids else {}

    async def _made(self, work: Callable[[Session], T]) -> T:
        """Once more where another one made the release at the same moment."""
        try:
            return await self._database.call(work)
        except Conflict:
            return await self._database.call(work)

    def _put(
        self, session: Session, actor: Actor, project: int, version: str, change: Change
    ) -> tuple[ReleaseRow, bool]:
        row = _found(session, project, version)
        new = row is None
        if row is None:
            made = change.created_ms if change.created_ms is not None else now_ms(self._clock)
            row = ReleaseRow(project=project, version=version, created_ms=made, url="", ref="", archived=False)
            session.add(row)
            session.add(noted(self._clock, actor, "release.create", version, {"project": project}))
        for name in ("url", "ref", "released_ms", "archived"):
            value = getattr(change, name)
            if value is not None:
                setattr(row, name, value)
        session.flush()
        if new:
            self._forget(session, project)
        return row, new

    def _forget(self, session: Session, project: int) -> None:
        over = select(ReleaseRow.id).where(ReleaseRow.project == project)
        over = over.order_by(ReleaseRow.created_ms.desc(), ReleaseRow.id.desc()).offset(RELEASES_MAX).limit(10)
        for release_id in list(session.scalars(over)):
            session.execute(delete(DeployRow).where(DeployRow.release_id == release_id))
            session.execute(delete(ReleaseCommitRow).where(ReleaseCommitRow.release_id == release_id))
            session.execute(delete(ReleaseRow).where(ReleaseRow.id == release_id))


def _found(session: Session, project: int, version: str) -> ReleaseRow | None:
    return session.scalar(select(ReleaseRow).where(ReleaseRow.project == project, ReleaseRow.version == version))


def _missing(version: str, project: int) -> NotFound:
    return NotFound(f"cannot find release {version[:200]} in project {project}")


def _commit_row(release_id: int, position: int, one: Commit) -> ReleaseCommitRow:
    return ReleaseCommitRow(
        release_id=release_id,
        position=position,
        sha=one.sha[:100],
        repository=one.repository[:200],
        author=one.author[:200],
        email=one.email[:254],
        message=one.message[:MESSAGE_CHARACTERS_MAX],
        at_ms=one.at_ms,
        files=[path[:PATH_CHARACTERS_MAX] for path in one.files[:FILES_OF_COMMIT_MAX]],
    )
