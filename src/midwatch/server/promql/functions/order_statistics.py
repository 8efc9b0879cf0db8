"""Quantiles of windows, and of columns of a block."""

from collections.abc import Callable

import numpy as np

from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.functions.ranges import Answer, RangeCall
from midwatch.server.promql.samples import Positions, Windows

_CELLS_AT_ONCE = 2_000_000


def sorted_quantiles(q: Floats, ordered: Floats, counts: Ints) -> Floats:
    """Quantiles along the first axis of columns sorted with NaN last; NaN counts as the lowest value.

    `counts` are the values of each column, the rest being padding of NaN.
    """
    size = ordered.shape[0]
    numbers = np.minimum(size - np.isnan(ordered).sum(axis=0), counts)
    nans = counts - numbers
    rank = np.where(np.isnan(q), 0.0, np.clip(q, 0, 1)) * (counts - 1)
    lower = np.maximum(np.floor(rank), 0).astype(np.int64)
    upper = np.minimum(lower + 1, counts - 1)

    def at(index: Ints) -> Floats:
        place = np.clip(index - nans, 0, size - 1)
        return np.where(index < nans, np.nan, np.take_along_axis(ordered, place[None], axis=0)[0])

    weight = rank - np.floor(rank)
    result = at(lower) * (1 - weight) + at(np.maximum(upper, 0)) * weight
    result = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, result))
    return np.where(np.isnan(q) | (counts == 0), np.nan, result)


def _over_windows(windows: Windows, compute: Callable[[Floats, Ints, Ints], Floats]) -> Floats:
    """Windows as columns, some at a time, the longest first."""
    positions = Positions.of(windows)
    out = np.full(positions.size, np.nan)
    done = 0
    while done < positions.size:
        longest = int(positions.counts[done])
        some = slice(done, done + max(1, _CELLS_AT_ONCE // longest))
        counts = positions.counts[some]
        offsets = np.arange(longest)[:, None]
        index = np.minimum(positions.low[some] + offsets, len(windows.samples.values) - 1)
        columns = np.where(offsets < counts, windows.samples.values[index], np.nan)
        out[some] = compute(columns, counts, positions.order[some])
        done = some.stop
    return positions.spread(out)


def quantile_over_time(call: RangeCall) -> Answer:
    windows = call.floats
    q = np.broadcast_to(call.scalars[0], windows.counts.shape)
    for bad in np.unique(q[windows.filled & ~((q >= 0) & (q <= 1))]).tolist():
        call.context.notes.bad_quantile(bad, call.spans[0])
    for name in call.each_metric(call.mixed):
        call.context.notes.ignored_in_range(name, call.spans[0])
    flat = q.ravel()

    def compute(columns: Floats, counts: Ints, order: Ints) -> Floats:
        return sorted_quantiles(flat[order], np.sort(columns, axis=0), counts)

    return Answer(_over_windows(windows, compute), windows.filled)


def mad_over_time(call: RangeCall) -> Answer:
    """The median of the distances from the median."""
    call.ignore_histograms()
    half = np.array(0.5)

    def compute(columns: Floats, counts: Ints, order: Ints) -> Floats:
        has_nan = np.isnan(columns).sum(axis=0) > len(columns) - counts
        median = sorted_quantiles(half, np.sort(columns, axis=0), counts)
        away = sorted_quantiles(half, np.sort(np.abs(columns - median), axis=0), counts)
        return np.where(has_nan, np.nan, away)

    return Answer(_over_windows(call.floats, compute), call.floats.filled)
