"""Calls of functions over range vectors: windows of stored samples or of a subquery's."""

from dataclasses import replace

import numpy as np

from midwatch.server.promql.block import Block, nothing, stack
from midwatch.server.promql.context import Context
from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.promql.functions.ranges import RangeCall
from midwatch.server.promql.functions.registry import (
    ANCHORED,
    COUNTER_SUFFIXES,
    COUNTERS_ONLY,
    KEEPS_NAME,
    RANGE_FUNCTIONS,
    SMOOTHED,
)
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.labels import EMPTY, NAME, Labels, get, make
from midwatch.server.promql.matchers import MatchType
from midwatch.server.promql.samples import Samples
from midwatch.server.promql.selection import evaluation_times, window_samples
from midwatch.server.promql.storage import RangeRequest
from midwatch.server.promql.syntax.ast import Call, Expr, MatrixSelector, Span, Subquery, VectorSelector
from midwatch.server.promql.syntax.text import quote

_CELLS_AT_ONCE = 250_000
"""Series × steps that are computed together: what still fits the processor's cache, and bounds memory."""


def subquery_grid(context: Context, node: Subquery, times: Ints) -> Grid:
    """The steps that a subquery needs: multiples of its step in (first - range, last]."""
    step = node.step_ms or context.options.subquery_step_ms(node.range_ms)
    before = int(times.min()) - node.range_ms
    return Grid((before // step + 1) * step, int(times.max()), step)


def subquery_samples(block: Block, grid: Grid) -> Samples:
    """A subquery's results as samples.

    They may skip a counter reset or show one twice, so what the stored samples knew of resets is forgotten.
    """
    if block.histograms is not None:
        histograms = block.histograms.copy()
        for row, column in np.argwhere(block.is_histogram).tolist():
            one: FloatHistogram = histograms[row, column]
            if one.hint in (Hint.RESET, Hint.NOT_RESET):
                histograms[row, column] = one.with_hint(Hint.UNKNOWN)
        block = replace(block, histograms=histograms)
    return Samples.of_block(block, grid.times())


def check_extension(selector: VectorSelector, function: str) -> None:
    """Anchored and smoothed windows reach outside the range, which few functions know of."""
    for word, wanted, allowed in (
        ("anchored", selector.anchored, ANCHORED),
        ("smoothed", selector.smoothed, SMOOTHED),
    ):
        if wanted and function not in allowed:
            names = ", ".join(sorted(allowed))
            raise ExecutionError(f"{word} modifier can only be used with: {names} - not with {function}")


def pushed_down(context: Context, call: Call, node: MatrixSelector, grid: Grid) -> Block | None:
    """What the store computes itself, if it can."""
    plain = len(call.arguments) == 1 and not node.selector.anchored and not node.selector.smoothed
    if not plain or context.pushing is None:
        return None
    times = evaluation_times(node.selector, grid)
    block = context.pushing.range_function(RangeRequest(call.function.name, node, times, grid))
    if block is None:
        return None
    if call.function.name in COUNTERS_ONLY:
        _hint_at_gauges(context, block, call.arguments[0].span)
    return _named(context, call.function.name, block)


def over_selector(context: Context, call: Call, node: MatrixSelector, scalars: list[Floats], grid: Grid) -> Block:
    check_extension(node.selector, call.function.name)
    pushed = pushed_down(context, call, node, grid)
    if pushed is not None:
        return pushed
    times = evaluation_times(node.selector, grid)
    samples = window_samples(context, node, times)
    extension = "anchored" if node.selector.anchored else "smoothed" if node.selector.smoothed else ""
    return _computed(context, call, samples, times, node.range_ms, scalars, grid, extension)


def over_samples(
    context: Context, call: Call, node: Subquery, samples: Samples, scalars: list[Floats], grid: Grid
) -> Block:
    return _computed(context, call, samples, evaluation_times(node, grid), node.range_ms, scalars, grid, "")


def _computed(
    context: Context,
    call: Call,
    samples: Samples,
    times: Ints,
    range_ms: int,
    scalars: list[Floats],
    grid: Grid,
    extension: str,
) -> Block:
    name = call.function.name
    spans = [argument.span for argument in call.arguments]
    ranged = next(i for i, argument in enumerate(call.arguments) if isinstance(argument, MatrixSelector | Subquery))
    if not samples.labels:
        return nothing(grid.steps)
    blocks = []
    for part in samples.parts(max(1, _CELLS_AT_ONCE // grid.steps)):
        context.budget.check_time()
        range_call = RangeCall(context, name, part, times, range_ms, grid, scalars, spans[ranged], spans, extension)
        answer = RANGE_FUNCTIONS[name](range_call)
        blocks.append(Block(part.labels, answer.values, answer.present, answer.histograms, part.drop_name).compact())
    block = stack(blocks, grid.steps)
    if name in COUNTERS_ONLY:
        _hint_at_gauges(context, block, spans[0])
    return _named(context, name, block)


def _named(context: Context, name: str, block: Block) -> Block:
    if name == "absent_over_time":  # Only whether anything is there counts, so labels may collide.
        return block
    return block.unique() if name in KEEPS_NAME else context.renamed(block)


def _hint_at_gauges(context: Context, block: Block, span: Span) -> None:
    has_float = block.is_float
    for row in np.flatnonzero(has_float.any(axis=1)).tolist():
        name = get(block.labels[row], NAME)
        if not name:
            continue
        if context.options.type_and_unit_labels:
            kind = get(block.labels[row], "__type__")
            if kind not in ("counter", "histogram"):
                what = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"'
                context.notes.inform(f"{what}, got {quote(kind)}: {quote(name)}", span)
        elif not name.endswith(COUNTER_SUFFIXES):
            what = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket"
            context.notes.inform(f"{what}: {quote(name)}", span)


def absent(present: Block, argument: Expr, steps: int) -> Block:
    """One row where there is no other, with the labels that the selector asked for."""
    missing: Bools = ~np.any(present.present, axis=0, keepdims=True)
    return Block([absent_labels(argument)], np.ones((1, steps)), missing.reshape(1, steps)).compact()


def absent_labels(argument: Expr) -> Labels:
    """Labels that a selector sets by equality; one that it names twice is none."""
    if isinstance(argument, MatrixSelector):
        argument = argument.selector
    if not isinstance(argument, VectorSelector):
        return EMPTY
    found: dict[str, str] = {}
    seen: set[str] = set()
    for one in argument.matchers:
        if one.name == NAME:
            continue
        if one.type is MatchType.EQUAL and one.name not in seen:
            found[one.name] = one.value
            seen.add(one.name)
        else:
            found.pop(one.name, None)
    return make(found)
