"""What `midwatch verify` and the page's Plan say."""

from typing import Literal

from midwatch.server.schemas.base import QueryStats, Schema

Severity = Literal["error", "warning"]
State = Literal["coming", "stopped", "never", "unknown"]
Thing = Literal[
    "service", "environment", "event", "domain event", "metric", "span", "health check", "probe", "heartbeat"
]


class VerifyCheck(Schema):
    name: str
    title: str
    state: Literal["waiting", "done", "failed"]
    error: str
    """Why it could not look; empty where it did."""
    seconds: float
    findings: int
    """How many there are; the answer has 500 of one check at most."""
    rows: int


class VerifyFinding(Schema):
    id: str
    """The same for as long as it is about the same."""
    check: str
    kind: str
    severity: Severity
    subject: str
    expected: str
    found: str
    todo: str
    since: str | None
    link: str
    """A view of the page; empty for none."""
    snippet: str
    """What would declare it in `midwatch.yml`; empty for none."""


class ContractRow(Schema):
    """One declared thing, or one that came undeclared."""

    thing: Thing
    name: str
    state: State
    declared: bool
    count: float | None
    first_seen: str | None
    last_seen: str | None
    services: list[str]
    owner: str
    link: str


class VerifyReport(Schema):
    state: Literal["running", "done"]
    """While it runs, what is known so far: ask again."""
    environment: str
    """The one that was asked about, by the plan's name for it; empty for all together."""
    start: str
    end: str
    checks: list[VerifyCheck]
    errors: int
    warnings: int
    """Those that are shown."""
    findings: list[VerifyFinding]
    """Errors first."""
    rows: list[ContractRow]


class CorrelationGap(Schema):
    source: str
    target: str
    traces: int
    lost: int
    """Traces in which the called service has no correlation id."""
    replaced: int
    """Traces in which it has another one than its caller."""
    example_trace: str
    since: str


class CorrelationGaps(Schema):
    gaps: list[CorrelationGap]
    stats: QueryStats


class PlanDraft(Schema):
    """A first `midwatch.yml`, of what arrives."""

    text: str
    services: int
    events: int
    metrics: int
