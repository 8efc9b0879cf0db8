"""`/api/v1/events…` and `/api/v1/entities…`: domain events, their chain, their sources; states of entities."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse

from midwatch.server.events.sources import EventReaders, SourceState
from midwatch.server.events.verify import Verdict, Verifier
from midwatch.server.events.watch import ChainWatch, remembered
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.exports import Format, exported
from midwatch.server.http.scope_params import Cursor, Limit, Project, Scopes
from midwatch.server.model.actor import Role
from midwatch.server.model.timerange import format_time, parse_time
from midwatch.server.query.events.events import EventQueries, Filter
from midwatch.server.query.events.machines import StateMachines
from midwatch.server.query.source import Scope
from midwatch.server.schemas.events import (
    Chain,
    ChainProblem,
    ChainVerdict,
    DomainEvent,
    DomainEventPage,
    EntityHistory,
    EntityKinds,
    EventFacets,
    EventSourceList,
    EventSourceState,
    StateMachine,
)
from midwatch.server.workspace.event_chain import EventChains

_COLUMNS = (
    *("time", "type", "entity", "from_state", "to_state", "actor", "correlation_id", "service", "environment"),
    *("metadata", "before", "after", "id", "sequence", "trace_id", "position"),
)
Text = Annotated[str, Query(max_length=200)]
Kind = Annotated[str, Path(min_length=1, max_length=200)]


def _filter(
    *,
    type: Annotated[str, Query(max_length=200, description="such as linkup.locked")] = "",
    entity: Annotated[str, Query(max_length=200, description="a kind of entity")] = "",
    entity_id: Text = "",
    actor: Annotated[str, Query(max_length=400, description="`type:id`, or an id")] = "",
    correlation_id: Text = "",
    trace_id: Text = "",
    acts: Annotated[bool, Query(description="only events that somebody did: the audit log of a team")] = False,
) -> Filter:
    return Filter(type, entity, entity_id, actor, correlation_id, trace_id, acts)


Wanted = Annotated[Filter, Depends(_filter)]


def events_routes(queries: EventQueries, guard: Guard, scopes: Scopes) -> APIRouter:
    router = _router(guard)
    Asked = Annotated[Scope, scopes.asked]

    @router.get("/events")
    async def domain_events(scope: Asked, wanted: Wanted, limit: Limit = 100, cursor: Cursor = None) -> DomainEventPage:
        return await queries.page(scope, wanted, limit=limit, cursor=cursor)

    @router.get("/events/facets")
    async def domain_event_facets(scope: Asked) -> EventFacets:
        return await queries.facets(scope)

    @router.get("/events/export", response_class=StreamingResponse)
    async def export_domain_events(scope: Asked, wanted: Wanted, format: Format = "ndjson") -> StreamingResponse:
        """Oldest first."""

        async def blocks() -> AsyncGenerator[list[dict[str, Any]], None]:
            async for block in queries.export(scope, wanted):
                yield [_flat(one) if format == "csv" else one.model_dump() for one in block]

        return await exported("events", format, _COLUMNS, blocks())

    return router


def event_routes(queries: EventQueries, guard: Guard) -> APIRouter:
    """One event: behind every route whose path is not an id."""
    router = _router(guard)

    @router.get("/events/{event_id:path}")
    async def domain_event(
        event_id: Annotated[str, Path(min_length=1, max_length=200)], project: Project = 1
    ) -> DomainEvent:
        return await queries.one(project, event_id)

    return router


def chain_routes(
    chains: EventChains, watch: ChainWatch, verifier: Verifier, readers: EventReaders, guard: Guard, scopes: Scopes
) -> APIRouter:
    router = _router(guard)

    @router.get("/events/chain")
    async def event_chain(project: Project = 1) -> Chain:
        head = (await chains.heads()).get(project)
        last = (await watch.verdicts()).get(project)
        return Chain(
            project=project,
            position=head.position if head else 0,
            hash=head.hash if head else "",
            changed_at=format_time(head.at_ms * 1_000_000) if head else None,
            verdict=_verdict(project, remembered(last), last["at"]) if last else None,
        )

    @router.get("/events/verify")
    async def verify_events(
        project: Project = 1,
        first: Annotated[int, Query(ge=1, le=2**62, description="the position to begin at")] = 1,
        since: Annotated[str | None, Query(max_length=64, description="begin at what was taken in since then")] = None,
    ) -> ChainVerdict:
        """Some 100,000 events a call: go on with `first=next`. A whole walk is remembered."""
        now_ns = scopes.clock.now_ns()
        if since is not None:
            first = await verifier.first_since(project, parse_time(since, now_ns=now_ns, name="since"))
        found = await verifier.verify(project, first)
        if first == 1 and (found.whole or found.problem is not None) and found.head.position:
            await watch.remember(project, found)
        return _verdict(project, found, format_time(now_ns))

    @router.get("/events/sources")
    async def event_sources() -> EventSourceList:
        return EventSourceList(sources=[_source(one) for one in readers.states.values()])

    return router


def entities_routes(machines: StateMachines, guard: Guard, scopes: Scopes) -> APIRouter:
    router = _router(guard)
    Asked = Annotated[Scope, scopes.asked]

    @router.get("/entities")
    async def entity_kinds(scope: Asked) -> EntityKinds:
        return await machines.kinds(scope)

    @router.get("/entities/{kind}")
    async def state_machine(scope: Asked, kind: Kind) -> StateMachine:
        return await machines.machine(scope, kind)

    @router.get("/entities/{kind}/{entity_id:path}")
    async def entity_history(
        scope: Asked, kind: Kind, entity_id: Annotated[str, Path(min_length=1, max_length=200)]
    ) -> EntityHistory:
        """Of any time, whatever the range."""
        return await machines.history(scope, kind, entity_id)

    return router


def _router(guard: Guard) -> APIRouter:
    viewer = Depends(guard.requires(Role.VIEWER))
    return APIRouter(prefix="/api/v1", tags=["events"], responses=PROBLEM_RESPONSES, dependencies=[viewer])


def _flat(event: DomainEvent) -> dict[str, Any]:
    found = event.model_dump()
    for name in ("entity", "actor"):
        party = found[name]
        found[name] = None if party is None else ":".join(filter(None, (party["type"], party["id"])))
    return found


def _verdict(project: int, found: Verdict, at: str) -> ChainVerdict:
    problem = found.problem
    return ChainVerdict(
        project=project,
        intact=problem is None,
        first=found.first,
        last=found.last,
        events=found.events,
        expired=found.expired,
        erased=found.erased,
        head_position=found.head.position,
        head_hash=found.head.hash,
        problem=None
        if problem is None
        else ChainProblem(kind=problem.kind, position=problem.position, event_id=problem.event_id, said=problem.said),
        next=None if problem is not None or found.whole else found.last + 1,
        checked_at=at,
    )


def _source(state: SourceState) -> EventSourceState:
    return EventSourceState(
        name=state.source.name,
        table=state.source.table,
        state="failing" if state.failing else "reading" if state.read_ns else "waiting",
        events=state.events,
        refused=state.refused,
        read_at=format_time(state.read_ns) if state.read_ns else None,
        error=state.error,
    )
