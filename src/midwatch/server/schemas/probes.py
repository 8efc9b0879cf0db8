"""Probes: what they are, where they stand, what their attempts brought."""

from typing import Annotated, Any, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema

REPORTS_MAX = 1000
"""Of one request of a location."""
State = Literal["new", "up", "down", "unknown"]


class ProbeAttempt(Schema):
    """What came of one attempt."""

    at: str
    seconds: float
    success: bool
    reason: str
    """`status`, `timeout`, `certificate` and the like; empty where it succeeded."""
    detail: str
    phases: dict[str, float]
    """Seconds by phase, as far as it came."""
    facts: dict[str, str]
    """Address, TLS version, certificate and the like."""


class ProbeLocation(Schema):
    location: str
    state: State
    since: str | None
    silent: bool
    """It should have told something by now."""
    last: ProbeAttempt | None
    certificate_expires: str | None


class ProbeSummary(Schema):
    name: str
    description: str
    kind: Literal["http", "tcp", "tls", "dns", "icmp", "grpc", "websocket", "redis", "postgresql"]
    target: str
    """Without what may be secret."""
    interval_seconds: float
    labels: dict[str, str]
    state: State
    """What the locations agree on. Unknown: Midwatch or its network is at fault, or nobody told anything."""
    since: str | None
    reason: str
    detail: str
    flapping: bool
    locations: list[ProbeLocation]
    certificate_expires: str | None
    """The earliest of all locations."""
    availability: float | None
    """Part of the last 30 days, of the time of which something is known."""


class ProbeList(Schema):
    probes: list[ProbeSummary]
    """Those that are down first, then unknown, new and up."""
    location: str
    """What the server's own is called."""


class ProbeChange(Schema):
    id: int
    at: str
    state_from: State
    state_to: State
    reason: str
    detail: str


class ProbeDay(Schema):
    day: str
    up_seconds: float
    down_seconds: float
    unknown_seconds: float


class ProbeAnswer(Schema):
    summary: ProbeSummary
    changes: list[ProbeChange]
    """Newest first."""
    days: list[ProbeDay]
    """The last 90, as far as there are any."""


class ProbeAsk(Schema):
    model_config = AS_SENT

    probe: Annotated[str, Field(max_length=200)]


class LocationProbes(Schema):
    """What a location is to look at, with secrets: as the plan has it."""

    probes: list[dict[str, Any]]
    probing: dict[str, Any]
    version: int
    """Of the plan."""


class ReportedResult(Schema):
    model_config = AS_SENT

    at_ns: Annotated[int, Field(ge=0, lt=2**63)]
    seconds: Annotated[float, Field(ge=0, le=3600)]
    reason: Annotated[str, Field(max_length=40)] | None
    detail: Annotated[str, Field(max_length=1000)]
    phases: dict[Annotated[str, Field(max_length=40)], float] = Field(max_length=20)
    values: dict[Annotated[str, Field(max_length=100)], float] = Field(max_length=40)
    facts: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=1000)]] = Field(max_length=20)
    reached: bool


class ReportedStanding(Schema):
    model_config = AS_SENT

    state: State
    since_ns: Annotated[int, Field(ge=0, lt=2**63)]
    reason: Annotated[str, Field(max_length=40)]
    detail: Annotated[str, Field(max_length=1000)]
    misses: Annotated[int, Field(ge=0)]
    successes: Annotated[int, Field(ge=0)]
    changes: list[Annotated[int, Field(ge=0, lt=2**63)]] = Field(max_length=20)
    flapping: bool


class ProbeReport(Schema):
    model_config = AS_SENT

    probe: Annotated[str, Field(max_length=200)]
    result: ReportedResult
    standing: ReportedStanding


class ProbeReports(Schema):
    model_config = AS_SENT

    reports: list[ProbeReport] = Field(max_length=REPORTS_MAX)


class ProbeReportsTaken(Schema):
    taken: int
    """Those of probes that the plan has for this location."""
    version: int
    """Of the plan: when it is another than before, ask for the probes again."""
