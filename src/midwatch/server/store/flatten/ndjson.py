"""NDJSON log lines → `logs_in`: pino, structlog, Cloudflare Logpush, Vercel and Railway drains, and plain lines.

Each line is read by ClickHouse's JSON functions. Well-known fields are recognised under the names below and those of
`contract/fields.py`, first match wins; everything else stays an attribute with its name and type, and so does a well-known field whose
value is not what went into the column (a trace id that is none, a second message). Objects are flattened one level
(`err.message`); deeper ones stay JSON.
"""

from midwatch.contract import fields
from midwatch.server.store.flatten import values
from midwatch.server.store.flatten.attributes import ATTRIBUTES_MAX
from midwatch.server.store.flatten.logs import COLUMNS, level_of_number, level_of_text
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.targets import LOGS

TIME = (
    "timestamp",
    "time",
    "ts",
    "@timestamp",
    "EventTimestampMs",
    "EdgeStartTimestamp",
    "Datetime",
    "datetime",
    "date",
)
LEVEL = ("level", "severity", "severityText", "severity_text", "lvl", "log.level", "loglevel", "Level")
BODY = ("message", "msg", "body", "log", "text", "Message")
EVENT = (*fields.names_of(fields.EVENT_NAME), "event_name")
SERVICE = (
    *fields.names_of(fields.SERVICE_NAME),
    *("app", "application", "projectName", "ScriptName", "_metadata.serviceName"),
)
ENVIRONMENT = (*fields.names_of(fields.DEPLOYMENT_ENVIRONMENT), "_metadata.environmentName")
TRACE = (*fields.names_of(fields.TRACE_ID), "traceID", "dd.trace_id")
SPAN = (*fields.names_of(fields.SPAN_ID), "spanID", "dd.span_id")

RENAMED = {
    "err.type": "exception.type",
    "err.name": "exception.type",
    "err.message": "exception.message",
    "err.stack": "exception.stacktrace",
    "error.type": "exception.type",
    "error.name": "exception.type",
    "error.message": "exception.message",
    "error.stack": "exception.stacktrace",
    "exc_info": "exception.stacktrace",
    "exception": "exception.stacktrace",
}
"""What loggers call an exception's parts, and what OpenTelemetry calls them."""


def _list(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def _first(names: tuple[str, ...], condition: str = "t != ''") -> str:
    """Text of the first of these fields that is there and that the condition on `t` holds for."""
    return f"arrayFirst(t -> {condition}, arrayMap(n -> texts[indexOf(keys, n)], {_list(names)}))"


_TRACE_ID = "replaceAll(lower({text}), '-', '')"
"""Some teams' trace ids are UUIDs with dashes."""


def _is_id(text: str, digits: int) -> str:
    return f"match({text}, '^[0-9a-f]{{{digits}}}$') AND NOT match({text}, '^0*$')"


_EXACT_LEVELS = "(0, 1, 5, 9, 10, 20, 30, 40, 50, 60)"
"""Level numbers that the columns say in full; 0 is a level with a name."""

_USED = f"""(has({_list(TIME)}, k) AND t = time_text AND parsed_ns != 0)
                OR (has({_list(LEVEL)}, k) AND t = level_text AND level_number IN {_EXACT_LEVELS})
                OR (has({_list(BODY)}, k) AND t = body_text)
                OR (has({_list(EVENT)}, k) AND t = event_text AND (body_text = '' OR EventName != ''))
                OR (has({_list(SERVICE)}, k) AND t = service_text)
                OR (has({_list(ENVIRONMENT)}, k) AND t = environment_text)
                OR (has({_list(TRACE)}, k) AND (t = trace_text OR match(t, '^[0-]*$')))
                OR (has({_list(SPAN)}, k) AND (t = span_text OR match(t, '^0*$')))"""
"""Whether the value `t` of the field `k` is in a column already."""


_NUMBER_NS = f"""toInt64(least(greatest(toInt128(time_exact * multiIf(abs(time_number) < 1e11, 1000000000,
            abs(time_number) < 1e14, 1000000, abs(time_number) < 1e17, 1000, 1)), -{values.TIME_NS_MAX}), {values.TIME_NS_MAX}))"""
"""Seconds, ms, µs or ns by size. In decimals: a Float64 holds nanoseconds of today to some hundred."""

_BODY = "multiIf(NOT is_json, line, body_text != '', body_text, event_text != '', event_text, rebuilt)"

_SELECT = f"""
SELECT project AS Project,
    multiIf(parsed_ns != 0, parsed_ns, toInt64(received_unix_nano)) AS time_ns,
    fromUnixTimestamp64Nano(time_ns, 'UTC') AS Timestamp,
    fromUnixTimestamp64Nano(toInt64(received_unix_nano), 'UTC') AS ObservedTimestamp,
    {_TRACE_ID.format(text="trace_text")} AS TraceId, lower(span_text) AS SpanId,
    toUInt8(0) AS TraceFlags,
    {
    values.cut(
        "multiIf(level_number = 0, level_text, ['trace', 'debug', 'info', 'warn', 'error', 'fatal'][level])",
        values.LEVEL_BYTES_MAX,
    )
} AS SeverityText,
    toUInt8(if(level = 0, 0, level * 4 - 3)) AS SeverityNumber,
    multiIf(level_number BETWEEN 10 AND 69, least(intDiv(level_number, 10), 6), level_number != 0,
        {level_of_number("level_number")}, {level_of_text("lower(level_text)")}) AS level,
    {values.enum("level", values.LEVELS)} AS Level,
    {values.cut("if(service_text = '', 'unknown_service', service_text)")} AS ServiceName,
    {values.cut("if(environment != '', environment, environment_text)")} AS Environment,
    {values.cut(_BODY, values.BODY_BYTES_MAX)} AS Body,
    toUInt8(1) AS BodyType, EventName,
    CAST(map('service.name', ServiceName) AS Map(LowCardinality(String), String)) AS ResourceAttributes,
    CAST([1] AS Array(UInt8)) AS ResourceAttributeTypes, '' AS ScopeName, '' AS ScopeVersion,
    arraySlice(kept, 1, {ATTRIBUTES_MAX}) AS stored,
    arrayMap(n -> transform(keys[n], {_list(tuple(RENAMED))}, {
    _list(tuple(RENAMED.values()))
}, keys[n]), stored) AS renamed,
    CAST(mapFromArrays(
        arrayConcat(arrayMap((r, n, at) -> if(indexOf(renamed, r) = at, r, keys[n]), renamed, stored, arrayEnumerate(stored)),
            if(other_environment, ['midwatch.sent.environment'], [])),
        arrayConcat(arrayMap(n -> guarded[n], stored), if(other_environment, [environment_text], [])))
        AS Map(LowCardinality(String), String)) AS LogAttributes,
    CAST(arrayConcat(arrayMap(n -> types[n], stored), if(other_environment, [1], [])) AS Array(UInt8))
        AS LogAttributeTypes,
    CAST({
    values.reasons(
        {
            "attributes_dropped": f"length(kept) > {ATTRIBUTES_MAX}",
            "attribute_truncated": f"arrayExists(t -> length(t) > {values.ATTRIBUTE_BYTES_MAX}, texts)",
            "body_truncated": values.longer(_BODY, values.BODY_BYTES_MAX),
            "name_truncated": " OR ".join(
                (
                    values.longer("service_text"),
                    values.longer("environment_text"),
                    values.longer("level_text", values.LEVEL_BYTES_MAX),
                )
            ),
            "time_missing": "is_json AND parsed_ns = 0",
            "time_clamped": f"abs(parsed_ns) = {values.TIME_NS_MAX}",
            "trace_id_invalid": f"trace_text = '' AND arrayExists(n -> has({_list(TRACE)}, keys[n]), kept)",
            "span_id_invalid": f"span_text = '' AND arrayExists(n -> has({_list(SPAN)}, keys[n]), kept)",
        }
    )
} AS Array(LowCardinality(String))) AS Adjustments,
    {values.set_aside("time_ns")} AS SetAside,
    {values.COMMON}
FROM (
    SELECT *,
        {_first(TIME)} AS time_text, ifNull(toFloat64OrNull(time_text), 0) AS time_number,
        if(abs(time_number) < 9.2e18, ifNull(toDecimal128OrNull(time_text, 9), 0), 0) AS time_exact,
        if(time_number != 0, {
    _NUMBER_NS
}, ifNull(toUnixTimestamp64Nano(parseDateTime64BestEffortOrNull(time_text, 9, 'UTC')), 0))
            AS parsed_ns,
        {_first(LEVEL)} AS level_text, ifNull(toInt32OrNull(level_text), 0) AS level_number, {
    _first(BODY)
} AS body_text,
        {_first(EVENT)} AS event_text,
        if(match(event_text, '^[A-Za-z0-9_.:/-]{{1,128}}$'), event_text, '') AS EventName,
        {_first(SERVICE)} AS service_text, {_first(ENVIRONMENT)} AS environment_text,
        environment != '' AND environment_text != '' AND environment_text != environment AS other_environment,
        {_first(TRACE, _is_id(_TRACE_ID.format(text="t"), 32))} AS trace_text,
        {_first(SPAN, _is_id("lower(t)", 16))} AS span_text,
        arrayFilter((n, k, t, ty) -> ty != 0 AND NOT ({_USED}), arrayEnumerate(keys), keys, texts, types) AS kept
    FROM (
        SELECT *, fields.1 AS keys,
            arrayMap(r -> multiIf(startsWith(r, '"'), 1, r IN ('true', 'false'), 2, match(r, '^-?[0-9]+$'), 3,
                match(r, '^-?[0-9]'), 4, startsWith(r, '['), 5, startsWith(r, '{{'), 6, 0), fields.2) AS types,
            arrayMap(r -> if(startsWith(r, '"'), JSONExtractString(r), if(r = 'null', '', r)), fields.2) AS texts,
            arrayMap((k, t, r) -> {
    values.guarded("k", f"if({values.names_private('r')}, {values.REMOVED}, t)")
}, keys, texts, fields.2) AS guarded,
            concat('{{', arrayStringConcat(arrayMap((k, r, g) -> concat(toJSONString(k), ':',
                if(g IN ('[removed]', {
    values.REMOVED
}), '"[removed]"', r)), keys, fields.2, guarded), ','), '}}') AS rebuilt
        FROM (
            SELECT *, arraySlice(arrayFlatten(arrayMap(f -> if(startsWith(f.2, '{{') AND NOT match(f.1, {{deny:String}}),
                    arrayMap(g -> (concat(f.1, '.', g.1), g.2), JSONExtractKeysAndValuesRaw(f.2)), [(f.1, f.2)]),
                JSONExtractKeysAndValuesRaw(if(is_json, line, '{{}}')))), 1, 2000) AS fields
            FROM (
                SELECT project, key_id, environment, received_unix_nano, line, startsWith(line, '{{') AND isValidJSON(line) AS is_json
                FROM (
                    SELECT project, key_id, environment, received_unix_nano,
                        trimBoth(arrayJoin(splitByChar('\\n', text))) AS line
                    FROM {{source}}
                ) WHERE line != ''
            )
        )
    )
)"""

FLATTENING = Flattening(
    schema='syntax = "proto3";\nmessage Frame { uint32 project=1; string key_id=2; string environment=3;'
    " fixed64 received_unix_nano=4; string text=11; }\n",
    structure=f"{values.FRAME_COLUMNS}, text String",
    select=_SELECT.replace("{{", "{").replace("}}", "}"),
    columns=COLUMNS,
    staging=LOGS,
)
