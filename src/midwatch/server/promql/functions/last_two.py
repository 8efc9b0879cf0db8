"""irate and idelta: the last two samples of a window."""

import numpy as np

from midwatch.server.promql.functions.ranges import Answer, Cell, RangeCall
from midwatch.server.promql.functions.starts import is_reset, pair_is_reset
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError, minus
from midwatch.server.promql.histogram.resets import is_reset as is_histogram_reset


def irate(call: RangeCall) -> Answer:
    return _instant(call, counter=True)


def idelta(call: RangeCall) -> Answer:
    return _instant(call, counter=False)


def _instant(call: RangeCall, *, counter: bool) -> Answer:
    windows, samples = call.windows, call.windows.samples
    enough = windows.counts >= 2
    size = max(len(samples.times) - 1, 0)
    last = np.clip(windows.high - 1, 0, size)
    before = np.clip(windows.high - 2, 0, size)
    if not len(samples.times):
        return Answer(np.full(enough.shape, np.nan), enough)
    new, old = samples.values[last], samples.values[before]
    result = new - old
    if counter:
        fell = new < old
        starts = samples.starts if call.context.options.start_timestamps else None
        if starts is not None:
            fell = fell | is_reset(starts[before], samples.times[before], starts[last], samples.times[last])
        result = np.where(fell, new, result) / ((samples.times[last] - samples.times[before]) / 1000)
    kinds = samples.is_histogram[last].astype(int) + samples.is_histogram[before]
    for name in call.each_metric(enough & (kinds == 1)):
        call.context.notes.mixed_range(name, call.span)
    answer = Answer(result, enough & (kinds == 0))
    for cell in call.cells(enough & (kinds == 2)):
        histogram = _pair(call, cell, counter=counter)
        if histogram is not None:
            answer.put(cell.row, cell.column, histogram)
    return answer


def _pair(call: RangeCall, cell: Cell, *, counter: bool) -> FloatHistogram | None:
    before, now = cell.histograms[-2:]
    assert before is not None
    assert now is not None
    notes, name = call.context.notes, call.metric(cell.row)
    hints = (now.hint, before.hint)
    if counter and Hint.GAUGE in hints:
        notes.not_counter(name, call.span)
    if not counter and hints != (Hint.GAUGE, Hint.GAUGE):
        notes.not_gauge(name, call.span)
    result = now
    if not counter or not (_began(cell) or is_histogram_reset(now, before)):
        try:
            outcome = minus(now, before)
        except IncompatibleSchemasError:
            notes.mixed_schemas(name, call.span)
            return None
        if outcome.reconciled:
            notes.mismatched_buckets("subtraction", call.span)
        result = outcome.histogram
    result = result.with_hint(Hint.GAUGE).compact()
    return result.divided((cell.times[-1] - cell.times[-2]) / 1000) if counter else result


def _began(cell: Cell) -> bool:
    if not cell.starts:
        return False
    (old, new), (before, now) = cell.starts[-2:], cell.times[-2:]
    return pair_is_reset(old, before, new, now)
