"""Whether it can be asked how it is, and told to stop."""

from collections.abc import Iterator

from midwatch.audit.catalog import NO_GRACEFUL_SHUTDOWN, NO_HEALTH_ENDPOINT, SHALLOW_HEALTH
from midwatch.audit.finding import NODE, PYTHON, Finding
from midwatch.audit.inventory import HEALTH, SERVER, SHUTDOWN, WORKER_LOOP
from midwatch.audit.libraries import CACHE, DATABASE
from midwatch.audit.project.whole import NAMES, Whole, missing


def look(whole: Whole) -> Iterator[Finding]:
    for side, at in whole.services:
        health = whole.of(HEALTH, side)
        stores = [*whole.libraries(DATABASE, side), *whole.libraries(CACHE, side)]
        if not health:
            depends = " and ".join(dict.fromkeys(one.name.partition(":")[0] for one in stores[:2]))
            yield missing(
                NO_HEALTH_ENDPOINT,
                at,
                f"no health endpoint in {NAMES[side]}{f', which depends on {depends}' if depends else ''}",
            )
        elif stores and all(one.covered is False for one in health):
            yield missing(SHALLOW_HEALTH, health[0], f"{health[0].name} asks nothing that the service depends on")
    servers = whole.of(SERVER, NODE)
    if servers and not whole.of(SHUTDOWN, NODE):
        yield missing(NO_GRACEFUL_SHUTDOWN, servers[0], "the server listens, and nothing listens to SIGTERM")
    for loop in whole.of(WORKER_LOOP, PYTHON):
        if not loop.covered:
            yield missing(
                NO_GRACEFUL_SHUTDOWN, loop, "an endless loop in a program of its own, and no handler of SIGTERM"
            )
