"""The kinds of telemetry, and the wire formats in which the write-ahead log holds them."""

from enum import StrEnum


class Signal(StrEnum):
    """What a user sends, searches and keeps for a time of its own."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"
    ERRORS = "errors"
    EVENTS = "events"
    """Of products: what people do in them."""
    DOMAIN_EVENTS = "domain_events"
    """Of the business: what has happened to its entities, and who did it."""


class SegmentKind(StrEnum):
    """What the frames of one write-ahead-log segment hold; each kind has one flattening SELECT in the store.

    But for `sentry`: envelopes as they came, which the digest (server/issues/digest/) turns into bodies of other kinds.
    """

    OTLP_TRACES = "otlp_traces"
    OTLP_LOGS = "otlp_logs"
    OTLP_METRICS = "otlp_metrics"
    NDJSON_LOGS = "ndjson_logs"
    LOKI_LOGS = "loki_logs"
    REMOTE_WRITE = "remote_write"
    SENTRY = "sentry"
    ERROR_EVENTS = "error_events"
    PRODUCT_EVENTS = "product_events"
    DOMAIN_EVENTS = "domain_events"

    @property
    def signal(self) -> Signal:
        return _SIGNALS[self]


_SIGNALS = {
    SegmentKind.OTLP_TRACES: Signal.TRACES,
    SegmentKind.OTLP_LOGS: Signal.LOGS,
    SegmentKind.OTLP_METRICS: Signal.METRICS,
    SegmentKind.NDJSON_LOGS: Signal.LOGS,
    SegmentKind.LOKI_LOGS: Signal.LOGS,
    SegmentKind.REMOTE_WRITE: Signal.METRICS,
    SegmentKind.SENTRY: Signal.ERRORS,
    SegmentKind.ERROR_EVENTS: Signal.ERRORS,
    SegmentKind.PRODUCT_EVENTS: Signal.EVENTS,
    SegmentKind.DOMAIN_EVENTS: Signal.DOMAIN_EVENTS,
}
