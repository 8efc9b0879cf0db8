"""Events of the digest (server/issues/digest/rows.py), a line of JSON each → `error_events_in`.

They are ours: their fields are right and bounded already. What is judged here is their time.
"""

from midwatch.server.store.flatten import values
from midwatch.server.store.flatten.statement import Flattening
from midwatch.server.store.staging import LEAKS
from midwatch.server.store.targets import ERROR_EVENTS

LEVELS = {"unknown": 0, "debug": 2, "info": 3, "warning": 4, "error": 5, "fatal": 6}
_TEXTS = {
    "EventId": "id",
    "GroupHash": "hash",
    "Type": "type",
    "Value": "value",
    "Title": "title",
    "Culprit": "culprit",
    "Severity": "severity",
    "Category": "category",
    "Platform": "platform",
    "Logger": "logger",
    "Mechanism": "mechanism",
    "ServiceName": "service",
    "Release": "release",
    "Dist": "dist",
    "ServerName": "server",
    "TransactionName": "transaction",
    "TraceId": "trace",
    "SpanId": "span",
    "ReplayId": "replay",
    "SessionId": "session",
    "UserKey": "user",
    "Url": "url",
    "Browser": "browser",
    "Os": "os",
    "Device": "device",
    "Runtime": "runtime",
    "Sdk": "sdk",
    "Payload": "payload",
    "Dropped": "dropped",
}
"""Columns, and the lines' names for them."""
_LINE = ", ".join(
    [
        *(f"{name} String" for name in _TEXTS.values()),
        "environment String, level String, source String, version UInt8, time Int64, count UInt64, weight Float64",
        "handled Bool, duplicate Bool, tags Array(Tuple(String, String)), adjustments Array(String)",
        "leaks Array(Tuple(String, String, String))",
    ]
)
_ENVIRONMENT = "if(environment != '', environment, e.environment)"
_SELECT = f"""
SELECT project AS Project, toInt64(if(e.time = 0, toInt64(received_unix_nano), e.time)) AS time_ns,
    fromUnixTimestamp64Nano(time_ns, 'UTC') AS Timestamp,
    {", ".join(f"e.{name} AS {column}" for column, name in _TEXTS.items())},
    {_ENVIRONMENT} AS Environment, e.version AS GroupVersion,
    CAST(toInt8(transform(e.level, {list(LEVELS)}, {list(LEVELS.values())}, 0)) AS
        Enum8({", ".join(f"'{name}' = {number}" for name, number in LEVELS.items())})) AS Level,
    e.handled AS Handled, e.duplicate AS Duplicate, if(e.weight > 0, e.weight, 1) AS Weight,
    CAST(if(e.source = '', 'sentry', e.source) AS Enum8('sentry' = 1, 'span' = 2, 'log' = 3, 'browser' = 4)) AS Source,
    CAST(mapFromArrays(e.tags.1, arrayMap((k, t) -> {values.guarded("k", "t")}, e.tags.1, e.tags.2))
        AS Map(LowCardinality(String), String)) AS Tags,
    CAST(multiIf(e.dropped = '', e.adjustments, e.dropped = 'leaks', [], [e.dropped]) AS Array(LowCardinality(String))) AS Adjustments,
    greatest(e.count, 1) AS Count, CAST(e.leaks AS {LEAKS}) AS Leaks,
    if(e.dropped = '', {values.set_aside("time_ns")}, '') AS SetAside,
    {values.COMMON}
FROM (
    SELECT project, key_id, environment, received_unix_nano, JSONExtract(line, 'Tuple({_LINE})') AS e
    FROM (
        SELECT project, key_id, environment, received_unix_nano, arrayJoin(splitByChar('\\n', text)) AS line
        FROM {{source}}
    ) WHERE line != ''
)"""

COLUMNS = (
    *("Project", "Timestamp", "GroupVersion", "Environment", "Level", "Handled", "Duplicate", "Weight", "Source"),
    *_TEXTS,
    *("Tags", "Adjustments", "Count", "Leaks", "SetAside", "KeyId", "ReceivedAt", "Segment", "SegmentRow", "Writer"),
)

FLATTENING = Flattening(
    schema='syntax = "proto3";\nmessage Frame { uint32 project=1; string key_id=2; string environment=3;'
    " fixed64 received_unix_nano=4; string text=11; }\n",
    structure=f"{values.FRAME_COLUMNS}, text String",
    select=_SELECT.replace("{{", "{").replace("}}", "}"),
    columns=COLUMNS,
    staging=ERROR_EVENTS,
)
