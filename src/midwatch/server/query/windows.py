"""Ranges from their newest end on: what is asked for newest first is mostly found in the first part of it."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from midwatch.server.model.errors import TOO_MUCH, StoreError
from midwatch.server.model.timerange import TimeRange

SECONDS = (900, 6 * 3600, 48 * 3600)


def widening(span: TimeRange, *, from_ns: int | None = None) -> list[TimeRange]:
    """Parts of the range, each longer than the one before, that end with it; the last is the whole.

    They begin so long before `from_ns`, where the answer is expected: at its end unless told otherwise.
    """
    at_ns = span.end_ns if from_ns is None else from_ns
    starts = [at_ns - seconds * 10**9 for seconds in SECONDS]
    return [*(replace(span, start_ns=start) for start in starts if span.start_ns < start < span.end_ns), span]


FIRST_SECONDS = 900
FURTHER_MIN, FURTHER_MAX = 1.5, 4.0
MARGIN = 1.25
"""More than enough of what is wanted, where it goes on as it was so far."""


def backwards(span: TimeRange, wanted: int, found: Callable[[], int]) -> Iterator[TimeRange]:
    """The range in parts, newest first, until `found` says that there are as many as wanted.

    How far the next part goes follows from how many there were so far, so that little more than necessary is read.
    """
    end_ns, length_ns = span.end_ns, FIRST_SECONDS * 10**9
    while True:
        start_ns = max(span.start_ns, span.end_ns - length_ns)
        yield replace(span, start_ns=start_ns, end_ns=end_ns)
        if start_ns == span.start_ns or (so_far := found()) >= wanted:
            return
        factor = wanted / so_far * MARGIN if so_far else FURTHER_MAX
        end_ns, length_ns = start_ns, int(length_ns * min(FURTHER_MAX, max(FURTHER_MIN, factor)))


async def unless_too_much(
    asked: Awaitable[list[dict[str, Any]]], so_far: Collection[Any]
) -> list[dict[str, Any]] | None:
    """Rows; None where they cost too much time or memory and earlier parts found something: that is a partial answer.

    Raises:
        StoreError: any other; and this one, too, where nothing was found before.
    """
    try:
        return await asked
    except StoreError as error:
        if error.code != TOO_MUCH or not so_far:
            raise
        return None
