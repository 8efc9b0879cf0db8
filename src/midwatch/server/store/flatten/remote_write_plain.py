"""The quick way of `remote_write`, for segments as Prometheus sends them every few seconds: samples, and descriptions.

It makes the same rows and takes half the time. Nothing is carried along that most bodies do not have, and labels are
moved as arrays and never as tuples, since they are sorted already. Of what is not so (native histograms, exemplars, start
times, private or empty labels, samples out of time) it fails before anything is stored.
"""

from midwatch.server.store.flatten import values
from midwatch.server.store.flatten.attributes import ATTRIBUTES_MAX
from midwatch.server.store.flatten.marks import NOT_PLAIN
from midwatch.server.store.series_targets import EXEMPLARS, HISTOGRAMS

MESSAGES = """
message Label { string name=1; string value=2; }
message Sample { double value=1; int64 timestamp=2; int64 start_timestamp=3; }
message TimeSeries { repeated Label labels=1; repeated Sample samples=2; repeated bytes exemplars=3;
  repeated bytes histograms=4; int64 created_timestamp=6; }
message Metadata { int32 type=1; string metric_family_name=2; string help=4; string unit=5; }
message Request { repeated TimeSeries timeseries=1; repeated Metadata metadata=3; }
"""
STRUCTURE = (
    f"{values.FRAME_COLUMNS}, request Tuple(timeseries Array(Tuple(labels Array(Tuple(name String, value String)),"
    " samples Array(Tuple(value Float64, timestamp Int64, start_timestamp Int64)),"
    " exemplars Array(String), histograms Array(String), created_timestamp Int64)),"
    " metadata Array(Tuple(type Int32, metric_family_name String, help String, unit String)))"
)


def select(*, name: str, oldest: str, newest: str, description: str, types: str) -> str:
    """`oldest` and `newest` are the edges of the time kept, in milliseconds; `types` the type of description `d`."""
    series = "request.timeseries"
    odd_body = " OR ".join(
        (
            f"arrayExists(e -> notEmpty(e), {series}.exemplars)",
            f"arrayExists(h -> notEmpty(h), {series}.histograms)",
            f"arrayExists(c -> c != 0, {series}.created_timestamp)",
            f"arrayExists(s -> s != 0, arrayFlatten({series}.samples.start_timestamp))",
            f"arrayMin(arrayFlatten({series}.samples.timestamp)) < {oldest}",
            f"arrayMax(arrayFlatten({series}.samples.timestamp)) > {newest}",
        )
    )
    bodies = f"""
        SELECT project, key_id, environment, received_unix_nano, request
        FROM {{source}} WHERE throwIf(notEmpty({series}.samples.timestamp) AND ({odd_body}), '{NOT_PLAIN}') = 0"""
    by_series = f"""
        SELECT project, key_id, environment, names, texts, max(received_unix_nano) AS received_unix_nano,
            groupArrayArray(times) AS times, groupArrayArray(sample_values) AS sample_values,
            groupUniqArrayIf(described, described.metric_family_name != '') AS descriptions
        FROM ({bodies})
        ARRAY JOIN {series}.labels.name AS names, {series}.labels.value AS texts,
            {series}.samples.timestamp AS times, {series}.samples.value AS sample_values, request.metadata AS described
        GROUP BY project, key_id, environment, names, texts"""
    odd_labels = " OR ".join(
        (
            f"names[1] != '{name}'",
            "has(texts, '')",
            # Ascending without an equal: sorted, and none twice.
            "arrayExists((one, next) -> one >= next, arrayPopBack(names), arrayPopFront(names))",
            f"length(names) > {ATTRIBUTES_MAX}",
            f"length(joined) > {values.NAME_BYTES_MAX}",
            f"length(texts[1]) > {values.NAME_BYTES_MAX}",
            f"arrayExists(t -> length(t) > {values.ATTRIBUTE_BYTES_MAX}, texts)",
            "multiMatchAny(toLowCardinality(joined), [concat('(?m)', {deny:String})])",
        )
    )

    def labels(array: str, added: str) -> str:
        """Without the name, and with the key's environment in its place where the series has none."""
        return f"arrayConcat(arraySlice({array}, 2, place), {added}, arraySlice({array}, place + 2))"

    labelled = f"""
        SELECT *, {labels("names", "if(lacks_env, ['env'], emptyArrayString())")} AS label_names,
            {labels("texts", "if(lacks_env, [environment], emptyArrayString())")} AS label_texts
        FROM (
            SELECT *, environment != '' AND NOT has(names, 'env') AS lacks_env,
                arrayCount(n -> n < 'env', arrayPopFront(names)) AS place
            FROM (SELECT *, arrayStringConcat(names, '\\n') AS joined FROM ({by_series}))
            WHERE throwIf(notEmpty(names) AND ({odd_labels}), '{NOT_PLAIN}') = 0
        )"""
    labels_type = "Map(LowCardinality(String), String)"
    return f"""
SELECT project AS Project, toLowCardinality(key_id) AS KeyId,
    CAST(fromUnixTimestamp64Nano(toInt64(received_unix_nano), 'UTC') AS DateTime64(3, 'UTC')) AS ReceivedAt,
    if(series, texts[1], {values.cut("d.metric_family_name")}) AS MetricName,
    CAST(mapFromArrays(CAST(if(series, label_names, emptyArrayString()) AS Array(LowCardinality(String))),
        if(series, label_texts, emptyArrayString())) AS {labels_type}) AS Labels,
    reinterpretAsUInt128(sipHash128(texts[1], label_names, label_texts)) AS SeriesId, false AS IsDelta,
    arrayMap(t -> fromUnixTimestamp64Milli(t, 'UTC'), if(series, times, emptyArrayInt64())) AS Times,
    CAST([] AS Array(DateTime64(3, 'UTC'))) AS StartTimes, if(series, sample_values, emptyArrayFloat64()) AS `Values`,
    CAST([] AS {HISTOGRAMS}) AS Histograms, CAST([] AS {EXEMPLARS}) AS Exemplars,
    {description}, CAST([] AS Array(LowCardinality(String))) AS Adjustments, toLowCardinality('') AS SetAside,
    CAST(unhex({{segment:String}}) AS FixedString(16)) AS Segment, toUInt32(rowNumberInAllBlocks()) AS SegmentRow,
    {{writer:String}} AS Writer
FROM (
    SELECT *, arrayJoin(arrayConcat([CAST((0, '', '', '') AS {types})], descriptions)) AS d, d.metric_family_name = '' AS series
    FROM ({labelled})
)
WHERE NOT series OR notEmpty(times)"""
