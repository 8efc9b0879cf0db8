"""What is known of session replays: written segment by segment, found by what they have, forgotten by age and size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Select, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models.replays import ReplayKeyRow, ReplayRow, ReplaySegmentRow

KEYS_MAX = 100
"""Of each kind, of one replay."""
SEGMENTS_MAX = 2000
UNPACKED_BYTES_MAX = 100 << 20
"""Of one replay: a browser has to hold it to play it."""
SECONDS_MAX = 4 * 3600
"""From the beginning of a replay to its last event; SDKs end theirs after one hour."""
_AT_ONCE = 500
_DAY_MS = 86_400_000

Kind = Literal["user", "error", "trace", "url"]
Cut = Literal["segments", "bytes", "hours"]
Added = Literal["added", "known", "deleted"]
ReplayId = tuple[int, str]
"""Project and id."""


@dataclass(frozen=True, slots=True)
class NewSegment:
    project: int
    replay_id: str
    segment: int
    started_ms: int
    at_ms: int
    first_ms: int
    last_ms: int
    bytes: int
    unpacked_bytes: int
    events: int
    clicks: int
    dead_clicks: int
    rage_clicks: int
    is_buffer: bool
    user_label: str
    texts: Mapping[str, str]
    """`release`, `environment`, `browser`, `os`, `device`, `sdk`: of them a later segment changes what it says."""
    keys: Mapping[Kind, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list of replays: those that were going on between two times, with all of the rest."""

    project: int
    start_ms: int
    end_ms: int
    environments: tuple[str, ...] = ()
    release: str = ""
    user: str = ""
    url: str = ""
    """A part of an address."""
    error: str = ""
    trace: str = ""
    with_errors: bool = False
    with_rage: bool = False
    seconds_min: float | None = None
    seconds_max: float | None = None
    before: tuple[int, str] | None = None
    """Beginning and id of the last one that was shown."""


@dataclass(frozen=True, slots=True)
class Told:
    row: ReplayRow
    keys: Mapping[Kind, tuple[str, ...]]


@dataclass(slots=True)
class Usage:
    replays: int = 0
    bytes: int = 0
    oldest_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Whole(Told):
    segments: Sequence[ReplaySegmentRow] = field(default=())
    key_segments: Mapping[tuple[Kind, str], int] = field(default_factory=dict)
    """The first segment that had an error, a trace, …"""


class ReplayLedger:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def refusal(self, project: int, replay_id: str, segment: int, at_ms: int) -> str:
        """Why a segment is not taken: `known`, `deleted`, or the limit that the replay has reached; empty: it is."""

        def work(session: Session) -> str:
            if session.get(ReplaySegmentRow, (project, replay_id, segment)) is not None:
                return "known"
            row = session.get(ReplayRow, (project, replay_id))
            if row is None:
                return ""
            if row.deleted:
                return "deleted"
            if cut := _cut(row, at_ms):
                row.cut = cut
            return cut

        return await self._database.call(work)

    async def add(self, new: NewSegment) -> Added:
        """In one transaction; one that is there already changes nothing."""

        def work(session: Session) -> Added:
            row = _row_of(session, new)
            if row.deleted:
                return "deleted"
            insert = insert_into(session, ReplaySegmentRow).values(
                project=new.project,
                replay_id=new.replay_id,
                segment=new.segment,
                first_ms=new.first_ms,
                last_ms=new.last_ms,
                bytes=new.bytes,
                unpacked_bytes=new.unpacked_bytes,
                events=new.events,
            )
            done: Any = session.execute(insert.on_conflict_do_nothing())
            if not done.rowcount:
                return "known"
            _grow(row, new)
            for kind, values in new.keys.items():
                _add_keys(session, new, kind, values)
            row.errors = _count_of(session, new, "error")
            return "added"

        return await self._database.call(work)

    async def page(self, wanted: Wanted, limit: int) -> list[Told]:
        """Newest first."""
        query = _found(wanted).order_by(ReplayRow.started_ms.desc(), ReplayRow.id.desc()).limit(limit)

        def work(session: Session) -> list[Told]:
            rows = list(session.scalars(query))
            keys = _keys_of(session, [(row.project, row.id) for row in rows])
            return [Told(row, _by_kind(keys.get((row.project, row.id), ()))) for row in rows]

        return await self._database.call(work)

    async def with_keys(
        self, project: int, keys: Mapping[Kind, Sequence[str]], *, start_ms: int, end_ms: int, limit: int
    ) -> list[Told]:
        """Those that have any of the keys and were going on between two times, the oldest first."""
        conditions = [
            _with_key(kind, ReplayKeyRow.value.in_(values[at : at + _AT_ONCE]))
            for kind, values in keys.items()
            for at in range(0, len(values), _AT_ONCE)
        ]
        if not conditions:
            return []
        query = _found(Wanted(project, start_ms, end_ms)).where(or_(*conditions))
        query = query.order_by(ReplayRow.started_ms, ReplayRow.id).limit(limit)

        def work(session: Session) -> list[Told]:
            rows = list(session.scalars(query))
            found = _keys_of(session, [(row.project, row.id) for row in rows])
            return [Told(row, _by_kind(found.get((row.project, row.id), ()))) for row in rows]

        return await self._database.call(work)

    async def get(self, project: int, replay_id: str) -> Whole | None:
        def work(session: Session) -> Whole | None:
            row = session.get(ReplayRow, (project, replay_id))
            if row is None or row.deleted:
                return None
            keys = _keys_of(session, [(project, replay_id)]).get((project, replay_id), ())
            mine = (ReplaySegmentRow.project == project, ReplaySegmentRow.replay_id == replay_id)
            segments = list(session.scalars(select(ReplaySegmentRow).where(*mine).order_by(ReplaySegmentRow.segment)))
            firsts: dict[tuple[Kind, str], int] = {(one.kind, one.value): one.segment for one in keys}  # type: ignore[misc]
            return Whole(row, _by_kind(keys), segments, firsts)

        return await self._database.call(work)

    async def has_segment(self, project: int, replay_id: str, segment: int) -> bool:
        return await self._database.call(lambda s: s.get(ReplaySegmentRow, (project, replay_id, segment)) is not None)

    async def watched(self, actor: Actor, project: int, replay_id: str) -> None:
        """Noted in the audit log: a recording shows what a person did."""

        def work(session: Session) -> None:
            session.add(noted(self._clock, actor, "replay.watch", replay_id, {"project": project}))
            mine = (ReplayRow.project == project, ReplayRow.id == replay_id, ReplayRow.seen_ms.is_(None))
            session.execute(update(ReplayRow).where(*mine).values(seen_ms=now_ms(self._clock)))

        await self._database.call(work)

    async def empty(self, actor: Actor, project: int, *, replay_id: str = "", user: str = "") -> list[str]:
        """Delete one, or all of a user, but for their ids; those ids. Audited.

        From here on nothing more of them is taken. Their blobs are the caller's, who says so with `emptied`.
        """

        def work(session: Session) -> list[str]:
            ids = [replay_id] if replay_id else _of_user(session, project, user)
            details: dict[str, Any] = {"project": project, "replays": len(ids)}
            session.add(noted(self._clock, actor, "replay.delete", replay_id or user, details))
            for start in range(0, len(ids), _AT_ONCE):
                part = ids[start : start + _AT_ONCE]
                _forget(session, [(project, one) for one in part], rows=False)
                mine = (ReplayRow.project == project, ReplayRow.id.in_(part))
                session.execute(update(ReplayRow).where(*mine).values(deleted=True, **_NOTHING))
            return ids

        return await self._database.call(work)

    async def projects_of_user(self, user: str) -> list[int]:
        """In which there are recordings of the user."""
        mine = (ReplayKeyRow.kind == "user", ReplayKeyRow.value == user)
        query = select(ReplayKeyRow.project).where(*mine).distinct().order_by(ReplayKeyRow.project)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def emptied(self, ids: Sequence[ReplayId]) -> None:
        """The blobs of deleted replays are gone."""

        def work(session: Session) -> None:
            for project, replay_id in ids:
                mine = (ReplayRow.project == project, ReplayRow.id == replay_id)
                session.execute(update(ReplayRow).where(*mine).values(bytes=0))

        await self._database.call(work)

    async def to_be_emptied(self, limit: int) -> list[ReplayId]:
        """Deleted ones whose blobs may be there still: a server ended between the two."""
        query = select(ReplayRow.project, ReplayRow.id).where(ReplayRow.deleted.is_(True), ReplayRow.bytes > 0)
        return await self._database.call(lambda s: [(row.project, row.id) for row in s.execute(query.limit(limit))])

    async def usage(self, project: int | None = None) -> Usage:
        query = select(func.count(), func.coalesce(func.sum(ReplayRow.bytes), 0), func.min(ReplayRow.started_ms))
        query = query.where(ReplayRow.deleted.is_(False))
        if project is not None:
            query = query.where(ReplayRow.project == project)
        count, size, oldest = await self._database.call(lambda s: s.execute(query).one())
        return Usage(count, int(size), oldest)

    async def bytes_by_day(self, project: int, start_ms: int, end_ms: int) -> list[tuple[int, int, int]]:
        """Day since 1970 on which they began, how many, and bytes of their blobs."""
        day = ReplayRow.started_ms // _DAY_MS
        query = (
            select(day, func.count(), func.sum(ReplayRow.bytes))
            .where(ReplayRow.project == project, ReplayRow.deleted.is_(False))
            .where(ReplayRow.started_ms >= start_ms // _DAY_MS * _DAY_MS, ReplayRow.started_ms < end_ms)
            .group_by(day)
        )

        def work(session: Session) -> list[tuple[int, int, int]]:
            return [(int(at), int(count), int(size)) for at, count, size in session.execute(query)]

        return await self._database.call(work)

    async def ended_before(self, finished_ms: int, limit: int) -> list[ReplayId]:
        """Those that were deleted among them."""
        query = select(ReplayRow.project, ReplayRow.id).where(ReplayRow.finished_ms < finished_ms)
        query = query.order_by(ReplayRow.finished_ms).limit(limit)
        return await self._database.call(lambda s: [(row.project, row.id) for row in s.execute(query)])

    async def oldest(self, limit: int) -> list[tuple[ReplayId, int]]:
        """With the bytes of each."""
        query = select(ReplayRow.project, ReplayRow.id, ReplayRow.bytes).where(ReplayRow.deleted.is_(False))
        query = query.order_by(ReplayRow.finished_ms).limit(limit)
        return await self._database.call(lambda s: [((row.project, row.id), row.bytes) for row in s.execute(query)])

    async def forget(self, ids: Sequence[ReplayId]) -> None:
        """Their rows, after their blobs."""
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            await self._database.call(lambda s, part=part: _forget(s, part, rows=True))  # type: ignore[misc]


_COUNTED = ("segments", "unpacked_bytes", "events", "errors", "clicks", "dead_clicks", "rage_clicks")
_TEXTS = ("release", "environment", "browser", "os", "device", "sdk")
_NOTHING: dict[str, Any] = dict.fromkeys(_COUNTED, 0) | dict.fromkeys((*_TEXTS, "user_label", "cut"), "")


def _row_of(session: Session, new: NewSegment) -> ReplayRow:
    """Its replay, made where this is the first segment that came, and held until the transaction is over."""
    values = {
        "project": new.project,
        "id": new.replay_id,
        "started_ms": min(new.started_ms, new.first_ms),
        "finished_ms": new.at_ms,
        "bytes": 0,
        "is_buffer": new.is_buffer,
        "seen_ms": None,
        "deleted": False,
    }
    session.execute(insert_into(session, ReplayRow).values(**values, **_NOTHING).on_conflict_do_nothing())
    row = session.get(ReplayRow, (new.project, new.replay_id), with_for_update=True)
    assert row is not None
    return row


def _grow(row: ReplayRow, new: NewSegment) -> None:
    row.started_ms = min(row.started_ms, new.started_ms, new.first_ms)
    row.finished_ms = max(row.finished_ms, new.at_ms, new.last_ms)
    row.segments += 1
    for name in ("bytes", "unpacked_bytes", "events", "clicks", "dead_clicks", "rage_clicks"):
        setattr(row, name, getattr(row, name) + getattr(new, name))
    row.is_buffer = row.is_buffer or new.is_buffer
    row.user_label = new.user_label or row.user_label
    for name in _TEXTS:
        setattr(row, name, new.texts.get(name) or getattr(row, name))


def _cut(row: ReplayRow, at_ms: int) -> Cut | Literal[""]:
    if row.segments >= SEGMENTS_MAX:
        return "segments"
    if row.unpacked_bytes >= UNPACKED_BYTES_MAX:
        return "bytes"
    return "hours" if at_ms - row.started_ms > SECONDS_MAX * 1000 else ""


def _add_keys(session: Session, new: NewSegment, kind: Kind, values: Sequence[str]) -> None:
    room = KEYS_MAX - _count_of(session, new, kind)
    mine = {"project": new.project, "replay_id": new.replay_id, "kind": kind, "segment": new.segment}
    rows = [{**mine, "value": value, "place": place} for place, value in enumerate(values[: max(0, room)])]
    if rows:
        session.execute(insert_into(session, ReplayKeyRow).values(rows).on_conflict_do_nothing())


def _count_of(session: Session, new: NewSegment, kind: Kind) -> int:
    mine = (ReplayKeyRow.project == new.project, ReplayKeyRow.replay_id == new.replay_id, ReplayKeyRow.kind == kind)
    return session.scalar(select(func.count()).select_from(ReplayKeyRow).where(*mine)) or 0


def _found(wanted: Wanted) -> Select[ReplayRow]:
    query = select(ReplayRow).where(
        ReplayRow.project == wanted.project,
        ReplayRow.deleted.is_(False),
        ReplayRow.started_ms < wanted.end_ms,
        ReplayRow.finished_ms >= wanted.start_ms,
    )
    if wanted.environments:
        query = query.where(ReplayRow.environment.in_(wanted.environments))
    if wanted.release:
        query = query.where(ReplayRow.release == wanted.release)
    if wanted.with_errors:
        query = query.where(ReplayRow.errors > 0)
    if wanted.with_rage:
        query = query.where(or_(ReplayRow.rage_clicks > 0, ReplayRow.dead_clicks > 0))
    length = ReplayRow.finished_ms - ReplayRow.started_ms
    if wanted.seconds_min is not None:
        query = query.where(length >= int(wanted.seconds_min * 1000))
    if wanted.seconds_max is not None:
        query = query.where(length <= int(wanted.seconds_max * 1000))
    kinds: tuple[tuple[Kind, str], ...] = (("user", wanted.user), ("error", wanted.error), ("trace", wanted.trace))
    for kind, value in kinds:
        if value:
            query = query.where(_with_key(kind, ReplayKeyRow.value == value))
    if wanted.url:
        query = query.where(_with_key("url", ReplayKeyRow.value.contains(wanted.url, autoescape=True)))
    if wanted.before is not None:
        query = query.where(tuple_(ReplayRow.started_ms, ReplayRow.id) < tuple_(*wanted.before))
    return query


def _with_key(kind: Kind, condition: Any) -> Any:
    mine = (
        ReplayKeyRow.project == ReplayRow.project,
        ReplayKeyRow.replay_id == ReplayRow.id,
        ReplayKeyRow.kind == kind,
    )
    return exists().where(*mine, condition)


def _keys_of(session: Session, ids: Sequence[ReplayId]) -> dict[ReplayId, list[ReplayKeyRow]]:
    found: dict[ReplayId, list[ReplayKeyRow]] = {}
    for project in {project for project, _ in ids}:
        mine = [id_ for at, id_ in ids if at == project]
        query = select(ReplayKeyRow).where(ReplayKeyRow.project == project, ReplayKeyRow.replay_id.in_(mine))
        query = query.order_by(ReplayKeyRow.segment, ReplayKeyRow.place)
        for row in session.scalars(query):
            found.setdefault((row.project, row.replay_id), []).append(row)
    return found


def _by_kind(keys: Sequence[ReplayKeyRow]) -> dict[Kind, tuple[str, ...]]:
    kinds: tuple[Kind, ...] = ("user", "error", "trace", "url")
    return {kind: tuple(one.value for one in keys if one.kind == kind) for kind in kinds}


def _of_user(session: Session, project: int, user: str) -> list[str]:
    mine = (ReplayKeyRow.project == project, ReplayKeyRow.kind == "user", ReplayKeyRow.value == user)
    return list(session.scalars(select(ReplayKeyRow.replay_id).where(*mine)))


def _forget(session: Session, ids: Sequence[ReplayId], *, rows: bool) -> None:
    for project in {project for project, _ in ids}:
        mine = [id_ for at, id_ in ids if at == project]
        for table in (ReplaySegmentRow, ReplayKeyRow):
            session.execute(delete(table).where(table.project == project, table.replay_id.in_(mine)))
        if rows:
            session.execute(delete(ReplayRow).where(ReplayRow.project == project, ReplayRow.id.in_(mine)))
