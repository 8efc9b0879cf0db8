"""What is spent. Amounts are decimal numbers as text: `"0.0042"`."""

from typing import Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, QueryStats, Schema

Money = str
CostInterval = Literal["hour", "day", "week", "month"]


class CostRow(Schema):
    value: str
    amount: Money
    share: float
    """Of the total, from 0 to 1; of credits it is below 0."""
    uses: int
    unpriced: int
    """Uses that are not in the amount: no price, or no exchange rate, is known."""
    units: Money | None
    """Where all uses are of one kind."""


class CostPoint(Schema):
    at: int
    """Seconds since the epoch, when an interval begins."""
    amount: Money


class CostSeries(Schema):
    value: str | None
    """None: what has no series of its own."""
    points: list[CostPoint]


class CostReport(Schema):
    by: str
    currency: str
    currencies: list[str]
    """That sums can be had in."""
    interval: CostInterval
    total: Money
    uses: int
    unpriced: int
    rows: list[CostRow]
    rows_total: int
    series: list[CostSeries]
    stats: QueryStats


class CostForecast(Schema):
    currency: str
    start: str
    end: str
    spent: Money
    expected: Money | None
    """At the month's end; none: too little is known."""
    a_day: Money | None
    days: int
    """Whole days that the forecast is the mean of; 0: of today's hours."""


class BudgetStanding(Schema):
    name: str
    match: dict[str, str]
    amount: Money
    currency: str
    per: Literal["day", "week", "month"]
    owner: str
    runbook: str
    alert_at: list[int]
    start: str
    end: str
    spent: Money
    spent_ratio: float
    expected: Money | None
    expected_ratio: float | None


class BudgetList(Schema):
    budgets: list[BudgetStanding]


class UnitCostRow(Schema):
    name: str
    match: dict[str, str]
    source: str
    """`logs`, `spans`, or the name of a metric."""
    search: str
    spent: Money
    count: Money
    each: Money | None
    """None: there was none of it."""


class UnitCostList(Schema):
    currency: str
    units: list[UnitCostRow]


class UnpricedRow(Schema):
    reason: Literal["no_price", "no_rate"]
    kind: str
    provider: str
    model: str
    currency: str
    uses: int
    units: Money
    last: str
    service: str


class UnpricedList(Schema):
    rows: list[UnpricedRow]
    llm_prices_as_of: str
    """The day of the built-in list."""


class StorageRow(Schema):
    signal: str
    service: str
    """Empty: not told apart by service."""
    day: str
    items: int
    sent_bytes: int
    """Before compression; of logs and traces."""
    disk_bytes: int
    a_month: str | None
    """What these bytes cost a month, by the plan's price of `midwatch.storage`; null without one."""


class StorageList(Schema):
    disk_bytes: int
    """Of all signals, in the range's days."""
    currency: str
    rows: list[StorageRow]


class InvoiceColumns(Schema):
    """Which columns of the file hold what; none where a name that is usual is looked for."""

    model_config = AS_SENT

    amount: str | None = Field(default=None, max_length=200)
    day: str | None = Field(default=None, max_length=200)
    kind: str | None = Field(default=None, max_length=200)
    currency: str | None = Field(default=None, max_length=200)
    units: str | None = Field(default=None, max_length=200)


class InvoiceToImport(Schema):
    model_config = AS_SENT

    vendor: str = Field(min_length=1, max_length=100, pattern=r"^[\w.\- ]+$")
    month: str = Field(pattern=r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$")
    text: str = Field(min_length=1, max_length=1_000_000)
    """The file."""
    columns: InvoiceColumns = InvoiceColumns()
    kinds: dict[str, str] = Field(default_factory=dict, max_length=500)
    """The vendor's names of what is paid for → kinds of ours; `*` for the rest."""
    match: dict[str, str] = Field(default_factory=dict, max_length=20)
    """Which of our costs are the vendor's, as in a budget; none: those of the kinds that the invoice has."""
    currency: str = Field(default="", max_length=3)
    """Of a file that does not say."""


class InvoiceSummary(Schema):
    id: str
    vendor: str
    month: str
    currency: str
    lines: int
    amount: Money
    imported_at: str
    imported_by: str


class InvoiceList(Schema):
    invoices: list[InvoiceSummary]


class Difference(Schema):
    kind: str
    day: str
    """Empty: of the whole month."""
    invoiced: Money
    ours: Money
    difference: Money
    """What the invoice has more."""
    percent: float | None
    """Of the invoice; none where that is nothing."""


class Reconciliation(Schema):
    invoice: InvoiceSummary
    match: dict[str, str]
    currency: str
    total: Difference
    by_kind: list[Difference]
    by_day: list[Difference]
    """Empty where the file has no days."""
