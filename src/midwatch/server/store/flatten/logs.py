"""OTLP logs (opentelemetry-proto 1.x `logs.proto`) → `logs_in`."""

from midwatch.server.store.flatten import any_value, attributes, resource, values
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.targets import LOGS

_MESSAGES = """
message LogRecord { fixed64 time_unix_nano=1; int32 severity_number=2; string severity_text=3; AnyValue body=5;
  repeated KeyValue attributes=6; fixed32 flags=8; bytes trace_id=9; bytes span_id=10; fixed64 observed_time_unix_nano=11;
  string event_name=12; }
message ScopeLogs { Scope scope=1; repeated LogRecord log_records=2; }
message ResourceLogs { Resource resource=1; repeated ScopeLogs scope_logs=2; }
message Request { repeated ResourceLogs resource_logs=1; }
"""

_RECORD = (
    f"Tuple(time_unix_nano UInt64, severity_number Int32, severity_text String, body {any_value.structure()},"
    f" attributes {any_value.pairs()}, flags UInt32, trace_id String, span_id String, observed_time_unix_nano UInt64,"
    " event_name String)"
)
_STRUCTURE = (
    f"{values.FRAME_COLUMNS}, request Tuple(resource_logs Array(Tuple({any_value.RESOURCE},"
    f" scope_logs Array(Tuple({any_value.SCOPE}, log_records Array({_RECORD}))))))"
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


_ADJUSTMENTS = values.reasons(
    {
        **attributes.adjustments("l.attributes"),
        "body_nested_too_deep": f"l.body.value IN ('array_value', 'kvlist_value') AND position(Body, '{any_value.TOO_DEEP}') > 0",
        "body_truncated": f"length(l.body.string_value) > {values.BODY_BYTES_MAX}",
        "time_missing": "l.time_unix_nano = 0 AND l.observed_time_unix_nano = 0",
        "time_clamped": f"l.time_unix_nano > {values.TIME_NS_MAX}",
        "trace_id_invalid": "NOT (length(l.trace_id) IN (0, 16))",
        "span_id_invalid": "NOT (length(l.span_id) IN (0, 8))",
    }
)

_RECORDS = f"""
SELECT *,
    multiIf(l.time_unix_nano != 0, l.time_unix_nano, l.observed_time_unix_nano != 0, l.observed_time_unix_nano,
        received_unix_nano) AS time_ns,
    if(SeverityNumber != 0, {level_of_number("SeverityNumber")}, {level_of_text("lower(l.severity_text)")}) AS level
FROM (
    SELECT *, toUInt8(if(l.severity_number BETWEEN 0 AND 24, l.severity_number, 0)) AS SeverityNumber
    FROM (
        SELECT {resource.COLUMNS}, {values.cut("sl.scope.name")} AS ScopeName, {values.cut("sl.scope.version")} AS ScopeVersion,
            arrayJoin(sl.log_records) AS l
        FROM ({resource.stage("resource_logs", "arrayJoin(r.scope_logs) AS sl")})
    )
)"""

_SELECT = f"""
SELECT project AS Project,
    {values.time("time_ns")} AS Timestamp,
    {values.time("if(l.observed_time_unix_nano != 0, l.observed_time_unix_nano, received_unix_nano)")} AS ObservedTimestamp,
    if(l.trace_id != repeat('\\0', 16), lower(hex(left(l.trace_id, 32))), '') AS TraceId,
    if(l.span_id != repeat('\\0', 8), lower(hex(left(l.span_id, 32))), '') AS SpanId,
    toUInt8(bitAnd(l.flags, 255)) AS TraceFlags, {values.cut("l.severity_text", 64)} AS SeverityText,
    SeverityNumber, {values.enum("level", values.LEVELS)} AS Level,
    ServiceName, Environment,
    toValidUTF8(left({any_value.text("l.body")}, {values.BODY_BYTES_MAX})) AS Body, CAST(l.body.value AS UInt8) AS BodyType,
    {values.cut("l.event_name")} AS EventName,
    ResourceAttributes, ResourceAttributeTypes, ScopeName, ScopeVersion,
    {attributes.MAP} AS LogAttributes, {attributes.types("l.attributes")} AS LogAttributeTypes,
    CAST({_ADJUSTMENTS} AS Array(LowCardinality(String))) AS Adjustments,
    {values.set_aside("toInt64(least(time_ns, 9223372036000000000))")} AS SetAside,
    {values.COMMON}
FROM ({attributes.stage("l.attributes", _RECORDS)})"""
COLUMNS = (
    *("Project", "Timestamp", "ObservedTimestamp", "TraceId", "SpanId", "TraceFlags", "SeverityText", "SeverityNumber"),
    *("Level", "ServiceName", "Environment", "Body", "BodyType", "EventName", "ResourceAttributes"),
    *("ResourceAttributeTypes", "ScopeName", "ScopeVersion", "LogAttributes", "LogAttributeTypes"),
    *("KeyId", "ReceivedAt", "Adjustments", "Segment", "SegmentRow", "SetAside", "Writer"),
)

FLATTENING = Flattening(
    schema=values.frame_schema("Request", _MESSAGES),
    structure=_STRUCTURE,
    select=_SELECT,
    columns=COLUMNS,
    staging=LOGS,
)
