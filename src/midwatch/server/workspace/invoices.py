"""Imported invoices, one a vendor and month."""

import uuid
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import NotFound, TooLarge
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models.costs import InvoiceRow

INVOICES_MAX = 1_000


class InvoiceLedger:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def all(self) -> list[InvoiceRow]:
        """The newest month first."""
        query = select(InvoiceRow).order_by(InvoiceRow.month.desc(), InvoiceRow.vendor)
        return await self._database.call(lambda session: list(session.scalars(query)))

    async def get(self, id_: str) -> InvoiceRow:
        """Raises NotFound."""
        return await self._database.call(lambda session: self._get(session, id_))

    async def put(
        self,
        actor: Actor,
        vendor: str,
        month: str,
        currency: str,
        count: int,
        lines: list[list[str]],
        match: Mapping[str, str],
    ) -> InvoiceRow:
        """In place of the one of this vendor and month.

        Raises:
            TooLarge: as many are kept as may be.
        """

        def work(session: Session) -> InvoiceRow:
            named = select(InvoiceRow).where(InvoiceRow.vendor == vendor, InvoiceRow.month == month)
            row = session.scalar(named)
            if row is None:
                if (session.scalar(select(func.count()).select_from(InvoiceRow)) or 0) >= INVOICES_MAX:
                    raise TooLarge(f"cannot keep the invoice: {INVOICES_MAX:,} are kept already; delete old ones")
                row = InvoiceRow(id=uuid.uuid4().hex, vendor=vendor, month=month)
                session.add(row)
            row.currency, row.count, row.lines, row.match = currency, count, lines, dict(match)
            row.imported_ms, row.imported_by = now_ms(self._clock), actor.name
            session.add(noted(self._clock, actor, "invoice.import", row.id, {"vendor": vendor, "month": month}))
            return row

        return await self._database.call(work)

    async def remove(self, actor: Actor, id_: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = self._get(session, id_)
            about = {"vendor": row.vendor, "month": row.month}
            session.add(noted(self._clock, actor, "invoice.remove", id_, about))
            session.delete(row)

        await self._database.call(work)

    @staticmethod
    def _get(session: Session, id_: str) -> InvoiceRow:
        row = session.get(InvoiceRow, id_)
        if row is None:
            raise NotFound(f"cannot find the invoice {id_}: it was deleted")
        return row
