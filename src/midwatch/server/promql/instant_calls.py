"""Calls of functions without a range vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from midwatch.server.promql import info as info_series
from midwatch.server.promql import selection
from midwatch.server.promql.block import Block, nothing
from midwatch.server.promql.floats import Floats, Ints, open_metrics
from midwatch.server.promql.functions import classic, label_functions
from midwatch.server.promql.functions.elementwise import CALENDAR, ELEMENTWISE, clamp, round_to
from midwatch.server.promql.functions.native import NATIVE, of_histograms
from midwatch.server.promql.histogram import quantiles
from midwatch.server.promql.labels import EMPTY, replaced
from midwatch.server.promql.range_calls import absent
from midwatch.server.promql.syntax.ast import (
    Call,
    Expr,
    MatrixSelector,
    StringLiteral,
    Subquery,
    VectorSelector,
    children,
)

if TYPE_CHECKING:
    from midwatch.server.promql.evaluate import Evaluator, Value
    from midwatch.server.promql.grid import Grid

_SORTS = frozenset({"sort", "sort_desc", "sort_by_label", "sort_by_label_desc"})


def call(run: Evaluator, node: Call, grid: Grid) -> Value:  # noqa: PLR0911, PLR0912 - one branch a function
    name, arguments = node.function.name, node.arguments
    if name in ELEMENTWISE:
        return _mapped(run, run.block(arguments[0], grid), ELEMENTWISE[name])
    if name in CALENDAR:
        return _calendar(run, name, arguments, grid)
    if name in NATIVE:
        return of_histograms(run.context, run.block(arguments[0], grid), NATIVE[name])
    if name in _SORTS:
        return _sorted(run, node, grid)
    match name:
        case "time":
            return grid.times() / 1000
        case "pi":
            return np.full(grid.steps, np.pi)
        case "max_of" | "min_of":
            better = np.maximum if name == "max_of" else np.minimum
            return better(run.numbers(arguments[0], grid), run.numbers(arguments[1], grid))
        case "scalar":
            return _scalar(run.block(arguments[0], grid))
        case "vector":
            numbers = run.numbers(arguments[0], grid)
            return Block([EMPTY], numbers[None, :].copy(), np.ones((1, grid.steps), dtype=bool))
        case "absent":
            return absent(run.block(arguments[0], grid), arguments[0], grid.steps)
        case "timestamp" | "start_timestamp":
            return _timestamp(run, node, grid)
        case "clamp" | "clamp_min" | "clamp_max":
            return _clamp(run, node, grid)
        case "round":
            nearest = run.numbers(arguments[1], grid) if len(arguments) > 1 else np.ones(grid.steps)
            return _mapped(run, run.block(arguments[0], grid), lambda values: round_to(values, nearest))
        case "histogram_quantile" | "histogram_quantiles" | "histogram_fraction":
            return _bucketed(run, node, grid)
        case "label_replace":
            texts = [_text(one) for one in arguments[1:]]
            return label_functions.label_replace(run.block(arguments[0], grid), *texts)
        case "label_join":
            target, separator, *sources = (_text(one) for one in arguments[1:])
            return label_functions.label_join(run.block(arguments[0], grid), target, separator, sources)
        case "info":
            return _info(run, node, grid)
    raise AssertionError(f"{name} has a signature and no implementation")


def _text(expr: Expr) -> str:
    assert isinstance(expr, StringLiteral)
    return expr.value


def _mapped(run: Evaluator, block: Block, function: Callable[[Floats], Floats]) -> Block:
    """Floats by a function; histograms have no place in the result."""
    block = block.floats()
    return run.context.renamed(replace(block, values=function(block.values)))


def _calendar(run: Evaluator, name: str, arguments: tuple[Expr, ...], grid: Grid) -> Block:
    if arguments:
        return _mapped(run, run.block(arguments[0], grid), CALENDAR[name])
    values = CALENDAR[name](np.trunc(grid.times() / 1000))
    return Block([EMPTY], values[None, :], np.ones((1, grid.steps), dtype=bool))


def _scalar(block: Block) -> Floats:
    floats = block.is_float
    values = np.where(floats, block.values, 0.0).sum(axis=0) if block.rows else np.zeros(block.steps)
    if block.rows and not np.isfinite(block.values[floats]).all():
        row = floats.argmax(axis=0)
        values = block.values[row, np.arange(block.steps)]
    return np.where(floats.sum(axis=0) == 1, values, np.nan)


def _clamp(run: Evaluator, node: Call, grid: Grid) -> Block:
    name, arguments = node.function.name, node.arguments
    block = run.block(arguments[0], grid)
    edges = [run.numbers(one, grid) for one in arguments[1:]]
    low = np.full(grid.steps, -np.inf) if name == "clamp_max" else edges[0]
    high = np.full(grid.steps, np.inf) if name == "clamp_min" else edges[-1]
    return _mapped(run, block.where(np.broadcast_to(~(high < low), block.present.shape)), lambda v: clamp(v, low, high))


def _timestamp(run: Evaluator, node: Call, grid: Grid) -> Block:
    """Of a selector its samples' own times; of anything else the step's."""
    argument, starts = node.arguments[0], node.function.name == "start_timestamp"
    if isinstance(argument, VectorSelector):
        found = selection.instant(run.context, argument, grid)
        times: Ints | None = found.samples.times
        if starts:
            times = found.samples.starts if run.context.options.start_timestamps else None
            if times is None and run.context.options.start_timestamps:
                times = np.zeros(len(found.samples.times), dtype=np.int64)
        if times is None:
            return nothing(grid.steps)
        block = Block(found.samples.labels, found.of(times) / 1000, found.present)
        return run.context.renamed(block.compact())
    block = run.block(argument, grid)
    if starts:
        return nothing(grid.steps)
    values = np.broadcast_to(grid.times() / 1000, block.values.shape).copy()
    return run.context.renamed(replace(block, values=values, histograms=None))


def _sorted(run: Evaluator, node: Call, grid: Grid) -> Block:
    name = node.function.name
    block = run.block(node.arguments[0], grid)
    if grid.steps > 1:
        what = "sort is ineffective for range queries since results are always ordered by labels"
        run.context.notes.warn(what, node.span)
    descending = name.endswith("_desc")
    if name.startswith("sort_by_label"):
        names = [_text(one) for one in node.arguments[1:]]
        return label_functions.sort_by_label(block, names, descending=descending)
    return label_functions.sort_by_value(block, descending=descending)


def _bucketed(run: Evaluator, node: Call, grid: Grid) -> Block:
    name, arguments = node.function.name, node.arguments
    place = {"histogram_quantile": 1, "histogram_quantiles": 0, "histogram_fraction": 2}[name]
    numbers = {
        i: run.numbers(one, grid)
        for i, one in enumerate(arguments)
        if i != place and not isinstance(one, StringLiteral)
    }
    vector = classic.BucketedVector(run.context, run.block(arguments[place], grid), arguments[place].span)
    if name == "histogram_fraction":
        lower, upper = numbers[0], numbers[1]
        native = vector.natives(lambda h, step: quantiles.fraction(float(lower[step]), float(upper[step]), h))
        columns = vector.classic(lambda _, c, steps: classic.bucket_fraction(c, lower[steps], upper[steps]))
        return vector.finished([native, columns])
    times = grid.times()
    blocks = []
    for index, q in numbers.items():
        for bad in np.unique(q[~((q >= 0) & (q <= 1))]).tolist():
            run.context.notes.bad_quantile(bad, arguments[index].span)
        parts = _quantile(vector, q, times)
        if name == "histogram_quantiles":
            parts = [part for one in parts for part in _with_label(one, _text(arguments[1]), q)]
        blocks += parts
    return vector.finished(blocks)


def _quantile(vector: classic.BucketedVector, q: Floats, times: Ints) -> list[Block]:
    return [
        vector.natives(lambda histogram, step: quantiles.quantile(float(q[step]), histogram)),
        vector.classic(
            lambda group, columns, steps: classic.bucket_quantile(vector, group, columns, q[steps], times[steps])
        ),
    ]


def _with_label(block: Block, label: str, q: Floats) -> list[Block]:
    """The quantile as a label, which may change from step to step."""
    out = []
    texts = np.array([open_metrics(float(one)) for one in q])
    for text in sorted(set(texts.tolist())):
        part = block.where(np.broadcast_to(texts == text, block.present.shape))
        out.append(replace(part, labels=[replaced(labels, {label: text}) for labels in part.labels]))
    return out


def _info(run: Evaluator, node: Call, grid: Grid) -> Block:
    pinned, offset = _info_time(node.arguments[0], ())
    block = run.block(node.arguments[0], grid)
    selector = node.arguments[1].matchers if len(node.arguments) > 1 else ()  # type: ignore[union-attr]
    ignored = info_series.ignored_rows(block, selector)
    wanted = info_series.series_matchers(block, ignored, selector)
    times = (grid.times() if pinned is None else np.full(grid.steps, pinned, dtype=np.int64)) - offset
    found = info_series.InfoSeries([], np.empty((0, grid.steps), dtype=np.int64))
    if wanted is not None:
        lookback = run.context.options.lookback_ms
        start, end = int(times.min()) - lookback + 1, int(times.max())
        samples = selection.load(run.context, tuple(wanted), start, end)
        found = info_series.InfoSeries.of(samples, times, lookback)
    return info_series.enrich(block, found, ignored, selector)


def _info_time(expr: Expr, outer: tuple[Subquery, ...]) -> tuple[int | None, int]:
    """The time at which the first selector below looks, subqueries around it included."""
    if isinstance(expr, VectorSelector):
        pinned, offset = expr.at_ms, expr.offset_ms
        for one in reversed(outer):
            if pinned is not None:
                break
            offset += one.offset_ms
            pinned = one.at_ms
        return pinned, offset
    below = (*outer, expr) if isinstance(expr, Subquery) else outer
    for child in children(expr):
        if _has_selector(child):
            return _info_time(child, below)
    return None, 0


def _has_selector(expr: Expr) -> bool:
    return isinstance(expr, VectorSelector | MatrixSelector) or any(map(_has_selector, children(expr)))
