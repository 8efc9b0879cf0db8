"""What questions cost, counted for `/metrics` on their way to the store."""

import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from midwatch.server.model.errors import StoreError
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.query.source import Source

PAGE, SQL = "page", "sql"
ANSWERED, FAILED, LEFT = "answered", "failed", "left"
"""Outcomes, beside the codes of the store's errors: `failed` is an error that the store answered with, most often for
the SQL of a user; `left` is a reader who went away, or who had enough."""


class Costs:
    """By class of question. Used from the event loop."""

    def __init__(self) -> None:
        self._asked = Counts(
            "midwatch_queries_total", "Questions to the store, by class and how they ended", ("class", "outcome")
        )
        self._seconds = Counts(
            "midwatch_query_seconds_total", "Seconds that questions took, waits for their turn included", ("class",)
        )

    def measures(self) -> Iterable[Measure]:
        yield from self._asked.measures()
        yield from self._seconds.measures()

    @contextlib.contextmanager
    def of(self, name: str) -> Iterator[None]:
        started, outcome = time.perf_counter(), LEFT
        try:
            yield
            outcome = ANSWERED
        except StoreError as error:
            outcome = FAILED if error.exception_code is not None and error.code == StoreError.code else error.code
            raise
        finally:
            self._asked.add(name, outcome)
            self._seconds.add(name, amount=time.perf_counter() - started)


class CountedSource:
    """A `Source` for pages and programs."""

    def __init__(self, source: Source, costs: Costs) -> None:
        self._source = source
        self._costs = costs

    async def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        with self._costs.of(PAGE):
            return await self._source.rows(sql, params)

    async def stream(
        self, sql: str, params: Mapping[str, Any] | None = None
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        with self._costs.of(PAGE):
            async with contextlib.aclosing(self._source.stream(sql, params)) as blocks:  # type: ignore[type-var]
                async for block in blocks:
                    yield block


class CountedTables:
    """`Tables` for users' SQL, of the function that asks in its class."""

    def __init__(self, table: Callable[..., Awaitable[Any]], costs: Costs) -> None:
        self._table = table
        self._costs = costs

    async def table(
        self, sql: str, params: Mapping[str, Any] | None = None, *, settings: Mapping[str, Any] | None = None
    ) -> Any:
        with self._costs.of(SQL):
            return await self._table(sql, params, settings=settings)
