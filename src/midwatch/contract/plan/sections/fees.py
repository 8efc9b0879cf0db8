"""`fees`: what is paid by the month, whether it is used or not: a number's rent, a plan's base fee."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from midwatch.contract.plan.money import Amount, CostKind, CurrencyName, Day
from midwatch.contract.plan.section import Model, Remark, Section, Text

FEES_MAX = 50
_Name = Annotated[str, Field(max_length=200)]


class Fee(Model):
    """Each calendar month (UTC), shared by its days; a month that is begun or ended by a day pays for its days."""

    kind: CostKind
    name: _Name = ""
    """What it is for, in words; the attribute `fee` of the costs."""
    amount: Amount
    """A month, for one."""
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    currency: CurrencyName = "USD"
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    """The first day on which it is no longer paid."""
    service: _Name = ""
    env: _Name = ""
    provider: _Name = ""
    feature: _Name = ""
    project: Annotated[int, Field(ge=1, lt=2**32)] = 1
    note: Text = ""

    @model_validator(mode="after")
    def _in_order(self) -> "Fee":
        if self.from_ is not None and self.until is not None and self.from_ >= self.until:
            raise ValueError(f"until={self.until}: expected a day after from={self.from_}")
        return self


Fees = tuple[Fee, ...]


def _advise(fees: Fees, sections: Mapping[str, Any]) -> Iterable[Remark]:
    currency = sections.get("currency")
    for index, fee in enumerate(fees):
        if currency is not None and fee.currency != currency.base and fee.currency not in currency.rates:
            yield (index,), f"currency={fee.currency}: has no rate in `currency.rates`: this fee is in no sum"


SECTION: Section[Fees] = Section(
    name="fees",
    help="What is paid by the month, used or not.",
    type=Annotated[Fees, Field(max_length=FEES_MAX)],
    empty=tuple,
    advise=_advise,
    example="""fees:
  - {kind: sms.number, name: rent of two numbers, amount: 1.15, count: 2, provider: twilio}
  - {kind: hosting, amount: 25, currency: EUR, from: "2026-10-15", service: api, env: production}
""",
)
