"""The outbox from the other side: what waits, in which order, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models import AttemptRow, IntegrationRow, NotificationRow, ToldRow
from midwatch.server.workspace.outbox import State, new_row, notification_of, told_key

ATTEMPTS_KEPT = 20
"""Of one notification: the first and the newest."""
ERROR_CHARACTERS_MAX = 2000
_OF_A_STATE = frozenset(set(Reason) - {Reason.ACKNOWLEDGED, Reason.DRILL, Reason.DIGEST})
"""Reasons of which the newest says everything that the older ones of its group did."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notification whose turn it is."""

    number: int
    id: str
    notification: Notification
    attempts: int
    created_ms: int
    receipt: Mapping[str, Any] | None
    """What the vendor called the last message of this integration about the group."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt and what follows of it. `verdict` is the attempt's, `state` the notification's."""

    at_ms: int
    seconds: float
    verdict: str
    exchanges: Sequence[Mapping[str, Any]]
    error: str
    state: State
    next_ms: int = 0
    receipt: Mapping[str, Any] | None = None
    """None: as it was; empty: the next message about the group is a new one."""


@dataclass(frozen=True, slots=True)
class Fares:
    """How an integration fares."""

    delivered_ms: int | None = None
    failed_ms: int | None = None
    failing_since_ms: int | None = None
    lost: bool = False
    error: str = ""


class Deliveries:
    """For the server that holds the lease."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def waiting(self) -> dict[Integration, int]:
        """Integrations that are owed something, and when the first of it is due (milliseconds)."""
        key = (NotificationRow.receiver, NotificationRow.kind, NotificationRow.place)
        query = select(*key, func.min(NotificationRow.next_ms)).where(NotificationRow.state == State.PENDING)
        rows = await self._database.call(lambda s: list(s.execute(query.group_by(*key))))
        return {Integration(receiver, kind, place): due for receiver, kind, place, due in rows}

    async def backlog(self) -> tuple[int, int | None]:
        """How many wait, and since when the oldest does (milliseconds)."""
        query = select(func.count(), func.min(NotificationRow.created_ms))
        query = query.where(NotificationRow.state == State.PENDING)

        def work(session: Session) -> tuple[int, int | None]:
            count, oldest = session.execute(query).one()
            return count, oldest

        return await self._database.call(work)

    async def next(self, integration: Integration) -> Waiting | None:
        """The oldest that is due, and before which nothing of its group waits.

        One that could not be delivered is superseded by a newer one of its group: the newest says how things stand.
        """

        def work(session: Session) -> Waiting | None:
            while (row := session.scalar(_oldest_due(integration, now_ms(self._clock)))) is not None:
                if row.attempts and Reason(row.reason) in _OF_A_STATE and session.scalar(_newer_of_group(row)):
                    row.state, row.finished_ms = State.SUPERSEDED, now_ms(self._clock)
                    session.flush()
                    continue
                notification = notification_of(row)
                told = session.get(ToldRow, told_key(row.group_key, integration))
                receipt = told.receipt if told is not None else None
                return Waiting(row.number, row.id, notification, row.attempts, row.created_ms, receipt)
            return None

        return await self._database.call(work)

    async def begin(self, notification: Notification) -> Waiting:
        """One that is not for the lanes: whoever begins it delivers it, at once and once, and records it."""
        row = new_row(notification, now_ms(self._clock))
        row.state, row.error = State.DROPPED, "the server ended before it was sent"
        await self._database.call(lambda s: s.add(row))
        return Waiting(row.number, row.id, notification, 0, row.created_ms, None)

    async def record(self, waiting: Waiting, tried: Tried) -> None:
        """The attempt, the state, how the integration fares and the receipt, in one transaction."""
        integration = waiting.notification.integration
        error = tried.error[:ERROR_CHARACTERS_MAX]

        def work(session: Session) -> None:
            row = session.get_one(NotificationRow, waiting.number, with_for_update=True)
            row.attempts += 1
            row.state, row.next_ms, row.error = tried.state, tried.next_ms, error
            if tried.state is not State.PENDING:
                row.finished_ms = now_ms(self._clock)
            session.add(
                AttemptRow(
                    number=row.number,
                    attempt=row.attempts,
                    at_ms=tried.at_ms,
                    seconds=tried.seconds,
                    verdict=tried.verdict,
                    exchanges=list(tried.exchanges),
                    error=error,
                )
            )
            old = (AttemptRow.number == row.number) & (AttemptRow.attempt > 1)
            session.execute(delete(AttemptRow).where(old, AttemptRow.attempt <= row.attempts - ATTEMPTS_KEPT + 1))
            _note(session, integration, tried, error)
            if tried.receipt is not None:
                key = told_key(row.group_key, integration)
                session.execute(update(ToldRow).where(ToldRow.key == key).values(receipt=dict(tried.receipt) or None))

        await self._database.call(work)

    async def drop(self, integrations: Iterable[Integration], created_before_ms: int, error: str) -> int:
        """Give up what waits for integrations that are configured no longer; how many there were."""
        keys = list(integrations)

        def work(session: Session) -> int:
            count = 0
            for one in keys:
                of = _pending(one) & (NotificationRow.created_ms < created_before_ms)
                gone = {"state": State.DROPPED, "error": error, "finished_ms": now_ms(self._clock)}
                done = session.execute(update(NotificationRow).where(of).values(**gone))
                count += getattr(done, "rowcount", 0)
            return count

        return await self._database.call(work) if keys else 0

    async def fares(self) -> dict[Integration, Fares]:
        """Of every integration that was ever sent something."""
        rows = await self._database.call(lambda s: list(s.scalars(select(IntegrationRow))))
        return {
            Integration(row.receiver, row.kind, row.place): Fares(
                row.delivered_ms, row.failed_ms, row.failing_since_ms, row.lost, row.error
            )
            for row in rows
        }


def _pending(integration: Integration) -> Any:
    return (
        (NotificationRow.state == State.PENDING)
        & (NotificationRow.receiver == integration.receiver)
        & (NotificationRow.kind == integration.kind)
        & (NotificationRow.place == integration.index)
    )


def _oldest_due(integration: Integration, at_ms: int) -> Any:
    older = aliased(NotificationRow)
    before = select(older.number).where(
        older.group_hash == NotificationRow.group_hash,
        older.number < NotificationRow.number,
        older.state == State.PENDING,
        older.receiver == NotificationRow.receiver,
        older.kind == NotificationRow.kind,
        older.place == NotificationRow.place,
    )
    due = _pending(integration) & (NotificationRow.next_ms <= at_ms)
    return select(NotificationRow).where(due, ~before.exists()).order_by(NotificationRow.number).limit(1)


def _newer_of_group(row: NotificationRow) -> Any:
    same = (NotificationRow.group_hash == row.group_hash) & (NotificationRow.number > row.number)
    integration = Integration(row.receiver, row.kind, row.place)
    says_all = NotificationRow.reason.in_(sorted(_OF_A_STATE))
    return select(NotificationRow.number).where(_pending(integration), same, says_all).limit(1)


def _note(session: Session, integration: Integration, tried: Tried, error: str) -> None:
    if tried.state in (State.DROPPED, State.SUPERSEDED):
        return
    key = {"receiver": integration.receiver, "kind": integration.kind, "place": integration.index}
    insert = insert_into(session, IntegrationRow).values(**key, lost=False, error="")
    session.execute(insert.on_conflict_do_nothing())
    row = session.get_one(IntegrationRow, tuple(key.values()), with_for_update=True)
    if tried.state is State.DELIVERED:
        row.delivered_ms, row.failing_since_ms, row.lost, row.error = tried.at_ms, None, False, ""
        return
    row.failed_ms, row.error = tried.at_ms, error
    row.failing_since_ms = row.failing_since_ms or tried.at_ms
    row.lost = row.lost or tried.state is State.FAILED
