"""The room of failed runs, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from midwatch.server.handlers.desk import HandlerDesk
from midwatch.server.handlers.keeper import Errors, HandlerKeeper
from midwatch.server.model.clock import Clock
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.handler_orders import HandlerOrders
from midwatch.server.workspace.handler_runs import HandlerRuns


@dataclass(frozen=True, slots=True)
class HandlerRooms:
    desk: HandlerDesk
    keeper: HandlerKeeper


@dataclass(frozen=True, slots=True)
class HandlerLimits:
    days: float
    """For so long a run is kept after it failed last; 0: for ever."""
    runs_per_hour: int
    """Of one service."""
    asking: int
    """Apps whose question is open at once."""


def handler_rooms(
    database: Database, errors: Errors, pattern: Callable[[], str], clock: Clock, limits: HandlerLimits
) -> HandlerRooms:
    """`pattern`: of private keys."""
    runs, orders = HandlerRuns(database, clock, per_hour=limits.runs_per_hour), HandlerOrders(database, clock)
    desk = HandlerDesk(runs, orders, clock, pattern, asking_max=limits.asking)
    return HandlerRooms(desk, HandlerKeeper(runs, orders, errors, clock, days=limits.days))
