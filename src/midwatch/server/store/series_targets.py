"""What `series_in` feeds. One of its rows is a series of a segment with all samples that the segment has of it.

Whether they come through the remote-write door or from OpenTelemetry points, series take this one way. Rows of equal
series and time replace each other, so after an unknown outcome a segment's series are inserted once more; only
`limits_hit` and `set_aside` have to be asked what they have.
"""

from midwatch.server.model.signal import Signal
from midwatch.server.store.staging import SERIES_IN, Staging, again, leaks, limits, set_aside

HISTOGRAMS = """Array(Tuple(
    Timestamp DateTime64(3, 'UTC'), StartTimestamp DateTime64(3, 'UTC'), Count Float64, Sum Float64, Schema Int8,
    ZeroThreshold Float64, ZeroCount Float64,
    PositiveOffsets Array(Int32), PositiveLengths Array(UInt32), PositiveCounts Array(Float64),
    NegativeOffsets Array(Int32), NegativeLengths Array(UInt32), NegativeCounts Array(Float64),
    CustomValues Array(Float64), ResetHint UInt8))"""
EXEMPLARS = """Array(Tuple(
    Timestamp DateTime64(3, 'UTC'), Value Float64, TraceId String, SpanId String, Labels Map(String, String)))"""
"""Types of columns of `series_in`."""
_KEPT = "FROM {source} WHERE SetAside = ''"
_TIMES = "arrayConcat(Times, tupleElement(Histograms, 'Timestamp'))"
_FAMILY_TYPES = "('histogram', 'gaugehistogram', 'summary')"
_ITEMS = "toUInt64(sum(greatest(1, length(Times) + length(Histograms))))"
"""Samples; a row without any is one that only describes."""

_SERIES = again(
    "metric_series",
    f"""SELECT Project, arrayJoin(arrayDistinct(arrayMap(t -> toYYYYMMDD(t), times))) AS Day, MetricName, SeriesId,
            Labels, key AS KeyId, arrayMin(arrayFilter(t -> toYYYYMMDD(t) = Day, times)) AS FirstTime,
            arrayMax(arrayFilter(t -> toYYYYMMDD(t) = Day, times)) AS LastTime
        FROM (SELECT Project, MetricName, SeriesId, Labels, toString(KeyId) AS key, {_TIMES} AS times {_KEPT})""",
)
_SAMPLES = again(
    "metric_samples",
    f"""SELECT Project, MetricName, SeriesId, sample.1 AS Timestamp, sample.2 AS StartTimestamp, IsDelta,
            sample.3 AS Value
        FROM (SELECT Project, MetricName, SeriesId, IsDelta,
            arrayJoin(arrayZip(Times, arrayResize(StartTimes, length(Times)), `Values`)) AS sample {_KEPT})""",
)
_HISTOGRAMS = again(
    "metric_histograms",
    f"""SELECT Project, MetricName, SeriesId, h.Timestamp AS Timestamp, h.StartTimestamp AS StartTimestamp, IsDelta,
            h.Count AS Count, h.Sum AS Sum, h.Schema AS Schema, h.ZeroThreshold AS ZeroThreshold,
            h.ZeroCount AS ZeroCount, h.PositiveOffsets AS `PositiveSpans.Offset`,
            h.PositiveLengths AS `PositiveSpans.Length`,
            h.PositiveCounts AS PositiveCounts, h.NegativeOffsets AS `NegativeSpans.Offset`,
            h.NegativeLengths AS `NegativeSpans.Length`, h.NegativeCounts AS NegativeCounts,
            h.CustomValues AS CustomValues,
            CAST(toInt8(h.ResetHint) AS Enum8('unknown' = 0, 'yes' = 1, 'no' = 2, 'gauge' = 3)) AS ResetHint
        FROM (SELECT Project, MetricName, SeriesId, IsDelta, arrayJoin(Histograms) AS h {_KEPT})""",
)
_EXEMPLARS = again(
    "metric_exemplars",
    f"""SELECT Project, MetricName, SeriesId, e.Timestamp AS Timestamp, e.Value AS Value, e.TraceId AS TraceId,
            e.SpanId AS SpanId, CAST(e.Labels AS Map(LowCardinality(String), String)) AS Labels
        FROM (SELECT Project, MetricName, SeriesId, arrayJoin(Exemplars) AS e {_KEPT})""",
)
# A histogram or summary is described under its own name, which its series carry with a suffix; a row without
# samples describes the name that it has.
_METADATA = again(
    "metric_metadata",
    f"""SELECT Project, name AS MetricName, CAST(kind AS Enum8('unknown' = 0, 'counter' = 1, 'gauge' = 2,
                'histogram' = 3, 'gaugehistogram' = 4, 'summary' = 5, 'info' = 6, 'stateset' = 7)) AS Type,
            Unit, Help, seen AS LastSeen
        FROM (SELECT Project, if(Type IN {_FAMILY_TYPES} AND notEmpty(Times),
                    replaceRegexpOne(MetricName, '_(bucket|count|sum|gcount|gsum)$', ''), MetricName) AS name,
                Type AS kind, Unit, Help, max(ReceivedAt) AS seen
            {_KEPT} AND Type != '' GROUP BY Project, name, kind, Unit, Help)""",
)

SERIES = Staging(
    SERIES_IN,
    Signal.METRICS,
    (
        _SERIES,
        _SAMPLES,
        _HISTOGRAMS,
        _EXEMPLARS,
        _METADATA,
        limits(Signal.METRICS, items=_ITEMS, of_series=True),
        leaks(Signal.METRICS, service="Labels['job']"),
        set_aside(
            Signal.METRICS,
            "toJSONString(map('name', MetricName, 'labels', toJSONString(Labels), 'times', toJSONString(Times),"
            " 'values', toJSONString(arrayMap(v -> toString(v), `Values`)),"
            " 'histograms', toJSONString(Histograms), 'exemplars', toJSONString(Exemplars)))",
            time=f"CAST(arrayElement({_TIMES}, 1) AS DateTime64(9, 'UTC'))",
            service="toLowCardinality(Labels['job'])",
            of_series=True,
        ),
    ),
)
