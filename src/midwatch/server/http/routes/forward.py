"""`/api/v1/forward`: what is sent on to others, and how it goes."""

from fastapi import APIRouter, Depends

from midwatch.server.forward.forwarder import Forwarder, Route
from midwatch.server.forward.lane import Lane
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Role
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.forward import ForwardDestination, ForwardDestinations, ForwardedSignal


def forward_routes(forwarder: Forwarder, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["system"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get("/forward", dependencies=[viewer])
    async def forward_destinations() -> ForwardDestinations:
        return ForwardDestinations(destinations=[_destination(route) for route in forwarder.routes.values()])

    return router


def _destination(route: Route) -> ForwardDestination:
    destination = route.destination
    return ForwardDestination(
        name=destination.name,
        endpoint=destination.endpoint,
        queue_bytes_max=destination.queue.size,
        queue_age_seconds_max=destination.queue.age,
        signals=[_signal(route, lane) for lane in route.lanes.values()],
    )


def _signal(route: Route, lane: Lane) -> ForwardedSignal:
    kind, state = lane.otlp.kind, lane.state
    return ForwardedSignal(
        signal=kind.signal.value,
        sent_bodies=state.sent_bodies,
        sent_items=state.sent_items,
        sent_bytes=state.sent_bytes,
        last_sent=None if state.last_sent_ns is None else format_time(state.last_sent_ns),
        waiting_bytes=route.queue.bytes_of(kind),
        oldest_waiting_seconds=route.queue.oldest_seconds([kind]),
        failed_attempts=state.failed_attempts,
        error=state.error,
        retry_at=None if state.retry_ns is None else format_time(state.retry_ns),
        lost=state.lost,
    )
