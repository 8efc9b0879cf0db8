"""What was counted in each part of a range, by series, and what counters over it read.

A derived counter begins anew at each midnight (UTC), so that a reading costs a day of rows at most. It is there from
its first item on until a day after the last one, standing still meanwhile, as the counter of a process would.
"""

from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.promql.labels import Labels

DAY_MS = 86_400_000
STAYS_MS = DAY_MS
"""How long a series is there after its last item."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Items in (from, to], by cells: cell 0 up to `zero_ms`, then each of `width_ms`, its end included."""

    from_ms: int
    to_ms: int
    zero_ms: int
    width_ms: int

    @classmethod
    def for_windows(cls, start_ms: int, end_ms: int, step_ms: int, window_ms: int) -> "Cut":
        """So that every window (time - window, time] consists of whole cells."""
        width = int(np.gcd(step_ms, window_ms)) if end_ms > start_ms else window_ms
        zero = start_ms - window_ms
        return cls(zero - STAYS_MS, end_ms, zero, width)

    @classmethod
    def for_readings(cls, start_ms: int, end_ms: int, step_ms: int) -> "Cut":
        """So that each time from start to end is the end of a cell."""
        return cls(min(start_ms // DAY_MS * DAY_MS, start_ms - STAYS_MS), end_ms, start_ms, step_ms)


@dataclass(frozen=True, slots=True)
class Counted:
    """One series. `cells` rise; `today` is what of a cell lies in the UTC day in which it ends."""

    labels: Labels
    cells: Ints
    counts: Floats
    today: Floats
    before_ms: int | None
    """The last item of cell 0."""


def increases(one: Counted, cut: Cut, times: Ints, window_ms: int) -> tuple[Floats, Bools]:
    """What was counted in the window before each time, and where the series is there."""
    ends = (times - cut.zero_ms) // cut.width_ms
    high = np.searchsorted(one.cells, ends, side="right")
    low = np.searchsorted(one.cells, ends - window_ms // cut.width_ms, side="right")
    sums = np.concatenate(([0.0], np.cumsum(one.counts)))
    return sums[high] - sums[low], _there(one, cut, high, times, STAYS_MS + window_ms)


def readings(one: Counted, cut: Cut, times: Ints) -> tuple[Floats, Bools]:
    """What the counter reads at each time, and where it is there."""
    ends = (times - cut.zero_ms) // cut.width_ms
    midnights = times // DAY_MS * DAY_MS
    firsts = np.maximum(-((cut.zero_ms - midnights) // cut.width_ms), 0)
    high = np.searchsorted(one.cells, ends, side="right")
    low = np.searchsorted(one.cells, firsts, side="left")
    sums = np.concatenate(([0.0], np.cumsum(one.today)))
    return sums[high] - sums[np.minimum(low, high)], _there(one, cut, high, times, STAYS_MS)


def steps_of(one: Counted, cells: int) -> Floats:
    """What was counted in each cell from the first on."""
    found = np.zeros(cells + 1)
    found[one.cells] = one.counts
    return found[1:]


def _there(one: Counted, cut: Cut, high: Ints, times: Ints, stays_ms: int) -> Bools:
    before = times.min() - stays_ms if one.before_ms is None else one.before_ms
    ends = np.where(one.cells > 0, cut.zero_ms + one.cells * cut.width_ms, before)
    last = np.concatenate(([times.min() - stays_ms], ends))[high]
    there: Bools = (high > 0) & (times - last < stays_ms)
    return there
