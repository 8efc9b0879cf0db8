"""Who follows the status page by mail: asked for by anybody, begun by whoever reads the address (double opt-in)."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Conflict, NotFound, RateLimited
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import StatusConfirmationRow, StatusSubscriberRow
from midwatch.server.workspace.secrets import digest
from midwatch.server.workspace.status_mails import CONFIRMATION_MS, forget_subscriber, owe_confirmation
from midwatch.server.workspace.throttle import address as network

SUBSCRIBERS_MAX = 5_000
"""At ten mails a second all of them are told within nine minutes."""
PER_MAILBOX_MAX = 3
"""Confirmations in a day, whoever asks for them."""
PER_NETWORK_MAX, PER_NETWORK_MS = 10, 3_600_000
"""Confirmations that one network may ask for in an hour."""
ASKED_MAX = 5_000
"""Confirmations in a day, of all."""
LISTED_MAX = 500


class StatusSubscriptions:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def ask(self, address: str, components: Sequence[str], client: str) -> bool:
        """Owe a confirmation to the address, whether or not it is subscribed; False: it had enough of them today.

        `client` is the network address of whoever asks.

        Raises:
            RateLimited: it has asked too often, or too many have asked.
            Conflict: there are as many subscribers as may be.
        """
        from_, mailbox = network(client), digest(f"mailbox {_mailbox(address)}")

        def work(session: Session) -> bool:
            now = now_ms(self._clock)
            row, day = StatusConfirmationRow, now - CONFIRMATION_MS
            if _count(session, row.client == from_, row.created_ms > now - PER_NETWORK_MS) >= PER_NETWORK_MAX:
                raise RateLimited("too many subscriptions were asked for from your network", retry_after_seconds=3600)
            if (session.scalar(select(func.count()).select_from(StatusSubscriberRow)) or 0) >= SUBSCRIBERS_MAX:
                raise Conflict("this page has as many subscribers as it can take: follow it by Atom or RSS")
            if _count(session, row.created_ms > day) >= ASKED_MAX:
                raise RateLimited("too many subscriptions were asked for today", retry_after_seconds=3600)
            if _count(session, row.mailbox == mailbox, row.created_ms > day) >= PER_MAILBOX_MAX:
                return False
            made = StatusConfirmationRow(
                id=uuid.uuid4().hex,
                address=address,
                components=list(components),
                mailbox=mailbox,
                client=from_,
                created_ms=now,
                confirmed=False,
            )
            session.add(made)
            owe_confirmation(session, made.id, now)
            return True

        return await self._database.call(work)

    async def asked(self, id_: str) -> StatusConfirmationRow | None:
        """A confirmation that may still be given, or was given."""

        def work(session: Session) -> StatusConfirmationRow | None:
            return self._valid(session.get(StatusConfirmationRow, id_))

        return await self._database.call(work)

    async def confirm(self, id_: str) -> None:
        """The address gets mails from now on, by the choice that was made. Again it changes nothing.

        Raises:
            NotFound: the link is too old.
            Conflict: there are as many subscribers as may be.
        """

        def work(session: Session) -> None:
            asked = self._valid(session.get(StatusConfirmationRow, id_, with_for_update=True))
            if asked is None:
                raise NotFound("this link is too old: subscribe once more")
            if asked.confirmed:
                return
            row = session.scalar(select(StatusSubscriberRow).where(StatusSubscriberRow.address == asked.address))
            if row is None:
                if (session.scalar(select(func.count()).select_from(StatusSubscriberRow)) or 0) >= SUBSCRIBERS_MAX:
                    raise Conflict("this page has as many subscribers as it can take: follow it by Atom or RSS")
                row = StatusSubscriberRow(id=uuid.uuid4().hex, address=asked.address, since_ms=now_ms(self._clock))
                session.add(row)
            row.components, row.refusals = asked.components, 0
            asked.address, asked.confirmed = "", True

        await self._database.call(work)

    async def end(self, id_: str) -> None:
        """No more mails to this subscriber, if there is one."""

        def work(session: Session) -> None:
            row = session.get(StatusSubscriberRow, id_)
            if row is not None:
                forget_subscriber(session, row)

        await self._database.call(work)

    async def listed(self, *, containing: str = "") -> tuple[list[StatusSubscriberRow], int]:
        """Those whose address contains a text, by address; and how many there are of those."""
        found = StatusSubscriberRow.address.contains(containing.lower(), autoescape=True)

        def work(session: Session) -> tuple[list[StatusSubscriberRow], int]:
            query = select(StatusSubscriberRow).where(found).order_by(StatusSubscriberRow.address).limit(LISTED_MAX)
            count = session.scalar(select(func.count()).select_from(StatusSubscriberRow).where(found)) or 0
            return list(session.scalars(query)), count

        return await self._database.call(work)

    async def remove(self, actor: Actor, id_: str) -> None:
        """The audit log does not have the address. Raises NotFound."""

        def work(session: Session) -> None:
            row = session.get(StatusSubscriberRow, id_)
            if row is None:
                raise NotFound(f"cannot find subscriber {id_}")
            session.add(noted(self._clock, actor, "status_subscriber.remove", id_))
            forget_subscriber(session, row)

        await self._database.call(work)

    def _valid(self, row: StatusConfirmationRow | None) -> StatusConfirmationRow | None:
        if row is None or row.created_ms < now_ms(self._clock) - CONFIRMATION_MS:
            return None
        return row


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(StatusConfirmationRow).where(*where)) or 0


def _mailbox(address: str) -> str:
    """As most providers see it: what follows a plus is the same mailbox."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
