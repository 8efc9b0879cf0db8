"""OTLP logs (opentelemetry-proto 1.x `logs.proto`) → `logs_in`."""

from midwatch.server.store.flatten import any_value, attributes, resource, values
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.targets import LOGS


def _messages(pair: str, body: str) -> str:
    return f"""
message LogRecord {{ fixed64 time_unix_nano=1; int32 severity_number=2; string severity_text=3; {body} body=5;
  repeated {pair} attributes=6; fixed32 flags=8; bytes trace_id=9; bytes span_id=10; fixed64 observed_time_unix_nano=11;
  string event_name=12; }}
message ScopeLogs {{ Scope scope=1; repeated LogRecord log_records=2; }}
message ResourceLogs {{ Resource resource=1; repeated ScopeLogs scope_logs=2; }}
message Request {{ repeated ResourceLogs resource_logs=1; }}
"""


def _structure(pairs: str, body: str) -> str:
    record = (
        f"Tuple(time_unix_nano UInt64, severity_number Int32, severity_text String, body {body},"
        f" attributes {pairs}, flags UInt32, trace_id String, span_id String, observed_time_unix_nano UInt64,"
        " event_name String)"
    )
    return (
        f"{values.FRAME_COLUMNS}, request Tuple(resource_logs Array(Tuple({any_value.RESOURCE},"
        f" scope_logs Array(Tuple({any_value.SCOPE}, log_records Array({record}))))))"
    )


LEVEL_NAMES = {
    "fatal": 6,
    "crit": 6,
    "emerg": 6,
    "alert": 6,
    "panic": 6,
    "err": 5,
    "warn": 4,
    "info": 3,
    "notice": 3,
    "log": 3,
    "debug": 2,
    "trace": 1,
    "verbose": 1,
}
"""Beginnings of level names in lower case, and our level."""


def level_of_text(lowered: str) -> str:
    """Our level of a lower-case level name; 0 where it is not known."""
    beginning = f"extract({lowered}, '^({'|'.join(LEVEL_NAMES)})')"
    return f"transform({beginning}, {list(LEVEL_NAMES)}, {list(LEVEL_NAMES.values())}, 0)"


def level_of_number(number: str) -> str:
    """Our level of an OpenTelemetry severity number (1–24, four to a level)."""
    return f"if({number} BETWEEN 1 AND 24, intDiv({number} + 3, 4), 0)"


def _adjustments(*, plain: bool) -> str:
    found = {
        **attributes.adjustments(
            "l.attributes",
            names=(values.longer("l.event_name"), values.longer("l.severity_text", values.LEVEL_BYTES_MAX)),
            plain=plain,
        ),
        "body_truncated": f"length(l.body.string_value) > {values.BODY_BYTES_MAX}"
        f" OR (l.body.value > 'double_value' AND length(Body) >= {values.BODY_BYTES_MAX})",
        "time_missing": "l.time_unix_nano = 0 AND l.observed_time_unix_nano = 0",
        "time_clamped": f"time_ns > {values.TIME_NS_MAX}",
    }
    if not plain:
        nested = "l.body.value IN ('array_value', 'kvlist_value')"
        found["body_nested_too_deep"] = f"{nested} AND position(Body, '{any_value.TOO_DEEP}') > 0"
        found["trace_id_invalid"] = "wrong_trace_id != ''"
        found["span_id_invalid"] = "wrong_span_id != ''"
    return values.reasons(found)


_NUMBER = "toUInt8(if(l.severity_number BETWEEN 0 AND 24, l.severity_number, 0)) AS SeverityNumber"
_WRONG_IDS = (
    f"""{values.wrong_id("l.trace_id", 16)} AS wrong_trace_id, {values.wrong_id("l.span_id", 8)} AS wrong_span_id"""
)


def _records(more: str) -> str:
    level = f"if(SeverityNumber != 0, {level_of_number('SeverityNumber')}, {level_of_text('lower(toLowCardinality(l.severity_text))')})"
    return f"""
SELECT *,
    multiIf(l.time_unix_nano != 0, l.time_unix_nano, l.observed_time_unix_nano != 0, l.observed_time_unix_nano,
        received_unix_nano) AS time_ns, {level} AS level
FROM (
    SELECT *, {more}
    FROM (
        SELECT {resource.COLUMNS}, {values.cut("sl.scope.name")} AS ScopeName, {values.cut("sl.scope.version")} AS ScopeVersion,
            arrayJoin(sl.log_records) AS l
        FROM ({resource.stage("resource_logs", "arrayJoin(r.scope_logs) AS sl")})
    )
)"""


def _select(*, plain: bool) -> str:
    types = attributes.types("l.attributes")
    if plain:
        odd = (
            "l.body.value IN ('array_value', 'kvlist_value')",
            "NOT (length(l.trace_id) IN (0, 16))",
            "NOT (length(l.span_id) IN (0, 8))",
        )
        staged = attributes.plain_stage("l.attributes", _records(_NUMBER), odd=odd)
        body = any_value.leaf_text("l.body")
    else:
        wrong = {"trace_id": "wrong_trace_id", "span_id": "wrong_span_id"}
        staged = attributes.stage("l.attributes", _records(f"{_NUMBER}, {_WRONG_IDS}"), more=wrong)
        body = any_value.text("l.body")
        types = (
            f"arrayConcat({types}, arrayFilter(n -> n, [toUInt8(wrong_trace_id != ''), toUInt8(wrong_span_id != '')]))"
        )
    return f"""
SELECT project AS Project,
    {values.time("time_ns")} AS Timestamp,
    {values.time("if(l.observed_time_unix_nano != 0, l.observed_time_unix_nano, received_unix_nano)")} AS ObservedTimestamp,
    if(length(l.trace_id) = 16 AND l.trace_id != repeat('\\0', 16), lower(hex(l.trace_id)), '') AS TraceId,
    if(length(l.span_id) = 8 AND l.span_id != repeat('\\0', 8), lower(hex(l.span_id)), '') AS SpanId,
    toUInt8(bitAnd(l.flags, 255)) AS TraceFlags, {values.cut("toLowCardinality(l.severity_text)", values.LEVEL_BYTES_MAX)} AS SeverityText,
    SeverityNumber, {values.enum("level", values.LEVELS)} AS Level,
    ServiceName, Environment,
    toValidUTF8(left({body}, {values.BODY_BYTES_MAX})) AS Body, CAST(l.body.value AS UInt8) AS BodyType,
    {values.cut("toLowCardinality(l.event_name)")} AS EventName,
    ResourceAttributes, ResourceAttributeTypes, ScopeName, ScopeVersion,
    {attributes.MAP} AS LogAttributes, {types} AS LogAttributeTypes,
    CAST({_adjustments(plain=plain)} AS Array(LowCardinality(String))) AS Adjustments,
    {values.set_aside("toInt64(least(time_ns, 9223372036000000000))")} AS SetAside,
    resource_text AS ResourceText,
    {values.COMMON}
FROM ({staged})"""


COLUMNS = (
    *("Project", "Timestamp", "ObservedTimestamp", "TraceId", "SpanId", "TraceFlags", "SeverityText", "SeverityNumber"),
    *("Level", "ServiceName", "Environment", "Body", "BodyType", "EventName", "ResourceAttributes"),
    *("ResourceAttributeTypes", "ScopeName", "ScopeVersion", "LogAttributes", "LogAttributeTypes"),
    *("KeyId", "ReceivedAt", "Adjustments", "Segment", "SegmentRow", "SetAside", "Writer"),
)

PLAIN = Flattening(
    schema=values.frame_schema("Request", _messages(any_value.PLAIN_PAIR, any_value.LEAF)),
    structure=_structure(any_value.plain_pairs(), any_value.structure(0)),
    select=_select(plain=True),
    columns=COLUMNS,
    has_resource_text=True,
    staging=LOGS,
)
FLATTENING = Flattening(
    schema=values.frame_schema("Request", _messages(any_value.PAIR, "AnyValue")),
    structure=_structure(any_value.pairs(), any_value.structure()),
    select=_select(plain=False),
    columns=COLUMNS,
    has_resource_text=True,
    staging=LOGS,
    plain=PLAIN,
)
