"""Deltas as the counter whose steps they are."""

import numpy as np
import pytest

from midwatch.server.promql.floats import STALE, is_stale
from midwatch.server.query.metrics.deltas import running

_Sample = tuple[int, float, int, bool]
"""Time, value, start, and whether it is a delta."""


@pytest.mark.parametrize(
    ("samples", "base", "readings", "steps"),
    [
        ([(60, 5, 0, True), (120, 7, 60, True)], 0, [(60, 5), (120, 12)], [5, 7]),
        ([(60, 5, 0, True), (120, 7, 60, True)], 100, [(60, 105), (120, 112)], [5, 7]),
        ([(60, 5, 30, True), (120, 7, 60, True)], 0, [(30, 0), (60, 5), (120, 12)], [0, 5, 7]),
        ([(60, 5, 0, True), (600, 7, 540, True)], 0, [(60, 5), (540, 5), (600, 12)], [5, 0, 7]),
        ([(60, 5, 0, True), (120, 9, 30, True)], 0, [(60, 5), (120, 14)], [5, 9]),
        ([(60, 5, 0, True), (120, 50, 0, False), (180, 1, 120, True)], 0, [(60, 5), (120, 50), (180, 51)], None),
        (
            [(60, 5, 0, True), (120, float("inf"), 60, True), (180, 1, 120, True)],
            0,
            [(60, 5), (120, np.inf), (180, 6)],
            [5, 0, 1],
        ),
    ],
    ids=["a sum", "of what was before", "a start in the range", "a gap", "an overlap", "then cumulative", "infinite"],
)
def test_readings(
    samples: list[_Sample], base: float, readings: list[tuple[int, float]], steps: list[float] | None
) -> None:
    """The sum of all up to there; where a delta begins later than the sample before, the counter stood still.

    The steps are the deltas, where there is nothing but deltas.
    """
    times, values, starts, deltas = (np.array(column) for column in zip(*samples, strict=True))
    *found, told = running(times, values.astype(float), starts, deltas, base=base, start_ms=10)
    assert list(zip(*(one.tolist() for one in found), strict=True)) == readings
    assert (told if told is None else told.tolist()) == steps


def test_a_stale_marker_stays() -> None:
    """And adds nothing."""
    times = np.array([60, 120, 180])
    found = running(times, np.array([1.0, STALE, 2.0]), np.zeros(3, int), np.ones(3, bool), base=0, start_ms=10)
    assert is_stale(found[1]).tolist() == [False, True, False]
    assert found[1][[0, 2]].tolist() == [1.0, 3.0]
