"""Prometheus's remote write → `series_in`: a row a series of the segment, with all samples that the segment has of it.

Samples of a series are brought together before its labels are looked at: sorting, hashing and judging labels costs more
than all else, and a sender that catches up sends the same labels again with every body.
"""

from midwatch.server.store.flatten import attributes, remote_write_plain, values
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.series_targets import EXEMPLARS, HISTOGRAMS, SERIES

TYPES = ("unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset")
"""Of `MetricMetadata`, by number."""
NAME = "__name__"
LABELS_MAX = attributes.ATTRIBUTES_MAX
TIME_MS_MIN, TIME_MS_MAX = -2_208_988_800_000, 9_223_372_036_000
"""What DateTime64 of every precision can hold: 1900 to 2262."""

_MESSAGES = """
message Label { string name=1; string value=2; }
message Sample { double value=1; int64 timestamp=2; int64 start_timestamp=3; }
message Exemplar { repeated Label labels=1; double value=2; int64 timestamp=3; }
message BucketSpan { sint32 offset=1; uint32 length=2; }
message Histogram { uint64 count_int=1; double count_float=2; double sum=3; sint32 schema=4; double zero_threshold=5;
  uint64 zero_count_int=6; double zero_count_float=7; repeated BucketSpan negative_spans=8; repeated sint64 negative_deltas=9;
  repeated double negative_counts=10; repeated BucketSpan positive_spans=11; repeated sint64 positive_deltas=12;
  repeated double positive_counts=13; int32 reset_hint=14; int64 timestamp=15; repeated double custom_values=16;
  int64 start_timestamp=17; }
message TimeSeries { repeated Label labels=1; repeated Sample samples=2; repeated Exemplar exemplars=3;
  repeated Histogram histograms=4; int64 created_timestamp=6; }
message Metadata { int32 type=1; string metric_family_name=2; string help=4; string unit=5; }
message Request { repeated TimeSeries timeseries=1; repeated Metadata metadata=3; }
"""
_LABELS = "Array(Tuple(name String, value String))"
_SPANS = "Array(Tuple(offset Int32, length UInt32))"
_HISTOGRAM = (
    "Tuple(count_int UInt64, count_float Float64, sum Float64, schema Int32, zero_threshold Float64, zero_count_int UInt64,"
    f" zero_count_float Float64, negative_spans {_SPANS}, negative_deltas Array(Int64), negative_counts Array(Float64),"
    f" positive_spans {_SPANS}, positive_deltas Array(Int64), positive_counts Array(Float64), reset_hint Int32,"
    " timestamp Int64, custom_values Array(Float64), start_timestamp Int64)"
)
_STRUCTURE = (
    f"{values.FRAME_COLUMNS}, request Tuple(timeseries Array(Tuple(labels {_LABELS},"
    " samples Array(Tuple(value Float64, timestamp Int64, start_timestamp Int64)),"
    f" exemplars Array(Tuple(labels {_LABELS}, value Float64, timestamp Int64)), histograms Array({_HISTOGRAM}),"
    " created_timestamp Int64)), metadata Array(Tuple(type Int32, metric_family_name String, help String, unit String)))"
)


def _bound(open_end: int, nanoseconds: str) -> str:
    """In milliseconds; kept for ever means any time."""
    return f"toInt64(if({{keep_ns:Int64}} = 0, {open_end}, intDiv({nanoseconds}, 1000000)))"


_OLDEST = _bound(TIME_MS_MIN, "toInt64(received_unix_nano) - {keep_ns:Int64}")
_NEWEST = _bound(TIME_MS_MAX, "toInt64(received_unix_nano) + {ahead_ns:Int64}")


def _times(milliseconds: str) -> str:
    """DateTime64(3) of an array of milliseconds, clamped to what can be stored."""
    return (
        "arrayMap(x -> fromUnixTimestamp64Milli("
        f"least(greatest(x, {TIME_MS_MIN}), {TIME_MS_MAX}), 'UTC'), {milliseconds})"
    )


def _time(milliseconds: str) -> str:
    return f"fromUnixTimestamp64Milli(least(greatest({milliseconds}, {TIME_MS_MIN}), {TIME_MS_MAX}), 'UTC')"


def _counts(side: str) -> str:
    """Absolute counts of the buckets of one side: of deltas where they were sent as integers."""
    return f"arrayConcat(arrayMap(c -> toFloat64(c), arrayCumSum(h.{side}_deltas)), h.{side}_counts)"


_HISTOGRAMS = f"""arrayMap(h -> ({_time("h.timestamp")}, {_time("h.start_timestamp")},
            toFloat64(h.count_int) + h.count_float, h.sum, toInt8(h.schema), h.zero_threshold,
            toFloat64(h.zero_count_int) + h.zero_count_float,
            h.positive_spans.offset, h.positive_spans.length, {_counts("positive")},
            h.negative_spans.offset, h.negative_spans.length, {_counts("negative")},
            h.custom_values, toUInt8(if(h.reset_hint BETWEEN 0 AND 3, h.reset_hint, 0))), histograms)"""
_EXEMPLARS = f"""arrayMap(e -> ({_time("e.timestamp")}, e.value,
            e.labels.value[indexOf(e.labels.name, 'trace_id')], e.labels.value[indexOf(e.labels.name, 'span_id')],
            mapFromArrays(e.labels.name, arrayMap((n, v) -> {values.guarded("n", "v")}, e.labels.name, e.labels.value))),
        exemplars)"""


def _kept(array: str, time: str) -> str:
    """Of an array, what belongs to this row's reason: all of it where nothing is out of time."""
    return (
        f"if(outside, arrayFilter(x -> multiIf({time} < oldest, 'too_old', {time} > newest, 'too_far_ahead', '') = why,"
        f" if(outside, {array}, [])), {array})"
    )


_MESSAGES_OF_SERIES = f"""
    SELECT project, key_id, environment, received_unix_nano, names, texts, why, described, exemplars,
        {_kept("samples", "x.timestamp")} AS kept, {_kept("all_histograms", "x.timestamp")} AS histograms, created
    FROM (
        SELECT *, arrayJoin(if(outside, ['', 'too_old', 'too_far_ahead'], [''])) AS why
        FROM (
            SELECT project, key_id, environment, received_unix_nano, t.labels.name AS names, t.labels.value AS texts,
                t.samples AS samples, t.exemplars AS exemplars, t.histograms AS all_histograms,
                t.created_timestamp AS created, m AS described, {_OLDEST} AS oldest, {_NEWEST} AS newest,
                arrayExists(x -> x < oldest OR x > newest, t.samples.timestamp)
                    OR arrayExists(x -> x < oldest OR x > newest, t.histograms.timestamp) AS outside
            FROM {{source}} ARRAY JOIN request.timeseries AS t, request.metadata AS m
        )
    )"""

_BY_SERIES = f"""
    SELECT project, key_id, environment, names, texts, why, max(received_unix_nano) AS received_unix_nano,
        groupArrayArray(kept.timestamp) AS times, groupArrayArray(kept.value) AS sample_values,
        groupArrayArray(arrayMap(s -> if(s = 0, created, s), kept.start_timestamp)) AS starts,
        groupArrayArray(histograms) AS histograms, groupArrayArray(if(why = '', exemplars, [])) AS exemplars,
        groupUniqArrayIf(described, described.metric_family_name != '' AND why = '') AS descriptions
    FROM ({_MESSAGES_OF_SERIES})
    GROUP BY project, key_id, environment, names, texts, why"""

_SUSPECT = "multiMatchAny(arrayStringConcat(names, '\\n'), [concat('(?m)', {deny:String})])"


def _labelled(source: str) -> str:
    """A row a series with its labels as the store has them: sorted, without the name, without empty ones."""
    return f"""
    SELECT *, tupleElement(labels, 1) AS label_names, tupleElement(labels, 2) AS label_texts
    FROM (
        SELECT *,
            arraySort(arrayFilter(l -> l.1 != '{NAME}' AND l.2 != '', arrayConcat(
                arrayZip(names, if(private, arrayMap((n, v) -> {values.guarded("n", "v")}, names, texts), texts)),
                [('env', if(texts[indexOf(names, 'env')] = '', environment, ''))]))) AS labels
        FROM (
            SELECT *, texts[indexOf(names, '{NAME}')] AS name,
                arrayExists(n -> match(n, {{deny:String}}), if(suspect, names, emptyArrayString())) AS private,
                multiIf(name = '', 'name_missing', arrayUniq(names) != length(names), 'label_twice',
                    length(names) > {LABELS_MAX} OR arrayExists(n -> length(n) > {values.NAME_BYTES_MAX}, names)
                        OR length(name) > {values.NAME_BYTES_MAX}
                        OR arrayExists(v -> length(v) > {values.ATTRIBUTE_BYTES_MAX}, texts), 'label_over_limit', why) AS wrong
            FROM (SELECT *, {_SUSPECT} AS suspect FROM ({source}))
        )
    )"""


_DESCRIBED = "Tuple(type Int32, metric_family_name String, help String, unit String)"
_DESCRIPTION = f"""if(series, '', {values.enum("d.type", TYPES)}) AS Type,
    {values.cut("d.unit", values.UNIT_BYTES_MAX)} AS Unit, {values.cut("d.help", values.DESCRIPTION_BYTES_MAX)} AS Help"""
_NO_LABELS = "CAST(map() AS Map(LowCardinality(String), String))"
_SELECT = f"""
SELECT project AS Project, toLowCardinality(key_id) AS KeyId,
    CAST(fromUnixTimestamp64Nano(toInt64(received_unix_nano), 'UTC') AS DateTime64(3, 'UTC')) AS ReceivedAt,
    if(series, name, {values.cut("d.metric_family_name")}) AS MetricName,
    if(series, CAST(mapFromArrays(label_names, label_texts) AS Map(LowCardinality(String), String)), {_NO_LABELS}) AS Labels,
    reinterpretAsUInt128(sipHash128(name, label_names, label_texts)) AS SeriesId, false AS IsDelta,
    if(series, {_times("times")}, []) AS Times, if(series, {_times("starts")}, []) AS StartTimes,
    if(series, sample_values, []) AS `Values`, CAST(if(series, {_HISTOGRAMS}, []) AS {HISTOGRAMS}) AS Histograms,
    CAST(if(series, {_EXEMPLARS}, []) AS {EXEMPLARS}) AS Exemplars,
    {_DESCRIPTION},
    CAST(if(series AND private, ['label_removed'], []) AS Array(LowCardinality(String))) AS Adjustments,
    toLowCardinality(if(series, wrong, '')) AS SetAside,
    CAST(unhex({{segment:String}}) AS FixedString(16)) AS Segment, toUInt32(rowNumberInAllBlocks()) AS SegmentRow,
    {{writer:String}} AS Writer
FROM (
    SELECT *, arrayJoin(arrayConcat([CAST((0, '', '', '') AS {_DESCRIBED})], descriptions)) AS d, d.metric_family_name = '' AS series
    FROM ({_labelled(_BY_SERIES)})
)
WHERE NOT series OR notEmpty(times) OR notEmpty(histograms) OR notEmpty(exemplars)"""

COLUMNS = (
    *("Project", "KeyId", "ReceivedAt", "MetricName", "Labels", "SeriesId", "IsDelta", "Times", "StartTimes", "Values"),
    *("Histograms", "Exemplars", "Type", "Unit", "Help", "Adjustments", "SetAside", "Segment", "SegmentRow", "Writer"),
)
_PLAIN = Flattening(
    schema=values.frame_schema("Request", remote_write_plain.MESSAGES),
    structure=remote_write_plain.STRUCTURE,
    select=remote_write_plain.select(
        name=NAME, oldest=_OLDEST, newest=_NEWEST, description=_DESCRIPTION, types=_DESCRIBED
    ),
    columns=COLUMNS,
    staging=SERIES,
)
FLATTENING = Flattening(
    schema=values.frame_schema("Request", _MESSAGES),
    structure=_STRUCTURE,
    select=_SELECT,
    columns=COLUMNS,
    staging=SERIES,
    plain=_PLAIN,
)
