"""What a segment feeds: for each staging table, the tables that its rows go to, as one SELECT each.

The same text is the definition of a materialised view on the staging table, and the way to fill in what is missing of
one target after a crash. Every target can tell which day partitions it has of a segment.
"""

from midwatch.contract.failures import STACK_KEYS
from midwatch.server.model.signal import Signal
from midwatch.server.store import cost_targets, otlp_series
from midwatch.server.store.domain_targets import DOMAIN_EVENTS, OF_LOGS
from midwatch.server.store.event_targets import PRODUCT_EVENTS
from midwatch.server.store.id_index import ERROR_IDS, LOG_IDS, SPAN_IDS
from midwatch.server.store.series_targets import SERIES
from midwatch.server.store.staging import (
    EVENT_DAY,
    RECEIVED_DAY,
    Staging,
    Target,
    leaks,
    limits,
    minute,
    roll_up,
    set_aside,
)

__all__ = ["ERROR_EVENTS", "LOGS", "METRIC_POINTS", "SERIES", "SPANS", "STAGINGS", "view_statements"]

_TIME_NS_LAST = 9_223_372_036_000_000_000


def _rows(table: str) -> Target:
    return Target(
        table,
        "SELECT * EXCEPT (SetAside, Writer, Leaks) FROM {source} WHERE SetAside = ''",
        EVENT_DAY,
        f"SELECT DISTINCT toUInt32(toYYYYMMDD(Timestamp)) FROM {table} WHERE Segment = unhex({{segment:String}})",
    )


_TRACE_INDEX = roll_up(
    "trace_index",
    f"""SELECT Project, TraceId, min(Timestamp) AS Start,
            fromUnixTimestamp64Nano(toInt64(max(least(toUInt64(greatest(toUnixTimestamp64Nano(Timestamp), 0))
                + least(Duration, 3600000000000), {_TIME_NS_LAST}))), 'UTC') AS End,
            toUInt32(toYYYYMMDD(Timestamp)) AS Day, any(Writer) AS Writer, max(Segment) AS LastSegment
        FROM {{source}} WHERE SetAside = '' GROUP BY Project, TraceId, Day""",
    source_day=EVENT_DAY,
    table_day="Day",
)

_SERVICE_RED = roll_up(
    "service_red",
    f"""SELECT Project, Environment, ServiceName, SpanName, SpanKind,
            SpanKind IN ('server', 'consumer') OR ParentSpanId = '' AS IsEntry,
            {minute("Timestamp")} AS Minute, any(Writer) AS Writer,
            max(Segment) AS LastSegment, sum(Weight) AS Count, sumIf(Weight, StatusCode = 'error') AS Errors,
            sum(Weight * Duration / 1e6) AS DurationSum,
            quantilesTDigestWeightedState(0.5, 0.95, 0.99)(
                toFloat32(Duration / 1e6), toUInt32(greatest(1, least(Weight, 1000000)))) AS Durations
        FROM {{source}} WHERE SetAside = ''
        GROUP BY Project, Environment, ServiceName, SpanName, SpanKind, IsEntry, Minute""",
    source_day=EVENT_DAY,
    table_day="toYYYYMMDD(Minute)",
)

_LOG_VOLUME = roll_up(
    "log_volume",
    f"""SELECT Project, Environment, ServiceName, Level,
            {minute("Timestamp")} AS Minute, any(Writer) AS Writer,
            max(Segment) AS LastSegment, count() AS Count
        FROM {{source}} WHERE SetAside = '' GROUP BY Project, Environment, ServiceName, Level, Minute""",
    source_day=EVENT_DAY,
    table_day="toYYYYMMDD(Minute)",
)

_ERROR_VOLUME = roll_up(
    "error_volume",
    f"""SELECT Project, GroupHash, Environment, ServiceName, Release, Type, Severity, Category, Handled,
            {minute("Timestamp")} AS Minute, any(Writer) AS Writer, max(Segment) AS LastSegment,
            sum(Weight) AS Count, uniqStateIf(UserKey, UserKey != '') AS Users
        FROM {{source}} WHERE SetAside = '' AND Dropped = '' AND NOT Duplicate
        GROUP BY Project, GroupHash, Environment, ServiceName, Release, Type, Severity, Category, Handled, Minute""",
    source_day=EVENT_DAY,
    table_day="toYYYYMMDD(Minute)",
)


def _told(source: str, rows: str) -> Target:
    """Exceptions of one signal, for the digest of issues."""
    select = f"""SELECT Project, Timestamp, '{source}' AS Source, TraceId, SpanId, ServiceName, Environment, Level,
            Body, Attributes, SpanAttributes, ResourceAttributes, KeyId, ReceivedAt, Segment, SegmentRow, Place
        FROM ({rows})"""
    present = (
        "SELECT DISTINCT toUInt32(toYYYYMMDD(ReceivedAt)) FROM told_exceptions"
        f" WHERE Segment = unhex({{segment:String}}) AND Source = '{source}'"
    )
    return Target("told_exceptions", select, RECEIVED_DAY, present, part=source)


# Midwatch's SDK says itself what is an event: its spans and other lines tell of a failure again, without its category,
# or of one that the app ignores.
_SPAN_EXCEPTIONS = _told(
    "span",
    """SELECT * EXCEPT (Timestamp), `Events.Timestamp`[at] AS Timestamp, `Events.Attributes`[at] AS Attributes,
            'error' AS Level, toString(SpanName) AS Body, toUInt16(at) AS Place
        FROM {source}
        ARRAY JOIN arrayFilter(i -> `Events.Name`[i] = 'exception', arrayEnumerate(`Events.Name`)) AS at
        WHERE SetAside = '' AND ResourceAttributes['telemetry.sdk.name'] != 'midwatch'""",
)
_LOG_EXCEPTIONS = _told(
    "log",
    f"""SELECT * EXCEPT (Level, Body), toString(Level) AS Level, Body, LogAttributes AS Attributes,
            CAST(map() AS Map(LowCardinality(String), String)) AS SpanAttributes, toUInt16(0) AS Place
        FROM {{source}}
        WHERE SetAside = '' AND (EventName = 'exception' OR (SeverityNumber >= 17
            AND ResourceAttributes['telemetry.sdk.name'] != 'midwatch'
            AND hasAny(mapKeys(LogAttributes), {["exception.type", *STACK_KEYS]})))""",
)

SPANS = Staging(
    "spans_in",
    Signal.TRACES,
    (
        _rows("spans"),
        _TRACE_INDEX,
        SPAN_IDS,
        _SERVICE_RED,
        _SPAN_EXCEPTIONS,
        *cost_targets.OF_SPANS,
        limits(Signal.TRACES),
        leaks(Signal.TRACES),
        set_aside(
            Signal.TRACES,
            "toJSONString(map('name', toString(SpanName), 'trace_id', TraceId, 'span_id', SpanId,"
            " 'attributes', toJSONString(SpanAttributes)))",
        ),
    ),
)
LOGS = Staging(
    "logs_in",
    Signal.LOGS,
    (
        _rows("logs"),
        _LOG_VOLUME,
        LOG_IDS,
        _LOG_EXCEPTIONS,
        *cost_targets.OF_LOGS,
        OF_LOGS,
        limits(Signal.LOGS),
        leaks(Signal.LOGS),
        set_aside(
            Signal.LOGS,
            "toJSONString(map('body', Body, 'level', toString(Level), 'attributes', toJSONString(LogAttributes)))",
        ),
    ),
)
METRIC_POINTS = Staging(
    "metric_points_in",
    Signal.METRICS,
    (
        _rows("metric_points"),
        *otlp_series.TARGETS,
        limits(Signal.METRICS),
        leaks(Signal.METRICS),
        set_aside(
            Signal.METRICS,
            "toJSONString(map('name', toString(MetricName), 'value', toString(Value),"
            " 'attributes', toJSONString(Attributes)))",
        ),
    ),
)
ERROR_EVENTS = Staging(
    "error_events_in",
    Signal.ERRORS,
    (
        Target(
            "error_events",
            "SELECT * EXCEPT (SetAside, Writer, Dropped, Count, Leaks)"
            " FROM {source} WHERE SetAside = '' AND Dropped = ''",
            EVENT_DAY,
            "SELECT DISTINCT toUInt32(toYYYYMMDD(Timestamp)) FROM error_events WHERE Segment = unhex({segment:String})",
        ),
        _ERROR_VOLUME,
        ERROR_IDS,
        limits(Signal.ERRORS, items="sum(Count)"),
        leaks(Signal.ERRORS),
        set_aside(Signal.ERRORS, "toJSONString(map('title', Title, 'event_id', EventId, 'event', Payload))"),
    ),
)
STAGINGS = (SPANS, LOGS, SERIES, METRIC_POINTS, PRODUCT_EVENTS, DOMAIN_EVENTS, ERROR_EVENTS)
"""In the order in which views are made: a staging table that feeds another comes after it."""


def view_statements() -> dict[str, str]:
    """The materialised views that connect staging tables with their targets, by name."""
    statements = {}
    for staging in STAGINGS:
        for target in staging.targets:
            name = "_".join(filter(None, (staging.table, "to", target.table, target.part)))
            select = target.select.format(source=staging.table)
            statements[name] = f"CREATE MATERIALIZED VIEW {name} TO {target.table} AS {select}"
    return statements
