"""Metric queries: each range aggregation by one SELECT, what stands around them by PromQL's own arithmetic."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from midwatch.server.model.timerange import TimeRange
from midwatch.server.promql import results
from midwatch.server.promql.annotations import Annotations
from midwatch.server.promql.block import Block
from midwatch.server.promql.context import Context
from midwatch.server.promql.errors import LimitError
from midwatch.server.promql.evaluate import Evaluator
from midwatch.server.promql.floats import Ints
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.labels import Labels, make
from midwatch.server.promql.limits import Budget
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.options import EngineOptions
from midwatch.server.promql.prepare import prepare
from midwatch.server.promql.storage import RangeRequest, Series
from midwatch.server.promql.syntax.ast import Aggregate, Expr, VectorSelector, children, unwrap
from midwatch.server.query.logql.errors import PipelineError
from midwatch.server.query.logql.sql.ranges import SERIES_MAX, Statement, Window, statement
from midwatch.server.query.logql.syntax.ast import Grouping, MetricQuery, RangeAggregation
from midwatch.server.query.source import Scope, Source

SECONDS_MAX = 30.0
"""For the arithmetic; the store has its own bound."""
_SUMMED = frozenset({"count_over_time", "rate", "bytes_over_time", "bytes_rate", "sum_over_time"})
_SAME = {"min": frozenset({"min_over_time"}), "max": frozenset({"max_over_time"}), "sum": _SUMMED}
"""Aggregations that give the same when the store groups by their labels already."""


class MetricQueries:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._options = EngineOptions()

    async def evaluate(self, query: MetricQuery, grid: Grid, *, instant: bool) -> results.Result:
        """At each step of the grid; `instant`: at its only one, as a vector.

        Raises:
            PipelineError: some lines could not be read.
            LimitError: more series than are held.
            QueryError: the arithmetic has no answer.
        """
        groupings = _groupings(query)
        blocks = await asyncio.gather(*(self._block(one, grid, groupings.get(n)) for n, one in enumerate(query.ranges)))
        leaves = _Leaves({f"range_{n}": block for n, block in enumerate(blocks)})
        return await asyncio.to_thread(self._arithmetic, query.expr, leaves, grid, instant=instant)

    def _arithmetic(self, expr: Expr, leaves: "_Leaves", grid: Grid, *, instant: bool) -> results.Result:
        deadline = time.monotonic() + SECONDS_MAX
        budget = Budget(self._options, lambda: time.monotonic() > deadline)
        context = Context(leaves, self._options, Annotations(), budget)
        with np.errstate(all="ignore"):
            found = Evaluator(context).evaluate(prepare(expr, grid, step_ms=grid.step_ms), grid)
        value: results.Value
        if not isinstance(found, Block):
            value = results.Scalar(float(found[0])) if instant else results.scalar_matrix(found, grid)
        else:
            block = results.named(found)
            value = results.vector(block) if instant else results.matrix(block, grid)
        return results.Result(value, grid.end_ms, [], [], budget.peak)

    async def _block(self, found: RangeAggregation, grid: Grid, grouping: Grouping | None) -> Block:
        window = Window(
            first_ns=(grid.start_ms - found.offset_ms) * 1_000_000,
            step_ns=grid.step_ms * 1_000_000,
            steps=grid.steps,
            range_ns=found.range_ms * 1_000_000,
        )
        read = Scope(TimeRange(window.after_ns + 1, window.until_ns + 1))
        asked = statement(found, read, window, found.grouping or grouping)
        return _block_of(await self._source.rows(asked.sql, asked.params), asked, grid.steps)


def _groupings(query: MetricQuery) -> dict[int, Grouping]:
    """By range aggregation: the labels by which the store may group it, where nothing above asks for more."""
    names = {f"range_{n}": n for n in range(len(query.ranges))}
    found: dict[int, Grouping] = {}
    waiting: list[Expr] = [query.expr]
    while waiting:
        expr = waiting.pop()
        waiting += children(expr)
        if not isinstance(expr, Aggregate) or expr.operator not in _SAME:
            continue
        inner = unwrap(expr.expr)
        if isinstance(inner, VectorSelector):
            n = names[inner.name]
            if query.ranges[n].function in _SAME[expr.operator] and query.ranges[n].grouping is None:
                found[n] = Grouping(expr.grouping, expr.without)
    return found


def _block_of(rows: Sequence[Mapping[str, Any]], asked: Statement, steps: int) -> Block:
    if failed := next((row["error"] for row in rows if row["error"]), ""):
        raise PipelineError(failed)
    if len(rows) > SERIES_MAX:
        raise LimitError(
            f"maximum number of series ({SERIES_MAX}) reached for a single query;"
            " consider reducing query cardinality by adding more specific stream selectors or aggregating with sum by"
        )
    labels = [_labels(row["labels"], asked.labels) for row in rows]
    values = np.full((len(rows), steps), np.nan)
    present = np.zeros((len(rows), steps), dtype=bool)
    for n, row in enumerate(rows):
        values[n, row["steps"]] = row["samples"]
        present[n, row["steps"]] = True
    return Block(labels, values, present)


def _labels(found: Any, names: tuple[str, ...] | None) -> Labels:
    return make(found if names is None else zip(names, found, strict=True))


class _Leaves:
    """Finished range aggregations, as the engine asks for selectors (promql `PushDown`)."""

    def __init__(self, blocks: Mapping[str, Block]) -> None:
        self._blocks = blocks

    def instant(self, selector: VectorSelector, times_ms: Ints, lookback_ms: int) -> Block | None:
        return self._blocks[selector.name]

    def range_function(self, request: RangeRequest) -> Block | None:
        return None

    def aggregate(self, aggregate: Aggregate, grid: Grid) -> Block | None:
        return None

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        raise AssertionError("every selector of a LogQL query is a finished range aggregation")
