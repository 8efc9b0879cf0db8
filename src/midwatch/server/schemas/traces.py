"""Traces and spans."""

from typing import Literal

from midwatch.server.schemas.base import Attributes, Page, QueryStats, Schema

SpanKind = Literal["unspecified", "internal", "server", "client", "producer", "consumer"]
SpanStatus = Literal["unset", "ok", "error"]


class ServiceCount(Schema):
    service: str
    spans: int
    errors: int


class TraceSummary(Schema):
    trace_id: str
    start: str
    duration_ns: int
    root_service: str
    """Empty while the root span has not arrived."""
    root_operation: str
    environment: str
    span_count: int
    error_count: int
    services: list[ServiceCount]
    matched_spans: int


class TracePage(Page):
    traces: list[TraceSummary]


class SpanEvent(Schema):
    offset_ns: int
    """From the start of the trace."""
    name: str
    attributes: Attributes


class SpanLink(Schema):
    trace_id: str
    span_id: str
    attributes: Attributes


class SpanSummary(Schema):
    """One bar of the waterfall."""

    span_id: str
    parent_span_id: str
    name: str
    kind: SpanKind
    service: str
    status: SpanStatus
    start_offset_ns: int
    """From the start of the trace; may be negative where clocks disagree."""
    duration_ns: int
    event_count: int
    has_exception: bool


class TraceDetail(Schema):
    trace_id: str
    start: str
    duration_ns: int
    environment: str
    spans: list[SpanSummary]
    """By start; parents need not come before their children."""
    missing_parents: list[str]
    """Parent span ids that no span of this trace has: parts that are late or were never sent."""
    services: list[ServiceCount]
    log_count: int
    truncated: bool
    """True above the limit of spans that one answer holds; the earliest are kept."""
    stats: QueryStats


class SpanDetail(SpanSummary):
    trace_id: str
    start: str
    environment: str
    status_message: str
    trace_state: str
    scope: str
    weight: float
    """How many spans this one stands for under sampling."""
    attributes: Attributes
    resource: Attributes
    events: list[SpanEvent]
    links: list[SpanLink]
    adjustments: list[str]
