"""`/api/v1/costs…`: sums, forecast, budgets, unit costs, what has no price, storage."""

import time
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from midwatch.contract.plan.money import plain
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Env, Project, Scopes
from midwatch.server.model.actor import Role
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import format_time
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.budgets import Standing
from midwatch.server.query.spending.llm_prices import built_in
from midwatch.server.query.spending.rooms import SpendingRooms
from midwatch.server.query.spending.rows import COLUMNS
from midwatch.server.query.spending.spending import VALUES_MAX, Report, known_name
from midwatch.server.schemas.costs import (
    BudgetList,
    BudgetStanding,
    CostForecast,
    CostInterval,
    CostPoint,
    CostReport,
    CostRow,
    CostSeries,
    StorageList,
    StorageRow,
    UnitCostList,
    UnitCostRow,
    UnpricedList,
    UnpricedRow,
)

MATCHES_MAX = 20
_SHOWN_PLACES = 12
Currency = Annotated[str | None, Query(pattern=r"^[A-Z]{3}$", description="one that the plan has a rate of")]
By = Annotated[str, Query(max_length=256, description=f"one of {', '.join(COLUMNS)}, or an attribute's name")]
Matched = Annotated[
    list[str] | None,
    Query(alias="match", max_length=MATCHES_MAX, description="name=value; `*` in a value stands for anything"),
]


def costs_routes(rooms: SpendingRooms, guard: Guard, scopes: Scopes) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["costs"], responses=PROBLEM_RESPONSES)
    viewer = [Depends(guard.requires(Role.VIEWER))]
    Asked = Annotated[Scope, scopes.asked]
    spending = rooms.spending

    @router.get("/costs", dependencies=viewer)
    async def costs(
        scope: Asked,
        by: By = "kind",
        match: Matched = None,
        currency: Currency = None,
        interval: CostInterval | None = None,
        limit: Annotated[int, Query(ge=1, le=VALUES_MAX)] = 50,
    ) -> CostReport:
        """Sums by a column or an attribute, and over time."""
        started = time.perf_counter()
        report = await spending.report(
            scope, by=known_name(by), match=_match(match), currency=currency, interval=interval, limit=limit
        )
        return _report(report, rooms, started)

    @router.get("/costs/forecast", dependencies=viewer)
    async def cost_forecast(
        match: Matched = None, currency: Currency = None, env: Env = None, project: Project = 1
    ) -> CostForecast:
        """Of this calendar month, in UTC."""
        environments = scopes.of(None, None, env, project).environments
        span, found, shown = await rooms.budgets.until(_match(match), project, currency, environments)
        return CostForecast(
            currency=shown,
            start=format_time(span.start_ns),
            end=format_time(span.end_ns),
            spent=_money(found.spent),
            expected=_maybe(found.expected),
            a_day=_maybe(found.a_day),
            days=found.days,
        )

    @router.get("/costs/budgets", dependencies=viewer)
    async def cost_budgets(project: Project = 1) -> BudgetList:
        return BudgetList(budgets=[_standing(one) for one in await rooms.budgets.all(project)])

    @router.get("/costs/units", dependencies=viewer)
    async def unit_costs(scope: Asked, currency: Currency = None) -> UnitCostList:
        found = await rooms.units.all(scope, currency)
        return UnitCostList(
            currency=rooms.plan.exchange.require(currency),
            units=[
                UnitCostRow(
                    name=one.unit.name,
                    match=dict(one.unit.match),
                    source=one.unit.metric or one.unit.from_ or "",
                    search=one.unit.search,
                    spent=_money(one.spent),
                    count=_money(one.count),
                    each=_maybe(one.each),
                )
                for one in found
            ],
        )

    @router.get("/costs/unpriced", dependencies=viewer)
    async def unpriced_costs(scope: Asked, match: Matched = None) -> UnpricedList:
        """What is in no sum, since nobody knows its price or the rate of its currency."""
        found = await spending.unpriced(scope, _match(match))
        rows = [
            UnpricedRow(
                reason=one.reason,
                kind=one.kind,
                provider=one.provider,
                model=one.model,
                currency=one.currency,
                uses=one.uses,
                units=_money(one.units),
                last=one.last,
                service=one.service,
            )
            for one in found
        ]
        return UnpricedList(rows=rows, llm_prices_as_of=built_in().as_of)

    @router.get("/costs/storage", dependencies=viewer)
    async def storage(scope: Asked, currency: Currency = None) -> StorageList:
        """Bytes of our own disk by signal, service and day, and what they cost a month."""
        found = await rooms.storage.all(scope, currency)
        return StorageList(
            currency=rooms.plan.exchange.require(currency),
            disk_bytes=sum(one.disk_bytes for one in found),
            rows=[
                StorageRow(
                    signal=one.signal,
                    service=one.service,
                    day=f"{one.day // 10_000}-{one.day // 100 % 100:02}-{one.day % 100:02}",
                    items=one.items,
                    sent_bytes=one.sent_bytes,
                    disk_bytes=one.disk_bytes,
                    a_month=_maybe(one.a_month),
                )
                for one in found
            ],
        )

    return router


def _match(given: list[str] | None) -> dict[str, str]:
    """
    Raises:
        BadRequest: no name=value.
    """
    found: dict[str, str] = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals or len(value) > 256:
            raise BadRequest(f"match={one[:60]!r}: expected name=value, such as kind=sms or model=gpt-5*")
        found[known_name(name)] = value
    return found


def _report(report: Report, rooms: SpendingRooms, started: float) -> CostReport:
    total = report.total.amount
    return CostReport(
        by=report.by,
        currency=report.currency,
        currencies=list(rooms.plan.exchange.known),
        interval=report.interval,
        total=_money(total),
        uses=report.total.uses,
        unpriced=report.total.unpriced,
        rows=[
            CostRow(
                value=one.value,
                amount=_money(one.amount),
                share=float(one.amount / total) if total else 0.0,
                uses=one.uses,
                unpriced=one.unpriced,
                units=_maybe(one.units),
            )
            for one in report.values
        ],
        rows_total=report.values_total,
        series=[
            CostSeries(value=one.value, points=[CostPoint(at=at, amount=_money(amount)) for at, amount in one.points])
            for one in report.series
        ],
        stats=stats_since(started),
    )


def _standing(one: Standing) -> BudgetStanding:
    return BudgetStanding(
        name=one.budget.name,
        match=dict(one.budget.match),
        amount=_money(one.budget.amount),
        currency=one.currency,
        per=one.budget.per,
        owner=one.budget.owner,
        runbook=one.budget.runbook,
        alert_at=list(one.budget.alert_at),
        start=format_time(one.span.start_ns),
        end=format_time(one.span.end_ns),
        spent=_money(one.forecast.spent),
        spent_ratio=float(one.spent_ratio),
        expected=_maybe(one.forecast.expected),
        expected_ratio=None if one.expected_ratio is None else float(one.expected_ratio),
    )


def _money(amount: Decimal) -> str:
    return plain(round(amount, _SHOWN_PLACES))


def _maybe(amount: Decimal | None) -> str | None:
    return None if amount is None else _money(amount)
