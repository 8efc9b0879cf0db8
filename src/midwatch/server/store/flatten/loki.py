"""Loki's push (server/protocols/loki/messages.py) → `logs_in`.

A stream's labels are its records' resource attributes, under their own names; structured metadata are the records' own attributes.
Names below are looked for in the metadata first, then among the labels, first match wins.
"""

from midwatch.server.store.flatten import values
from midwatch.server.store.flatten.attributes import ATTRIBUTES_MAX
from midwatch.server.store.flatten.logs import COLUMNS, level_of_text
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.targets import LOGS

SERVICE = (
    *("service_name", "service", "app", "application", "app_kubernetes_io_name", "container", "container_name"),
    *("component", "workload", "job", "name"),
)
"""Labels that name a service; nearly in the order in which Loki finds its own `service_name`."""
ENVIRONMENT = ("deployment_environment_name", "deployment_environment", "environment", "env")
LEVEL = ("detected_level", "level", "severity", "severity_text", "lvl", "loglevel")
TRACE = ("trace_id", "traceID", "traceId", "traceid")
SPAN = ("span_id", "spanID", "spanId", "spanid")
_LEVEL_IN_LINE = r"(?i)\\b(?:level|lvl|severity)\"?\\s*[=:]\\s*\"?([a-z]+)"
"""In a line of logfmt or JSON, where nobody names the level beside it: as Loki detects it."""
_LINE_BYTES_LOOKED_AT = 2048

_SCHEMA = """
message Timestamp { int64 seconds=1; int32 nanos=2; }
message LabelPair { string name=1; string value=2; }
message Entry { Timestamp timestamp=1; string line=2; repeated LabelPair structured_metadata=3; }
message Stream { string labels=1; repeated Entry entries=2; }
message Request { repeated Stream streams=1; }
message Frame { uint32 project=1; string key_id=2; string environment=3; fixed64 received_unix_nano=4; Request request=10; }
"""
_ENTRY = (
    "Tuple(timestamp Tuple(seconds Int64, nanos Int32), line String,"
    " structured_metadata Array(Tuple(name String, value String)))"
)


def _first(names: tuple[str, ...], keys: str, texts: str, condition: str = "t != ''") -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"arrayFirst(t -> {condition}, arrayMap(n -> {texts}[indexOf({keys}, n)], [{listed}]))"


def _either(names: tuple[str, ...], condition: str = "t != ''") -> str:
    own = _first(names, "sent_names", "sent_values", condition)
    return f"if({own} != '', {own}, {_first(names, 'label_names', 'label_values', condition)})"


def _is_id(digits: int) -> str:
    return f"match(t, '^[0-9a-fA-F]{{{digits}}}$') AND NOT match(t, '^0*$')"


def _guarded(names: str, texts: str) -> str:
    """Names and values of a list as they are stored."""
    return f"arrayMap((k, t) -> {values.guarded('k', 't')}, {names}, {texts})"


_UNESCAPED = "if(position(t, '\\\\') = 0, t, JSONExtractString(concat('\"', t, '\"')))"
_PAIRS = r"""extractAllGroupsHorizontal(s.labels, '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\]|\\\\.)*)"')"""
_LEVEL = f"if(level_text != '', level_text, extract(left(e.line, {_LINE_BYTES_LOOKED_AT}), '{_LEVEL_IN_LINE}'))"

_STREAMS = f"""
SELECT project, key_id, received_unix_nano, entries, label_names, label_values,
    if({_first(SERVICE, "label_names", "label_values")} = '', 'unknown_service',
        {_first(SERVICE, "label_names", "label_values")}) AS service_text,
    {_first(ENVIRONMENT, "label_names", "label_values")} AS sent_environment,
    if(environment != '', environment, sent_environment) AS environment_text,
    environment != '' AND sent_environment != '' AND sent_environment != environment AS other,
    arrayConcat(arrayMap(k -> {values.cut("k")}, label_names), if(other, ['midwatch.sent.environment'], [])) AS resource_names,
    arrayConcat({_guarded("label_names", "label_values")}, if(other, [sent_environment], [])) AS resource_values,
    arrayExists(t -> {values.longer("t", values.ATTRIBUTE_BYTES_MAX)}, label_values) AS resource_cut
FROM (
    SELECT project, key_id, environment, received_unix_nano, s.entries AS entries, {_PAIRS} AS pairs,
        pairs[1] AS label_names, arrayMap(t -> {_UNESCAPED}, pairs[2]) AS label_values
    FROM (SELECT project, key_id, environment, received_unix_nano, arrayJoin(request.streams) AS s FROM {{source}})
)"""

_SELECT = f"""
SELECT project AS Project,
    fromUnixTimestamp64Nano(time_ns, 'UTC') AS Timestamp,
    {values.time("received_unix_nano")} AS ObservedTimestamp,
    lower(trace_text) AS TraceId, lower(span_text) AS SpanId, toUInt8(0) AS TraceFlags,
    {values.cut("level_found", values.LEVEL_BYTES_MAX)} AS SeverityText,
    toUInt8(if(level = 0, 0, level * 4 - 3)) AS SeverityNumber,
    {values.enum("level", values.LEVELS)} AS Level,
    {values.cut("service_text")} AS ServiceName, {values.cut("environment_text")} AS Environment,
    {values.cut("e.line", values.BODY_BYTES_MAX)} AS Body, toUInt8(1) AS BodyType, '' AS EventName,
    CAST(mapFromArrays(resource_names, resource_values) AS Map(LowCardinality(String), String)) AS ResourceAttributes,
    CAST(arrayMap(k -> 1, resource_names) AS Array(UInt8)) AS ResourceAttributeTypes,
    '' AS ScopeName, '' AS ScopeVersion,
    CAST(mapFromArrays(arrayMap(k -> {values.cut("k")}, sent_names), {_guarded("sent_names", "sent_values")})
        AS Map(LowCardinality(String), String)) AS LogAttributes,
    CAST(arrayMap(k -> 1, sent_names) AS Array(UInt8)) AS LogAttributeTypes,
    CAST({
    values.reasons(
        {
            "attributes_dropped": f"length(e.structured_metadata) > {ATTRIBUTES_MAX}",
            "attribute_truncated": f"resource_cut OR arrayExists(t -> {values.longer('t', values.ATTRIBUTE_BYTES_MAX)}, sent_values)",
            "name_truncated": f"{values.longer('service_text')} OR arrayExists(k -> {values.longer('k')}, sent_names)",
            "body_truncated": values.longer("e.line", values.BODY_BYTES_MAX),
            "time_missing": "e.timestamp.seconds = 0 AND e.timestamp.nanos = 0",
            "time_clamped": f"abs(toInt128(e.timestamp.seconds) * 1000000000) > {values.TIME_NS_MAX}",
        }
    )
} AS Array(LowCardinality(String))) AS Adjustments,
    {values.set_aside("time_ns")} AS SetAside,
    {values.COMMON}
FROM (
    SELECT *, {level_of_text("lower(level_found)")} AS level,
        toInt64(if(e.timestamp.seconds = 0 AND e.timestamp.nanos = 0, toInt128(received_unix_nano),
            greatest(least(toInt128(e.timestamp.seconds) * 1000000000 + e.timestamp.nanos, {values.TIME_NS_MAX}),
                -{values.TIME_NS_MAX}))) AS time_ns
    FROM (
        SELECT *, {_LEVEL} AS level_found
        FROM (
            SELECT *, {_either(LEVEL)} AS level_text, {_either(TRACE, _is_id(32))} AS trace_text,
                {_either(SPAN, _is_id(16))} AS span_text
            FROM (
                SELECT *, arraySlice(e.structured_metadata.name, 1, {ATTRIBUTES_MAX}) AS sent_names,
                    arraySlice(e.structured_metadata.value, 1, {ATTRIBUTES_MAX}) AS sent_values
                FROM (SELECT * EXCEPT (entries), arrayJoin(entries) AS e FROM ({_STREAMS}))
            )
        )
    )
)"""

FLATTENING = Flattening(
    schema='syntax = "proto3";\n' + _SCHEMA,
    structure=f"{values.FRAME_COLUMNS}, request Tuple(streams Array(Tuple(labels String, entries Array({_ENTRY}))))",
    select=_SELECT.replace("{{", "{").replace("}}", "}"),
    columns=COLUMNS,
    staging=LOGS,
)
