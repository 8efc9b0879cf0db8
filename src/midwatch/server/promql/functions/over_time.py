"""Sums, means, extremes and counts of windows."""

from collections.abc import Callable

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints, add, settle
from midwatch.server.promql.functions.ranges import Answer, Cell, RangeCall
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError, combine
from midwatch.server.promql.samples import Positions, Windows
from midwatch.server.promql.windowed import extremes, sums


def sum_over_time(call: RangeCall) -> Answer:
    windows = call.floats
    totals = sums(windows.samples.values, windows.low, windows.high)
    # Blocks of samples may overflow where their sum in order does not, or otherwise: what is infinite goes in order.
    odd = ~np.isfinite(totals) & windows.filled
    return _with_histograms(call, np.where(odd, _in_order(windows, odd), totals) if odd.any() else totals, mean=False)


def avg_over_time(call: RangeCall) -> Answer:
    return _with_histograms(call, means(call.floats), mean=True)


def means(windows: Windows) -> Floats:
    """Means of floats; where the sum overflows, the sum of parts."""
    totals = sums(windows.samples.values, windows.low, windows.high) / windows.counts
    odd = ~np.isfinite(totals) & windows.filled
    return np.where(odd, _in_order(windows, odd, parts=True), totals) if odd.any() else totals


def _in_order(windows: Windows, cells: Bools, *, parts: bool = False) -> Floats:
    """Sums sample after sample, of the samples or of their parts in a mean."""
    some = Windows(windows.samples, np.where(cells, windows.low, 0), np.where(cells, windows.high, 0))
    positions = Positions.of(some)
    total, carry = np.zeros(positions.size), np.zeros(positions.size)
    for _, alive, index in positions:
        item = windows.samples.values[index]
        item = item / positions.counts[:alive] if parts else item
        total[:alive], carry[:alive] = add(total[:alive], carry[:alive], item)
    return positions.spread(np.asarray(settle(total, carry)))


def _with_histograms(call: RangeCall, values: Floats, *, mean: bool) -> Answer:
    refused = call.refuse_mixed()
    answer = Answer(values, call.floats.filled & ~refused)
    for cell in call.cells(call.has_histogram & ~refused):
        histogram = _combined(call, cell, mean=mean)
        if histogram is not None:
            answer.put(cell.row, cell.column, histogram)
    return answer


def _combined(call: RangeCall, cell: Cell, *, mean: bool) -> FloatHistogram | None:
    notes = call.context.notes
    try:
        combined = combine([one for one in cell.histograms if one is not None], mean=mean)
    except IncompatibleSchemasError:
        notes.mixed_schemas(call.metric(cell.row), call.span)
        return None
    if combined.contradicting:
        notes.reset_collision("aggregation", call.span)
    if combined.reconciled:
        notes.mismatched_buckets("aggregation", call.span)
    return combined.histogram


def count_over_time(call: RangeCall) -> Answer:
    return Answer(call.windows.counts.astype(np.float64), call.windows.filled)


def present_over_time(call: RangeCall) -> Answer:
    return Answer(np.ones(call.windows.counts.shape), call.windows.filled)


def first_over_time(call: RangeCall) -> Answer:
    windows = call.windows
    return _picked(call, windows.low)


def last_over_time(call: RangeCall) -> Answer:
    return _picked(call, call.windows.high - 1)


def _picked(call: RangeCall, index: Ints) -> Answer:
    """The sample itself."""
    windows, samples = call.windows, call.windows.samples
    if not len(samples.times):
        return Answer(np.full(index.shape, np.nan), windows.filled)
    place = np.clip(index, 0, len(samples.times) - 1)
    histograms = None
    if samples.histograms is not None:
        histograms = samples.histograms[place]
    return Answer(samples.values[place], windows.filled.copy(), histograms)


def ts_of_first_over_time(call: RangeCall) -> Answer:
    return Answer(call.windows.first(call.windows.samples.times) / 1000, call.windows.filled)


def ts_of_last_over_time(call: RangeCall) -> Answer:
    return Answer(call.windows.last(call.windows.samples.times) / 1000, call.windows.filled)


def max_over_time(call: RangeCall) -> Answer:
    return _extreme(call, np.fmax)


def min_over_time(call: RangeCall) -> Answer:
    return _extreme(call, np.fmin)


def _extreme(call: RangeCall, better: Callable[[Floats, Floats], Floats]) -> Answer:
    call.ignore_histograms()
    windows = call.floats
    return Answer(extremes(windows.samples.values, windows.low, windows.high, better), windows.filled)


def ts_of_max_over_time(call: RangeCall) -> Answer:
    return _when(call, np.greater_equal)


def ts_of_min_over_time(call: RangeCall) -> Answer:
    return _when(call, np.less_equal)


def _when(call: RangeCall, at_least: Callable[[Floats, Floats], Bools]) -> Answer:
    """The last time of the extreme."""
    call.ignore_histograms()
    windows, samples = call.floats, call.floats.samples
    positions = Positions.of(windows)
    best, when = np.full(positions.size, np.nan), np.zeros(positions.size)
    for _, alive, index in positions:
        value = samples.values[index]
        better = at_least(value, best[:alive]) | np.isnan(best[:alive])
        best[:alive] = np.where(better, value, best[:alive])
        when[:alive] = np.where(better, samples.times[index], when[:alive])
    return Answer(positions.spread(when) / 1000, windows.filled)


def stdvar_over_time(call: RangeCall) -> Answer:
    call.ignore_histograms()
    windows = call.floats
    positions = Positions.of(windows)
    values = windows.samples.values
    # Around the mean, both counted from the first value: then equal values have exactly none.
    origin = values[positions.low] if positions.size else np.empty(0)
    total, carry = np.zeros(positions.size), np.zeros(positions.size)
    for _, alive, index in positions:
        total[:alive], carry[:alive] = add(total[:alive], carry[:alive], values[index] - origin[:alive])
    middle = np.asarray(settle(total, carry)) / positions.counts
    total, carry = np.zeros(positions.size), np.zeros(positions.size)
    for _, alive, index in positions:
        away = values[index] - origin[:alive] - middle[:alive]
        total[:alive], carry[:alive] = add(total[:alive], carry[:alive], away * away)
    return Answer(positions.spread(np.asarray(settle(total, carry)) / positions.counts), windows.filled)


def stddev_over_time(call: RangeCall) -> Answer:
    answer = stdvar_over_time(call)
    return Answer(np.sqrt(answer.values), answer.present)
