"""Domain events, put together: what takes them in, checks their chain and counts states, and who answers questions."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from midwatch.server.events.audit import AuditSweeper
from midwatch.server.events.chainer import Chainer
from midwatch.server.events.gauges import EntityGauges, Put
from midwatch.server.events.sources import EventReaders
from midwatch.server.events.verify import Verifier
from midwatch.server.events.watch import ChainWatch
from midwatch.server.http.auth import Guard as Access
from midwatch.server.http.routes.events import chain_routes, entities_routes, event_routes, events_routes
from midwatch.server.http.scope_params import Scopes
from midwatch.server.model.clock import Clock
from midwatch.server.model.measure import Measure
from midwatch.server.model.signal import Signal
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard
from midwatch.server.plan.effects import Effect, audit_effect, entities_effect, event_sources_effect
from midwatch.server.query.events.events import EventQueries
from midwatch.server.query.events.machines import StateMachines, counts
from midwatch.server.query.events.planned import PlannedEntities
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue
from midwatch.server.query.source import Source
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.writer import Writer
from midwatch.server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class EventRooms:
    planned: PlannedEntities
    chainer: Chainer
    verifier: Verifier
    watch: ChainWatch
    gauges: EntityGauges
    readers: EventReaders
    audit: AuditSweeper
    derived: DerivedCatalogue

    def effects(self) -> list[Effect]:
        """Of the plan."""
        return [
            entities_effect(self.planned.put),
            entities_effect(self.derived.put_entities),
            event_sources_effect(self.readers.configure),
            audit_effect(self.audit.plan),
        ]

    async def follow(self, put: Put) -> None:
        """Under a lease, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.chainer.run(), name="events-taken")
            group.create_task(self.watch.run(), name="events-verified")
            group.create_task(self.gauges.run(put), name="entities-counted")
            group.create_task(self.readers.run(put), name="event-sources")
            group.create_task(self.audit.run(), name="audit-swept")

    def measures(self) -> Iterable[Measure]:
        yield from self.chainer.measures()
        yield from self.watch.measures()
        yield from self.readers.measures()


def open_event_rooms(
    store: Store,
    writer: Writer,
    workspace: Workspace,
    derived: DerivedCatalogue,
    guard: Guard,
    files: PlanFiles,
    clock: Clock,
    *,
    days: Callable[[], float],
) -> EventRooms:
    planned = PlannedEntities()
    verifier = Verifier(store, workspace.event_chains, clock, days=days)

    def stored() -> int:
        return writer.accepted(Signal.LOGS) + writer.accepted(Signal.DOMAIN_EVENTS)

    async def counted() -> Sequence[Mapping[str, Any]]:
        sql, params = counts(planned.kinds, clock.now_ns())
        return await store.rows(sql, params, query_class=QueryClass.RULES)

    return EventRooms(
        planned=planned,
        chainer=Chainer(store, workspace.event_chains, clock, stored=stored),
        verifier=verifier,
        watch=ChainWatch(verifier, workspace, clock),
        gauges=EntityGauges(counted, lambda: planned.kinds, clock),
        readers=EventReaders(guard, files, workspace.event_places, clock),
        audit=AuditSweeper(workspace, clock),
        derived=derived,
    )


def event_routers(
    rooms: EventRooms, workspace: Workspace, source: Source, guard: Access, scopes: Scopes, clock: Clock
) -> list[APIRouter]:
    queries = EventQueries(source, rooms.planned)
    return [
        events_routes(queries, guard, scopes),
        chain_routes(workspace.event_chains, rooms.watch, rooms.verifier, rooms.readers, guard, scopes),
        event_routes(queries, guard),
        entities_routes(StateMachines(source, queries, rooms.planned, clock), guard, scopes),
    ]
