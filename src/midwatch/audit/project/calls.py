"""Retries of external calls."""

from collections.abc import Iterator

from midwatch.audit.catalog import NO_RETRIES
from midwatch.audit.finding import NODE, PYTHON, Finding
from midwatch.audit.inventory import CALL, JOB, RETRY
from midwatch.audit.project.whole import NAMES, Whole, missing

CALLS_MIN = 5


def look(whole: Whole) -> Iterator[Finding]:
    for side in (PYTHON, NODE):
        calls = [one for one in whole.of(CALL, side) if one.covered is not None]
        if (
            len(calls) >= CALLS_MIN
            and not whole.of(RETRY, side)
            and not any(one.covered for one in whole.of(JOB, side))
        ):
            yield missing(NO_RETRIES, calls[0], f"{len(calls)} external calls in {NAMES[side]}, and nothing retries")
