"""`budgets`: how much may be spent on what, and when somebody is told."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from midwatch.contract.plan.money import Amount, CurrencyName
from midwatch.contract.plan.section import Model, Name, Remark, Section, Text
from midwatch.contract.plan.sections.prices import Match
from midwatch.contract.plan.sections.probes import Labels

BUDGETS_MAX = 200
ALERTS_MAX = 10

Period = Literal["day", "week", "month"]


class Budget(Model):
    name: Name
    match: Match = Field(default_factory=dict)
    """By kind, service, env, provider, model, feature, job, user or an attribute; `*` stands for anything."""
    amount: Amount
    per: Period = "month"
    """Calendar days, weeks from Monday, months, in UTC."""
    currency: CurrencyName | None = None
    """The plan's own without one."""
    alert_at: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], Field(max_length=ALERTS_MAX)] = (50, 80, 100)
    """Per cent of it that is spent."""
    forecast: bool = True
    """Whether to tell beforehand that it will not do."""
    owner: Text = ""
    runbook: Annotated[str, Field(max_length=500)] = ""
    """A name in `runbooks/`, or an address."""
    labels: Labels = Field(default_factory=dict)
    """Of its alerts, for routing."""


Budgets = tuple[Budget, ...]
RESERVED = ("budget", "threshold", "severity", "alertname")


def _check(budgets: Budgets, sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, one in enumerate(budgets):
        if first.setdefault(one.name, index) != index:
            yield (index, "name"), f"name={one.name}: expected a name that no other budget has"
        if one.amount <= 0:
            yield (index, "amount"), f"amount={one.amount}: expected more than 0"
        if list(one.alert_at) != sorted(set(one.alert_at)):
            yield (index, "alert_at"), "alert_at: expected rising numbers, each once"
        for label in one.labels.keys() & set(RESERVED) - {"severity"}:
            yield (index, "labels", label), f"{label}: expected another label: a budget's alerts have it by themselves"
        currency = sections.get("currency")
        if currency is not None and one.currency not in (None, currency.base, *currency.rates):
            yield (index, "currency"), f"currency={one.currency}: expected one that `currency` has a rate of"


SECTION: Section[Budgets] = Section(
    name="budgets",
    help="How much may be spent on what by day, week or month, and from which share on it alerts.",
    type=Annotated[Budgets, Field(max_length=BUDGETS_MAX)],
    empty=tuple,
    check=_check,
    example="""budgets:
  - name: llm
    match: {kind: "llm.*", env: production}
    amount: 400
    per: month
    alert_at: [50, 80, 100]
    owner: ada
    runbook: costs
    labels: {team: ai}
  - name: sms-per-day
    match: {kind: sms}
    amount: 20
    per: day
    forecast: false
""",
)
