"""How far units come in a funnel, beside a slow computation that tries every attempt."""

import random

import numpy as np
import pytest

from midwatch.server.query.analytics.attempts import Occurrences, best_attempts, quantiles, seconds_between

Row = tuple[int, int, int]
"""Unit, time, steps as bits."""


def slowly(rows: list[Row], steps: int, window: int) -> dict[int, list[int]]:
    """Of each unit the times of its furthest attempt."""
    found: dict[int, list[int]] = {}
    for unit in {row[0] for row in rows}:
        own = sorted((row for row in rows if row[0] == unit), key=lambda row: (row[1], row[2]))
        best: list[int] = []
        for place, (_, began, bits) in enumerate(own):
            if not bits & 1:
                continue
            taken, at = [began], place
            for step in range(1, steps):
                later = [
                    other
                    for other in range(at + 1, len(own))
                    if own[other][2] & (1 << step) and own[other][1] <= began + window
                ]
                if not later:
                    break
                at = later[0]
                taken.append(own[at][1])
            if len(taken) > len(best):
                best = taken
        if best:
            found[unit] = best
    return found


def quickly(rows: list[Row], steps: int, window: int) -> dict[int, list[int]]:
    units, times, bits = (np.array([row[column] for row in rows]) for column in range(3))
    found = best_attempts(
        Occurrences(units.astype("u8"), times.astype("i8"), bits.astype("u2"), np.zeros(len(rows), "u2")), steps, window
    )
    return {
        int(unit): [int(time) for time in taken[:reached]]
        for unit, taken, reached in zip(found.units, found.times, found.reached, strict=True)
    }


@pytest.mark.parametrize("seed", range(30))
def test_every_unit_comes_as_far_as_its_best_attempt(seed: int) -> None:
    """Whatever the order of its events, the window, and events that are several steps at once."""
    rnd = random.Random(seed)
    steps, window = rnd.randint(1, 5), rnd.choice([3, 20, 1000])
    rows = [(rnd.randint(1, 12), rnd.randint(1, 60), rnd.randint(1, (1 << steps) - 1)) for _ in range(150)]
    assert quickly(rows, steps, window) == slowly(rows, steps, window)


def test_figures_of_nobody_are_none() -> None:
    """An empty funnel has no median, and nobody in it."""
    empty = best_attempts(
        Occurrences(np.zeros(0, "u8"), np.zeros(0, "i8"), np.zeros(0, "u2"), np.zeros(0, "u2")), 3, 10
    )
    assert len(empty.units) == 0
    assert quantiles(seconds_between(empty, 1), (0.5,)) == [None]
