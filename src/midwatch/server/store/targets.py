"""What a segment feeds: for each staging table, the tables that its rows go to, as one SELECT each.

The same text is the definition of a materialised view on the staging table, and the way to fill in what is missing of
one target after a crash. Every target can tell which day partitions it has of a segment.
"""

from dataclasses import dataclass

from midwatch.server.model.signal import Signal


@dataclass(frozen=True, slots=True)
class Target:
    """One table fed from a staging table. `select` has `{source}` where the rows come from."""

    table: str
    select: str
    day: str
    """Day of a source row, as this table is partitioned: an expression over the source's columns."""
    present: str
    """Days of a segment that are in the table: a SELECT with the parameter `{segment:String}`, one UInt32 column."""


@dataclass(frozen=True, slots=True)
class Staging:
    """A staging table (ENGINE Null) and what it feeds."""

    table: str
    signal: Signal
    targets: tuple[Target, ...]


_EVENT_DAY = "toYYYYMMDD(Timestamp)"
_TIME_NS_LAST = 9_223_372_036_000_000_000


def _minute(time: str) -> str:
    """Start of the minute of any time from 1900 to 2262; `toStartOfMinute` wraps outside of 1970 to 2106."""
    seconds = f"toUnixTimestamp64Second({time})"
    return f"CAST({seconds} - positiveModulo({seconds}, 60) AS DateTime64(0, 'UTC'))"


_RECEIVED_DAY = "toYYYYMMDD(ReceivedAt)"


def _rows(table: str) -> Target:
    return Target(
        table,
        "SELECT * EXCEPT (SetAside, Writer) FROM {source} WHERE SetAside = ''",
        _EVENT_DAY,
        f"SELECT DISTINCT toUInt32(toYYYYMMDD(Timestamp)) FROM {table} WHERE Segment = unhex({{segment:String}})",
    )


def _roll_up(table: str, select: str, *, source_day: str, table_day: str) -> Target:
    # Under one value of `Writer` segments go in one after another in the order of their ids (see `writer.Labels`). So
    # after an unknown outcome the segment in question is the newest: the rows that it touched carry it as their last.
    present = f"SELECT DISTINCT toUInt32({table_day}) FROM {table} WHERE LastSegment = unhex({{segment:String}})"
    return Target(table, select, source_day, present)


def _limits(signal: Signal) -> Target:
    return _roll_up(
        "limits_hit",
        f"""SELECT Project, KeyId, '{signal.value}' AS Signal,
            arrayJoin(arrayConcat(Adjustments, if(SetAside = '', [], [SetAside]))) AS Reason,
            toUInt32(toYYYYMMDD(ReceivedAt)) AS Day, {_minute("ReceivedAt")} AS Minute,
            any(Writer) AS Writer, max(Segment) AS LastSegment, count() AS Count
        FROM {{source}} WHERE notEmpty(Adjustments) OR SetAside != ''
        GROUP BY Project, KeyId, Signal, Reason, Day, Minute""",
        source_day=_RECEIVED_DAY,
        table_day="Day",
    )


def _set_aside(signal: Signal, item: str) -> Target:
    return Target(
        "set_aside",
        f"""SELECT Project, KeyId, '{signal.value}' AS Signal, SetAside AS Reason, Timestamp AS ItemTime, ReceivedAt,
            ServiceName, {item} AS Item, Segment, SegmentRow
        FROM {{source}} WHERE SetAside != ''""",
        _RECEIVED_DAY,
        "SELECT DISTINCT toUInt32(toYYYYMMDD(ReceivedAt)) FROM set_aside WHERE Segment = unhex({segment:String})",
    )


_TRACE_INDEX = _roll_up(
    "trace_index",
    f"""SELECT Project, TraceId, min(Timestamp) AS Start,
            fromUnixTimestamp64Nano(toInt64(max(least(toUInt64(greatest(toUnixTimestamp64Nano(Timestamp), 0))
                + least(Duration, 3600000000000), {_TIME_NS_LAST}))), 'UTC') AS End,
            toUInt32(toYYYYMMDD(Timestamp)) AS Day, any(Writer) AS Writer, max(Segment) AS LastSegment
        FROM {{source}} WHERE SetAside = '' GROUP BY Project, TraceId, Day""",
    source_day=_EVENT_DAY,
    table_day="Day",
)

_SERVICE_RED = _roll_up(
    "service_red",
    f"""SELECT Project, Environment, ServiceName, SpanName, SpanKind,
            SpanKind IN ('server', 'consumer') OR ParentSpanId = '' AS IsEntry,
            {_minute("Timestamp")} AS Minute, any(Writer) AS Writer,
            max(Segment) AS LastSegment, sum(Weight) AS Count, sumIf(Weight, StatusCode = 'error') AS Errors,
            sum(Weight * Duration / 1e6) AS DurationSum,
            quantilesTDigestWeightedState(0.5, 0.95, 0.99)(
                toFloat32(Duration / 1e6), toUInt32(greatest(1, least(Weight, 1000000)))) AS Durations
        FROM {{source}} WHERE SetAside = ''
        GROUP BY Project, Environment, ServiceName, SpanName, SpanKind, IsEntry, Minute""",
    source_day=_EVENT_DAY,
    table_day="toYYYYMMDD(Minute)",
)

_LOG_VOLUME = _roll_up(
    "log_volume",
    f"""SELECT Project, Environment, ServiceName, Level,
            {_minute("Timestamp")} AS Minute, any(Writer) AS Writer,
            max(Segment) AS LastSegment, count() AS Count
        FROM {{source}} WHERE SetAside = '' GROUP BY Project, Environment, ServiceName, Level, Minute""",
    source_day=_EVENT_DAY,
    table_day="toYYYYMMDD(Minute)",
)

SPANS = Staging(
    "spans_in",
    Signal.TRACES,
    (
        _rows("spans"),
        _TRACE_INDEX,
        _SERVICE_RED,
        _limits(Signal.TRACES),
        _set_aside(
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
        _limits(Signal.LOGS),
        _set_aside(
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
        _limits(Signal.METRICS),
        _set_aside(
            Signal.METRICS,
            "toJSONString(map('name', toString(MetricName), 'value', toString(Value),"
            " 'attributes', toJSONString(Attributes)))",
        ),
    ),
)
STAGINGS = (SPANS, LOGS, METRIC_POINTS)
"""In the order in which views are made."""


def view_statements() -> dict[str, str]:
    """The materialised views that connect staging tables with their targets, by name."""
    statements = {}
    for staging in STAGINGS:
        for target in staging.targets:
            name = f"{staging.table}_to_{target.table}"
            select = target.select.format(source=staging.table)
            statements[name] = f"CREATE MATERIALIZED VIEW {name} TO {target.table} AS {select}"
    return statements
