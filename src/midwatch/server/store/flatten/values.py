"""OTLP's AnyValue and KeyValue (opentelemetry-proto 1.x `common.proto`), in schema, structure and SQL.

AnyValue is recursive; ClickHouse's columns are not. One level of arrays and maps is decoded, which is what instrumentation
sends; what is nested deeper stays bytes on the wire and is shown as null in the JSON text.
"""

ATTRIBUTES_MAX = 256
"""Attributes an item keeps; the rest is dropped and counted."""
ATTRIBUTE_BYTES_MAX = 32 * 1024
BODY_BYTES_MAX = 256 * 1024
NAME_BYTES_MAX = 1024

PROTOBUF = """
message Leaf { oneof value { string string_value=1; bool bool_value=2; int64 int_value=3; double double_value=4;
  bytes array_value=5; bytes kvlist_value=6; bytes bytes_value=7; } }
message LeafKeyValue { string key=1; Leaf value=2; }
message Leaves { repeated Leaf values=1; }
message LeafMap { repeated LeafKeyValue values=1; }
message AnyValue { oneof value { string string_value=1; bool bool_value=2; int64 int_value=3; double double_value=4;
  Leaves array_value=5; LeafMap kvlist_value=6; bytes bytes_value=7; } }
message KeyValue { string key=1; AnyValue value=2; }
message Resource { repeated KeyValue attributes=1; }
message Scope { string name=1; string version=2; }
"""

_PRESENCE = (
    "Enum8('none' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5,"
    " 'kvlist_value' = 6, 'bytes_value' = 7)"
)
_SCALARS = f"value {_PRESENCE}, string_value String, bool_value Bool, int_value Int64, double_value Float64"
LEAF = f"Tuple({_SCALARS}, bytes_value String)"
LEAF_KEY_VALUES = f"Array(Tuple(key String, value {LEAF}))"
ANY_VALUE = (
    f"Tuple({_SCALARS}, array_value Tuple(values Array({LEAF})), kvlist_value Tuple(values {LEAF_KEY_VALUES}),"
    " bytes_value String)"
)
KEY_VALUES = f"Array(Tuple(key String, value {ANY_VALUE}))"
RESOURCE = f"resource Tuple(attributes {KEY_VALUES})"
SCOPE = "scope Tuple(name String, version String)"

SPAN_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
STATUS_CODES = ("unset", "ok", "error")
LEVELS = ("unknown", "trace", "debug", "info", "warn", "error", "fatal")
METRIC_TYPES = ("unknown", "gauge", "sum", "histogram", "exponential_histogram", "summary")
TEMPORALITIES = ("unspecified", "delta", "cumulative")

TIME_NS_MAX = 9_223_372_036_000_000_000
"""OTLP's times are unsigned; DateTime64(9) ends in 2262."""


def json_text(value: str) -> str:
    """JSON text of a leaf tuple."""
    return (
        f"multiIf({value}.value = 'string_value', toJSONString({value}.string_value),"
        f" {value}.value = 'bool_value', if({value}.bool_value, 'true', 'false'),"
        f" {value}.value = 'int_value', toString({value}.int_value),"
        f" {value}.value = 'double_value', if(isFinite({value}.double_value), toString({value}.double_value), 'null'),"
        f" {value}.value = 'bytes_value', toJSONString(base64Encode({value}.bytes_value)), 'null')"
    )


def _array_text(leaves: str) -> str:
    return f"concat('[', arrayStringConcat(arrayMap(e -> {json_text('e')}, {leaves}), ','), ']')"


def _map_text(pairs: str) -> str:
    return (
        "concat('{', arrayStringConcat(arrayMap("
        f"e -> concat(toJSONString(e.key), ':', if(match(e.key, {{deny:String}}), '\"[removed]\"',"
        f" {json_text('e.value')})), {pairs}), ','), '}}')"
    )


def _text(kind: str, string: str, integer: str, boolean: str, double: str, array: str, pairs: str, raw: str) -> str:
    return (
        f"multiIf({kind} = 'string_value', {string}, {kind} = 'int_value', toString({integer}),"
        f" {kind} = 'bool_value', if({boolean}, 'true', 'false'), {kind} = 'double_value', toString({double}),"
        f" {kind} = 'array_value', {_array_text(array)}, {kind} = 'kvlist_value', {_map_text(pairs)},"
        f" {kind} = 'bytes_value', base64Encode({raw}), '')"
    )


def value_text(value: str) -> str:
    """Text of one AnyValue tuple."""
    return _text(
        f"{value}.value",
        f"{value}.string_value",
        f"{value}.int_value",
        f"{value}.bool_value",
        f"{value}.double_value",
        f"{value}.array_value.`values`",
        f"{value}.kvlist_value.`values`",
        f"{value}.bytes_value",
    )


def keys(attributes: str) -> str:
    """Keys of an attribute list as a low-cardinality array: what is asked per key is asked once per distinct key."""
    return (
        f"CAST(arrayMap(k -> {cut('k')}, arraySlice({attributes}.key, 1, {ATTRIBUTES_MAX}))"
        " AS Array(LowCardinality(String)))"
    )


def texts(attributes: str, key_names: str) -> str:
    """Values of an attribute list as text, private ones removed. `key_names` is the array of `keys`.

    Sub-columns are zipped rather than the tuples mapped: three times as fast.
    """
    value = f"{attributes}.value"
    columns = (
        f"{value}.value",
        f"{value}.string_value",
        f"{value}.int_value",
        f"{value}.bool_value",
        f"{value}.double_value",
        f"{value}.array_value.`values`",
        f"{value}.kvlist_value.`values`",
        f"{value}.bytes_value",
    )
    sliced = ", ".join(f"arraySlice({column}, 1, {ATTRIBUTES_MAX})" for column in columns)
    text = _text("t", "s", "i", "b", "d", "a", "m", "y")
    return f"arrayMap((k, t, s, i, b, d, a, m, y) -> {guarded('k', text)}, {key_names}, {sliced})"


def leaf_maps(lists: str) -> str:
    """Attribute lists of events or links (an array of arrays) as an array of maps; nested values are left out."""
    text = (
        "multiIf(e.value.value = 'string_value', e.value.string_value, e.value.value = 'int_value',"
        " toString(e.value.int_value), e.value.value = 'bool_value', if(e.value.bool_value, 'true', 'false'),"
        " e.value.value = 'double_value', toString(e.value.double_value), '')"
    )
    return (
        f"arrayMap(l -> CAST(arrayMap(e -> (e.key, {guarded('e.key', text)}), arraySlice(l, 1, {ATTRIBUTES_MAX}))"
        f" AS Map(LowCardinality(String), String)), {lists})"
    )


def guarded(key: str, text: str) -> str:
    """The value, unless its key is on the privacy denylist (parameter `{deny:String}`, a regular expression)."""
    return f"if(match({key}, {{deny:String}}), '[removed]', toValidUTF8(left({text}, {ATTRIBUTE_BYTES_MAX})))"


def enum(number: str, names: tuple[str, ...]) -> str:
    """A number as the enumeration of the column that it goes to; unknown numbers are 0."""
    members = ", ".join(f"'{name}' = {value}" for value, name in enumerate(names))
    return f"CAST(toInt8(if({number} BETWEEN 0 AND {len(names) - 1}, {number}, 0)) AS Enum8({members}))"


def cut(text: str, size: int = NAME_BYTES_MAX) -> str:
    """The beginning of a text, ending with a whole character."""
    return f"toValidUTF8(left({text}, {size}))"


def types(attributes: str) -> str:
    return f"CAST(arraySlice({attributes}.value.value, 1, {ATTRIBUTES_MAX}) AS Array(UInt8))"


def as_map(key_names: str, value_texts: str) -> str:
    return f"CAST(mapFromArrays({key_names}, {value_texts}) AS Map(LowCardinality(String), String))"


def time(nanos: str) -> str:
    """DateTime64(9) of unsigned nanoseconds, clamped to what can be stored."""
    return f"fromUnixTimestamp64Nano(toInt64(least({nanos}, {TIME_NS_MAX})), 'UTC')"


def attribute_adjustments(attributes: str) -> list[str]:
    """Conditions and their reasons, for `reasons`."""
    return [
        f"(length({attributes}) > {ATTRIBUTES_MAX}, 'attributes_dropped')",
        f"(arrayExists(s -> length(s) > {ATTRIBUTE_BYTES_MAX}, {attributes}.value.string_value), 'attribute_truncated')",
    ]


def reasons(conditions: list[str]) -> str:
    return f"arrayMap(r -> r.2, arrayFilter(r -> r.1, [{', '.join(conditions)}]))"


def set_aside(time_ns: str) -> str:
    """Why an item is not kept where it belongs; empty when it is.

    Measured from when it came and not from now, so that a segment tried again is judged as before. A `keep_ns` of 0 keeps
    any age.
    """
    return (
        "multiIf({keep_ns:Int64} = 0, '',"
        f" {time_ns} < toInt64(received_unix_nano) - {{keep_ns:Int64}}, 'too_old',"
        f" {time_ns} > toInt64(received_unix_nano) + {{ahead_ns:Int64}}, 'too_far_ahead', '')"
    )


def resource_stage(carried: str, source: str) -> str:
    """What every signal reads of its resource `r`, once per resource and not once per item; `carried` goes along.

    Each step is a level of its own: the engine's analyzer resolves an alias anew wherever it is named, so that a heavy
    expression named eight times on one level is planned eight times. Four levels plan in a tenth of the time of one.
    """
    resource_map = as_map("resource_keys", "resource_texts")
    frame = "project, key_id, environment, received_unix_nano"
    types_of = types("r.resource.attributes")
    sent = (
        "resource_texts[indexOf(resource_keys, if(has(resource_keys, 'deployment.environment.name'),"
        " 'deployment.environment.name', 'deployment.environment'))]"
    )
    other = "environment != '' AND sent_environment != '' AND sent_environment != environment"
    return f"""
    SELECT {frame}, {carried},
        if({other}, mapUpdate(resource_map, CAST(map('midwatch.sent.environment', sent_environment)
            AS Map(LowCardinality(String), String))), resource_map) AS ResourceAttributes,
        if({other}, arrayConcat({types_of}, [1]), {types_of}) AS ResourceAttributeTypes,
        if(service_name = '', 'unknown_service', service_name) AS ServiceName,
        if(environment != '', {cut("environment")}, sent_environment) AS Environment
    FROM (
        SELECT {frame}, r, {resource_map} AS resource_map,
            {cut("resource_texts[indexOf(resource_keys, 'service.name')]")} AS service_name,
            {cut(sent)} AS sent_environment
        FROM (
            SELECT {frame}, r, resource_keys, {texts("r.resource.attributes", "resource_keys")} AS resource_texts
            FROM (
                SELECT {frame}, r, {keys("r.resource.attributes")} AS resource_keys FROM ({source})
            )
        )
    )"""


CARRIED = "project, key_id, received_unix_nano, ResourceAttributes, ResourceAttributeTypes, ServiceName, Environment"

COMMON = """toLowCardinality(key_id) AS KeyId,
    CAST(fromUnixTimestamp64Nano(toInt64(received_unix_nano), 'UTC') AS DateTime64(3, 'UTC')) AS ReceivedAt,
    CAST(unhex({segment:String}) AS FixedString(16)) AS Segment, toUInt32(rowNumberInAllBlocks()) AS SegmentRow,
    {writer:String} AS Writer"""

FRAME_COLUMNS = "project UInt32, key_id String, environment String, received_unix_nano UInt64"


def frame_schema(request: str, messages: str) -> str:
    """The schema of a frame (server/model/segments.py) around a request message."""
    return (
        'syntax = "proto3";\n'
        + PROTOBUF
        + messages
        + "message Frame { uint32 project=1; string key_id=2; string environment=3; fixed64 received_unix_nano=4;"
        + f" {request} request=10; }}\n"
    )
