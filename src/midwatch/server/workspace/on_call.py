"""Overrides of schedules: who takes over, when, and who said so."""

from dataclasses import dataclass

import uuid_utils
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import NotFound, TooLarge
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models.on_call import OverrideRow

OVERRIDES_MAX = 2000
KEPT_MS = 400 * 86_400_000


@dataclass(frozen=True, slots=True)
class NewOverride:
    schedule: str
    person: str
    start_ms: int
    end_ms: int
    reason: str = ""


class OnCallOverrides:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[OverrideRow]:
        """In the order in which they were made: the newest of two counts."""
        query = select(OverrideRow).order_by(OverrideRow.created_ms, OverrideRow.id)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def add(self, actor: Actor, new: NewOverride) -> OverrideRow:
        """Raises TooLarge."""
        id_ = str(uuid_utils.uuid7())

        def work(session: Session) -> OverrideRow:
            now = now_ms(self._clock)
            session.execute(delete(OverrideRow).where(OverrideRow.end_ms < now - KEPT_MS))
            if (session.scalar(select(func.count()).select_from(OverrideRow)) or 0) >= OVERRIDES_MAX:
                raise TooLarge(f"cannot keep more than {OVERRIDES_MAX} overrides: remove some first")
            row = OverrideRow(
                id=id_,
                schedule=new.schedule,
                person=new.person,
                start_ms=new.start_ms,
                end_ms=new.end_ms,
                created_ms=now,
                created_by=actor.name,
                reason=new.reason,
            )
            session.add(row)
            details = {"person": new.person, "start_ms": new.start_ms, "end_ms": new.end_ms, "reason": new.reason}
            session.add(noted(self._clock, actor, "on_call.override", new.schedule, details))
            return row

        return await self._database.call(work)

    async def remove(self, actor: Actor, id_: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = session.get(OverrideRow, id_)
            if row is None:
                raise NotFound(f"cannot find override {id_}: it was removed, or never made")
            session.delete(row)
            session.add(noted(self._clock, actor, "on_call.remove_override", row.schedule, {"person": row.person}))

        await self._database.call(work)
