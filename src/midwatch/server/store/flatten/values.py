"""What the flattenings of all signals share: limits, enumerations, times, reasons, and the columns about a segment."""

from midwatch.server.store.flatten import any_value

ATTRIBUTE_BYTES_MAX = 32 * 1024
BODY_BYTES_MAX = 256 * 1024
NAME_BYTES_MAX = 1024
LEVEL_BYTES_MAX = 64
DESCRIPTION_BYTES_MAX = 4096
UNIT_BYTES_MAX = 64
TRACE_STATE_BYTES_MAX = 512
"""As much as W3C Trace Context asks everybody to carry."""

SPAN_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
STATUS_CODES = ("unset", "ok", "error")
LEVELS = ("unknown", "trace", "debug", "info", "warn", "error", "fatal")
METRIC_TYPES = ("unknown", "gauge", "sum", "histogram", "exponential_histogram", "summary")
TEMPORALITIES = ("unspecified", "delta", "cumulative")

TIME_NS_MAX = 9_223_372_036_000_000_000
"""OTLP's times are unsigned; DateTime64(9) ends in 2262."""


REMOVED = "{removed:String}"
"""What stands for a denied key's value: `[removed]`, with a sign where what is removed is counted (see `private`)."""


def guarded(key: str, text: str) -> str:
    """The value, unless its key is on the privacy denylist (parameter `{deny:String}`, a regular expression)."""
    return f"if({denied(key)}, {removed(text)}, toValidUTF8(left({text}, {ATTRIBUTE_BYTES_MAX})))"


def removed(text: str) -> str:
    """What is put for a denied key's value; what its sender removed is not told of."""
    return f"if({text} = '[removed]', '[removed]', {REMOVED})"


def denied(key: str) -> str:
    """Whether a key is on the denylist, and no rule of the plan has it: rules hold over the lists (see `private`)."""
    return f"(match({key}, {{deny:String}}) AND NOT match({key}, {{ruled:String}}))"


def names_private(raw: str) -> str:
    """Whether JSON that is kept as text names a private key anywhere, and is not looked at value by value for it
    (parameter `{leafwise:String}`, a regular expression): then none of it is kept."""
    nested = f"if(startsWith({raw}, '{{') OR startsWith({raw}, '['), {raw}, '')"
    named = f"""arrayExists(n -> match(n, {{deny:String}}), extractAll({nested}, '"((?:[^"\\\\\\\\]|\\\\\\\\.)*)"\\\\s*:'))"""
    return f"({named} AND (length({raw}) > {ATTRIBUTE_BYTES_MAX} OR NOT match({nested}, {{leafwise:String}})))"


def enum(number: str, names: tuple[str, ...]) -> str:
    """A number as the enumeration of the column that it goes to; unknown numbers are 0."""
    members = ", ".join(f"'{name}' = {value}" for value, name in enumerate(names))
    return f"CAST(toInt8(if({number} BETWEEN 0 AND {len(names) - 1}, {number}, 0)) AS Enum8({members}))"


def cut(text: str, size: int = NAME_BYTES_MAX) -> str:
    """The beginning of a text, ending with a whole character."""
    return f"toValidUTF8(left({text}, {size}))"


def longer(text: str, size: int = NAME_BYTES_MAX) -> str:
    """Whether `cut` takes something away."""
    return f"length({text}) > {size}"


def time(nanos: str) -> str:
    """DateTime64(9) of unsigned nanoseconds, clamped to what can be stored."""
    return f"fromUnixTimestamp64Nano(toInt64(least({nanos}, {TIME_NS_MAX})), 'UTC')"


def wrong_id(id_bytes: str, size: int) -> str:
    """The text of an id that is there and has another size, else nothing; zeros of any number are no id.

    What was sent as digits is digits, also where some sender put digits into bytes.
    """
    wrong = f"if(length({id_bytes}) = {size}, '', left({id_bytes}, 64))"
    return f"multiIf({wrong} = repeat('\\0', length({wrong})), '', match({wrong}, '^[0-9A-Fa-f]*$'), {wrong}, lower(hex({wrong})))"


def reasons(conditions: dict[str, str]) -> str:
    """The array of those reasons whose condition holds: bits first, which cost nothing where none is set."""
    bits = " + ".join(f"toUInt32({condition}) * {1 << place}" for place, condition in enumerate(conditions.values()))
    names = ", ".join(f"'{reason}'" for reason in conditions)
    return f"arrayMap(place -> [{names}][place + 1], bitPositionsToArray({bits}))"


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
        + any_value.PROTOBUF
        + messages
        + "message Frame { uint32 project=1; string key_id=2; string environment=3; fixed64 received_unix_nano=4;"
        + f" {request} request=10; }}\n"
    )
