"""Synthetic weeks: what is expected after them, and what is outside."""

import numpy as np
import pytest

from midwatch.server.anomaly.band import HOURS_MIN, Learned, learn
from midwatch.server.anomaly.season import HOUR_MS, local_hours, middle, quantile
from midwatch.server.model.band import BandWanted
from midwatch.server.promql.floats import Floats, Ints

STEP_MS = 600_000
DAY_MS = 24 * HOUR_MS
NOW_MS = 1_750_032_000_000 // DAY_MS * DAY_MS
"""A Monday, 00:00."""


def wanted(deviations: float = 3.0, zone: str = "UTC", at_least: float = 0.0) -> BandWanted:
    return BandWanted("x", deviations, 28 * DAY_MS, zone, at_least)


def times(days: float = 28.0) -> Ints:
    return np.arange(NOW_MS - int(days * DAY_MS), NOW_MS, STEP_MS, dtype=np.int64)


def traffic(at: Ints) -> Floats:
    """By day between 20 and 180, and on Saturdays and Sundays half of it."""
    hours = at / HOUR_MS
    by_day = 100 - 80 * np.cos((hours % 24) / 24 * 2 * np.pi)
    weekend = ((hours // 24 + 3) % 7) >= 5
    return np.where(weekend, by_day / 2, by_day)


def noise(at: Ints, size: float = 3.0) -> Floats:
    return np.random.default_rng(7).normal(0, size, len(at))


def learned(at: Ints, values: Floats, one: BandWanted | None = None) -> Learned:
    rows, found = learn(one or wanted(), at, values[None, :], NOW_MS)
    assert rows.tolist() == [0]
    return found


def outside(found: Learned, at: Ints, values: Floats) -> float:
    """The share of values that are outside the band."""
    lower, _, upper = (one[0] for one in found.at(at))
    return float(np.mean((values < lower) | (values > upper)))


def ahead(days: float) -> Ints:
    return np.arange(NOW_MS, NOW_MS + int(days * DAY_MS), STEP_MS, dtype=np.int64)


def test_a_week_like_those_before_is_inside() -> None:
    """By hour of day and by weekday: the weekend's half is expected, and of a week hardly a sample is outside."""
    at = times()
    found = learned(at, traffic(at) + noise(at))
    week = ahead(7)
    _, expected, _ = (one[0] for one in found.at(week))
    assert np.max(np.abs(expected - traffic(week))) < 15
    assert np.median(np.abs(expected - traffic(week))) < 3
    values = traffic(week) + np.random.default_rng(8).normal(0, 3, len(week))
    assert outside(found, week, values) < 0.03


@pytest.mark.parametrize(("hour", "value"), [(3, 120.0), (12, 90.0), (12, 260.0), (24 * 5 + 12, 170.0)])
def test_what_is_usual_at_another_hour_is_outside(hour: int, value: float) -> None:
    """Noon's traffic at three at night, night's at noon, a weekday's on a Saturday."""
    at = times()
    found = learned(at, traffic(at) + noise(at))
    assert outside(found, np.array([NOW_MS + hour * HOUR_MS]), np.array([value])) == 1


def test_an_incident_in_the_history_is_not_expected_again() -> None:
    """Six hours of a hundred times as much a week ago move neither the band's middle nor its edges."""
    at = times()
    values = traffic(at) + noise(at)
    spiked = values.copy()
    spiked[(at >= NOW_MS - 6 * DAY_MS) & (at < NOW_MS - 6 * DAY_MS + 6 * HOUR_MS)] = 10_000
    day = ahead(2)
    for calm, after in zip(learned(at, values).at(day), learned(at, spiked).at(day), strict=True):
        assert np.max(np.abs(calm - after)) < 20


def test_a_trend_goes_on() -> None:
    """A tenth more every week: what comes next week is expected, and what was usual a month ago is not."""
    at = times()
    grown = 300 + 30 * (at - NOW_MS) / (7 * DAY_MS)
    found = learned(at, grown + noise(at))
    day = ahead(1)
    _, expected, _ = found.at(day)
    assert np.max(np.abs(expected[0] - 302)) < 5
    assert outside(found, day, np.full(len(day), 180.0)) == 1


def test_a_shift_is_outside_at_first_and_then_the_new_level() -> None:
    """An hour after a step up it is outside; when it has lasted four days, the old level is."""
    at = times()
    values = np.full(len(at), 50.0) + noise(at)
    just, lasted = values.copy(), values.copy()
    just[at >= NOW_MS - HOUR_MS] += 60
    lasted[at >= NOW_MS - 4 * DAY_MS] += 60
    day = ahead(0.5)
    assert outside(learned(at, just), day, np.full(len(day), 110.0)) == 1
    assert outside(learned(at, lasted), day, np.full(len(day), 110.0)) == 0


def test_gaps_are_no_values() -> None:
    """Three days without anything, and every second sample gone: the same is expected."""
    at = times()
    values = traffic(at) + noise(at)
    values[(at >= NOW_MS - 9 * DAY_MS) & (at < NOW_MS - 6 * DAY_MS)] = np.nan
    values[::2] = np.nan
    day = ahead(1)
    _, expected, _ = learned(at, values).at(day)
    assert np.median(np.abs(expected[0] - traffic(day))) < 4


def test_with_three_days_the_hours_of_the_day_are_known() -> None:
    """Weekdays are not told apart yet, nights and days are."""
    at = times(3) - 2 * DAY_MS
    found = learned(at, traffic(at) + noise(at))
    _, expected, _ = found.at(np.array([NOW_MS + 3 * HOUR_MS, NOW_MS + 12 * HOUR_MS]))
    assert expected[0, 1] - expected[0, 0] > 100


def test_too_little_history_expects_nothing() -> None:
    """An hour short of a day; of two series that which has a day is learned."""
    at = times(1)
    values = np.stack([traffic(at), traffic(at)])
    values[0, :6] = np.nan
    rows, found = learn(wanted(), at, values, NOW_MS)
    assert (rows.tolist(), HOURS_MIN) == ([1], 24)
    assert len(found.at(ahead(0.1))[0]) == 1
    rows, found = learn(wanted(), at[:100], values[:, :100], NOW_MS)
    assert rows.tolist() == []
    assert found.at(ahead(0.1))[0].shape[0] == 0


def test_what_is_constant_has_a_narrow_band() -> None:
    """One in a hundred more is nothing, a tenth more is; `at_least` widens it; zero alone is expected of zeros."""
    at, now = times(), np.array([NOW_MS])
    constant = np.full(len(at), 50.0)
    found = learned(at, constant)
    assert outside(found, now, np.array([50.4])) == 0
    assert outside(found, now, np.array([55.0])) == 1
    assert outside(learned(at, constant, wanted(at_least=10)), now, np.array([55.0])) == 0
    zeros = learned(at, constant * 0)
    assert (outside(zeros, now, np.array([0.0])), outside(zeros, now, np.array([1.0]))) == (0, 1)


def test_a_band_of_what_was_never_negative_is_not() -> None:
    """However wide; one of what was negative may be."""
    at = times()
    values = np.abs(noise(at))
    assert learned(at, values, wanted(50)).at(ahead(1))[0].min() == 0
    assert learned(at, values - 1, wanted(50)).at(ahead(1))[0].min() < -1


def test_hours_are_those_of_the_zone() -> None:
    """Nine in Berlin is nine before and after the clock is changed, an hour apart in UTC."""
    before, after = 1_743_148_800_000, 1_743_494_400_000  # 28 March 2025 08:00Z; 1 April 2025 08:00Z
    assert (local_hours(np.array([before, after]), "Europe/Berlin") % 24).tolist() == [9, 10]
    assert (local_hours(np.array([before, after]), "UTC") % 24).tolist() == [8, 8]


def test_medians_pass_over_gaps() -> None:
    """And are gaps where there is nothing else."""
    values = np.array([[3.0, np.nan, 1.0, 8.0], [np.nan] * 4, [2.0, np.nan, 4.0, np.nan]])
    assert np.array_equal(middle(values), np.array([3.0, np.nan, 3.0]), equal_nan=True)
    assert quantile(values, 1.0)[0] == 8
