"""Selectors over steps: the last samples no older than the look-back, and those of windows."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from midwatch.server.promql.block import Block, nothing
from midwatch.server.promql.context import Context
from midwatch.server.promql.floats import Bools, Floats, Ints, Objects
from midwatch.server.promql.functions.interpolation import between, between_histograms
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError
from midwatch.server.promql.histogram.model import NO_BUCKETS
from midwatch.server.promql.histogram.resets import is_reset
from midwatch.server.promql.labels import NAME, get
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.samples import Samples, Windows
from midwatch.server.promql.syntax.ast import MatrixSelector, Subquery, VectorSelector


def evaluation_times(node: VectorSelector | Subquery, grid: Grid) -> Ints:
    """For each step the time that is looked at."""
    times = grid.times() if node.at_ms is None else np.full(grid.steps, node.at_ms, dtype=np.int64)
    return times - node.offset_ms


def load(
    context: Context, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, *, counts_only: bool = False
) -> Samples:
    """All samples that a selector needs."""
    context.budget.check_time()
    series = context.source.select(matchers, start_ms, end_ms)
    context.budget.series(len(series))
    samples = Samples.of_series(series)
    weight = len(samples.times)
    if samples.histograms is not None:
        weight += sum(one.weight - 1 for one in samples.histograms if one is not None)
    context.budget.load(weight)
    if counts_only and samples.histograms is not None:
        return replace(samples, histograms=_without_bounds(samples))
    return samples


def _without_bounds(samples: Samples) -> Objects:
    """Custom buckets taken away, after they have told of counter resets: then it does not matter that bounds differ."""
    assert samples.histograms is not None
    out = samples.histograms.copy()
    for start, end in pairwise(samples.bounds.tolist()):
        before: FloatHistogram | None = None
        for place in range(start, end):
            now: FloatHistogram | None = samples.histograms[place]
            if now is not None and now.uses_custom:
                hint = now.hint
                if hint is Hint.UNKNOWN and before is not None:
                    hint = Hint.RESET if is_reset(now, before) else Hint.NOT_RESET
                out[place] = replace(now, custom=(), positive=NO_BUCKETS, hint=hint)
            before = now
    return out


@dataclass(frozen=True, slots=True)
class Instant:
    """`index` is each cell's sample, where `present`."""

    samples: Samples
    index: Ints
    present: Bools

    def of(self, values: Floats | Ints | Objects) -> np.ndarray:
        if not len(values):
            return np.zeros(self.index.shape, dtype=values.dtype)
        return values[self.index]


def instant(context: Context, selector: VectorSelector, grid: Grid) -> Instant:
    """Look-back open at its far end; a stale marker ends a series at once."""
    times = evaluation_times(selector, grid)
    lookback = context.options.lookback_ms
    low, high = _extent(times)
    samples = load(context, selector.matchers, low - lookback + 1, high, counts_only=selector.counts_only)
    context.budget.hold(len(samples.labels) * grid.steps)
    last = samples.after(times) - 1
    index = np.clip(last, 0, max(len(samples.times) - 1, 0))
    if not len(samples.times):
        return Instant(samples, index, np.zeros(index.shape, dtype=bool))
    present = (last >= samples.bounds[:-1, None]) & (samples.times[index] > times - lookback) & ~samples.stale[index]
    return Instant(samples, index, present)


def _extent(times: Ints) -> tuple[int, int]:
    return (int(times.min()), int(times.max())) if len(times) else (0, -1)


def vector(context: Context, selector: VectorSelector, grid: Grid) -> Block:
    """An instant vector selector."""
    if selector.smoothed:
        return _smoothed(context, selector, grid)
    if context.pushing is not None:
        times = evaluation_times(selector, grid)
        pushed = context.pushing.instant(selector, times, context.options.lookback_ms)
        if pushed is not None:
            return pushed
    found = instant(context, selector, grid)
    histograms = None
    if found.samples.histograms is not None:
        histograms = found.of(found.samples.histograms)
    return Block(found.samples.labels, found.of(found.samples.values), found.present, histograms).compact()


def window_samples(context: Context, node: MatrixSelector, times: Ints) -> Samples:
    """The samples of a range selector's windows, without stale markers."""
    lookback = context.options.lookback_ms
    selector = node.selector
    before = node.range_ms + (lookback if selector.anchored or selector.smoothed else 0)
    low, high = _extent(times)
    until = high + (lookback if selector.smoothed else 0)
    samples = load(context, selector.matchers, low - before + 1, until, counts_only=selector.counts_only)
    context.budget.hold(len(samples.labels) * len(times))
    return samples.only(~samples.stale)


def _smoothed(context: Context, selector: VectorSelector, grid: Grid) -> Block:
    """Values on the straight line between the samples around each step."""
    times, lookback = evaluation_times(selector, grid), context.options.lookback_ms
    low, high = _extent(times)
    samples = load(context, selector.matchers, low - lookback + 1, high + lookback, counts_only=selector.counts_only)
    samples = samples.only(~samples.stale)
    if not len(samples.times):
        return nothing(grid.steps)
    windows = samples.windows(times - lookback, times + lookback)
    mixed = (windows.floats.counts > 0) & (windows.histograms.counts > 0)
    for row in np.flatnonzero(mixed.any(axis=1)).tolist():
        context.notes.mixed_range(get(samples.labels[row], NAME), selector.span)
    values, present = _smoothed_floats(windows.floats, times)
    block = Block(samples.labels, values, present & ~mixed)
    natives = (windows.histograms.counts > 0) & ~mixed
    if natives.any():
        _smooth_histograms(context, selector, windows, times, natives, block)
    return block.compact()


def _smoothed_floats(windows: Windows, times: Ints) -> tuple[Floats, Bools]:
    samples = windows.samples
    if not len(samples.times):
        return np.full(windows.counts.shape, np.nan), np.zeros(windows.counts.shape, dtype=bool)
    at = np.broadcast_to(times, windows.counts.shape)
    following = np.clip(samples.after(times - 1), windows.low, windows.high)
    inside = following < windows.high
    size = len(samples.times) - 1
    after, before = np.clip(following, 0, size), np.clip(following - 1, 0, size)
    exact = inside & (samples.times[after] == at)
    has_before = following > windows.low
    line = between(samples.times, samples.values, before, after, at, counter=False)
    values = np.where(exact, samples.values[after], np.where(inside, line, samples.values[before]))
    return values, exact | has_before


def _smooth_histograms(
    context: Context, selector: VectorSelector, windows: Windows, times: Ints, cells: Bools, block: Block
) -> None:
    samples = windows.histograms.samples
    assert samples.histograms is not None
    block.histograms = np.full(block.present.shape, None, dtype=object)
    for row, column in np.argwhere(cells).tolist():
        low, high = int(windows.histograms.low[row, column]), int(windows.histograms.high[row, column])
        at = int(times[column])
        after = low + int(np.searchsorted(samples.times[low:high], at, side="left"))
        if after < high and samples.times[after] == at:
            found = samples.histograms[after]
        elif after == low:
            continue
        elif after == high:
            found = samples.histograms[after - 1].with_hint(Hint.UNKNOWN)
        else:
            pair = samples.histograms[after - 1], samples.histograms[after]
            counter = (pair[0].hint, pair[1].hint) != (Hint.GAUGE, Hint.GAUGE)
            around = int(samples.times[after - 1]), int(samples.times[after])
            try:
                if pair[0].uses_custom is not pair[1].uses_custom:
                    raise IncompatibleSchemasError
                found = between_histograms(pair, around, at, context.notes, selector.span, counter=counter)
            except IncompatibleSchemasError:
                context.notes.mixed_schemas(get(samples.labels[row], NAME), selector.span)
                continue
        block.histograms[row, column] = found
        block.present[row, column] = True
