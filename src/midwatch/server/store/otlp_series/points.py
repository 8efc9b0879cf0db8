"""Points → series: what the views on `metric_points_in` select."""

from midwatch.server.store.otlp_series import labels, names
from midwatch.server.store.otlp_series.exponential import NATIVE, SIDES
from midwatch.server.store.otlp_series.ladder import Ladder, climbed
from midwatch.server.store.series_targets import EXEMPLARS, HISTOGRAMS
from midwatch.server.store.staging import NO_LEAKS, again

STALE = "reinterpretAsFloat64(toUInt64(0x7ff0000000000002))"
"""Prometheus's stale marker: a NaN that is told from others by its bits."""

_EXEMPLAR_LABELS = f"mapFromArrays(arrayMap(k -> {names.label_name('k')}, mapKeys(a)), mapValues(a))"
_HAS_EXEMPLARS = (
    f"{names.is_counter('MetricType', 'IsMonotonic')} OR MetricType IN ('histogram', 'exponential_histogram')"
)


def _milliseconds(time: str) -> str:
    return f"CAST({time} AS DateTime64(3, 'UTC'))"


def _number(value: str) -> str:
    """The text of a bound or quantile, as label values have it."""
    return f"multiIf({value} = inf, '+Inf', {value} = -inf, '-Inf', toString({value}))"


_COLUMNS = """Project, KeyId, ReceivedAt, Segment, SegmentRow, Writer, Timestamp, StartTimestamp, MetricName,
    MetricType, Unit, IsMonotonic, Temporality, Flags, ServiceName, Environment, ResourceAttributes, ScopeName,
    ScopeVersion, ScopeSchemaUrl, ScopeAttributes, Attributes, Value, Count, Sum, HasSum, BucketCounts,
    ExplicitBounds, `Quantiles.Quantile`, `Quantiles.Value`, Scale, ZeroCount, ZeroThreshold, PositiveOffset,
    PositiveBucketCounts, NegativeOffset, NegativeBucketCounts, `Exemplars.Timestamp`, `Exemplars.Value`,
    `Exemplars.TraceId`, `Exemplars.SpanId`, `Exemplars.Attributes`"""
_KEPT = f"SELECT {_COLUMNS} FROM {{source}} WHERE SetAside = ''"
_NAMES = names.ladder(name="MetricName", unit="Unit", kind="MetricType", monotonic="IsMonotonic")
_TOLD: Ladder = (
    {
        "at": _milliseconds("Timestamp"),
        "start": _milliseconds("StartTimestamp"),
        "stale": "bitAnd(Flags, 1) = 1",
        "stale_value": STALE,
        "delta": "Temporality = 'delta'",
        "mark_name": "if(MetricType = 'summary', 'quantile', 'le')",
        "bounds": "arraySlice(ExplicitBounds, 1, length(BucketCounts))",
        "sent_exemplars": f"""arrayMap((t, v, trace, span, a) -> (if(toUnixTimestamp64Nano(t) = 0,
            {_milliseconds("Timestamp")}, {_milliseconds("t")}), v, trace, span,
            CAST({_EXEMPLAR_LABELS} AS Map(String, String))),
            `Exemplars.Timestamp`, `Exemplars.Value`, `Exemplars.TraceId`, `Exemplars.SpanId`,
            `Exemplars.Attributes`)""",
    },
    {"exemplars": f"if({_HAS_EXEMPLARS}, sent_exemplars, [])"},
)

# The parts of a point: a number is one; a histogram has one a bucket, a summary one a quantile, both sum and count.
# Each is a suffix, the text of its own label, a value, and between which values the exemplars lie that go with it.
_NO_EXEMPLARS = "inf, -inf"
_SUM = f"('_sum', '', Sum, {_NO_EXEMPLARS})"
_COUNT = f"('_count', '', toFloat64(Count), {_NO_EXEMPLARS})"
_PARTS = f"""multiIf(MetricType = 'histogram',
        arrayConcat(
            arrayMap((b, c, before) -> ('_bucket', {_number("b")}, toFloat64(c), before, b), bounds,
                arraySlice(arrayCumSum(BucketCounts), 1, length(bounds)), arrayShiftRight(bounds, 1, -inf)),
            [('_bucket', '+Inf', toFloat64(Count), if(empty(bounds), -inf, bounds[length(bounds)]), inf)],
            if(HasSum, [{_SUM}], []), [{_COUNT}]),
    MetricType = 'summary',
        arrayConcat(
            arrayMap((q, v) -> ('', {_number("q")}, v, {_NO_EXEMPLARS}), `Quantiles.Quantile`, `Quantiles.Value`),
            [{_SUM}, {_COUNT}]),
    [('', '', Value, -inf, inf)])"""

_POINTS = climbed(_KEPT, _TOLD, _NAMES, labels.of_points(), *SIDES)
_SERIES = f"""
SELECT Project, KeyId, ReceivedAt, name AS MetricName, label_map AS Labels,
    reinterpretAsUInt128(sipHash128(name, mapKeys(label_map), mapValues(label_map))) AS SeriesId, delta AS IsDelta,
    if(is_native, [], [at]) AS Times, if(is_native, [], [start]) AS StartTimes,
    if(is_native, [], [if(stale, stale_value, part.3)]) AS `Values`, CAST(native AS {HISTOGRAMS}) AS Histograms,
    CAST(arrayFilter(e -> e.2 > part.4 AND e.2 <= part.5, exemplars) AS {EXEMPLARS}) AS Exemplars,
    '' AS Type, '' AS Unit, '' AS Help, CAST([] AS Array(LowCardinality(String))) AS Adjustments, '' AS SetAside,
    Segment, SegmentRow, Writer, {NO_LEAKS} AS Leaks
FROM (
    SELECT *, concat(family, part.1) AS name, notEmpty(native) AS is_native,
        CAST(mapFromArrays(if(part.2 = '', names, marked_names), if(part.2 = '', texts,
            arrayConcat(arraySlice(texts, 1, place), [part.2], arraySlice(texts, place + 1))))
            AS Map(String, String)) AS label_map
    FROM (
        SELECT Project, KeyId, ReceivedAt, Segment, SegmentRow, Writer, family, names, texts, at, start, stale,
            stale_value, delta, exemplars, arrayCount(n -> n < mark_name, names) AS place, {NATIVE} AS native,
            arrayConcat(arraySlice(names, 1, place), [mark_name], arraySlice(names, place + 1)) AS marked_names,
            arrayJoin({_PARTS}) AS part
        FROM ({_POINTS})
    )
)"""

_RESOURCES = f"""
SELECT Project, KeyId, ServiceName, Environment, ResourceAttributes, max(ReceivedAt) AS received,
    {_milliseconds("max(Timestamp)")} AS at, any(Segment) AS segment, any(Writer) AS writer
FROM {{source}} WHERE SetAside = '' GROUP BY Project, KeyId, ServiceName, Environment, ResourceAttributes"""
_INFO = f"""
SELECT Project, KeyId, received AS ReceivedAt, 'target_info' AS MetricName, label_map AS Labels,
    reinterpretAsUInt128(sipHash128('target_info', mapKeys(label_map), mapValues(label_map))) AS SeriesId,
    false AS IsDelta, [at] AS Times, CAST([] AS Array(DateTime64(3, 'UTC'))) AS StartTimes, [toFloat64(1)] AS `Values`,
    CAST([] AS {HISTOGRAMS}) AS Histograms, CAST([] AS {EXEMPLARS}) AS Exemplars,
    'info' AS Type, '' AS Unit, 'What is known of a resource' AS Help,
    CAST([] AS Array(LowCardinality(String))) AS Adjustments, '' AS SetAside,
    segment AS Segment, toUInt32(0) AS SegmentRow, writer AS Writer,
    {NO_LEAKS} AS Leaks
FROM (
    SELECT *, CAST(mapFromArrays(names, texts) AS Map(String, String)) AS label_map
    FROM ({climbed(_RESOURCES, labels.of_resources())})
    WHERE notEmpty(arrayFilter(n -> NOT n IN {labels.OF_EVERY_SERIES}, names))
)"""

_SENT = """
SELECT Project, MetricName AS sent, MetricType AS type, IsMonotonic AS monotonic, Unit AS sent_unit,
    PrometheusType AS hint, Description AS help, max(ReceivedAt) AS seen
FROM {source} WHERE SetAside = '' GROUP BY Project, sent, type, monotonic, sent_unit, hint, help"""
_METRICS = climbed(_SENT, names.ladder(name="sent", unit="sent_unit", kind="type", monotonic="monotonic"))
_DESCRIPTIONS = f"""
SELECT Project, family AS MetricName,
    CAST(multiIf({names.is_counter("type", "monotonic")}, 'counter', type IN ('histogram', 'exponential_histogram'),
        'histogram', type = 'summary', 'summary', hint IN ('unknown', 'info', 'stateset'), toString(hint), 'gauge')
        AS Enum8('unknown' = 0, 'counter' = 1, 'gauge' = 2, 'histogram' = 3, 'gaugehistogram' = 4, 'summary' = 5,
            'info' = 6, 'stateset' = 7)) AS Type,
    unit_word AS Unit, toString(help) AS Help, seen AS LastSeen
FROM ({_METRICS})"""

_OTHER_NAMES = f"""
SELECT Project, concat(other, ending) AS Alias, concat(family, ending) AS MetricName, seen AS LastSeen
FROM (
    SELECT Project, family, seen,
        arrayJoin(arrayDistinct([toString(sent), plain, if(startsWith(family, plain),
            concat(toString(sent), substring(family, length(plain) + 1)), plain)])) AS other,
        arrayJoin(multiIf(type = 'histogram', ['_bucket', '_sum', '_count'],
            type = 'summary', ['', '_sum', '_count'], [''])) AS ending
    FROM ({_METRICS})
) WHERE other != family"""

TARGETS = (
    again("series_in", _SERIES),
    again("series_in", _INFO, part="resources"),
    again("metric_metadata", _DESCRIPTIONS),
    again("metric_names", _OTHER_NAMES),
)
