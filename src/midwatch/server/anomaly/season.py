"""What repeats by hour of day and hour of week, found by medians.

All arrays are series by row and may have gaps (NaN). Means are nowhere: an incident in the history must not be what is
expected the week after.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from midwatch.server.promql.floats import Floats, Ints

HOUR_MS = 3_600_000
DAY, WEEK = 24, 168
"""Hours."""
NORMAL = 1.4826
"""Of a normal distribution the standard deviation is so many times the median of the absolute deviations."""
_MEDIAN_NOISE = np.pi / 2
"""How much more a median varies than a mean (asymptotic, normal distribution)."""


def middle(values: Floats) -> Floats:
    """The median along the last axis without gaps; NaN where there is nothing else."""
    return quantile(values, 0.5)


def quantile(values: Floats, share: float) -> Floats:
    """Between the two nearest values, along the last axis, without gaps; NaN where there is nothing else."""
    ordered = np.sort(values, axis=-1)
    count = np.sum(~np.isnan(ordered), axis=-1)
    place = np.maximum(count - 1, 0) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    below, above = (np.take_along_axis(ordered, one[..., None], axis=-1)[..., 0] for one in (low, high))
    found: Floats = below + (above - below) * (place - low)
    return found


def local_hours(times_ms: Ints, zone: str) -> Floats:
    """Hours since the epoch by the clock of a zone, so that its nights stay nights when clocks are changed."""
    hours: Floats = times_ms / HOUR_MS
    if zone == "UTC" or not len(times_ms):
        return hours
    where = ZoneInfo(zone)
    # Clocks are changed at quarters of an hour.
    quarters, places = np.unique(times_ms // (HOUR_MS // 4), return_inverse=True)
    moved = [_offset_hours(int(one) * (HOUR_MS // 4), where) for one in quarters]
    shifted: Floats = hours + np.array(moved)[places]
    return shifted


def _offset_hours(time_ms: int, zone: ZoneInfo) -> float:
    offset = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() / 3600 if offset else 0.0


def by_hour(hours: Ints, values: Floats) -> tuple[int, Floats]:
    """The median of each whole hour: series × hours, whole weeks of them, and the first of these hours.

    `hours` are those of the columns of `values`.
    """
    first = int(hours.min()) // WEEK * WEEK
    count = -(-(int(hours.max()) + 1 - first) // WEEK) * WEEK
    order = np.argsort(hours, kind="stable")
    places = hours[order] - first
    _, begins, counts = np.unique(places, return_index=True, return_counts=True)
    within = np.arange(len(places)) - np.repeat(begins, counts)
    cube = np.full((len(values), count, int(counts.max())), np.nan)
    cube[:, places, within] = values[:, order]
    return first, middle(cube)


def season(cells: Floats) -> Floats:
    """What is to be added by hour of week: series × WEEK, of `cells` as `by_hour` has them, around no level.

    First by hour of day, then what of the rest repeats by hour of week; each as far as the data speak for it.
    """
    days = cells.reshape(len(cells), -1, DAY)
    of_day = np.tile(_repeating(days), WEEK // DAY)
    weeks = cells.reshape(len(cells), -1, WEEK) - of_day[:, None, :]
    found: Floats = of_day + _repeating(weeks)
    return found


def _repeating(periods: Floats) -> Floats:
    """Series × periods × slots → series × slots: medians of the slots, drawn to the median of all.

    How far they are drawn is what the data say (empirical Bayes): by how much slots differ, beside by how much one slot
    differs from period to period. What was seen in fewer than two periods does not count.
    """
    slots = np.swapaxes(periods, 1, 2)
    medians, seen = middle(slots), np.sum(~np.isnan(slots), axis=-1)
    overall = middle(medians)[:, None]
    with np.errstate(all="ignore"):
        spread = np.abs(slots - medians[..., None]) * np.sqrt(seen / np.maximum(seen - 1, 1))[..., None]
        spread[seen < 2] = np.nan
        noise = _MEDIAN_NOISE * (NORMAL * middle(spread.reshape(len(spread), -1)))[:, None] ** 2 / seen
        counted = np.where(seen >= 2, medians, np.nan)
        differing = _variance(counted) - _mean(np.where(seen >= 2, noise, np.nan))
        differing = np.maximum(differing, 0.0)[:, None]
        weight = np.where((seen >= 2) & (differing > 0), differing / (differing + noise), 0.0)
    drawn: Floats = np.where(weight > 0, weight * (medians - overall), 0.0)
    return drawn + np.nan_to_num(overall)


def _mean(values: Floats) -> Floats:
    there = ~np.isnan(values)
    found: Floats = np.where(there, values, 0.0).sum(axis=-1) / np.maximum(there.sum(axis=-1), 1)
    return found


def _variance(values: Floats) -> Floats:
    return _mean((values - _mean(values)[:, None]) ** 2)
