"""Domain events: lists, single ones, the history of an entity."""

import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.query.events.planned import PlannedEntities
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.events import DomainEvent, DomainEventPage, EventFacets

COLUMNS = (
    "Position, EventId, Type, toUnixTimestamp64Nano(Timestamp) AS time_ns,"
    " toUnixTimestamp64Milli(ReceivedAt) AS received_ms, EntityType, EntityId, Sequence, ActorType, ActorId,"
    " CorrelationId, TraceId, SpanId, ServiceName, Environment, StateFrom, StateTo, Before, After, Metadata"
)
HISTORY_MAX = 500
FACETS_MAX = 100
_CURSOR = re.compile(r"(-?[0-9]{1,19})-([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Filter:
    """What an event has to be; empty: whatever."""

    type: str = ""
    entity: str = ""
    """A kind."""
    entity_id: str = ""
    actor: str = ""
    """`type:id`, or an id."""
    correlation_id: str = ""
    trace_id: str = ""
    acts: bool = False
    """Only those that somebody did: with an actor."""

    def where(self, params: dict[str, Any]) -> str:
        """More conditions, each with `AND` before it."""
        kind, colon, known = self.actor.partition(":")
        named = {
            "Type": self.type,
            "EntityType": self.entity,
            "EntityId": self.entity_id,
            "ActorType": kind if colon else "",
            "ActorId": known if colon else kind,
            "CorrelationId": self.correlation_id,
            "TraceId": self.trace_id.lower(),
        }
        parts = []
        for column, value in named.items():
            if value:
                params[f"f_{column}"] = value
                parts.append(f" AND {column} = {{f_{column}:String}}")
        if self.acts:
            parts.append(" AND (ActorId != '' OR ActorType != '')")
        return "".join(parts)


class EventQueries:
    def __init__(self, source: Source, planned: PlannedEntities) -> None:
        self._source, self._planned = source, planned

    async def page(self, scope: Scope, wanted: Filter, *, limit: int, cursor: str | None) -> DomainEventPage:
        """Newest first."""
        started = time.perf_counter()
        params = {**scope.params, "most": limit + 1}
        where = scope.where() + wanted.where(params)
        if cursor is not None:
            found = _CURSOR.fullmatch(cursor)
            if found is None or abs(int(found[1])) >= 2**63 or int(found[2]) >= 2**63:
                raise BadRequest(f"cursor={cursor[:60]!r}: expected a cursor as the API gives them")
            where += (
                " AND (Timestamp, Position) < (fromUnixTimestamp64Nano({c_time:Int64}, 'UTC'), {c_position:UInt64})"
            )
            params |= {"c_time": int(found[1]), "c_position": int(found[2])}
        rows = await self._source.rows(
            f"""SELECT {COLUMNS} FROM domain_events WHERE {where}
            ORDER BY Timestamp DESC, Position DESC LIMIT {{most:UInt32}}""",
            params,
        )
        shown = rows[:limit]
        following = f"{shown[-1]['time_ns']}-{shown[-1]['Position']}" if len(rows) > limit else None
        return DomainEventPage(events=[self.shown(row) for row in shown], next_cursor=following, stats=_stats(started))

    async def export(self, scope: Scope, wanted: Filter) -> AsyncGenerator[list[DomainEvent], None]:
        """All of them in order of their times, in parts."""
        params = dict(scope.params)
        where = scope.where() + wanted.where(params)
        sql = f"SELECT {COLUMNS} FROM domain_events WHERE {where} ORDER BY Timestamp, Position"
        async for block in self._source.stream(sql, params):
            yield [self.shown(row) for row in block]

    async def one(self, project: int, event_id: str) -> DomainEvent:
        """Raises NotFound."""
        rows = await self._source.rows(
            f"""SELECT {COLUMNS} FROM domain_events
            WHERE Project = {{project:UInt32}} AND EventId = {{id:String}} ORDER BY Position LIMIT 1""",
            {"project": project, "id": event_id},
        )
        if not rows:
            raise NotFound(f"cannot find the event {event_id[:100]}: it has not come, or retention has taken it")
        return self.shown(rows[0])

    async def of_entity(
        self, project: int, environments: tuple[str, ...], kind: str, entity_id: str, *, limit: int = HISTORY_MAX
    ) -> tuple[list[DomainEvent], bool]:
        """The newest first, whenever they were; and whether there are older ones."""
        params: dict[str, Any] = {"project": project, "kind": kind, "id": entity_id, "most": limit + 1}
        where = "Project = {project:UInt32} AND EntityType = {kind:String} AND EntityId = {id:String}"
        if environments:
            where += " AND Environment IN {environments:Array(String)}"
            params["environments"] = list(environments)
        rows = await self._source.rows(
            f"""SELECT {COLUMNS} FROM domain_events WHERE {where}
            ORDER BY Sequence DESC, Timestamp DESC, EventId DESC LIMIT {{most:UInt32}}""",
            params,
        )
        events = [self.shown(row) for row in rows[:limit]]
        _compare(events)
        return events, len(rows) > limit

    async def facets(self, scope: Scope) -> EventFacets:
        rows = await self._source.rows(
            f"""SELECT name, value FROM (
                SELECT one.1 AS name, one.2 AS value, count() AS n FROM domain_events
                ARRAY JOIN [('type', toString(Type)), ('entity', toString(EntityType)),
                    ('actor', if(ActorId = '', '', concat(ActorType, ':', ActorId)))] AS one
                WHERE {scope.where()} AND value != '' GROUP BY name, value
                ORDER BY n DESC, value LIMIT {FACETS_MAX} BY name)""",
            scope.params,
        )

        def of(name: str) -> list[str]:
            return [row["value"].removeprefix(":") for row in rows if row["name"] == name]

        return EventFacets(types=of("type"), entities=of("entity"), actors=of("actor"))

    def shown(self, row: Mapping[str, Any]) -> DomainEvent:
        """A row of `COLUMNS`."""
        entity = {"type": row["EntityType"], "id": row["EntityId"]} if row["EntityId"] or row["EntityType"] else None
        actor = {"type": row["ActorType"], "id": row["ActorId"]} if row["ActorId"] or row["ActorType"] else None
        event = {
            "position": row["Position"],
            "id": row["EventId"],
            "type": row["Type"],
            "time": format_time(row["time_ns"]),
            "received_at": format_time(row["received_ms"] * 1_000_000),
            "entity": entity,
            "sequence": row["Sequence"] if row["Sequence"] >= 0 else None,
            "actor": actor,
            "correlation_id": row["CorrelationId"],
            "trace_id": row["TraceId"],
            "span_id": row["SpanId"],
            "service": row["ServiceName"],
            "environment": row["Environment"],
            "from_state": row["StateFrom"],
            "to_state": row["StateTo"],
            "before": _object(row["Before"]),
            "after": _object(row["After"]),
            "metadata": _object(row["Metadata"]) or {},
        }
        return DomainEvent.model_validate({**event, "remarks": self._planned.remarks(event)})


def _object(text: str) -> dict[str, Any] | None:
    """JSON of the store; what is none any more was changed there, and is shown as the text that it is."""
    if not text:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": text[:1000]}


def _compare(events: list[DomainEvent]) -> None:
    """Note where an event says that it came from another state than the one before it led to."""
    state: dict[str, str] = {}
    for event in reversed(events):
        known = state.get(event.environment)
        if event.to_state:
            if event.from_state and known and known != event.from_state:
                event.remarks.append(f"the event before led to {known}")
            state[event.environment] = event.to_state


def _stats(started: float) -> QueryStats:
    return QueryStats(elapsed_ms=(time.perf_counter() - started) * 1000)
