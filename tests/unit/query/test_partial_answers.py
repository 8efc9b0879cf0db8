"""Searches that go back in time: what they have found is answered where going further costs too much."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import TOO_MUCH, StoreError
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.logs import LogQueries
from midwatch.server.query.source import Scope
from midwatch.server.query.trace_search import TraceSearch

DAY = Scope(TimeRange(0, 86_400 * 10**9))
NEWEST = DAY.span.end_ns - 10**9
LINE = {"ts": NEWEST, "observed": NEWEST, "level": "info", "segment": "0" * 32, "row": 1, "body": "the newest"}
LINE |= dict.fromkeys(("severity_text", "service", "env", "event", "trace_id", "span_id", "scope"), "")
LINE |= {"severity_number": 9, "adjustments": [], **{name: {} for name in ("attributes", "types", "resource")}}
LINE |= {"resource_types": {}}
FOUND = {"TraceId": "a" * 32, "matched": 1, "longest": 5, "newest": NEWEST, "last_segment": "0" * 32}
INDEXED = {"n": 1, "low": NEWEST - 3600 * 10**9, "high": NEWEST}
SUMMARY = {"TraceId": "a" * 32, "start": NEWEST, "end": NEWEST + 5, "n": 1, "errors": 0, "env": ""}
SUMMARY |= {"root_service": "api", "root_name": "GET", "spans_of": {"api": 1}, "errors_of": {}}


class Told:
    """A `Source` that gives one answer after another."""

    def __init__(self, *answers: list[dict[str, Any]] | StoreError) -> None:
        self._answers = list(answers)

    async def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        answer = self._answers.pop(0)
        if isinstance(answer, StoreError):
            raise answer
        return [dict(row) for row in answer]

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[list[dict[str, Any]]]:
        raise NotImplementedError


def too_much() -> StoreError:
    return StoreError("cannot answer the query: it took longer than 20 s", exception_code=159, code=TOO_MUCH)


async def lines(*answers: list[dict[str, Any]] | StoreError) -> Any:
    return await LogQueries(Told(*answers)).search(DAY, "", limit=10, cursor=None, oldest_first=False)


async def traces(*answers: list[dict[str, Any]] | StoreError) -> Any:
    search = TraceSearch(Told(*answers), VirtualClock(), tuple)
    asked = {"limit": 10, "cursor": None, "slowest": False, "duration_ms": (None, None)}
    return await search.page(DAY, "", **asked)  # type: ignore[arg-type]


async def test_lines_that_were_found_are_answered_as_partial() -> None:
    """With what there is, and without a cursor to what costs too much; one that goes through is whole."""
    page = await lines([LINE], too_much())
    assert ([row.body for row in page.rows], page.partial, page.next_cursor) == (["the newest"], True, None)
    page = await lines([LINE] * 11)
    assert (len(page.rows), page.partial) == (10, False)


async def test_traces_that_were_found_are_answered_as_partial() -> None:
    """Also where only the counts of their matching spans are not whole."""
    page = await traces([FOUND], too_much(), [INDEXED], [], [SUMMARY])
    assert ([one.root_service for one in page.traces], page.partial) == (["api"], True)
    page = await traces([FOUND], too_much(), [INDEXED], too_much(), [SUMMARY])
    assert ([one.matched_spans for one in page.traces], page.partial) == ([1], True)


@pytest.mark.parametrize("search", [lines, traces])
async def test_what_finds_nothing_is_refused(search: Any) -> None:
    """An empty page would read as "there is none"; and what else goes wrong is never a partial answer."""
    with pytest.raises(StoreError, match="longer than"):
        await search([], too_much())
    with pytest.raises(StoreError, match="away"):
        await search([LINE | FOUND], StoreError("the store is away"))
