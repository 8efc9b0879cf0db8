"""What the plan in force says of costs, made ready for queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from midwatch.contract.plan import Plan
from midwatch.contract.plan.document import Path
from midwatch.contract.plan.sections import budgets, currency, fees, prices, unit_costs, usage
from midwatch.contract.plan.sections.budgets import Budget
from midwatch.contract.plan.sections.currency import Currency
from midwatch.contract.plan.sections.fees import Fee
from midwatch.contract.plan.sections.unit_costs import UnitCost
from midwatch.contract.plan.sections.usage import Usage
from midwatch.server.model.errors import BadQuery
from midwatch.server.query.search.fields import LOGS, SPANS
from midwatch.server.query.search.language import compile_search
from midwatch.server.query.spending.exchange import Exchange
from midwatch.server.query.spending.llm_prices import built_in
from midwatch.server.query.spending.price_book import PriceBook

SCHEMAS = {"logs": LOGS, "spans": SPANS}


@dataclass(slots=True)
class SpendingPlan:
    book: PriceBook = field(default_factory=lambda: PriceBook((), built_in()))
    exchange: Exchange = field(default_factory=lambda: Exchange(Currency()))
    usage: tuple[Usage, ...] = ()
    fees: tuple[Fee, ...] = ()
    budgets: tuple[Budget, ...] = ()
    units: tuple[UnitCost, ...] = ()

    async def put(self, plan: Plan) -> None:
        """An effect of the plan."""
        listed: prices.Prices = plan[prices.SECTION]
        self.book = PriceBook(listed, built_in())
        self.exchange = Exchange(plan[currency.SECTION])
        self.fees = plan[fees.SECTION]
        self.usage, self.budgets, self.units = plan[usage.SECTION], plan[budgets.SECTION], plan[unit_costs.SECTION]


def check_counted(sections: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """What is wrong with searches and fields of `usage` and `unit_costs`, and where."""
    found: list[tuple[Path, str]] = []
    for section in (usage.SECTION.name, unit_costs.SECTION.name):
        for index, one in enumerate(sections.get(section, ())):
            if one.from_ is None:
                continue
            schema = SCHEMAS[one.from_]
            for key in ("search", "value", "unique"):
                text = getattr(one, key, "")
                try:
                    if key == "search":
                        compile_search(text, schema)
                    elif text:
                        schema.field(text, lambda _: "''")
                except BadQuery as error:
                    found.append(((section, index, key), error.message))
    return found
