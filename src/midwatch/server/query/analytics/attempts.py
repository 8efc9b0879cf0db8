"""How far each unit comes in a funnel, worked out over arrays. Pure.

Each occurrence of the first step begins an attempt, which takes each further step where it first comes after the one
before, within the window that the first step opens. Of a unit's attempts the one that comes furthest counts; of those
that come equally far, the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Rows of a funnel: whose, when (nanoseconds), which steps each of them is (bit 0: the first), and the group that
    it would put its unit into."""

    units: NDArray[np.uint64]
    times: Ints
    steps: NDArray[np.uint16]
    groups: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Attempts:
    """Of each unit that took the first step, the attempt that counts."""

    units: NDArray[np.uint64]
    groups: NDArray[np.uint16]
    reached: Ints
    """Steps taken, 1 at least."""
    times: Ints
    """By attempt and step; 0 where it was not taken."""


def best_attempts(rows: Occurrences, steps: int, window_ns: int) -> Attempts:
    """One attempt a unit."""
    # Of what came at the same moment, the earlier step goes first.
    order = np.lexsort((rows.steps, rows.times, rows.units))
    units, times, masks = rows.units[order], rows.times[order], rows.steps[order]
    groups = rows.groups[order]
    _, places = np.unique(units, return_inverse=True)
    places = places.astype(np.int64)
    starts = np.flatnonzero(masks & 1)
    taken = np.zeros((len(starts), steps), dtype=np.int64)
    if not len(starts):
        return Attempts(units[:0], groups[:0], np.zeros(0, dtype=np.int64), taken)
    taken[:, 0] = times[starts]
    at, alive = starts.copy(), np.ones(len(starts), dtype=bool)
    deadlines = times[starts] + window_ns
    for step in range(1, steps):
        rows_of_step = np.flatnonzero(masks & (1 << step))
        # Rows lie by unit and time, so the next row of this step behind a row is the next of its number.
        found = np.searchsorted(rows_of_step, at, side="right")
        there = found < len(rows_of_step)
        following = rows_of_step[np.minimum(found, max(len(rows_of_step) - 1, 0))] if len(rows_of_step) else at
        alive = alive & there & (places[following] == places[starts]) & (times[following] <= deadlines)
        at = np.where(alive, following, at)
        taken[:, step] = np.where(alive, times[at], 0)
    reached = (taken != 0).sum(axis=1)
    chosen = _furthest(places[starts], reached)
    first = starts[chosen]
    return Attempts(units[first], groups[first], reached[chosen], taken[chosen])


def _furthest(units: Ints, reached: Ints) -> Ints:
    """Of each unit's attempts, which lie in the order of their times, the first of those that come furthest."""
    order = np.lexsort((np.arange(len(units)), -reached, units))
    heads = np.concatenate(([True], np.diff(units[order]) != 0))
    chosen: Ints = np.sort(order[heads])
    return chosen


def seconds_between(attempts: Attempts, step: int) -> NDArray[np.float64]:
    """How long those who took a step needed from the step before it."""
    took = attempts.reached > step
    found: NDArray[np.float64] = (attempts.times[took, step] - attempts.times[took, step - 1]) / 1e9
    return found


def quantiles(seconds: NDArray[np.float64], shares: Sequence[float]) -> list[float | None]:
    """None of nobody."""
    if not len(seconds):
        return [None for _ in shares]
    return [float(value) for value in np.quantile(seconds, shares)]
