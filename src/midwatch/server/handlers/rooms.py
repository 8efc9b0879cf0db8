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


def handler_rooms(database: Database, errors: Errors, pattern: Callable[[], str], clock: Clock) -> HandlerRooms:
    """`pattern`: of private keys."""
    runs, orders = HandlerRuns(database, clock), HandlerOrders(database, clock)
    return HandlerRooms(HandlerDesk(runs, orders, clock, pattern), HandlerKeeper(runs, orders, errors, clock))
