"""Steps of runbooks that were ticked off, by whom and when."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models.runbooks import RunbookTickRow

KEPT_MS = 400 * 86_400_000


class RunbookTicks:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, occasion: str, runbook: str) -> dict[str, RunbookTickRow]:
        """By step."""
        query = select(RunbookTickRow).where(RunbookTickRow.occasion == occasion, RunbookTickRow.runbook == runbook)
        return {row.step: row for row in await self._database.call(lambda s: list(s.scalars(query)))}

    async def put(self, actor: Actor, occasion: str, runbook: str, step: str, *, done: bool) -> None:
        """The first who ticked a step off stays its name."""

        def work(session: Session) -> None:
            now = now_ms(self._clock)
            if done:
                row = insert_into(session, RunbookTickRow).values(
                    occasion=occasion, runbook=runbook, step=step, done_ms=now, done_by=actor.name
                )
                session.execute(row.on_conflict_do_nothing())
            else:
                same = (RunbookTickRow.occasion == occasion, RunbookTickRow.runbook == runbook)
                session.execute(delete(RunbookTickRow).where(*same, RunbookTickRow.step == step))
            session.execute(delete(RunbookTickRow).where(RunbookTickRow.done_ms < now - KEPT_MS))
            details = {"occasion": occasion, "step": step}
            session.add(noted(self._clock, actor, "runbook.tick" if done else "runbook.untick", runbook, details))

        await self._database.call(work)
