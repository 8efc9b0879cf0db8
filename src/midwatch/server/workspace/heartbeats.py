"""What is kept about heartbeats. What a sign or the time makes of one is decided by who calls, in the transaction."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict, NotFound, TooLarge
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import HeartbeatChangeRow, HeartbeatRow, HeartbeatSignRow

HEARTBEATS_MAX = 10_000
SIGNS_MAX = 200
"""Kept of one heartbeat, the newest."""
CHANGES_MAX = 1000
DETAIL_CHARACTERS_MAX = 10_000
_DUE_AT_ONCE = 500
_MANY = 500


@dataclass(frozen=True, slots=True)
class Identity:
    project: int
    name: str
    environment: str = ""


@dataclass(slots=True)
class Fields:
    """What `change` may set of a row."""

    config: dict[str, Any]
    life: dict[str, Any]
    condition: str
    healthy: bool
    due_ns: int | None
    source: str


@dataclass(frozen=True, slots=True)
class ChangeNote:
    at_ms: int
    condition_from: str
    condition_to: str
    healthy: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Sign:
    at_ms: int
    status: str
    door: str
    run: str = ""
    seconds: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """A row after a sign or a look."""

    row: HeartbeatRow
    changed: bool
    """Its condition or health is another than before."""
    created: bool = False


@dataclass(slots=True)
class Outcome:
    fields: Fields
    notes: Sequence[ChangeNote] = field(default_factory=tuple)


Work = Callable[[Fields], Outcome]


class HeartbeatLedger:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def all(self, *, project: int | None = None) -> list[HeartbeatRow]:
        query = select(HeartbeatRow).order_by(HeartbeatRow.name, HeartbeatRow.environment)
        if project is not None:
            query = query.where(HeartbeatRow.project == project)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def get(self, heartbeat_id: str) -> HeartbeatRow | None:
        return await self._database.call(lambda s: s.get(HeartbeatRow, heartbeat_id))

    async def named(self, project: int, name: str) -> list[HeartbeatRow]:
        """In each of its environments."""
        query = select(HeartbeatRow).where(HeartbeatRow.project == project, HeartbeatRow.name == name)
        return await self._database.call(lambda s: list(s.scalars(query.order_by(HeartbeatRow.environment))))

    async def due(self, now_ns: int) -> list[str]:
        """Ids of those that are to be looked at, the longest due first; a part where there are many."""
        query = select(HeartbeatRow.id).where(HeartbeatRow.due_ns <= now_ns).order_by(HeartbeatRow.due_ns)
        return await self._database.call(lambda s: list(s.scalars(query.limit(_DUE_AT_ONCE))))

    async def change(self, heartbeat_ids: Sequence[str], work: Work, sign: Sign | None = None) -> list[Touched]:
        """Let `work` decide about each that there is, in one transaction."""

        def transaction(session: Session) -> list[Touched]:
            found = []
            for heartbeat_id in heartbeat_ids:
                row = session.get(HeartbeatRow, heartbeat_id, with_for_update=True)
                if row is not None:
                    found.append(Touched(row, self._apply(session, row, work, sign)))
            return found

        return await self._database.call(transaction)

    async def heard(
        self, identity: Identity, make: Callable[[], Fields], work: Work, sign: Sign, *, creates: bool = True
    ) -> Touched:
        """A sign of one that is made where it is not known: in another environment, with what is expected in all.

        Raises:
            NotFound: it is known in no environment, and `creates` is false.
            TooLarge: there are too many.
        """

        def transaction(session: Session) -> Touched:
            row = session.scalar(_of(identity).with_for_update())
            created = False
            if row is None:
                template = self._declared(session, identity)
                if template is None and not creates:
                    raise NotFound(f"cannot find heartbeat {identity.name[:200]} in this project")
                fields = make()
                if template is not None:
                    fields.config, fields.source = template.config, template.source
                row = self._insert(session, identity, fields)
                created = template is None
            return Touched(row, self._apply(session, row, work, sign), created)

        return await self._database.call(transaction)

    async def add(self, actor: Actor, identity: Identity, fields: Fields) -> HeartbeatRow:
        """Raises Conflict, TooLarge."""

        def transaction(session: Session) -> HeartbeatRow:
            if session.scalar(_of(identity)) is not None:
                raise Conflict(f"heartbeat {identity.name}: there is one of this name already")
            session.add(noted(self._clock, actor, "heartbeat.create", identity.name))
            return self._insert(session, identity, fields)

        return await self._database.call(transaction)

    async def edit(self, actor: Actor, heartbeat_id: str, work: Work) -> HeartbeatRow:
        """Raises NotFound."""

        def transaction(session: Session) -> HeartbeatRow:
            row = session.get(HeartbeatRow, heartbeat_id, with_for_update=True)
            if row is None:
                raise NotFound(f"cannot find heartbeat {heartbeat_id}")
            session.add(noted(self._clock, actor, "heartbeat.change", row.name))
            self._apply(session, row, work, None)
            return row

        return await self._database.call(transaction)

    async def remove(self, actor: Actor, heartbeat_id: str) -> None:
        """Raises NotFound."""

        def transaction(session: Session) -> None:
            row = session.get(HeartbeatRow, heartbeat_id)
            if row is None:
                raise NotFound(f"cannot find heartbeat {heartbeat_id}")
            session.add(noted(self._clock, actor, "heartbeat.remove", row.name, {"environment": row.environment}))
            self._delete(session, [heartbeat_id])

        await self._database.call(transaction)

    async def declare(self, project: int, wanted: dict[str, Callable[[Fields | None], Fields]]) -> None:
        """Make the plan's heartbeats those that there are, by name.

        `wanted` makes a row's fields of those that it has, in each environment.
        """

        def transaction(session: Session) -> None:
            rows = list(session.scalars(select(HeartbeatRow).where(HeartbeatRow.project == project)))
            known = {row.name for row in rows}
            gone = [row for row in rows if row.source == "plan" and row.name not in wanted]
            self._delete(session, [row.id for row in gone])
            for row in rows:
                if row.name in wanted:
                    _set(row, wanted[row.name](_fields(row)))
            for name, make in wanted.items():
                if name not in known:
                    self._insert(session, Identity(project, name), make(None), counted=False)

        await self._database.call(transaction)

    async def signs(self, heartbeat_id: str, *, limit: int = SIGNS_MAX) -> list[HeartbeatSignRow]:
        """Newest first."""
        query = select(HeartbeatSignRow).where(HeartbeatSignRow.heartbeat_id == heartbeat_id)
        query = query.order_by(HeartbeatSignRow.id.desc()).limit(min(limit, SIGNS_MAX))
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def changes(self, heartbeat_id: str, *, limit: int = 100) -> list[HeartbeatChangeRow]:
        """Newest first."""
        query = select(HeartbeatChangeRow).where(HeartbeatChangeRow.heartbeat_id == heartbeat_id)
        query = query.order_by(HeartbeatChangeRow.id.desc()).limit(min(limit, CHANGES_MAX))
        return await self._database.call(lambda s: list(s.scalars(query)))

    def _declared(self, session: Session, identity: Identity) -> HeartbeatRow | None:
        """The same in another environment: what is expected of it is expected in all of them.

        One that was declared before anything was heard gives its place to the first environment that is.
        """
        found = list(
            session.scalars(
                select(HeartbeatRow)
                .where(HeartbeatRow.project == identity.project, HeartbeatRow.name == identity.name)
                .order_by(HeartbeatRow.created_ms)
            )
        )
        if len(found) == 1 and found[0].environment == "" and found[0].condition == "new":
            found[0].environment = identity.environment
        return found[0] if found else None

    def _insert(self, session: Session, identity: Identity, fields: Fields, *, counted: bool = True) -> HeartbeatRow:
        row: HeartbeatRow | None = session.scalar(_of(identity))
        if row is not None:  # it took the place of the one that was declared
            return row
        if counted and (session.scalar(select(func.count()).select_from(HeartbeatRow)) or 0) >= HEARTBEATS_MAX:
            raise TooLarge(f"cannot keep more than {HEARTBEATS_MAX:,} heartbeats: remove some first")
        row = HeartbeatRow(
            id=str(uuid.uuid4()),
            project=identity.project,
            name=identity.name,
            environment=identity.environment,
            created_ms=now_ms(self._clock),
        )
        _set(row, fields)
        session.add(row)
        session.flush()
        return row

    def _apply(self, session: Session, row: HeartbeatRow, work: Work, sign: Sign | None) -> bool:
        """Whether something changed that is told."""
        outcome = work(_fields(row))
        _set(row, outcome.fields)
        for note in outcome.notes:
            session.add(
                HeartbeatChangeRow(
                    heartbeat_id=row.id,
                    at_ms=note.at_ms,
                    condition_from=note.condition_from,
                    condition_to=note.condition_to,
                    healthy=note.healthy,
                    reason=note.reason[:500],
                )
            )
        if sign is not None:
            detail = sign.detail.replace("\0", "�")[:DETAIL_CHARACTERS_MAX]
            session.add(
                HeartbeatSignRow(
                    heartbeat_id=row.id,
                    at_ms=sign.at_ms,
                    status=sign.status,
                    run=sign.run[:64],
                    seconds=sign.seconds,
                    door=sign.door,
                    detail=detail,
                )
            )
        session.flush()
        _forget(session, HeartbeatSignRow, row.id, SIGNS_MAX)
        if outcome.notes:
            _forget(session, HeartbeatChangeRow, row.id, CHANGES_MAX)
        return bool(outcome.notes)

    def _delete(self, session: Session, heartbeat_ids: Sequence[str]) -> None:
        for start in range(0, len(heartbeat_ids), _MANY):
            part = heartbeat_ids[start : start + _MANY]
            for table in (HeartbeatSignRow, HeartbeatChangeRow):
                session.execute(delete(table).where(table.heartbeat_id.in_(part)))
            session.execute(delete(HeartbeatRow).where(HeartbeatRow.id.in_(part)))


def _forget(session: Session, table: Any, heartbeat_id: str, kept: int) -> None:
    over = select(table.id).where(table.heartbeat_id == heartbeat_id).order_by(table.id.desc()).offset(kept).limit(1)
    oldest = session.scalar(over)
    if oldest is not None:
        session.execute(delete(table).where(table.heartbeat_id == heartbeat_id, table.id <= oldest))


def _of(identity: Identity) -> Any:
    return select(HeartbeatRow).where(
        HeartbeatRow.project == identity.project,
        HeartbeatRow.name == identity.name,
        HeartbeatRow.environment == identity.environment,
    )


def _fields(row: HeartbeatRow) -> Fields:
    return Fields(row.config, row.life, row.condition, row.healthy, row.due_ns, row.source)


def _set(row: HeartbeatRow, fields: Fields) -> None:
    row.config, row.life, row.condition = fields.config, fields.life, fields.condition
    row.healthy, row.due_ns, row.source = fields.healthy, fields.due_ns, fields.source
