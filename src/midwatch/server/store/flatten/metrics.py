"""OTLP metrics (opentelemetry-proto 1.x `metrics.proto`) → `metric_points_in`: every point as it was sent."""

from midwatch.server.store.flatten import any_value, attributes, resource, values
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.otlp_series import labels
from midwatch.server.store.otlp_series.exponential import SCHEMA_MIN
from midwatch.server.store.targets import METRIC_POINTS

BUCKETS_MAX = 1024
"""Buckets of a histogram; each of a classic one is a series. An SDK's exponential histogram has 160."""


def _messages(pair: str) -> str:
    return f"""
message Exemplar {{ repeated LeafKeyValue filtered_attributes=7; fixed64 time_unix_nano=2; double as_double=3;
  bytes span_id=4; bytes trace_id=5; sfixed64 as_int=6; }}
message Quantile {{ double quantile=1; double value=2; }}
message Buckets {{ sint32 offset=1; repeated uint64 bucket_counts=2; }}
message NumberPoint {{ repeated {pair} attributes=7; fixed64 start_time_unix_nano=2; fixed64 time_unix_nano=3;
  oneof value {{ double as_double=4; sfixed64 as_int=6; }} repeated Exemplar exemplars=5; uint32 flags=8; }}
message HistogramPoint {{ repeated {pair} attributes=9; fixed64 start_time_unix_nano=2; fixed64 time_unix_nano=3;
  fixed64 count=4; optional double sum=5; repeated fixed64 bucket_counts=6; repeated double explicit_bounds=7;
  repeated Exemplar exemplars=8; uint32 flags=10; double min=11; double max=12; }}
message ExponentialPoint {{ repeated {pair} attributes=1; fixed64 start_time_unix_nano=2; fixed64 time_unix_nano=3;
  fixed64 count=4; optional double sum=5; sint32 scale=6; fixed64 zero_count=7; Buckets positive=8; Buckets negative=9;
  uint32 flags=10; repeated Exemplar exemplars=11; double min=12; double max=13; double zero_threshold=14; }}
message SummaryPoint {{ repeated {pair} attributes=7; fixed64 start_time_unix_nano=2; fixed64 time_unix_nano=3;
  fixed64 count=4; double sum=5; repeated Quantile quantile_values=6; uint32 flags=8; }}
message Gauge {{ repeated NumberPoint data_points=1; }}
message Sum {{ repeated NumberPoint data_points=1; int32 aggregation_temporality=2; bool is_monotonic=3; }}
message Histogram {{ repeated HistogramPoint data_points=1; int32 aggregation_temporality=2; }}
message Exponential {{ repeated ExponentialPoint data_points=1; int32 aggregation_temporality=2; }}
message Summary {{ repeated SummaryPoint data_points=1; }}
message Metric {{ string name=1; string description=2; string unit=3; repeated LeafKeyValue metadata=12; Gauge gauge=5;
  Sum sum=7; Histogram histogram=9;
  Exponential exponential_histogram=10; Summary summary=11; }}
message MetricScope {{ string name=1; string version=2; repeated LeafKeyValue attributes=3; }}
message ScopeMetrics {{ MetricScope scope=1; repeated Metric metrics=2; string schema_url=3; }}
message ResourceMetrics {{ Resource resource=1; repeated ScopeMetrics scope_metrics=2; }}
message Request {{ repeated ResourceMetrics resource_metrics=1; }}
"""


_TIMES = "start_time_unix_nano UInt64, time_unix_nano UInt64"
_EXEMPLAR = (
    f"Tuple(filtered_attributes {any_value.pairs(0)}, time_unix_nano UInt64, as_double Float64, span_id String,"
    " trace_id String, as_int Int64)"
)
_EXEMPLARS = f"exemplars Array({_EXEMPLAR})"
_BUCKETS = "Tuple(offset Int32, bucket_counts Array(UInt64))"


def _structure(pairs: str) -> str:
    number = (
        f"Tuple(attributes {pairs}, {_TIMES}, value Enum8('none' = 0, 'as_double' = 4, 'as_int' = 6),"
        f" as_double Float64, as_int Int64, {_EXEMPLARS}, flags UInt32)"
    )
    histogram = (
        f"Tuple(attributes {pairs}, {_TIMES}, count UInt64, sum Nullable(Float64), bucket_counts Array(UInt64),"
        f" explicit_bounds Array(Float64), {_EXEMPLARS}, flags UInt32, min Float64, max Float64)"
    )
    exponential = (
        f"Tuple(attributes {pairs}, {_TIMES}, count UInt64, sum Nullable(Float64), scale Int32, zero_count UInt64,"
        f" positive {_BUCKETS}, negative {_BUCKETS}, flags UInt32, {_EXEMPLARS}, min Float64, max Float64,"
        " zero_threshold Float64)"
    )
    summary = (
        f"Tuple(attributes {pairs}, {_TIMES}, count UInt64, sum Float64,"
        " quantile_values Array(Tuple(quantile Float64, value Float64)), flags UInt32)"
    )
    metric = (
        f"Tuple(name String, description String, unit String, metadata {any_value.pairs(0)},"
        f" gauge Tuple(data_points Array({number})),"
        f" sum Tuple(data_points Array({number}), aggregation_temporality Int32, is_monotonic Bool),"
        f" histogram Tuple(data_points Array({histogram}), aggregation_temporality Int32),"
        f" exponential_histogram Tuple(data_points Array({exponential}), aggregation_temporality Int32),"
        f" summary Tuple(data_points Array({summary})))"
    )
    scope = f"scope Tuple(name String, version String, attributes {any_value.pairs(0)})"
    return (
        f"{values.FRAME_COLUMNS}, request Tuple(resource_metrics Array(Tuple({any_value.RESOURCE},"
        f" scope_metrics Array(Tuple({scope}, metrics Array({metric}), schema_url String)))))"
    )


_NO_EXEMPLARS = f"CAST([] AS Array({_EXEMPLAR}))"
_NO_QUANTILES = "CAST([] AS Array(Tuple(quantile Float64, value Float64)))"
_NO_BUCKETS = f"CAST((0, []) AS {_BUCKETS})"
_NO_COUNTS = "CAST([] AS Array(UInt64))"
_NO_BOUNDS = "CAST([] AS Array(Float64))"

_POINT = (
    "type",
    "attributes",
    "start_ns",
    "time_ns",
    "number",
    "integer",
    "is_int",
    "temporality",
    "monotonic",
    "n",
    "total",
    "has_total",
    "least_value",
    "greatest_value",
    "counts",
    "bounds",
    "scale",
    "zeros",
    "zero_threshold",
    "positive",
    "negative",
    "quantiles",
    "exemplars",
    "flags",
)
"""One shape for points of all types, in this order."""


def _points(path: str, fields: dict[str, str]) -> str:
    """Points of one type in the common shape; what a type does not have is zero or empty."""
    defaults = {
        "attributes": "p.attributes",
        "start_ns": "p.start_time_unix_nano",
        "time_ns": "p.time_unix_nano",
        "number": "toFloat64(0)",
        "integer": "toInt64(0)",
        "is_int": "false",
        "temporality": "toInt32(0)",
        "monotonic": "false",
        "n": "toUInt64(0)",
        "total": "toFloat64(0)",
        "has_total": "true",
        "least_value": "toFloat64(0)",
        "greatest_value": "toFloat64(0)",
        "counts": _NO_COUNTS,
        "bounds": _NO_BOUNDS,
        "scale": "toInt32(0)",
        "zeros": "toUInt64(0)",
        "zero_threshold": "toFloat64(0)",
        "positive": _NO_BUCKETS,
        "negative": _NO_BUCKETS,
        "quantiles": _NO_QUANTILES,
        "exemplars": _NO_EXEMPLARS,
        "flags": "p.flags",
    }
    values_of = {**defaults, **fields}
    return f"arrayMap(p -> ({', '.join(values_of[name] for name in _POINT)}), {path}.data_points)"


_NUMBERS = {"number": "if(p.value = 'as_int', toFloat64(p.as_int), p.as_double)", "integer": "p.as_int"}
_NUMBERS |= {"is_int": "p.value = 'as_int'", "exemplars": "p.exemplars"}
_COUNTS = {"n": "p.count", "total": "ifNull(p.sum, 0)", "has_total": "isNotNull(p.sum)"}
_ALL_POINTS = ", ".join(
    [
        _points("m.gauge", {"type": "toInt8(1)", **_NUMBERS}),
        _points(
            "m.sum",
            {
                "type": "toInt8(2)",
                **_NUMBERS,
                "temporality": "m.sum.aggregation_temporality",
                "monotonic": "m.sum.is_monotonic",
            },
        ),
        _points(
            "m.histogram",
            {
                "type": "toInt8(3)",
                **_COUNTS,
                "temporality": "m.histogram.aggregation_temporality",
                "least_value": "p.min",
                "greatest_value": "p.max",
                "counts": "p.bucket_counts",
                "bounds": "p.explicit_bounds",
                "exemplars": "p.exemplars",
            },
        ),
        _points(
            "m.exponential_histogram",
            {
                "type": "toInt8(4)",
                **_COUNTS,
                "temporality": "m.exponential_histogram.aggregation_temporality",
                "least_value": "p.min",
                "greatest_value": "p.max",
                "scale": "p.scale",
                "zeros": "p.zero_count",
                "zero_threshold": "p.zero_threshold",
                "positive": "p.positive",
                "negative": "p.negative",
                "exemplars": "p.exemplars",
            },
        ),
        _points("m.summary", {"type": "toInt8(5)", "n": "p.count", "total": "p.sum", "quantiles": "p.quantile_values"}),
    ]
)


def _field(name: str) -> str:
    return f"tupleElement(pt, {_POINT.index(name) + 1})"


def _adjustments(*, plain: bool) -> str:
    return values.reasons(
        {
            **attributes.adjustments(
                "sent",
                leaves=(f"{_field('exemplars')}.filtered_attributes",),
                names=(
                    values.longer("metric_name"),
                    values.longer("description", values.DESCRIPTION_BYTES_MAX),
                    values.longer("unit", values.UNIT_BYTES_MAX),
                ),
                plain=plain,
            ),
            "label_truncated": f"{labels.too_long('attribute_texts')}"
            f" OR length({labels.INSTANCE}) > {labels.LABEL_VALUE_BYTES_MAX}",
            "time_missing": f"{_field('time_ns')} = 0",
            "time_clamped": f"{_field('time_ns')} > {values.TIME_NS_MAX}",
        }
    )


_BOUNDS, _NUMBERS_SENT = _field("bounds"), _field("counts")
_SET_ASIDE = f"""multiIf(metric_name = '', 'metric_name_missing',
        length(attribute_keys) > {labels.LABELS_MAX}, 'too_many_labels',
        length({_NUMBERS_SENT}) + length({_field("positive")}.bucket_counts) + length({_field("negative")}.bucket_counts)
            > {BUCKETS_MAX}, 'too_many_buckets',
        NOT (length({_NUMBERS_SENT}) IN (0, length({_BOUNDS}) + 1))
            OR arrayExists((b, next) -> NOT (b < next), arrayPopBack({_BOUNDS}), arrayPopFront({_BOUNDS})),
            'histogram_bounds_invalid',
        {_field("scale")} < {SCHEMA_MIN}, 'histogram_scale_unsupported',
        {values.set_aside("toInt64(least(time_ns, 9223372036000000000))")})"""
"""What cannot be a series is told, and not half kept: it is found among what was set aside."""
_SCOPE_COLUMNS = "ScopeName, ScopeVersion, ScopeAttributes, ScopeSchemaUrl"
_HINT = "arrayFirst(e -> e.key = 'prometheus.type', m.metadata).value.string_value"
"""What a metric that came from Prometheus was there."""
_DATA_POINTS = f"""
SELECT *, {_field("attributes")} AS sent
FROM (
    SELECT {resource.COLUMNS}, {_SCOPE_COLUMNS}, {_HINT} AS hint, m.name AS metric_name, m.description AS description, m.unit AS unit,
        arrayJoin(arrayConcat({_ALL_POINTS})) AS pt
    FROM (
        SELECT {resource.COLUMNS}, {values.cut("sm.scope.name")} AS ScopeName, {values.cut("sm.scope.version")} AS ScopeVersion,
            {attributes.leaf_maps("[sm.scope.attributes]")}[1] AS ScopeAttributes,
            {values.cut("sm.schema_url")} AS ScopeSchemaUrl, arrayJoin(sm.metrics) AS m
        FROM ({resource.stage("resource_metrics", "arrayJoin(r.scope_metrics) AS sm")})
    )
)"""


def _select(*, plain: bool) -> str:
    staged = (attributes.plain_stage if plain else attributes.stage)("sent", _DATA_POINTS)
    return f"""
SELECT project AS Project,
    if({_field("time_ns")} = 0, received_unix_nano, {_field("time_ns")}) AS time_ns,
    {values.time("time_ns")} AS Timestamp, {values.time(_field("start_ns"))} AS StartTimestamp,
    {values.cut("metric_name")} AS MetricName, {values.enum(_field("type"), values.METRIC_TYPES)} AS MetricType,
    {values.cut("description", values.DESCRIPTION_BYTES_MAX)} AS Description, {values.cut("unit", values.UNIT_BYTES_MAX)} AS Unit,
    ServiceName, Environment, ResourceAttributes, ResourceAttributeTypes, ScopeName, ScopeVersion,
    {attributes.MAP} AS Attributes, {attributes.types("sent")} AS AttributeTypes,
    {_field("number")} AS Value, {_field("integer")} AS ValueInt, {_field("is_int")} AS IsInt,
    {values.enum(_field("temporality"), values.TEMPORALITIES)} AS Temporality, {_field("monotonic")} AS IsMonotonic, {_field("n")} AS Count,
    {_field("total")} AS Sum, {_field("least_value")} AS Min, {_field("greatest_value")} AS Max,
    {_field("counts")} AS BucketCounts, {_field("bounds")} AS ExplicitBounds, {_field("scale")} AS Scale,
    {_field("zeros")} AS ZeroCount, {_field("zero_threshold")} AS ZeroThreshold,
    {_field("positive")}.offset AS PositiveOffset, {_field("positive")}.bucket_counts AS PositiveBucketCounts,
    {_field("negative")}.offset AS NegativeOffset, {_field("negative")}.bucket_counts AS NegativeBucketCounts,
    {_field("quantiles")}.quantile AS `Quantiles.Quantile`, {_field("quantiles")}.value AS `Quantiles.Value`,
    arrayMap(t -> {values.time("t")}, {_field("exemplars")}.time_unix_nano) AS `Exemplars.Timestamp`,
    arrayMap((d, i) -> if(i != 0, toFloat64(i), d), {_field("exemplars")}.as_double, {_field("exemplars")}.as_int)
        AS `Exemplars.Value`,
    arrayMap(i -> lower(hex(i)), {_field("exemplars")}.trace_id) AS `Exemplars.TraceId`,
    arrayMap(i -> lower(hex(i)), {_field("exemplars")}.span_id) AS `Exemplars.SpanId`,
    {_field("flags")} AS Flags, {_field("has_total")} AS HasSum, {values.cut("hint", values.UNIT_BYTES_MAX)} AS PrometheusType,
    ScopeAttributes, ScopeSchemaUrl,
    {attributes.leaf_maps(_field("exemplars") + ".filtered_attributes")} AS `Exemplars.Attributes`,
    CAST({_adjustments(plain=plain)} AS Array(LowCardinality(String))) AS Adjustments,
    {_SET_ASIDE} AS SetAside,
    resource_text AS ResourceText,
    {values.COMMON}
FROM ({staged})"""


COLUMNS = (
    *("Project", "Timestamp", "StartTimestamp", "MetricName", "MetricType", "Description", "Unit", "ServiceName"),
    *("Environment", "ResourceAttributes", "ResourceAttributeTypes", "ScopeName", "ScopeVersion", "Attributes"),
    *("AttributeTypes", "Value", "ValueInt", "IsInt", "Temporality", "IsMonotonic", "Count", "Sum", "Min", "Max"),
    *("BucketCounts", "ExplicitBounds", "Scale", "ZeroCount", "ZeroThreshold", "PositiveOffset"),
    *("PositiveBucketCounts", "NegativeOffset", "NegativeBucketCounts", "Quantiles.Quantile", "Quantiles.Value"),
    *("Exemplars.Timestamp", "Exemplars.Value", "Exemplars.TraceId", "Exemplars.SpanId", "Flags", "KeyId"),
    *("ReceivedAt", "Adjustments", "Segment", "SegmentRow", "HasSum", "PrometheusType", "ScopeAttributes"),
    *("ScopeSchemaUrl", "Exemplars.Attributes", "SetAside", "Writer"),
)

PLAIN = Flattening(
    schema=values.frame_schema("Request", _messages(any_value.PLAIN_PAIR)),
    structure=_structure(any_value.plain_pairs()),
    select=_select(plain=True),
    columns=COLUMNS,
    has_resource_text=True,
    staging=METRIC_POINTS,
)
FLATTENING = Flattening(
    schema=values.frame_schema("Request", _messages(any_value.PAIR)),
    structure=_structure(any_value.pairs()),
    select=_select(plain=False),
    columns=COLUMNS,
    has_resource_text=True,
    staging=METRIC_POINTS,
    plain=PLAIN,
)
