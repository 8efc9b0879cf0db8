"""Segment → rows: for each kind, the structure in which ClickHouse decodes it and the SELECT that flattens it.

No item is touched by Python: the statement is built once, and runs once per segment.
"""

from midwatch.server.model.signal import SegmentKind
from midwatch.server.store.flatten import (
    domain_events,
    error_events,
    logs,
    loki,
    metrics,
    ndjson,
    product_events,
    remote_write,
    spans,
)
from midwatch.server.store.flatten.statement import Flattening

FLATTENINGS: dict[SegmentKind, Flattening] = {
    SegmentKind.OTLP_TRACES: spans.FLATTENING,
    SegmentKind.OTLP_LOGS: logs.FLATTENING,
    SegmentKind.OTLP_METRICS: metrics.FLATTENING,
    SegmentKind.NDJSON_LOGS: ndjson.FLATTENING,
    SegmentKind.LOKI_LOGS: loki.FLATTENING,
    SegmentKind.REMOTE_WRITE: remote_write.FLATTENING,
    SegmentKind.ERROR_EVENTS: error_events.FLATTENING,
    SegmentKind.PRODUCT_EVENTS: product_events.FLATTENING,
    SegmentKind.DOMAIN_EVENTS: domain_events.FLATTENING,
}

__all__ = ["FLATTENINGS", "Flattening"]
