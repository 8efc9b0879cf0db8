"""Who is told of unexpected errors."""

from collections.abc import Iterator

from midwatch.audit.catalog import NO_CENTRAL_ERROR_HANDLER, NO_ERROR_BOUNDARY, NO_ERROR_TRACKING, NO_LAST_RESORT
from midwatch.audit.finding import BROWSER, NODE, Finding
from midwatch.audit.inventory import BOUNDARY, ERROR_HANDLER, LAST_RESORT, ROUTE, SERVER, TREE
from midwatch.audit.libraries import ERRORS
from midwatch.audit.project.whole import NAMES, Whole, missing

ROUTES_MIN = 3
"""A handler for all is worth having from so many on."""


def look(whole: Whole) -> Iterator[Finding]:
    for side, at in whole.services:
        if not whole.libraries(ERRORS, side):
            yield missing(NO_ERROR_TRACKING, at, f"no error tracking in {NAMES[side]}")
    if (trees := whole.of(TREE)) and BROWSER in whole.sides_read:
        if not [one for one in whole.libraries(ERRORS) if one.side == BROWSER or "@sentry/" in one.name]:
            yield missing(
                NO_ERROR_TRACKING,
                trees[0],
                "no error tracking in the browser: an error there is seen by its user alone",
            )
        if not whole.of(BOUNDARY):
            yield missing(NO_ERROR_BOUNDARY, trees[0], "no error boundary anywhere below this root")
    routes = whole.of(ROUTE, NODE)
    if len(routes) >= ROUTES_MIN and not whole.of(ERROR_HANDLER, NODE):
        own = sum(1 for one in routes if one.covered)
        yield missing(
            NO_CENTRAL_ERROR_HANDLER,
            routes[0],
            f"{len(routes)} request handlers, {own} with a try/catch of their own, and none for all",
        )
    servers = whole.of(SERVER, NODE)
    if servers and not whole.of(LAST_RESORT, NODE) and not whole.libraries(ERRORS, NODE):
        yield missing(NO_LAST_RESORT, servers[0], "neither unhandledRejection nor uncaughtException is listened to")
