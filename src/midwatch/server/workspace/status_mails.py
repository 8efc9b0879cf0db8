"""Mails of the status page that are owed: put in the transaction of what they tell, and kept until they are gone.

An outbox of its own, beside that of notifications: whom a mail is to is nobody's business, while every notification
can be looked at with its request.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import uuid_utils
from sqlalchemy import ColumnElement, Select, delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import (
    StatusConfirmationRow,
    StatusMailRow,
    StatusNoticeRow,
    StatusSubscriberRow,
)
from midwatch.server.workspace.outbox import State

KEPT_MS = 90 * 86_400_000
"""Of mails that are done with: as long as the notices that they told of are listed."""
REFUSALS_MAX = 3
"""One after the other: then nobody reads the address any more, and it is forgotten."""
CONFIRMATION_MS = 86_400_000
"""How long a confirmation's link is valid, and for how long it is kept who asked."""
_FORGET_AT_ONCE = 5_000
_ERROR_CHARACTERS_MAX = 500


@dataclass(frozen=True, slots=True)
class OwedMail:
    """A mail whose turn it is, with what it is made of; `notice` is None for a confirmation."""

    number: int
    id: str
    address: str
    link_id: str
    """Of the confirmation, or of the subscriber."""
    components: Sequence[str]
    notice: StatusNoticeRow | None
    updates: int
    begins: bool
    attempts: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class Told:
    """Mails about one notice, or about all."""

    delivered: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class MailFigures:
    subscribers: int = 0
    all: Told = Told()
    """Of notices, over the last 90 days."""
    by_notice: Mapping[str, Told] = field(default_factory=dict)
    waiting_since_ms: int | None = None
    """Of the oldest that waits, confirmations too."""
    error: str = ""
    """Why the last attempt of one that waits failed."""


def owe_confirmation(session: Session, confirmation_id: str, at_ms: int) -> None:
    session.add(StatusMailRow(**_new(at_ms) | {"turn": 0}, confirmation_id=confirmation_id))


def owe_notice(session: Session, notice: StatusNoticeRow, at_ms: int, *, begins: bool = False) -> None:
    """To everybody whom it concerns, or who was told of it before."""
    told = set(session.scalars(select(StatusMailRow.subscriber_id).where(StatusMailRow.notice_id == notice.id)))
    subscribers = session.execute(select(StatusSubscriberRow.id, StatusSubscriberRow.components))
    concerned = [id_ for id_, chosen in subscribers if id_ in told or _concerns(chosen, notice.components)]
    about = {"notice_id": notice.id, "updates": len(notice.updates), "begins": begins}
    if concerned:
        session.execute(insert(StatusMailRow), [_new(at_ms) | about | {"subscriber_id": one} for one in concerned])


def drop_mails(session: Session, about: ColumnElement[bool]) -> None:
    """Those that wait and are about what is gone."""
    session.execute(delete(StatusMailRow).where(about, StatusMailRow.state == State.PENDING))


def _concerns(chosen: Sequence[str], affected: Iterable[str]) -> bool:
    affected = set(affected)
    return not chosen or not affected or not affected.isdisjoint(chosen)


def _new(at_ms: int) -> dict[str, object]:
    return {
        "id": str(uuid_utils.uuid7()),
        "updates": 0,
        "begins": False,
        "state": State.PENDING,
        "turn": 1,
        "attempts": 0,
        "next_ms": at_ms,
        "created_ms": at_ms,
        "error": "",
    }


class StatusMails:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def begin_maintenance(self, *, tell: bool) -> None:
        """Owe a mail for each that was to begin by now, where nobody has said anything since it was announced."""

        def work(session: Session) -> None:
            now = now_ms(self._clock)
            due = (StatusNoticeRow.kind == "maintenance") & (StatusNoticeRow.status == "scheduled")
            due &= StatusNoticeRow.begun_ms.is_(None) & (StatusNoticeRow.starts_ms <= now)
            for notice in session.scalars(select(StatusNoticeRow).where(due).with_for_update()):
                notice.begun_ms = now
                if tell:
                    owe_notice(session, notice, now, begins=True)

        await self._database.call(work)

    async def next(self) -> OwedMail | None:
        """The oldest that is due, confirmations before all others.

        A mail that could not be delivered is superseded by a newer one about the same notice, which tells all of it.
        """

        def work(session: Session) -> OwedMail | None:
            while (row := session.scalar(_oldest_due(now_ms(self._clock)))) is not None:
                if row.attempts and session.scalar(_newer(row)) is not None:
                    self._end(row, State.SUPERSEDED)
                elif (owed := _owed(session, row, now_ms(self._clock))) is not None:
                    return owed
                else:
                    self._end(row, State.DROPPED)
                session.flush()
            return None

        return await self._database.call(work)

    async def record(self, number: int, state: State, *, error: str = "", next_ms: int = 0) -> None:
        """What became of an attempt; a subscriber whom the mail server knows no longer is forgotten in the end."""

        def work(session: Session) -> None:
            row = session.get(StatusMailRow, number, with_for_update=True)
            if row is None:
                return
            row.attempts += 1
            row.state, row.next_ms, row.error = state, next_ms, error[:_ERROR_CHARACTERS_MAX]
            if state is State.PENDING:
                return
            row.finished_ms = now_ms(self._clock)
            subscriber = session.get(StatusSubscriberRow, row.subscriber_id) if row.subscriber_id else None
            if subscriber is None:
                return
            subscriber.refusals = subscriber.refusals + 1 if state is State.FAILED else 0
            if subscriber.refusals >= REFUSALS_MAX:
                forget_subscriber(session, subscriber)

        await self._database.call(work)

    async def tidy(self, *, give_up_ms: int) -> None:
        """Give up what waits for longer, and forget what is kept no longer."""

        def work(session: Session) -> None:
            now = now_ms(self._clock)
            late = (StatusMailRow.state == State.PENDING) & (StatusMailRow.created_ms < now - give_up_ms)
            gone = {"state": State.FAILED, "finished_ms": now}
            session.execute(update(StatusMailRow).where(late).values(gone))
            old = select(StatusMailRow.number).where(StatusMailRow.finished_ms < now - KEPT_MS).limit(_FORGET_AT_ONCE)
            session.execute(delete(StatusMailRow).where(StatusMailRow.number.in_(list(session.scalars(old)))))
            expired = StatusConfirmationRow.created_ms < now - CONFIRMATION_MS
            session.execute(delete(StatusConfirmationRow).where(expired))

        await self._database.call(work)

    async def figures(self) -> MailFigures:
        def work(session: Session) -> MailFigures:
            subscribers = session.scalar(select(func.count()).select_from(StatusSubscriberRow)) or 0
            by = (StatusMailRow.notice_id, StatusMailRow.state)
            counted = select(*by, func.count()).where(StatusMailRow.notice_id.is_not(None)).group_by(*by)
            counts: dict[str, dict[str, int]] = {}
            for notice, state, count in session.execute(counted):
                counts.setdefault(str(notice), {})[state] = count
            pending = StatusMailRow.state == State.PENDING
            since = session.scalar(select(func.min(StatusMailRow.created_ms)).where(pending))
            failed = select(StatusMailRow.error).where(pending, StatusMailRow.error != "")
            error = session.scalar(failed.order_by(StatusMailRow.number.desc()).limit(1)) or ""
            by_notice = {notice: _told([states]) for notice, states in counts.items()}
            return MailFigures(subscribers, _told(counts.values()), by_notice, since, error)

        return await self._database.call(work)

    def _end(self, row: StatusMailRow, state: State) -> None:
        row.state, row.finished_ms = state, now_ms(self._clock)


def forget_subscriber(session: Session, row: StatusSubscriberRow) -> None:
    drop_mails(session, StatusMailRow.subscriber_id == row.id)
    session.delete(row)


def _told(counts: Iterable[Mapping[str, int]]) -> Told:
    sums = {state: sum(one.get(state, 0) for one in counts) for state in State}
    return Told(sums[State.DELIVERED], sums[State.PENDING], sums[State.FAILED])


def _oldest_due(at_ms: int) -> Select[StatusMailRow]:
    """Of a subscriber's mails about one notice the oldest goes first."""
    older = aliased(StatusMailRow)
    same = (older.notice_id == StatusMailRow.notice_id) & (older.subscriber_id == StatusMailRow.subscriber_id)
    before = select(older.number).where(same, older.number < StatusMailRow.number, older.state == State.PENDING)
    due = (StatusMailRow.state == State.PENDING) & (StatusMailRow.next_ms <= at_ms)
    query = select(StatusMailRow).where(due, ~before.exists())
    return query.order_by(StatusMailRow.turn, StatusMailRow.number).limit(1)


def _newer(row: StatusMailRow) -> Select[int]:
    same = (StatusMailRow.notice_id == row.notice_id) & (StatusMailRow.subscriber_id == row.subscriber_id)
    pending = (StatusMailRow.state == State.PENDING) & (StatusMailRow.number > row.number)
    return select(StatusMailRow.number).where(same, pending).limit(1)


def _owed(session: Session, row: StatusMailRow, at_ms: int) -> OwedMail | None:
    """None where what it is about, or whom it is to, is gone."""
    notice = None
    if row.confirmation_id is not None:
        of: StatusConfirmationRow | StatusSubscriberRow | None = session.get(StatusConfirmationRow, row.confirmation_id)
        if isinstance(of, StatusConfirmationRow) and (of.confirmed or of.created_ms < at_ms - CONFIRMATION_MS):
            of = None
    else:
        of = session.get(StatusSubscriberRow, row.subscriber_id)
        notice = session.get(StatusNoticeRow, row.notice_id)
        of = of if notice is not None else None
    if of is None:
        return None
    return OwedMail(
        number=row.number,
        id=row.id,
        address=of.address,
        link_id=of.id,
        components=of.components,
        notice=notice,
        updates=row.updates,
        begins=row.begins,
        attempts=row.attempts,
        created_ms=row.created_ms,
    )
