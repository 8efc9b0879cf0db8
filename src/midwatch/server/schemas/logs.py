"""Log records: search, histogram, facets, context."""

from midwatch.server.schemas.base import Attributes, Level, Page, QueryStats, Schema


class LogRow(Schema):
    id: str
    """Opaque and stable: goes into `/api/v1/logs/{id}` and into links."""
    timestamp: str
    observed_timestamp: str
    level: Level
    severity_text: str
    severity_number: int
    service: str
    environment: str
    body: str
    event_name: str
    trace_id: str
    """32 hex digits, or empty."""
    span_id: str
    attributes: Attributes
    resource: Attributes
    scope: str
    adjustments: list[str]
    """What a limit changed when the record was stored: `attribute_truncated`, `time_clamped` …"""


class LogPage(Page):
    rows: list[LogRow]


class LogContext(Schema):
    """The lines around one line, oldest first in both lists."""

    before: list[LogRow]
    line: LogRow
    after: list[LogRow]


class HistogramBucket(Schema):
    start: str
    counts: dict[str, int]
    """Records by level; for spans by status (`ok`, `error`, `unset`)."""


class Histogram(Schema):
    step_seconds: float
    start: str
    end: str
    buckets: list[HistogramBucket]
    """Every bucket of the range in order, the empty ones included."""
    total: int
    stats: QueryStats


class FacetValue(Schema):
    value: str
    count: int


class Facet(Schema):
    field: str
    """As it is written in a search: `service`, `level`, `http.route`, `resource.host.name` …"""
    values: list[FacetValue]
    """Most frequent first."""
    distinct: int
    """Approximate number of different values."""


class Facets(Schema):
    facets: list[Facet]
    sampled: bool
    """True when counts come from the newest rows of a very large result and not from all of it."""
    stats: QueryStats


class FieldInfo(Schema):
    name: str
    type: str
    """`keyword`, `number`, `duration`, `time`, `text`."""
    origin: str
    """`builtin`, `attribute` or `resource`."""


class FieldList(Schema):
    fields: list[FieldInfo]
