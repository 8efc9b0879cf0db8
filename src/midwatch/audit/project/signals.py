"""Logs with fields, requests, metrics, traces; libraries that nobody uses."""

from collections.abc import Iterator

from midwatch.audit.catalog import LIBRARY_NOT_USED, NO_METRICS, NO_REQUEST_LOG, NO_STRUCTURED_LOGGING, NO_TRACING
from midwatch.audit.finding import BROWSER, Finding
from midwatch.audit.inventory import DEPENDENCY, LIBRARY, LOCKED, LOG_CALL, METRIC, PRINT, REQUEST_LOG
from midwatch.audit.libraries import LOGGING, METRICS, TRACING
from midwatch.audit.libraries import REQUEST_LOG as REQUEST_LOG_ROLE
from midwatch.audit.project.whole import NAMES, Whole, missing


def look(whole: Whole) -> Iterator[Finding]:
    for side, at in whole.services:
        name = NAMES[side]
        if not whole.libraries(LOGGING, side):
            calls = len(whole.of(LOG_CALL, side)), len(whole.of(PRINT, side))
            yield missing(
                NO_STRUCTURED_LOGGING,
                at,
                f"no structured logger in {name}: {calls[0]} log calls, {calls[1]} to the console",
            )
        if not (
            whole.libraries(REQUEST_LOG_ROLE, side) or whole.of(REQUEST_LOG, side) or whole.libraries(TRACING, side)
        ):
            yield missing(NO_REQUEST_LOG, at, f"nothing in {name} logs requests with their status and duration")
        if not whole.libraries(METRICS, side):
            own = [one for one in whole.of(METRIC, side) if one.covered is False]
            kept = f"; {len(own)} are kept in memory, first in {own[0].file}" if own else ""
            yield missing(NO_METRICS, at, f"no metrics library in {name}{kept}")
        if not whole.libraries(TRACING, side):
            locked = [one for one in whole.of(LOCKED, side) if "opentelemetry" in one.name]
            along = f"; {locked[0].name} stands in {locked[0].file}, and nothing of ours imports it" if locked else ""
            yield missing(NO_TRACING, at, f"no tracing in {name}{along}")
    used = {one.name.rpartition(":")[0] for one in whole.of(LIBRARY)}
    for dependency in whole.of(DEPENDENCY):
        family = dependency.name.split("/")[0] if dependency.name.startswith("@") else dependency.name
        read = dependency.side in whole.sides_read or BROWSER in whole.sides_read
        if read and not any(one == family or one.startswith((f"{family}/", f"{family}.")) for one in used):
            yield missing(LIBRARY_NOT_USED, dependency, f"{dependency.name} is a dependency, and nothing imports it")
