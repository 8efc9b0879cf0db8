"""How Midwatch itself is doing, what it set aside, and how to send it something."""

from typing import Annotated, Any, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema


class Check(Schema):
    name: str
    """`store`, `database`, `wal`, `disk`."""
    healthy: bool
    latency_ms: float
    message: str


class Ready(Schema):
    ready: bool
    checks: list[Check]


class SignalStatus(Schema):
    signal: Literal["traces", "logs", "metrics", "errors", "events", "domain_events"]
    rows: int
    bytes_on_disk: int
    newest: str | None
    oldest: str | None
    accepted: int
    """Items since start."""
    freshness_p50_seconds: float | None
    """From acknowledged to visible, over the last ten minutes."""
    freshness_p99_seconds: float | None
    retention_days: float
    """0: for ever."""


class WalStatus(Schema):
    segments_waiting: int
    bytes_waiting: int
    bytes_max: int
    oldest_waiting_seconds: float


class SystemStatus(Schema):
    version: str
    started_at: str
    store: str
    """`embedded ClickHouse 26.9` or host and version of the server."""
    database: str
    ready: bool
    checks: list[Check]
    signals: list[SignalStatus]
    """Empty while the store does not answer; the checks say why."""
    wal: WalStatus
    dead_letters: int
    disk_free_bytes: int
    disk_total_bytes: int
    memory_bytes: int
    engine_restarts: int


class LimitHit(Schema):
    key: str
    """Name of the ingest key."""
    signal: str
    reason: str
    """`attribute_truncated`, `too_old`, `rate_limited`, `body_too_large` …"""
    count: int
    last_seen: str
    explanation: str
    """What happened to the items and which setting changes it."""


class LimitHits(Schema):
    hits: list[LimitHit]
    """The most frequent ones first."""
    total: int
    """How many there are in the range; more than are listed where the list was cut."""


class Backup(Schema):
    path: str
    """Directory on the server's machine."""
    bytes: int
    parts: list[str]
    """What is in it. Without `store` or `workspace.db`, these are elsewhere and have backups of their own."""


class DeadLetter(Schema):
    id: str
    signal: str
    time: str
    key: str
    bytes: int
    error: str


class DeadLetterList(Schema):
    letters: list[DeadLetter]
    """The newest ones first."""
    total: int
    """How many there are; more than are listed where the list was cut."""


class DeadLetterDetail(DeadLetter):
    preview: str
    """The body as text, cut and with private values removed."""


Days = Annotated[float, Field(ge=0, le=36_500)]
"""Up to a hundred years."""


class Retention(Schema):
    """Days per signal; 0 keeps for ever."""

    model_config = AS_SENT

    traces: Days
    logs: Days
    metrics: Days
    errors: Days = 90.0
    events: Days = 365.0
    domain_events: Days = 400.0


class ReceivedSignal(Schema):
    signal: Literal["traces", "logs", "metrics", "errors", "events", "domain_events"]
    received: bool
    services: list[str]
    last: str | None


class Onboarding(Schema):
    """Everything the first-run page fills in."""

    ingest_key: str | None
    """The first key in full for editors and above, while it is the one Midwatch made; else null."""
    api_url: str
    otlp_http_url: str | None
    otlp_grpc_url: str | None
    signals: list[ReceivedSignal]


class PlanProblem(Schema):
    file: str
    line: int
    column: int
    message: str
    severity: Literal["error", "warning", "info"]


class PlanChange(Schema):
    path: str
    """`services.api.owner`, `retention.logs` …"""
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


class PlanFile(Schema):
    model_config = AS_SENT

    text: str


class PlanText(Schema):
    """`observability/midwatch.yml` and its neighbours, by path below the plan directory."""

    model_config = AS_SENT

    files: dict[str, str]


class PlanResult(Schema):
    ok: bool
    problems: list[PlanProblem]
    changes: list[PlanChange]
    applied: bool


class PlanState(Schema):
    source: str | None
    applied_at: str | None
    applied_by: str | None
    plan: dict[str, Any]
    problems: list[PlanProblem]
    """Of the newest version on disk, when it could not be taken and the one before stays in force."""
