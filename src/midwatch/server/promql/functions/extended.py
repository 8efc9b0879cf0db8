"""rate, increase and delta over anchored and smoothed windows: values at the very ends, nothing stretched."""

import bisect

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.promql.functions.interpolation import between, between_histograms
from midwatch.server.promql.functions.ranges import Answer, Cell, RangeCall
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError, minus, plus
from midwatch.server.promql.histogram.resets import is_reset
from midwatch.server.promql.samples import Windows
from midwatch.server.promql.windowed import sparse_sums


def extended_rate(call: RangeCall, refused: Bools, *, counter: bool, per_second: bool) -> Answer:
    answer = _floats(call, refused, counter=counter, per_second=per_second)
    for cell in call.cells(call.has_histogram & ~refused):
        histogram = _Histograms(call, cell, counter=counter).result()
        if histogram is not None:
            histogram = histogram.divided(call.range_seconds) if per_second else histogram
            answer.put(cell.row, cell.column, histogram.with_hint(Hint.GAUGE).compact())
    return answer


def _floats(call: RangeCall, refused: Bools, *, counter: bool, per_second: bool) -> Answer:
    windows = call.floats
    samples, smoothed = windows.samples, call.extension == "smoothed"
    if not len(samples.times):
        return Answer(np.full(windows.counts.shape, np.nan), np.zeros(windows.counts.shape, dtype=bool))
    times, values = samples.times, samples.values
    begin, end = np.broadcast_to(call.begins, windows.counts.shape), np.broadcast_to(call.ends, windows.counts.shape)
    low, last = _inside(windows.low, times), _inside(windows.high - 1, times)
    first = np.maximum(low, np.minimum(samples.after(call.begins), last) - 1)
    if smoothed:
        last = np.clip(samples.after(call.ends - 1), low, last)
    present = windows.filled & (times[last] > begin) & ~refused
    left, right = values[first], values[last]
    if smoothed:
        present &= times[first] <= end
        following, before = _inside(first + 1, times), _inside(last - 1, times)
        inner = between(times, values, first, following, begin, counter=counter)
        left = np.where(times[first] < begin, inner, left)
        inner = between(times, values, before, last, end, counter=counter)
        right = np.where((last > low) & (times[last] > end), inner, right)
    result = right - left
    if counter:
        result = result + _lost(windows, first + (times[first] <= begin), last - (times[last] >= end), left, right)
    return Answer(result / call.range_seconds if per_second else result, present)


def _inside(index: Ints, times: Ints) -> Ints:
    return np.clip(index, 0, len(times) - 1)


def _lost(windows: Windows, start: Ints, stop: Ints, left: Floats, right: Floats) -> Floats:
    """What a counter had reached before each reset between the two ends; start to stop are the samples within."""
    values = windows.samples.values
    fell = np.zeros(len(values))
    fell[1:] = np.where(values[1:] < values[:-1], values[:-1], 0.0)
    some = stop >= start
    first = values[np.clip(start, 0, len(values) - 1)]
    last = values[np.clip(stop, 0, len(values) - 1)]
    inner = sparse_sums(fell, np.where(some, start + 1, 0), np.where(some, stop + 1, 0))
    lost = np.where(some & (first < left), left, 0.0) + inner
    before = np.where(some, last, left)
    return lost + np.where(right < before, before, 0.0)


class _Histograms:
    """One window of histograms."""

    def __init__(self, call: RangeCall, cell: Cell, *, counter: bool) -> None:
        self.call, self.counter = call, counter
        self.notes, self.name = call.context.notes, call.metric(cell.row)
        self.times = cell.times
        self.histograms = [one for one in cell.histograms if one is not None]
        self.begin, self.end = int(call.begins[cell.column]), int(call.ends[cell.column])
        self.smoothed = call.extension == "smoothed"

    def result(self) -> FloatHistogram | None:
        last = len(self.times) - 1
        first = max(0, bisect.bisect_right(self.times, self.begin, 0, last) - 1)
        if self.smoothed:
            last = bisect.bisect_left(self.times, self.end, 0, last)
        outside = self.smoothed and self.times[first] > self.end
        if self.times[last] <= self.begin or outside or not self._comparable(first, last):
            return None
        try:
            return self._between(first, last)
        except IncompatibleSchemasError:
            self.notes.mixed_schemas(self.name, self.call.span)
            return None

    def _comparable(self, first: int, last: int) -> bool:
        chosen = self.histograms[first : last + 1]
        for one in chosen:
            if one.uses_custom is not chosen[0].uses_custom:
                self.notes.mixed_schemas(self.name, self.call.span)
                return False
            if self.counter and one.hint is Hint.GAUGE:
                self.notes.not_counter(self.name, self.call.span)
        return True

    def _between(self, first: int, last: int) -> FloatHistogram:
        left, right = self.histograms[first], self.histograms[last]
        if self.smoothed and self.times[first] < self.begin:
            left = self._interpolated(first, first + 1, self.begin)
        if self.smoothed and last > 0 and self.times[last] > self.end:
            right = self._interpolated(last - 1, last, self.end)
        if not self.counter and (left.hint, right.hint) != (Hint.GAUGE, Hint.GAUGE):
            self.notes.not_gauge(self.name, self.call.span)
        outcome = minus(right, left)
        if outcome.reconciled:
            self.notes.mismatched_buckets("subtraction", self.call.span)
        result = outcome.histogram
        if self.counter:
            for lost in self._lost(first, last, left, right):
                outcome = plus(result, lost)
                if outcome.reconciled:
                    self.notes.mismatched_buckets("addition", self.call.span)
                result = outcome.histogram
        return result

    def _interpolated(self, before: int, after: int, at: int) -> FloatHistogram:
        pair = self.histograms[before], self.histograms[after]
        times = self.times[before], self.times[after]
        return between_histograms(pair, times, at, self.notes, self.call.span, counter=self.counter)

    def _lost(self, first: int, last: int, left: FloatHistogram, right: FloatHistogram) -> list[FloatHistogram]:
        """What was reached before each reset; a reset that an end was interpolated over has been seen to there."""
        before, start = left, first + 1
        if (
            self.smoothed
            and self.times[first] < self.begin
            and is_reset(self.histograms[start], self.histograms[first])
        ):
            before, start = self.histograms[start], start + 1
        if start > last:
            return []
        lost = []
        for now in self.histograms[start:last]:
            if is_reset(now, before):
                lost.append(before)
            before = now
        if is_reset(right, before):
            lost.append(before)
        return lost
