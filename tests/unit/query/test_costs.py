"""What questions cost is counted however they end."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import pytest

from midwatch.server.model.errors import StoreError
from midwatch.server.query.costs import Costs, CountedSource, CountedTables


class Numbers:
    """A source of two blocks; a question with `fail` fails, one with `hang` never ends."""

    async def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        if sql == "fail":
            raise StoreError("it was too much", code="too_much")
        if sql == "wrong":
            raise StoreError("no such column", exception_code=47)
        if sql == "hang":
            await asyncio.Event().wait()
        return [{"sql": sql}]

    async def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[list[dict[str, Any]]]:
        yield [{"n": 1}]
        yield [{"n": 2}]

    async def table(self, sql: str, params: Mapping[str, Any] | None = None, *, settings: Any = None) -> str:
        return sql


def counted(costs: Costs) -> dict[tuple[str, ...], float]:
    named = [one for one in costs.measures() if one.name == "midwatch_queries_total"]
    return {tuple(value for _, value in one.labels): one.value for one in named}


async def test_every_end_is_counted() -> None:
    """Answered, failed by the store's code, left by a reader who went away or had enough; SQL of users apart."""
    costs, numbers = Costs(), Numbers()
    source, tables = CountedSource(numbers, costs), CountedTables(numbers.table, costs)
    assert await source.rows("x") == [{"sql": "x"}]
    assert [block async for block in source.stream("x")] == [[{"n": 1}], [{"n": 2}]]
    async with aclosing(source.stream("x")) as blocks:
        assert await anext(blocks) == [{"n": 1}]
    for sql in ("fail", "wrong"):
        with pytest.raises(StoreError):
            await source.rows(sql)
    hanging = asyncio.ensure_future(source.rows("hang"))
    await asyncio.sleep(0)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert await tables.table("y") == "y"
    assert counted(costs) == {
        ("page", "answered"): 2,
        ("page", "left"): 2,
        ("page", "too_much"): 1,
        ("page", "failed"): 1,
        ("sql", "answered"): 1,
    }
    seconds = {one.labels: one.value for one in costs.measures() if one.name == "midwatch_query_seconds_total"}
    assert all(value > 0 for value in seconds.values())
    assert len(seconds) == 2
