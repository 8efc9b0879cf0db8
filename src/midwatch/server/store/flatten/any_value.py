"""OTLP's AnyValue and KeyValue (opentelemetry-proto 1.x `common.proto`), in schema, structure and SQL.

AnyValue is recursive; ClickHouse's columns are not. Arrays and maps are decoded down to `DEPTH` levels; what is nested deeper
stays bytes on the wire, reads `TOO_DEEP` in the JSON text, and is counted.
"""

DEPTH = 1
"""Levels of arrays and maps below a value. A second one makes every span half as dear again: each attribute has all the
columns, empty or not. The door refuses what is nested past all reason (server/ingest/checks.py)."""
TOO_DEEP = "[nested too deep]"

_PRESENCE = (
    "Enum8('none' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5,"
    " 'kvlist_value' = 6, 'bytes_value' = 7)"
)


def _messages(depth: int) -> str:
    """A value, a pair, an array and a map of so many levels; at 0 what is nested stays bytes: the same on the wire."""
    value = "AnyValue" if depth == DEPTH else f"Value{depth}"
    pair = {DEPTH: PAIR, 0: LEAF_PAIR}.get(depth, f"KeyValue{depth}")
    array, entries = (f"Array{depth - 1}", f"Map{depth - 1}") if depth else ("bytes", "bytes")
    return f"""
message {value} {{ oneof value {{ string string_value=1; bool bool_value=2; int64 int_value=3; double double_value=4;
  {array} array_value=5; {entries} kvlist_value=6; bytes bytes_value=7; }} }}
message {pair} {{ string key=1; {value} value=2; }}
message Array{depth} {{ repeated {value} values=1; }}
message Map{depth} {{ repeated {pair} values=1; }}"""


PAIR = "KeyValue"
LEAF, LEAF_PAIR = "Value0", "LeafKeyValue"
PLAIN_PAIR = "PlainPair"
"""Names of messages."""
_PLAIN_PRESENCE = "Enum8('none' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4)"
PROTOBUF = (
    "".join(_messages(depth) for depth in range(DEPTH + 1))
    + f"""
message PlainValue {{ oneof value {{ string string_value=1; bool bool_value=2; int64 int_value=3; double double_value=4; }} }}
message {PLAIN_PAIR} {{ string key=1; PlainValue value=2; }}"""
    + """
message Resource { repeated KeyValue attributes=1; }
message Scope { string name=1; string version=2; }
"""
)


def structure(depth: int = DEPTH) -> str:
    """ClickHouse's type of a value of so many levels."""
    nested = " array_value String, kvlist_value String,"
    if depth:
        inner = structure(depth - 1)
        nested = f" array_value Tuple(values Array({inner})), kvlist_value Tuple(values {pairs(depth - 1)}),"
    return (
        f"Tuple(value {_PRESENCE}, string_value String, bool_value Bool, int_value Int64, double_value Float64,"
        f"{nested} bytes_value String)"
    )


def pairs(depth: int = DEPTH) -> str:
    """ClickHouse's type of an attribute list."""
    return f"Array(Tuple(key String, value {structure(depth)}))"


def plain_pairs() -> str:
    """ClickHouse's type of an attribute list of which only scalars are decoded; every other value reads `none`."""
    return (
        f"Array(Tuple(key String, value Tuple(value {_PLAIN_PRESENCE}, string_value String, bool_value Bool,"
        " int_value Int64, double_value Float64)))"
    )


RESOURCE = f"resource Tuple(attributes {pairs()})"
SCOPE = "scope Tuple(name String, version String)"


def text(value: str) -> str:
    """Text of a value: strings as they are, arrays and maps as JSON, bytes in base64."""
    return text_of(
        kind=f"{value}.value",
        string=f"{value}.string_value",
        integer=f"{value}.int_value",
        boolean=f"{value}.bool_value",
        double=f"{value}.double_value",
        array=f"{value}.array_value.`values`",
        entries=f"{value}.kvlist_value.`values`",
        raw=f"{value}.bytes_value",
    )


def text_of(
    *, kind: str, string: str, integer: str, boolean: str, double: str, array: str, entries: str, raw: str
) -> str:
    """The same of a value whose parts are named one by one."""
    return (
        f"multiIf({kind} = 'string_value', {string}, {kind} = 'int_value', toString({integer}),"
        f" {kind} = 'bool_value', if({boolean}, 'true', 'false'), {kind} = 'double_value', toString({double}),"
        f" {kind} = 'array_value', {_array_json(array, DEPTH - 1)}, {kind} = 'kvlist_value', {_map_json(entries, DEPTH - 1)},"
        f" {kind} = 'bytes_value', base64Encode({raw}), '')"
    )


def leaf_text(value: str) -> str:
    """Text of a value of which arrays and maps are not decoded."""
    return (
        f"multiIf({value}.value = 'string_value', {value}.string_value, {value}.value = 'int_value',"
        f" toString({value}.int_value), {value}.value = 'bool_value', if({value}.bool_value, 'true', 'false'),"
        f" {value}.value = 'double_value', toString({value}.double_value),"
        f" {value}.value = 'bytes_value', base64Encode({value}.bytes_value),"
        f" {value}.value IN ('array_value', 'kvlist_value'), '{TOO_DEEP}', '')"
    )


def _json(value: str, depth: int) -> str:
    nested = f"{value}.value IN ('array_value', 'kvlist_value'), '\"{TOO_DEEP}\"'"
    if depth:
        array, entries = (f"{value}.{member}.`values`" for member in ("array_value", "kvlist_value"))
        nested = (
            f"{value}.value = 'array_value', {_array_json(array, depth - 1)},"
            f" {value}.value = 'kvlist_value', {_map_json(entries, depth - 1)}"
        )
    return (
        f"multiIf({value}.value = 'string_value', toJSONString({value}.string_value),"
        f" {value}.value = 'bool_value', if({value}.bool_value, 'true', 'false'),"
        f" {value}.value = 'int_value', toString({value}.int_value),"
        f" {value}.value = 'double_value', if(isFinite({value}.double_value), toString({value}.double_value), 'null'),"
        f" {value}.value = 'bytes_value', toJSONString(base64Encode({value}.bytes_value)), {nested}, 'null')"
    )


def _array_json(array: str, depth: int) -> str:
    return f"concat('[', arrayStringConcat(arrayMap(v{depth} -> {_json(f'v{depth}', depth)}, {array}), ','), ']')"


def _map_json(entries: str, depth: int) -> str:
    """A map's JSON; private keys lose their values at every level, unless they are surely looked at one by one."""
    key, value = f"e{depth}.key", f"e{depth}.value"
    return (
        f"concat('{{', arrayStringConcat(arrayMap(e{depth} -> concat(toJSONString({key}), ':',"
        f" if(match({key}, {{deny:String}}) AND NOT match(concat({key}, '\":'), {{leafwise:String}}), '\"[removed]\"',"
        f" {_json(value, depth)})), {entries}), ','), '}}')"
    )
