"""Domain events that came over HTTP or from a team's table. Those that came as log records are told by `logs.py`."""

from typing import Any

import orjson

from midwatch.contract import events
from midwatch.server.model.story_id import IdKind
from midwatch.server.query.source import Source
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Asked, matching
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.sources import domain_events
from midwatch.server.query.story.sources.shape import ids_in
from midwatch.server.store.id_index import ENTITY_OF_EVENT

_COLUMNS = f"""toUnixTimestamp64Nano(Timestamp) AS ts, EventId AS id, toString(Type) AS type,
    toString(ServiceName) AS service, toString(Environment) AS env, TraceId AS trace_id, SpanId AS span_id,
    CorrelationId AS correlation_id, {ENTITY_OF_EVENT} AS entity, toString(EntityType) AS entity_type,
    EntityId AS entity_id, toString(StateFrom) AS state_from, toString(StateTo) AS state_to, Metadata AS metadata"""
_BY_ID = f"""has({{ids:Array(String)}}, concat('{IdKind.ENTITY}:', {ENTITY_OF_EVENT}))
    OR (CorrelationId != '' AND has({{ids:Array(String)}}, concat('{IdKind.CORRELATION}:', CorrelationId)))"""
_OF_LOGS = f"({matching('LogAttributes')})"
_ID = f"LogAttributes['{events.EVENT_ID}']"


class RecordedEvents:
    name = "domain events"

    def __init__(self, source: Source) -> None:
        self._source = source

    async def lines(self, asked: Asked) -> list[Line]:
        rows = await self._source.rows(
            f"""SELECT {_COLUMNS} FROM domain_events WHERE {asked.where(_BY_ID)}
            ORDER BY Timestamp, EventId LIMIT {{limit:UInt32}}""",
            asked.params,
        )
        if not rows:
            return []
        told = await self._source.rows(
            f"""SELECT DISTINCT {_ID} AS id FROM logs
            WHERE {asked.where(_OF_LOGS)} AND {_ID} IN {{event_ids:Array(String)}}""",
            {**asked.params, "event_ids": [row["id"] for row in rows]},
        )
        known = {row["id"] for row in told}
        return [_line(row) for row in rows if row["id"] not in known]


def _line(row: dict[str, Any]) -> Line:
    metadata = orjson.loads(row["metadata"] or "{}")
    facts = {name: value for name, value in metadata.items() if isinstance(value, str)}
    facts |= {
        events.EVENT_ID: row["id"],
        events.ENTITY_TYPE: row["entity_type"],
        events.ENTITY_ID: row["entity_id"],
        events.STATE_FROM: row["state_from"],
        events.STATE_TO: row["state_to"],
    }
    facts = {name: value for name, value in facts.items() if value}
    return Line(
        key=f"event-{row['id']}",
        time_ns=row["ts"],
        kind=LineKind.EVENT,
        service=row["service"],
        environment=row["env"],
        title=row["type"],
        detail=domain_events.detail_of(facts),
        ids=ids_in({**row, "facts": facts}, (IdKind.CORRELATION, "correlation_id")),
        link=links.event(row["id"], row["ts"]),
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        facts=facts,
    )
