"""`prices`: what is paid for a unit of what is used, and from when until when."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, model_validator

from midwatch.contract.plan.money import Amount, CostKind, CurrencyName, Day
from midwatch.contract.plan.section import Model, Remark, Section, Text

PRICES_MAX = 2_000
TIERS_MAX = 50
MATCH_MAX = 10
MATCHED_MAX = 20
"""Names of attributes that all prices together may tell apart."""
COLUMNS = ("service", "env", "provider", "model", "feature", "job")
"""What `match` can name beside attributes."""

AttributeName = Annotated[str, Field(min_length=1, max_length=256)]
Pattern = Annotated[str, Field(max_length=256)]
"""As it is, or with `*` for anything."""
Match = Annotated[dict[AttributeName, Pattern], Field(max_length=MATCH_MAX)]


class Tier(Model):
    above: Annotated[int, Field(ge=0)] = 0
    """Units of a calendar month (UTC) that are paid at the tiers before."""
    amount: Amount


class Price(Model):
    """The first that matches counts; those of the plan come before the built-in ones."""

    kind: CostKind
    match: Match = Field(default_factory=dict)
    amount: Amount | None = None
    per: Annotated[int, Field(ge=1, le=10**12)] = 1
    """Units that the amount is for."""
    tiers: Annotated[tuple[Tier, ...], Field(max_length=TIERS_MAX)] = ()
    currency: CurrencyName = "USD"
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    """The first day on which it no longer holds."""
    note: Text = ""

    @model_validator(mode="after")
    def _whole(self) -> "Price":
        if (self.amount is None) is not bool(self.tiers):
            raise ValueError("expected amount or tiers, exactly one of them")
        if self.tiers and self.tiers[0].above != 0:
            raise ValueError("expected the first tier to begin above 0 units")
        if any(low.above >= high.above for low, high in pairwise(self.tiers)):
            raise ValueError("expected tiers in rising order of `above`")
        if self.from_ is not None and self.until is not None and self.from_ >= self.until:
            raise ValueError(f"until={self.until}: expected a day after from={self.from_}")
        return self


Prices = tuple[Price, ...]


def _check(prices: Prices, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    named: set[str] = set()
    for index, price in enumerate(prices):
        for name in price.match:
            named |= {name} - set(COLUMNS)
            if len(named) > MATCHED_MAX:
                yield (index, "match"), f"{name}: prices may tell apart by {MATCHED_MAX} attributes, not by more"
                return


def _advise(prices: Prices, sections: Mapping[str, Any]) -> Iterable[Remark]:
    currency = sections.get("currency")
    seen: set[tuple[Any, ...]] = set()
    for index, price in enumerate(prices):
        if currency is not None and price.currency != currency.base and price.currency not in currency.rates:
            yield (index,), f"currency={price.currency}: has no rate in `currency.rates`: what it prices is in no sum"
        whole = (price.kind, tuple(sorted(price.match.items())), price.from_, price.until)
        if whole in seen:
            yield (index,), f"kind={price.kind}: a price before it matches the same at the same time: it never counts"
        seen.add(whole)


SECTION: Section[Prices] = Section(
    name="prices",
    help="What a unit costs, by kind and attributes, in tiers by month, from day to day.",
    type=Annotated[Prices, Field(max_length=PRICES_MAX)],
    empty=tuple,
    check=_check,
    advise=_advise,
    example="""prices:
  - kind: sms
    match: {country: DE}
    amount: 0.0875
  - kind: sms
    tiers:
      - {above: 0, amount: 0.0083}
      - {above: 150000, amount: 0.0081}
    from: "2026-01-01"
  - kind: llm.input_tokens
    match: {model: "my-model*"}
    amount: 0.20
    per: 1000000
""",
)
