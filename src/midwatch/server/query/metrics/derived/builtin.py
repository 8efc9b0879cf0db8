"""Metrics that are there without being declared: of spans, log records, errors, events and browsers.

Names, labels, values and buckets of spans are those of OpenTelemetry's span metrics connector as Prometheus has them.
"""

from midwatch.server.query.metrics.derived.browser import BROWSER
from midwatch.server.query.metrics.derived.metric import Derived

SERIES_MAX = 10_000
_SERVICE = (("job", "ServiceName"), ("service_name", "ServiceName"), ("env", "Environment"))
_SPAN = (
    *_SERVICE,
    ("span_name", "SpanName"),
    ("span_kind", "concat('SPAN_KIND_', upper(toString(SpanKind)))"),
    ("status_code", "concat('STATUS_CODE_', upper(toString(StatusCode)))"),
)
_BOUNDS_MS = (2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000)

BUILT_IN = (
    Derived(
        "traces_span_metrics_calls_total",
        "counter",
        "Spans by service, name, kind and status; sampled ones stand for all that they were drawn from",
        "spans",
        _SPAN,
        SERIES_MAX,
    ),
    Derived(
        "traces_span_metrics_duration_milliseconds",
        "histogram",
        "How long spans took, by service, name, kind and status",
        "spans",
        _SPAN,
        SERIES_MAX,
        value="(Duration / 1e6)",
        bounds=tuple(map(float, _BOUNDS_MS)),
    ),
    Derived(
        "log_records_total",
        "counter",
        "Log records by service, level and name of the event",
        "logs",
        (*_SERVICE, ("level", "toString(Level)"), ("event_name", "EventName")),
        SERIES_MAX,
    ),
    Derived(
        "error_events_total",
        "counter",
        "Errors by service, type, category, severity and group; sampled ones stand for all that they were drawn from",
        "error_events",
        (
            *_SERVICE,
            ("type", "Type"),
            ("category", "Category"),
            ("severity", "Severity"),
            ("handled", "if(Handled, 'yes', 'no')"),
            ("release", "Release"),
            ("group", "GroupHash"),
        ),
        SERIES_MAX,
        where="NOT Duplicate",
    ),
    Derived(
        "product_events_total",
        "counter",
        "Product events, as PostHog's SDKs send them, by name, service and library",
        "product_events",
        (*_SERVICE, ("event", "Event"), ("lib", "Lib")),
        SERIES_MAX,
    ),
    Derived(
        "domain_events_total",
        "counter",
        "Domain events by type, kind of entity and service",
        "domain_events",
        (*_SERVICE, ("type", "Type"), ("entity", "EntityType")),
        SERIES_MAX,
    ),
    *BROWSER,
)
