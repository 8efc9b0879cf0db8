"""Events over HTTP and from teams' tables, a line of JSON each → `domain_events_in`.

The door has made the lines (`protocols/domain_events/lines.py`): their fields are right and bounded. What is judged here
is their time, and what is private is taken out.
"""

from midwatch.server.store.domain_targets import COLUMNS as EVENT_COLUMNS
from midwatch.server.store.domain_targets import DOMAIN_EVENTS
from midwatch.server.store.flatten import values
from midwatch.server.store.flatten.statement import Flattening

_TEXTS = {
    "EventId": "id",
    "Type": "type",
    "EntityType": "entity_type",
    "EntityId": "entity_id",
    "ActorType": "actor_type",
    "ActorId": "actor_id",
    "CorrelationId": "correlation_id",
    "TraceId": "trace_id",
    "SpanId": "span_id",
    "StateFrom": "state_from",
    "StateTo": "state_to",
}
"""Columns, and the lines' names for them."""
_LINE = ", ".join(
    [*(f"{name} String" for name in _TEXTS.values()), "time Int64, sequence Int64, service String, environment String"]
)


def _object(name: str) -> str:
    """An object of the line as JSON, private values removed; nothing where there is none.

    One that is surely looked at value by value, for the names in it, stays as it is until then.
    """
    raw = f"JSONExtractRaw(line, '{name}')"
    pairs = f"JSONExtractKeysAndValuesRaw(line, '{name}')"
    kept = f"""arrayMap(f -> concat(toJSONString(f.1), ':',
        if(match(f.1, {{deny:String}}) OR {values.names_private("f.2")}, '"[removed]"', f.2)), {pairs})"""
    return f"""multiIf(NOT JSONHas(line, '{name}'), '', match({raw}, {{leafwise:String}}), {raw},
        concat('{{', arrayStringConcat({kept}, ','), '}}'))"""


_REASONS = {
    "time_missing": "e.time = 0",
    "time_clamped": f"abs(e.time) >= {values.TIME_NS_MAX}",
}
_SELECT = f"""
SELECT project AS Project, toInt64(if(e.time = 0, toInt64(received_unix_nano), e.time)) AS time_ns,
    fromUnixTimestamp64Nano(time_ns, 'UTC') AS Timestamp,
    {", ".join(f"e.{name} AS {column}" for column, name in _TEXTS.items())},
    e.sequence AS Sequence, if(e.service = '', 'unknown_service', e.service) AS ServiceName,
    if(environment != '', environment, e.environment) AS Environment,
    {_object("before")} AS Before, {_object("after")} AS After, {_object("metadata")} AS Metadata,
    CAST({values.reasons(_REASONS)} AS Array(LowCardinality(String))) AS Adjustments,
    {values.set_aside("time_ns")} AS SetAside,
    {values.COMMON}
FROM (
    SELECT project, key_id, environment, received_unix_nano, line, JSONExtract(line, 'Tuple({_LINE})') AS e
    FROM (
        SELECT project, key_id, environment, received_unix_nano, arrayJoin(splitByChar('\\n', text)) AS line
        FROM {{source}}
    ) WHERE line != ''
)"""

FLATTENING = Flattening(
    schema='syntax = "proto3";\nmessage Frame { uint32 project=1; string key_id=2; string environment=3;'
    " fixed64 received_unix_nano=4; string text=11; }\n",
    structure=f"{values.FRAME_COLUMNS}, text String",
    select=_SELECT,
    columns=(*EVENT_COLUMNS, "Segment", "SegmentRow", "Adjustments", "SetAside", "Writer"),
    staging=DOMAIN_EVENTS,
)
