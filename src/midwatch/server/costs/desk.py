"""Invoices beside what we reckoned: per kind and per day, what differs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol

from midwatch.server.costs.invoice import Invoice, Line, read_invoice
from midwatch.server.model.actor import Actor
from midwatch.server.model.errors import BadRequest
from midwatch.server.workspace.invoices import InvoiceLedger
from midwatch.server.workspace.models.costs import InvoiceRow


class Ours(Protocol):
    """What we reckoned for the days from `first` until before `after`."""

    async def by_kind(
        self, first: date, after: date, match: Mapping[str, str], currency: str
    ) -> dict[str, Decimal]: ...

    async def by_day(
        self, first: date, after: date, match: Mapping[str, str], currency: str
    ) -> dict[date, Decimal]: ...


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    """A kind, or a day."""
    invoiced: Decimal
    ours: Decimal

    @property
    def difference(self) -> Decimal:
        return self.invoiced - self.ours

    @property
    def percent(self) -> float | None:
        return float(self.difference / self.invoiced * 100) if self.invoiced else None


@dataclass(frozen=True, slots=True)
class Compared:
    row: InvoiceRow
    total: Pair
    by_kind: list[Pair]
    by_day: list[Pair]


class InvoiceDesk:
    def __init__(self, ledger: InvoiceLedger, ours: Ours) -> None:
        self.ledger, self._ours = ledger, ours

    async def add(
        self,
        actor: Actor,
        text: str,
        *,
        vendor: str,
        month: str,
        columns: Mapping[str, str | None],
        kinds: Mapping[str, str],
        match: Mapping[str, str],
        currency: str,
    ) -> Compared:
        """Import, in place of an earlier one of this vendor and month, and compare.

        Raises:
            BadRequest: with the lines that are wrong.
            TooLarge: as many invoices are kept as may be.
        """
        first = date.fromisoformat(f"{month}-01")
        work = partial(read_invoice, text, vendor=vendor, month=first, columns=columns, kinds=kinds, currency=currency)
        invoice = await asyncio.to_thread(work)
        if not match and {one.kind for one in invoice.lines} == {vendor}:
            raise BadRequest(
                "cannot compare: the file has no column of kinds; say what of ours it is for, as match kind=sms"
            )
        # Before it is kept: a currency without a rate is told now.
        await self._ours.by_kind(first, first, match, invoice.currency)
        row = await self.ledger.put(actor, vendor, month, invoice.currency, invoice.count, _written(invoice), match)
        return await self.compare(row.id)

    async def compare(self, id_: str) -> Compared:
        """By the prices that are in force now. Raises NotFound."""
        row = await self.ledger.get(id_)
        first = date.fromisoformat(f"{row.month}-01")
        after = (first + timedelta(days=31)).replace(day=1)
        lines = _lines(row)
        kinds, days = await self._reckoned(row, lines, first, after)
        invoiced_kinds: dict[str, Decimal] = {}
        invoiced_days: dict[date, Decimal] = {}
        for line in lines:
            invoiced_kinds[line.kind] = invoiced_kinds.get(line.kind, Decimal(0)) + line.amount
            if line.day is not None:
                invoiced_days[line.day] = invoiced_days.get(line.day, Decimal(0)) + line.amount
        total = Pair("", sum(invoiced_kinds.values(), Decimal(0)), sum(kinds.values(), Decimal(0)))
        by_day = _pairs(invoiced_days, days) if invoiced_days else []
        return Compared(
            row,
            total,
            sorted(_pairs(invoiced_kinds, kinds), key=lambda one: -abs(one.difference)),
            by_day,
        )

    async def _reckoned(
        self, row: InvoiceRow, lines: list[Line], first: date, after: date
    ) -> tuple[dict[str, Decimal], dict[date, Decimal]]:
        """Ours by kind and by day."""
        if row.match:
            matched = await self._ours.by_kind(first, after, row.match, row.currency)
            return matched, await self._ours.by_day(first, after, row.match, row.currency)
        kinds: dict[str, Decimal] = {}
        days: dict[date, Decimal] = {}
        for kind in sorted({line.kind for line in lines}):
            of_kind = await self._ours.by_day(first, after, {"kind": kind}, row.currency)
            kinds[kind] = sum(of_kind.values(), Decimal(0))
            for day, amount in of_kind.items():
                days[day] = days.get(day, Decimal(0)) + amount
        return kinds, days


Sums = Mapping[str, Decimal] | Mapping[date, Decimal]


def _pairs(invoiced: Sums, ours: Sums) -> list[Pair]:
    theirs = {str(name): amount for name, amount in invoiced.items()}
    own = {str(name): amount for name, amount in ours.items()}
    zero = Decimal(0)
    return [Pair(name, theirs.get(name, zero), own.get(name, zero)) for name in sorted(theirs | own)]


def _written(invoice: Invoice) -> list[list[str]]:
    return [[one.kind, str(one.day or ""), str(one.amount)] for one in invoice.lines]


def _lines(row: InvoiceRow) -> list[Line]:
    return [Line(kind, date.fromisoformat(day) if day else None, Decimal(amount)) for kind, day, amount in row.lines]
