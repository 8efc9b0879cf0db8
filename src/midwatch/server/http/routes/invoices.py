"""`/api/v1/costs/invoices`: a vendor's invoice, beside what we reckoned."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from midwatch.contract.plan.money import plain
from midwatch.server.costs.desk import Compared, InvoiceDesk, Pair
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.actor import Scope as TokenScope
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.costs import Difference, InvoiceList, InvoiceSummary, InvoiceToImport, Reconciliation
from midwatch.server.workspace.models.costs import InvoiceRow

InvoiceId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_PLACES = 12


def invoices_routes(desk: InvoiceDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1/costs", tags=["costs"], responses=PROBLEM_RESPONSES)
    viewer = [Depends(guard.requires(Role.VIEWER))]
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=TokenScope.WRITE))]

    @router.get("/invoices", dependencies=viewer)
    async def invoices() -> InvoiceList:
        return InvoiceList(invoices=[_summary(row) for row in await desk.ledger.all()])

    @router.post("/invoices", status_code=201)
    async def import_invoice(body: InvoiceToImport, actor: Editor) -> Reconciliation:
        """In place of an earlier one of this vendor and month."""
        found = await desk.add(
            actor,
            body.text,
            vendor=body.vendor,
            month=body.month,
            columns=body.columns.model_dump(),
            kinds=body.kinds,
            match=body.match,
            currency=body.currency,
        )
        return _compared(found)

    @router.get("/invoices/{id}", dependencies=viewer)
    async def reconciliation(id: InvoiceId) -> Reconciliation:
        """By the prices that are in force now."""
        return _compared(await desk.compare(id))

    @router.delete("/invoices/{id}", status_code=204, response_class=Response)
    async def remove_invoice(id: InvoiceId, actor: Editor) -> None:
        await desk.ledger.remove(actor, id)

    return router


def _compared(found: Compared) -> Reconciliation:
    return Reconciliation(
        invoice=_summary(found.row),
        match=dict(found.row.match),
        currency=found.row.currency,
        total=_difference(found.total),
        by_kind=[_difference(one, kind=one.name) for one in found.by_kind],
        by_day=[_difference(one, day=one.name) for one in found.by_day],
    )


def _difference(one: Pair, *, kind: str = "", day: str = "") -> Difference:
    return Difference(
        kind=kind,
        day=day,
        invoiced=_money(one.invoiced),
        ours=_money(one.ours),
        difference=_money(one.difference),
        percent=one.percent,
    )


def _summary(row: InvoiceRow) -> InvoiceSummary:
    return InvoiceSummary(
        id=row.id,
        vendor=row.vendor,
        month=row.month,
        currency=row.currency,
        lines=row.count,
        amount=_money(sum((Decimal(amount) for _, _, amount in row.lines), Decimal(0))),
        imported_at=format_time(row.imported_ms * 1_000_000),
        imported_by=row.imported_by,
    )


def _money(amount: Decimal) -> str:
    return plain(round(amount, _PLACES))
