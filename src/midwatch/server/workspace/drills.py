"""Which rules were rehearsed, when, by whom, and how it went."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models.drills import DrillRow

KEPT_MS = 400 * 86_400_000


@dataclass(frozen=True, slots=True)
class Drilled:
    rule_id: str
    alert: str
    query: str
    passed: bool
    told: tuple[str, ...]


class Drills:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, actor: Actor, one: Drilled) -> None:
        """The newest of its rule."""

        def work(session: Session) -> None:
            now = now_ms(self._clock)
            row = session.get(DrillRow, one.rule_id, with_for_update=True)
            if row is None:
                row = DrillRow(rule_id=one.rule_id)
                session.add(row)
            row.alert, row.query, row.passed, row.told = one.alert, one.query, one.passed, list(one.told)
            row.drilled_ms, row.drilled_by = now, actor.name
            session.add(noted(self._clock, actor, "drill.run", one.alert, {"passed": one.passed, "told": row.told}))
            session.execute(delete(DrillRow).where(DrillRow.drilled_ms < now - KEPT_MS))

        await self._database.call(work)

    async def all(self) -> dict[str, DrillRow]:
        """By rule."""
        return {row.rule_id: row for row in await self._database.call(lambda s: list(s.scalars(select(DrillRow))))}
