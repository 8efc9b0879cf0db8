"""rate, increase and delta: the difference over a window, stretched to the window's ends."""

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.promql.functions import starts as start_times
from midwatch.server.promql.functions.extended import extended_rate
from midwatch.server.promql.functions.histogram_rates import window_increase
from midwatch.server.promql.functions.ranges import Answer, Cell, RangeCall
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.histogram.arithmetic import HistogramSum, IncompatibleSchemasError, plus
from midwatch.server.promql.samples import Windows
from midwatch.server.promql.windowed import sparse_sums, sums

_THRESHOLD = 1.1
"""A sample is near a window's end if it is within this many mean distances of samples."""


def rate(call: RangeCall) -> Answer:
    return _rate(call, counter=True, per_second=True)


def increase(call: RangeCall) -> Answer:
    return _rate(call, counter=True, per_second=False)


def delta(call: RangeCall) -> Answer:
    return _rate(call, counter=False, per_second=False)


def _rate(call: RangeCall, *, counter: bool, per_second: bool) -> Answer:
    refused = call.refuse_mixed()
    if call.extension:
        return extended_rate(call, refused, counter=counter, per_second=per_second)
    answer = _float_rate(call, refused, counter=counter, per_second=per_second)
    for cell in call.cells(call.has_histogram & ~refused):
        histogram = _histogram_rate(call, cell, counter=counter, per_second=per_second)
        if histogram is not None:
            answer.put(cell.row, cell.column, histogram)
    return answer


def corrections(values: Floats, reset_too: Bools | None = None) -> Floats:
    """For each sample what a counter had reached before it began anew; 0 where it did not."""
    out = np.zeros(len(values))
    if len(values) > 1:
        fell = values[1:] < values[:-1]
        if reset_too is not None:
            fell = fell | reset_too[1:]
        out[1:] = np.where(fell, values[:-1], 0.0)
    return out


def _starts(call: RangeCall, windows: Windows) -> Ints | None:
    return windows.samples.starts if call.context.options.start_timestamps else None


def _float_rate(call: RangeCall, refused: Bools, *, counter: bool, per_second: bool) -> Answer:
    windows = call.floats
    samples, counts = windows.samples, windows.counts
    first_time, last_time = windows.first(samples.times), windows.last(samples.times)
    first_value = windows.first(samples.values)
    difference = windows.last(samples.values) - first_value
    begun = np.zeros(counts.shape, dtype=bool)
    first_start = first_time
    if counter:
        starts = _starts(call, windows)
        reset_too = None if starts is None else start_times.resets(starts, samples.times)
        lost = corrections(samples.values, reset_too)
        lost[samples.bounds[:-1][samples.bounds[:-1] < len(lost)]] = 0.0  # The series before is another counter.
        difference = difference + sparse_sums(lost, np.minimum(windows.low + 1, windows.high), windows.high)
        if starts is not None:
            _tell_overlaps(call, windows, starts, refused)
            first_start = windows.first(starts)
            begun = (first_start != 0) & (first_start > call.begins) & (first_start < first_time) & windows.filled
            difference = np.where(begun, difference + first_value, difference)
    gaps = np.maximum(counts - 1, 0)
    sampled = (last_time - first_time) / 1000
    distance = np.where(gaps > 0, sampled / np.maximum(gaps, 1), 0.0)
    to_start = (first_time - call.begins) / 1000
    to_end = (call.ends - last_time) / 1000
    to_start = np.where(to_start >= distance * _THRESHOLD, distance / 2, to_start)
    to_end = np.where(to_end >= distance * _THRESHOLD, distance / 2, to_end)
    if counter:  # A counter cannot have been below zero, so it is not stretched to before it was zero.
        to_zero = np.where((difference > 0) & (first_value >= 0), sampled * (first_value / difference), to_start)
        to_start = np.where(to_zero < to_start, to_zero, to_start)
        to_start = np.where(begun, 0.0, to_start)
        sampled = np.where(begun, (last_time - first_start) / 1000, sampled)
    factor = np.where(sampled != 0, (sampled + to_start + to_end) / sampled, 1.0)
    if per_second:
        factor = factor / call.range_seconds
    values, present = difference * factor, (counts >= 2) | begun
    if counter and samples.deltas is not None:
        _add_up(windows, samples.deltas, values, present, divisor=call.range_seconds if per_second else 1.0)
    return Answer(values, present & ~refused & ~call.has_histogram)


def _add_up(windows: Windows, deltas: Floats, values: Floats, present: Bools, *, divisor: float) -> None:
    """What the steps of each window come to, of series that were told in steps: one is enough, no edge is guessed."""
    begins = windows.samples.bounds[:-1]
    filled = np.flatnonzero(begins < windows.samples.bounds[1:])
    rows = filled[~np.isnan(deltas[begins[filled]])]
    values[rows] = sums(deltas, windows.low[rows], windows.high[rows]) / divisor
    present[rows] = windows.filled[rows]


def _added(call: RangeCall, cell: Cell, deltas: list[FloatHistogram], *, divisor: float) -> FloatHistogram | None:
    """What the steps of a window come to, as `_add_up` has it of floats."""
    total = HistogramSum(deltas[0])
    try:
        for one in deltas[1:]:
            total.add(one)
    except IncompatibleSchemasError:
        call.context.notes.mixed_schemas(call.metric(cell.row), call.span)
        return None
    return total.result().with_hint(Hint.GAUGE).scaled(1 / divisor).compact()


def _tell_overlaps(call: RangeCall, windows: Windows, starts: Ints, refused: Bools) -> None:
    flags = start_times.overlaps(starts, windows.samples.times)
    if not flags.any():
        return
    counted = np.concatenate(([0], np.cumsum(flags)))
    found = (counted[windows.high] > counted[np.minimum(windows.low + 1, windows.high)]) & ~refused
    for row, _ in np.argwhere(found).tolist():
        call.context.notes.start_overlap(call.metric(row), call.span)


def _histogram_rate(call: RangeCall, cell: Cell, *, counter: bool, per_second: bool) -> FloatHistogram | None:
    deltas = [one for one in cell.deltas if one is not None]
    if counter and deltas and len(deltas) == len(cell.times):
        return _added(call, cell, deltas, divisor=call.range_seconds if per_second else 1.0)
    histograms = [one for one in cell.histograms if one is not None]
    begin, end = int(call.begins[cell.column]), int(call.ends[cell.column])
    first, last, gaps = cell.times[0], cell.times[-1], len(histograms) - 1
    result = None
    if gaps:
        result = window_increase(call, cell, histograms, counter=counter)
        if result is None:
            return None
    sampled = (last - first) / 1000
    distance = sampled / gaps if gaps else 0.0
    to_start, to_end = (first - begin) / 1000, (end - last) / 1000
    start = cell.starts[0] if cell.starts and counter else 0
    if start != 0 and begin < start < first:
        to_start, sampled = 0.0, (last - start) / 1000
        try:
            result = histograms[0] if result is None else plus(result, histograms[0]).histogram
        except IncompatibleSchemasError:
            call.context.notes.mixed_schemas(call.metric(cell.row), call.span)
            return None
    elif result is None:
        return None
    else:
        if to_start >= distance * _THRESHOLD:
            to_start = distance / 2
        if counter and result.count > 0 and histograms[0].count >= 0:
            to_start = min(to_start, sampled * (histograms[0].count / result.count))
    if to_end >= distance * _THRESHOLD:
        to_end = distance / 2
    factor = (sampled + to_start + to_end) / sampled if sampled else 1.0
    return result.scaled(factor / call.range_seconds if per_second else factor)
