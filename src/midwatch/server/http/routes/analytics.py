"""`/api/v1/analytics/…`: funnels, trends, retention, flags, sessions, events, persons; and funnels that people keep."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Cursor, Scopes, Search
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.actor import Scope as TokenScope
from midwatch.server.model.timerange import format_time
from midwatch.server.query.analytics.rooms import Analytics
from midwatch.server.query.analytics.rows import Wanted
from midwatch.server.query.source import Scope
from midwatch.server.schemas.analytics import (
    SOURCES,
    EventNames,
    FlagList,
    FlagResult,
    Funnel,
    FunnelPeopleQuery,
    FunnelQuery,
    FunnelResult,
    FunnelToSave,
    Interval,
    PersonDetail,
    PersonList,
    ProductEventPage,
    PropertyNames,
    PropertyValues,
    RetentionReport,
    SavedFunnel,
    SavedFunnels,
    SessionDurations,
    SessionList,
    Trends,
)
from midwatch.server.workspace.funnels import SavedFunnels as FunnelLedger
from midwatch.server.workspace.models.analytics import SavedFunnelRow

Event = Annotated[str, Query(max_length=1024, description="the name of the event; empty: all")]
NamedEvent = Annotated[str, Query(min_length=1, max_length=1024, description="the name of the event")]
SourceName = Annotated[SOURCES, Query(description="`logs`: log records with the name of an event")]
Unit = Annotated[str, Query(min_length=1, max_length=256, description="person, session, or a property's name")]
Breakdown = Annotated[str, Query(max_length=256, description="a property's name, or flag.<name>")]
FieldName = Annotated[str, Query(min_length=1, max_length=256, description="a property's name, or flag.<name>")]
Seconds = Annotated[float, Query(ge=0, le=1e9, allow_inf_nan=False)]
Rows = Annotated[int, Query(ge=1, le=200)]
FunnelId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def analytics_routes(analytics: Analytics, saved: FunnelLedger, guard: Guard, scopes: Scopes) -> APIRouter:
    router = APIRouter(prefix="/api/v1/analytics", tags=["analytics"], responses=PROBLEM_RESPONSES)
    _questions(router, analytics, guard, scopes)
    _funnels(router, analytics, saved, guard, scopes)
    return router


def _questions(router: APIRouter, analytics: Analytics, guard: Guard, scopes: Scopes) -> None:
    viewer = [Depends(guard.requires(Role.VIEWER))]
    Asked = Annotated[Scope, scopes.asked]

    @router.get("/events", dependencies=viewer)
    async def product_events(
        scope: Asked, event: Event = "", query: Search = "", limit: Rows = 100, cursor: Cursor = None
    ) -> ProductEventPage:
        return await analytics.people.events(scope, Wanted("events", event, query), limit=limit, cursor=cursor)

    @router.get("/names", dependencies=viewer)
    async def event_names(scope: Asked) -> EventNames:
        return await analytics.names.events(scope)

    @router.get("/properties", dependencies=viewer)
    async def event_properties(scope: Asked, event: Event = "", source: SourceName = "events") -> PropertyNames:
        return await analytics.names.properties(scope, Wanted(source, event))

    @router.get("/values", dependencies=viewer)
    async def property_values(
        scope: Asked, name: FieldName, event: Event = "", source: SourceName = "events"
    ) -> PropertyValues:
        return await analytics.names.values(scope, Wanted(source, event), name)

    @router.get("/trends", dependencies=viewer)
    async def event_trends(
        scope: Asked,
        event: Event = "",
        query: Search = "",
        source: SourceName = "events",
        measure: Literal["events", "units"] = "events",
        unit: Unit = "person",
        breakdown: Breakdown = "",
        interval: Interval = "day",
    ) -> Trends:
        """Occurrences; or, as `units`, how many persons (sessions …) had one."""
        return await analytics.trends.trends(
            scope, Wanted(source, event, query), measure=measure, unit=unit, breakdown=breakdown, interval=interval
        )

    @router.get("/retention", dependencies=viewer)
    async def retention(
        scope: Asked,
        event: Event = "",
        query: Search = "",
        source: SourceName = "events",
        again: Event = "",
        again_query: Search = "",
        again_source: SourceName = "events",
        unit: Unit = "person",
        interval: Literal["day", "week", "month"] = "week",
        periods: Annotated[int, Query(ge=1, le=60)] = 12,
    ) -> RetentionReport:
        """Cohorts by when somebody did `event` for the first time ever, and how many did `again` later."""
        first, later = Wanted(source, event, query), Wanted(again_source, again, again_query)
        return await analytics.trends.retention(scope, first, later, unit=unit, interval=interval, periods=periods)

    @router.get("/flags", dependencies=viewer)
    async def feature_flags(scope: Asked) -> FlagList:
        return await analytics.flags.all(scope)

    @router.get("/features", dependencies=viewer)
    async def feature_usage(
        scope: Asked,
        flag: FieldName,
        event: NamedEvent,
        query: Search = "",
        source: SourceName = "events",
    ) -> FlagResult:
        """By value of a flag: who had it, and who of them did `event`."""
        return await analytics.flags.usage(scope, flag, Wanted(source, event, query))

    @router.get("/sessions", dependencies=viewer)
    async def session_durations(scope: Asked, query: Search = "", source: SourceName = "events") -> SessionDurations:
        return await analytics.sessions.all(scope, Wanted(source, "", query))

    @router.get("/sessions/list", dependencies=viewer)
    async def session_list(
        scope: Asked,
        query: Search = "",
        source: SourceName = "events",
        from_seconds: Seconds = 0,
        to_seconds: Seconds | None = None,
        limit: Rows = 50,
    ) -> SessionList:
        return await analytics.sessions.between(
            scope, Wanted(source, "", query), from_seconds=from_seconds, to_seconds=to_seconds, limit=limit
        )

    @router.get("/people", dependencies=viewer)
    async def people(
        scope: Asked,
        event: Event = "",
        query: Search = "",
        source: SourceName = "events",
        unit: Unit = "person",
        breakdown: Breakdown = "",
        value: Annotated[str | None, Query(max_length=1024, description="of the breakdown")] = None,
        limit: Rows = 50,
    ) -> PersonList:
        """Who did something, the latest first, with their sessions, traces and errors."""
        wanted = Wanted(source, event, query)
        return await analytics.people.of(scope, wanted, unit, breakdown=breakdown, value=value, limit=limit)

    @router.get("/people/{person:path}", dependencies=viewer)
    async def person(scope: Asked, person: Annotated[str, Path(min_length=1, max_length=1024)]) -> PersonDetail:
        """By any of their distinct ids."""
        return await analytics.people.detail(person, scope)


def _funnels(router: APIRouter, analytics: Analytics, saved: FunnelLedger, guard: Guard, scopes: Scopes) -> None:
    viewer = [Depends(guard.requires(Role.VIEWER))]
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=TokenScope.WRITE))]

    @router.post("/funnel", dependencies=viewer)
    async def funnel(body: FunnelQuery) -> FunnelResult:
        return await analytics.funnels.result(body, scopes.of(body.start, body.end, body.env, body.project))

    @router.post("/funnel/people", dependencies=viewer)
    async def funnel_people(body: FunnelPeopleQuery) -> PersonList:
        """Who took a step, or left before it, with their sessions, traces and errors."""
        return await analytics.funnels.people(body, scopes.of(body.start, body.end, body.env, body.project))

    @router.get("/funnels", dependencies=viewer)
    async def saved_funnels() -> SavedFunnels:
        return SavedFunnels(funnels=[_saved(row) for row in await saved.all()])

    @router.post("/funnels", status_code=201)
    async def save_funnel(body: FunnelToSave, actor: Editor) -> SavedFunnel:
        return _saved(await saved.add(actor, body.name, body.funnel.model_dump()))

    @router.put("/funnels/{id}")
    async def change_funnel(id: FunnelId, body: FunnelToSave, actor: Editor) -> SavedFunnel:
        return _saved(await saved.change(actor, id, body.name, body.funnel.model_dump()))

    @router.delete("/funnels/{id}", status_code=204, response_class=Response)
    async def remove_funnel(id: FunnelId, actor: Editor) -> None:
        await saved.remove(actor, id)


def _saved(row: SavedFunnelRow) -> SavedFunnel:
    return SavedFunnel(
        id=row.id,
        name=row.name,
        funnel=Funnel.model_validate(row.funnel),
        changed_at=format_time(row.changed_ms * 1_000_000),
        changed_by=row.changed_by,
    )
