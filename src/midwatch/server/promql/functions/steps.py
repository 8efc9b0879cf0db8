"""changes and resets: how often a window's samples differ from the ones before, or fall."""

from collections.abc import Callable

import numpy as np

from midwatch.server.promql.floats import Bools
from midwatch.server.promql.functions import starts as start_times
from midwatch.server.promql.functions.ranges import Answer, Cell, RangeCall
from midwatch.server.promql.histogram.resets import is_reset
from midwatch.server.promql.samples import Windows


def changes(call: RangeCall) -> Answer:
    windows = _anchored(call)
    values = windows.samples.values
    flags = np.zeros(len(values), dtype=bool)
    flags[1:] = (values[1:] != values[:-1]) & ~(np.isnan(values[1:]) & np.isnan(values[:-1]))
    return _counted(call, windows, flags, _changed)


def resets(call: RangeCall) -> Answer:
    windows = _anchored(call)
    values = windows.samples.values
    flags = np.zeros(len(values), dtype=bool)
    flags[1:] = values[1:] < values[:-1]
    starts = call.start_times
    if starts is not None:
        flags |= start_times.resets(starts, windows.samples.times)
    return _counted(call, windows, flags, _was_reset)


def _anchored(call: RangeCall) -> Windows:
    """Anchored windows begin with the last sample at or before their start, and are empty if none is after it."""
    windows = call.windows
    if not call.extension:
        return windows
    begin = np.clip(windows.samples.after(call.begins), windows.low, windows.high)
    low = np.maximum(windows.low, begin - 1)
    return Windows(windows.samples, np.where(begin < windows.high, low, windows.high), windows.high)


def _counted(call: RangeCall, windows: Windows, flags: Bools, differs: Callable[[Cell, int], bool]) -> Answer:
    """Floats by counting flags, windows with histograms one by one."""
    counted = np.concatenate(([0], np.cumsum(flags)))
    inside = np.minimum(windows.low + 1, windows.high)
    values = (counted[windows.high] - counted[inside]).astype(np.float64)
    skipped = windows.low - call.windows.low
    for cell in call.cells(call.has_histogram & windows.filled):
        from_place = int(skipped[cell.row, cell.column])
        places = range(from_place + 1, len(cell.times))
        values[cell.row, cell.column] = sum(differs(cell, place) for place in places)
    return Answer(values, windows.filled)


def _changed(cell: Cell, place: int) -> bool:
    before, now = cell.histograms[place - 1], cell.histograms[place]
    if before is None or now is None:
        old, new = cell.values[place - 1], cell.values[place]
        return before is not now or (old != new and not (np.isnan(old) and np.isnan(new)))
    return not now.same(before)


def _was_reset(cell: Cell, place: int) -> bool:
    before, now = cell.histograms[place - 1], cell.histograms[place]
    if (before is None) is not (now is None):
        return True
    starts, times = cell.starts, cell.times
    if starts and start_times.pair_is_reset(starts[place - 1], times[place - 1], starts[place], times[place]):
        return True
    if before is None or now is None:
        return cell.values[place] < cell.values[place - 1]
    return is_reset(now, before)
