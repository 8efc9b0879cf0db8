"""OTLP's AnyValue and KeyValue (opentelemetry-proto 1.x `common.proto`), in schema, structure and SQL.

AnyValue is recursive; ClickHouse's columns are not. One level of arrays and maps is decoded, which is what instrumentation
sends; what is nested deeper stays bytes on the wire and is shown as null in the JSON text.
"""

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


def text_of(
    *, kind: str, string: str, integer: str, boolean: str, double: str, array: str, pairs: str, raw: str
) -> str:
    """Text of an AnyValue whose parts are named one by one."""
    return (
        f"multiIf({kind} = 'string_value', {string}, {kind} = 'int_value', toString({integer}),"
        f" {kind} = 'bool_value', if({boolean}, 'true', 'false'), {kind} = 'double_value', toString({double}),"
        f" {kind} = 'array_value', {_array_text(array)}, {kind} = 'kvlist_value', {_map_text(pairs)},"
        f" {kind} = 'bytes_value', base64Encode({raw}), '')"
    )


def value_text(value: str) -> str:
    """Text of one AnyValue tuple."""
    return text_of(
        kind=f"{value}.value",
        string=f"{value}.string_value",
        integer=f"{value}.int_value",
        boolean=f"{value}.bool_value",
        double=f"{value}.double_value",
        array=f"{value}.array_value.`values`",
        pairs=f"{value}.kvlist_value.`values`",
        raw=f"{value}.bytes_value",
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


def time(nanos: str) -> str:
    """DateTime64(9) of unsigned nanoseconds, clamped to what can be stored."""
    return f"fromUnixTimestamp64Nano(toInt64(least({nanos}, {TIME_NS_MAX})), 'UTC')"


def reasons(conditions: dict[str, str]) -> str:
    """The array of those reasons whose condition holds."""
    found = ", ".join(f"if({condition}, '{reason}', '')" for reason, condition in conditions.items())
    return f"arrayFilter(r -> r != '', [{found}])"


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
