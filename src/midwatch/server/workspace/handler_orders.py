"""Orders to replay runs: asked for by people, given to one app at a time, finished by what that app says."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from midwatch.contract.handlers import UNFINISHED, Outcome, State
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import NotFound
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models.handlers import HandlerOrderRow, HandlerRunRow

GIVEN_MS = 30_000
"""An app that was given an order and is not heard of again for so long: it is given to the next that asks."""
QUEUED_MS = 600_000
"""The same for one that lies in a queue of the app's."""
EXPIRES_MS = 86_400_000
WAITING, GIVEN, FINISHED, CANCELLED, EXPIRED = "waiting", "given", "finished", "cancelled", "expired"
OPEN = (WAITING, GIVEN)
_OF_STATE = {State.DONE: Outcome.DONE, State.FAILED: Outcome.FAILED, State.UNKNOWN: Outcome.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Ask:
    """What people say of a replay."""

    reason: str
    dry_run: bool
    confirm_unknown: bool
    rate_per_minute: int


@dataclass(frozen=True, slots=True)
class Asked:
    batch_id: str
    ordered: int
    left_out: int
    """There is an order for them already, or they cannot be replayed."""


class HandlerOrders:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def ask(self, actor: Actor, runs: Sequence[HandlerRunRow], ask: Ask) -> Asked:
        """An order for each, by the rate, and one entry of the audit log. Only what has failed and can be replayed."""
        now, batch = now_ms(self._clock), uuid.uuid4().hex

        def work(session: Session) -> Asked:
            ids = [row.id for row in runs]
            # Locked, so that two people who ask at once make one order.
            found = select(HandlerRunRow).where(HandlerRunRow.id.in_(ids)).order_by(HandlerRunRow.id).with_for_update()
            able = {row.id for row in session.scalars(found) if not row.refusal and row.state != State.DONE}
            busy = HandlerOrderRow.run.in_(ids) & HandlerOrderRow.state.in_(OPEN)
            able -= set(session.scalars(select(HandlerOrderRow.run).where(busy)))
            ordered = [row for row in runs if row.id in able]
            for place, row in enumerate(ordered):
                due = now + place * 60_000 // ask.rate_per_minute
                session.add(_order(row, actor, ask, batch, asked_ms=now, due_ms=due))
            if ordered:
                session.add(noted(self._clock, actor, "handler.replay", batch, _told(ordered, ask)))
            return Asked(batch, len(ordered), len(ids) - len(ordered))

        return await self._database.call(work)

    async def give(
        self, project: int, service: str, environment: str, handlers: Sequence[str], to: str
    ) -> HandlerOrderRow | None:
        """The next for an app that has these handlers: one that waits, or of whose app nobody has heard again."""
        now = now_ms(self._clock)
        row = HandlerOrderRow
        due = or_(and_(row.state == WAITING, row.due_ms <= now), and_(row.state == GIVEN, row.given_until_ms <= now))
        of = and_(row.project == project, row.service == service, row.environment == environment)
        query = select(row).where(of, due, row.expires_ms > now, row.handler.in_(handlers)).order_by(row.due_ms, row.id)
        query = query.limit(1).with_for_update(skip_locked=True)

        def work(session: Session) -> HandlerOrderRow | None:
            found = session.scalar(query)
            if found is not None:
                found.state, found.given_until_ms, found.given_to = GIVEN, now + GIVEN_MS, to
            return found

        return await self._database.call(work)

    async def any_open(self) -> bool:
        """Whether there is an order that is not over, of whomever."""
        query = select(HandlerOrderRow.id).where(HandlerOrderRow.state.in_(OPEN)).limit(1)
        return await self._database.call(lambda s: s.scalar(query)) is not None

    async def settle(self, project: int, order_id: str, outcome: Outcome, detail: str, seconds: float) -> bool:
        """What an app says became of an order; what is over stays as it is. False where there is no such order."""
        now = now_ms(self._clock)

        def work(session: Session) -> bool:
            row = session.get(HandlerOrderRow, order_id, with_for_update=True)
            if row is None or row.project != project:
                return False
            if row.state == FINISHED and row.outcome == outcome:
                # The run was told first, which says nothing of how long the replay took.
                row.seconds = seconds
            elif row.state == GIVEN:
                row.outcome, row.detail, row.seconds = outcome, detail, seconds
                if outcome in UNFINISHED:
                    row.given_until_ms = now + (QUEUED_MS if outcome is Outcome.QUEUED else GIVEN_MS)
                else:
                    row.state, row.finished_ms = FINISHED, now
            return True

        return await self._database.call(work)

    async def of_runs(self, run_ids: Sequence[str]) -> dict[str, HandlerOrderRow]:
        """The newest order of each run that has one."""
        query = select(HandlerOrderRow).where(HandlerOrderRow.run.in_(run_ids))
        query = query.order_by(HandlerOrderRow.asked_ms, HandlerOrderRow.id)
        rows = await self._database.call(lambda s: list(s.scalars(query)))
        return {row.run: row for row in rows}

    async def page(
        self, project: int, *, run: str = "", batch: str = "", before_ms: int | None = None, limit: int
    ) -> list[HandlerOrderRow]:
        """The newest first."""
        row = HandlerOrderRow
        query = select(row).where(row.project == project).order_by(row.asked_ms.desc(), row.due_ms.desc(), row.id)
        if run:
            query = query.where(row.run == run)
        if batch:
            query = query.where(row.batch_id == batch)
        if before_ms is not None:
            query = query.where(row.asked_ms < before_ms)
        return await self._database.call(lambda s: list(s.scalars(query.limit(limit))))

    async def progress(self, project: int, batch: str) -> dict[tuple[str, str], int]:
        """How many orders of a batch are in which state, with which outcome. Raises NotFound."""
        row = HandlerOrderRow
        query = select(row.state, row.outcome, func.count()).where(row.batch_id == batch, row.project == project)
        query = query.group_by(row.state, row.outcome)
        found = await self._database.call(lambda s: {(st, out): n for st, out, n in s.execute(query)})
        if not found:
            raise NotFound(f"cannot find the replay {batch}: it is older than orders are kept")
        return found

    async def cancel(self, actor: Actor, project: int, batch: str) -> int:
        """Orders of a batch that wait; one that an app has is carried out. Raises NotFound."""
        now = now_ms(self._clock)

        def work(session: Session) -> int:
            of = and_(HandlerOrderRow.batch_id == batch, HandlerOrderRow.project == project)
            if session.scalar(select(HandlerOrderRow.id).where(of).limit(1)) is None:
                raise NotFound(f"cannot find the replay {batch}: it is older than orders are kept")
            waiting = update(HandlerOrderRow).where(of, HandlerOrderRow.state == WAITING)
            done = session.execute(waiting.values(state=CANCELLED, finished_ms=now))
            count = int(getattr(done, "rowcount", 0))
            session.add(noted(self._clock, actor, "handler.replay_cancel", batch, {"orders": count}))
            return count

        return await self._database.call(work)

    async def expire(self) -> None:
        """Orders for which no app has asked in time."""
        now = now_ms(self._clock)
        late = and_(HandlerOrderRow.state.in_(OPEN), HandlerOrderRow.expires_ms <= now)
        change = update(HandlerOrderRow).where(late).values(state=EXPIRED, finished_ms=now)
        await self._database.call(lambda s: s.execute(change))


def finish_of_run(session: Session, run: str, order_id: str, state: str, detail: str, now: int) -> None:
    """The run under this order has ended, as its app tells of runs."""
    row = session.get(HandlerOrderRow, order_id, with_for_update=True)
    outcome = _OF_STATE.get(State(state))
    if row is None or row.run != run or row.state not in OPEN or row.dry_run or outcome is None:
        return
    row.state, row.outcome, row.finished_ms = FINISHED, outcome, now
    row.detail = "" if outcome is Outcome.DONE else detail


def _order(row: HandlerRunRow, actor: Actor, ask: Ask, batch: str, *, asked_ms: int, due_ms: int) -> HandlerOrderRow:
    return HandlerOrderRow(
        id=uuid.uuid4().hex,
        batch_id=batch,
        run=row.id,
        project=row.project,
        service=row.service,
        environment=row.environment,
        run_id=row.run_id,
        handler=row.handler,
        state=WAITING,
        outcome="",
        detail="",
        seconds=0.0,
        dry_run=ask.dry_run,
        confirm_unknown=ask.confirm_unknown,
        reason=ask.reason,
        asked_by=actor.name[:254],
        asked_ms=asked_ms,
        due_ms=due_ms,
        expires_ms=due_ms + EXPIRES_MS,
        given_until_ms=0,
        given_to="",
    )


def _told(rows: Sequence[HandlerRunRow], ask: Ask) -> dict[str, object]:
    return {
        "runs": len(rows),
        "run": rows[0].id if len(rows) == 1 else "",
        "handlers": sorted({row.handler for row in rows})[:20],
        "services": sorted({row.service for row in rows})[:20],
        "reason": ask.reason,
        "dry_run": ask.dry_run,
        "confirm_unknown": ask.confirm_unknown,
        "rate_per_minute": ask.rate_per_minute,
    }
