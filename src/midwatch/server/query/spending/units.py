"""What one job, user or order costs: costs divided by a count of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from midwatch.contract.plan.sections.unit_costs import UnitCost
from midwatch.server.query.search.language import bind, compile_search
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.plan import SCHEMAS
from midwatch.server.query.spending.reader import Reader
from midwatch.server.query.spending.rows import Rows
from midwatch.server.query.spending.spending import Spending


@dataclass(frozen=True, slots=True)
class PerUnit:
    unit: UnitCost
    spent: Decimal
    count: Decimal
    each: Decimal | None
    """None: there was none of it."""


class UnitQueries:
    def __init__(self, source: Reader, spending: Spending) -> None:
        self._source, self._spending = source, spending

    async def all(self, scope: Scope, currency: str | None) -> Sequence[PerUnit]:
        """In the plan's order."""
        found = []
        for one in self._spending.plan.units:
            spent = (await self._spending.total(scope, one.match, currency)).amount
            count = await self._count(scope, one)
            found.append(PerUnit(one, spent, count, spent / count if count else None))
        return found

    async def _count(self, scope: Scope, one: UnitCost) -> Decimal:
        if one.metric:
            rows = Rows(scope, ())
            sql = f"SELECT toString(round(sum(units), 6)) AS n FROM {rows.increases(one)}"
            found = await self._source.rows(sql, rows.params)
            return Decimal(found[0]["n"])
        schema = SCHEMAS[one.from_ or "logs"]
        condition = compile_search(one.search, schema)
        params: dict[str, Any] = {**condition.params}
        count = "count()"
        if one.unique:
            text = schema.field(one.unique, lambda value: bind(params, value)).text
            count = f"uniqExactIf(toString({text}), toString({text}) != '')"
        found = await self._source.rows(
            f"SELECT {count} AS n FROM {schema.table} WHERE {scope.where()} AND {condition.sql}", scope.params | params
        )
        return Decimal(found[0]["n"])
