"""Sums and extremes of windows without visiting each sample of each window.

Blocks of 1, 2, 4, … samples are combined level by level, and a window is put together from the blocks of its length's
binary digits. Only samples of the window take part, so that an infinity or NaN beside it does not spoil it.
"""

from collections.abc import Callable

import numpy as np

from midwatch.server.promql.floats import Floats, Ints, add, settle


def sums(values: Floats, low: Ints, high: Ints) -> Floats:
    """Compensated sums of values[low:high]."""
    total, carry = np.zeros(low.shape), np.zeros(low.shape)
    counts, start = high - low, low.copy()
    level, level_carry, width = values, np.zeros(len(values)), 1
    longest = int(counts.max(initial=0))
    while width <= longest:
        chosen = (counts & width) > 0
        if chosen.any():
            index = start[chosen]
            new_total, new_carry = add(total[chosen], carry[chosen], level[index])
            total[chosen], carry[chosen] = new_total, new_carry + level_carry[index]
            start[chosen] += width
        if width * 2 <= longest:
            paired, lost = add(level[:-width], level_carry[:-width], level[width:])
            level_carry = np.where(np.isinf(paired), 0.0, lost + level_carry[width:])
            level = paired
        width *= 2
    return np.asarray(settle(total, carry))


def sparse_sums(values: Floats, low: Ints, high: Ints) -> Floats:
    """Compensated sums of values[low:high] where nearly all values are zero."""
    some = values != 0
    counted = np.concatenate(([0], np.cumsum(some)))
    low, high = counted[low], counted[high]
    out = np.zeros(low.shape)
    filled = high > low
    if filled.any():
        out[filled] = sums(values[some], low[filled], high[filled])
    return out


def extremes(values: Floats, low: Ints, high: Ints, better: Callable[[Floats, Floats], Floats]) -> Floats:
    """The best of values[low:high] by np.fmin or np.fmax; NaN only where there is nothing else."""
    best = np.full(low.shape, np.nan)
    counts, start = high - low, low.copy()
    level, width = values, 1
    longest = int(counts.max(initial=0))
    while width <= longest:
        chosen = (counts & width) > 0
        if chosen.any():
            index = start[chosen]
            best[chosen] = better(best[chosen], level[index])
            start[chosen] += width
        if width * 2 <= longest:
            level = better(level[:-width], level[width:])
        width *= 2
    return best
