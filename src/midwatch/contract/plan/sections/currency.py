"""`currency`: what sums are shown in, and what others are worth in it."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from midwatch.contract.plan.money import Amount, CurrencyName
from midwatch.contract.plan.section import Model, Remark, Section

RATES_MAX = 200


class Currency(Model):
    base: CurrencyName = "USD"
    """What sums are in."""
    rates: Annotated[dict[CurrencyName, Amount], Field(max_length=RATES_MAX)] = Field(default_factory=dict)
    """What one of another currency is worth in the base, the same for all times."""


def _check(currency: Currency, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    for name, rate in currency.rates.items():
        if rate <= 0:
            yield ("rates", name), f"{name}={rate}: expected a rate above 0"
        if name == currency.base and rate != 1:
            yield ("rates", name), f"{name}={rate}: expected no rate of the base to itself"


SECTION: Section[Currency] = Section(
    name="currency",
    help="What costs are summed in, and the fixed rates of other currencies.",
    type=Currency,
    empty=Currency,
    check=_check,
    example="""currency:
  base: USD
  rates: {EUR: 1.08, GBP: 1.27}
""",
)
