"""The outbox: what alerting owes to receivers, durable before anybody tries to deliver it.

What is put here counts as told: `last` is Alertmanager's notification log. Delivery (workspace/deliveries.py) goes on
until it succeeds or is refused for good, over restarts and from whichever server holds its lease.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import uuid_utils
from sqlalchemy import Select, Text, cast, delete, func, select
from sqlalchemy.orm import Session, defer

from midwatch.server.model.actor import Actor
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import BadRequest, Conflict, NotFound
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database, insert_into
from midwatch.server.workspace.models import AlertEventRow, AttemptRow, NotificationRow, ToldRow
from midwatch.server.workspace.models.notifications import RECEIVER_CHARACTERS_MAX

ALERTS_KEPT_MAX = 5_000
"""Of one notification, firing and resolved each; how many more there were is in its context."""
LEFT_OUT = "alerts_left_out"
"""In the context: how many alerts were over ALERTS_KEPT_MAX."""
PAGE_MAX = 500
KEPT_MS = 400 * 86_400_000
"""Notifications that are done with, and what was told of groups that nobody spoke of since."""
_FORGET_AT_ONCE = 500
_ASKED_AT_ONCE = 500
_TELLS_NOTHING = frozenset({Reason.ACKNOWLEDGED, Reason.DRILL})
"""Of the state of a group."""
_TOLD = "notified"
"""The kind of the events that say so (alerting/history.py)."""


class State(StrEnum):
    """Where a notification is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Refused for good, or given up: somebody was not told."""
    SUPERSEDED = "superseded"
    """Could not be delivered before a newer one of its group was due."""
    DROPPED = "dropped"
    """Its receiver has nothing to say about it: an integration without `send_resolved`, or one that is gone."""


@dataclass(frozen=True, slots=True)
class LastSent:
    """What an integration was told last about a group. Fingerprints of alerts."""

    at_ns: int
    firing: frozenset[str]
    resolved: frozenset[str]


@dataclass(frozen=True, slots=True)
class NotificationPage:
    rows: list[NotificationRow]
    """Newest first, without bodies."""
    more: bool


def group_hash(group_key: str) -> str:
    """64 hex digits, as Alertmanager makes dedup keys of group keys."""
    return hashlib.sha256(group_key.encode("utf-8", "surrogatepass")).hexdigest()


def told_key(group_key: str, integration: Integration) -> str:
    return group_hash(f"{integration}\0{group_key}")


class Outbox:
    """Owned by one event loop. `woken` is set whenever something was put by this server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.woken = asyncio.Event()

    async def put(self, notifications: Sequence[Notification]) -> list[str]:
        """All or none; durable when it returns the ids, in their order.

        Raises:
            Unavailable: the database does not answer: nothing was put.
        """
        if not notifications:
            return []
        rows = [new_row(one, now_ms(self._clock)) for one in notifications]
        ids = [row.id for row in rows]

        def work(session: Session) -> None:
            session.add_all(rows)
            telling = [one for one in notifications if one.reason not in _TELLS_NOTHING]
            newest = {told_key(one.group_key, one.integration): one for one in telling}
            for key, one in newest.items():
                _tell(session, key, one)
            self._forget(session)

        await self._database.call(work)
        self.woken.set()
        return ids

    async def last(self, group_key: str, integration: Integration) -> LastSent | None:
        """The newest that was put for this group and integration."""
        key = told_key(group_key, integration)
        row = await self._database.call(lambda s: s.get(ToldRow, key))
        return None if row is None else LastSent(row.at_ns, frozenset(row.firing), frozenset(row.resolved))

    async def lasts(self, wanted: Sequence[tuple[str, Integration]]) -> dict[tuple[str, Integration], LastSent]:
        """As `last`, of many groups and integrations at once; those that were told nothing are left out."""
        keys = {told_key(*pair): pair for pair in wanted}
        hashes = list(keys)

        def work(session: Session) -> list[ToldRow]:
            found: list[ToldRow] = []
            for at in range(0, len(hashes), _ASKED_AT_ONCE):
                found += session.scalars(select(ToldRow).where(ToldRow.key.in_(hashes[at : at + _ASKED_AT_ONCE])))
            return found

        rows = await self._database.call(work)
        return {keys[row.key]: LastSent(row.at_ns, frozenset(row.firing), frozenset(row.resolved)) for row in rows}

    async def page(
        self,
        *,
        receiver: str | None = None,
        group_key: str | None = None,
        state: State | None = None,
        fingerprint: str | None = None,
        before: str | None = None,
        limit: int = 100,
    ) -> NotificationPage:
        """Newest first; `before` is the id that the page before ended with.

        With a `fingerprint` those that told of its alert, of groups that the alert's history knows.

        Raises:
            BadRequest: `before` is not kept.
        """
        query = select(NotificationRow).options(defer(NotificationRow.body, raiseload=True))
        if receiver is not None:
            query = query.where(NotificationRow.receiver == receiver)
        if group_key is not None:
            query = query.where(NotificationRow.group_hash == group_hash(group_key))
        if state is not None:
            query = query.where(NotificationRow.state == state)
        limit = min(max(limit, 1), PAGE_MAX)

        def work(session: Session) -> list[NotificationRow]:
            asked = query
            if fingerprint is not None:
                asked = asked.where(NotificationRow.group_hash.in_(_groups_of(session, fingerprint)))
                asked = asked.where(cast(NotificationRow.body, Text).contains(json.dumps(fingerprint)))
            if before is not None:
                number = session.scalar(_number(before))
                if number is None:
                    raise BadRequest(f"before={before}: expected the id of a notification that is kept")
                asked = asked.where(NotificationRow.number < number)
            return list(session.scalars(asked.order_by(NotificationRow.number.desc()).limit(limit + 1)))

        rows = await self._database.call(work)
        return NotificationPage(rows[:limit], len(rows) > limit)

    async def get(self, id_: str) -> tuple[NotificationRow, list[AttemptRow]]:
        """With every attempt, oldest first. Raises NotFound."""

        def work(session: Session) -> tuple[NotificationRow, list[AttemptRow]]:
            row = _found(session, id_)
            attempts = select(AttemptRow).where(AttemptRow.number == row.number).order_by(AttemptRow.attempt)
            return row, list(session.scalars(attempts))

        return await self._database.call(work)

    async def resend(self, actor: Actor, id_: str) -> str:
        """The same once more, as a notification of its own; its id.

        Raises:
            NotFound: it is not kept.
            Conflict: it waits to be delivered anyway.
        """

        def work(session: Session) -> str:
            row = _found(session, id_)
            if row.state == State.PENDING:
                raise Conflict(f"cannot send notification {id_} again: it waits for delivery already")
            again = _again(row, now_ms(self._clock))
            session.add(again)
            session.add(noted(self._clock, actor, "notification.resend", id_, {"receiver": row.receiver}))
            return again.id

        made = await self._database.call(work)
        self.woken.set()
        return made

    async def counts(self) -> dict[State, int]:
        """How many there are of each state."""
        query = select(NotificationRow.state, func.count()).group_by(NotificationRow.state)
        return await self._database.call(lambda s: {State(state): count for state, count in s.execute(query)})

    def _forget(self, session: Session) -> None:
        """A few of those that are kept no longer, with each transaction that adds some."""
        until = now_ms(self._clock) - KEPT_MS
        old = (NotificationRow.created_ms < until) & (NotificationRow.state != State.PENDING)
        numbers = list(session.scalars(select(NotificationRow.number).where(old).limit(_FORGET_AT_ONCE)))
        if numbers:
            session.execute(delete(AttemptRow).where(AttemptRow.number.in_(numbers)))
            session.execute(delete(NotificationRow).where(NotificationRow.number.in_(numbers)))
        keys = list(
            session.scalars(select(ToldRow.key).where(ToldRow.at_ns < until * 1_000_000).limit(_FORGET_AT_ONCE))
        )
        if keys:
            session.execute(delete(ToldRow).where(ToldRow.key.in_(keys)))


def notification_of(row: NotificationRow) -> Notification:
    """What was put."""
    body = row.body
    return Notification(
        integration=Integration(row.receiver, row.kind, row.place),
        group_key=row.group_key,
        group_labels=body["group_labels"],
        firing=tuple(_alert(one) for one in body["firing"]),
        resolved=tuple(_alert(one) for one in body["resolved"]),
        reason=Reason(row.reason),
        at_ns=row.at_ns,
        context=body["context"],
    )


def new_row(one: Notification, created_ms: int) -> NotificationRow:
    """As it is put. Raises BadRequest for a receiver whose name is too long to be kept."""
    if len(one.integration.receiver) > RECEIVER_CHARACTERS_MAX:
        raise BadRequest(f"cannot notify a receiver whose name has more than {RECEIVER_CHARACTERS_MAX} characters")
    firing, resolved = one.firing[:ALERTS_KEPT_MAX], one.resolved[:ALERTS_KEPT_MAX]
    left_out = len(one.firing) + len(one.resolved) - len(firing) - len(resolved)
    return NotificationRow(
        id=str(uuid_utils.uuid7()),
        receiver=one.integration.receiver,
        kind=one.integration.kind,
        place=one.integration.index,
        group_key=one.group_key,
        group_hash=group_hash(one.group_key),
        reason=one.reason,
        at_ns=one.at_ns,
        firing=len(one.firing),
        resolved=len(one.resolved),
        body={
            "group_labels": dict(one.group_labels),
            "firing": [_written(alert) for alert in firing],
            "resolved": [_written(alert) for alert in resolved],
            "context": {**one.context, **({LEFT_OUT: str(left_out)} if left_out else {})},
        },
        state=State.PENDING,
        attempts=0,
        next_ms=created_ms,
        created_ms=created_ms,
        error="",
    )


def _again(row: NotificationRow, created_ms: int) -> NotificationRow:
    kept = ("receiver", "kind", "place", "group_key", "group_hash", "reason", "at_ns", "firing", "resolved", "body")
    return NotificationRow(
        **{name: getattr(row, name) for name in kept},
        id=str(uuid_utils.uuid7()),
        state=State.PENDING,
        attempts=0,
        next_ms=created_ms,
        created_ms=created_ms,
        error="",
        resend_of=row.id,
    )


def _tell(session: Session, key: str, one: Notification) -> None:
    said = {
        "at_ns": one.at_ns,
        "firing": sorted(alert.fingerprint for alert in one.firing),
        "resolved": sorted(alert.fingerprint for alert in one.resolved),
    }
    row = insert_into(session, ToldRow).values(
        key=key, group_key=one.group_key, integration=str(one.integration)[:300], **said
    )
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_=said))


def _groups_of(session: Session, fingerprint: str) -> list[str]:
    """Hashes of the groups that somebody was told of and that an alert is, or was, of: by the labels they share."""
    event = AlertEventRow
    alert = session.execute(select(event.rule, event.labels).where(event.fingerprint == fingerprint).limit(1)).first()
    if alert is None:
        return []
    told = (event.rule == alert.rule) & (event.kind == _TOLD)
    newest = select(func.max(event.id)).where(told).group_by(event.group_key)
    groups = session.execute(select(event.group_key, event.labels).where(event.id.in_(newest)))
    return [group_hash(key) for key, shared in groups if shared.items() <= alert.labels.items()]


def _written(alert: Alert) -> dict[str, Any]:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "starts_at_ns": alert.starts_at_ns,
        "ends_at_ns": alert.ends_at_ns,
        "generator_url": alert.generator_url,
        "updated_at_ns": alert.updated_at_ns,
        "fingerprint": alert.fingerprint,
    }


def _alert(written: dict[str, Any]) -> Alert:
    return Alert(**written)


def _number(id_: str) -> Select[int]:
    return select(NotificationRow.number).where(NotificationRow.id == id_)


def _found(session: Session, id_: str) -> NotificationRow:
    row = session.scalar(select(NotificationRow).where(NotificationRow.id == id_))
    if row is None:
        raise NotFound(f"cannot find notification {id_}; they are kept for {KEPT_MS // 86_400_000} days")
    return row
