"""History → what is expected next, and how far from that is usual."""

from dataclasses import dataclass

import numpy as np

from midwatch.server.anomaly.season import DAY, HOUR_MS, NORMAL, WEEK, by_hour, local_hours, middle, quantile, season
from midwatch.server.model.band import BandWanted
from midwatch.server.promql.floats import Floats, Ints

HOURS_MIN = 24
"""With less history than so many hours nothing is expected of a series."""
WIDTH_MIN = 0.01
"""To either side a band reaches at least this share of the usual size: nobody wants to know of less."""
_LEVEL_HOURS, _LEVEL_HOURS_FIRST = 72, WEEK
"""The level is the median of so much; the longer one while weekends are not known yet."""
_WEEKS_OF_TREND = 3
_TAIL, _TAIL_OF_NORMAL = 0.9, 1.645
"""One in twenty of all samples is beyond, on either side; and where that is in a normal distribution."""
_DAYS_BELIEVED = 7
"""With so many days the spread by hour of day counts half, beside that of all hours."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Of some series, by row. Good for hours, not for weeks."""

    at_ms: int
    zone: str
    level: Floats
    slope: Floats
    """By hour."""
    season: Floats
    """Series × hours of the week."""
    up: Floats
    down: Floats
    """How far the band reaches: series × hours of the day."""
    floor: Floats
    """0 for series that were never below, else minus infinity."""

    def at(self, times_ms: Ints) -> tuple[Floats, Floats, Floats]:
        """Lower, expected and upper: series × times."""
        hours = local_hours(times_ms, self.zone)
        ahead = (times_ms - self.at_ms) / HOUR_MS
        expected = self.level[:, None] + self.slope[:, None] * ahead + between(self.season, hours)
        lower = np.maximum(expected - between(self.down, hours), self.floor[:, None])
        return lower, expected, expected + between(self.up, hours)


def learn(wanted: BandWanted, times_ms: Ints, values: Floats, now_ms: int) -> tuple[Ints, Learned]:
    """`values` are series × times, gaps are NaN. Also says of which rows there was enough to learn from."""
    values = np.where(np.isfinite(values), values, np.nan)
    hours = local_hours(times_ms, wanted.zone)
    first, cells = by_hour(np.floor(hours).astype(np.int64), values)
    enough = np.flatnonzero(np.sum(~np.isnan(cells), axis=1) >= HOURS_MIN)
    if not len(enough):
        nothing = np.empty((0, WEEK))
        none = nothing[:, 0]
        return enough, Learned(now_ms, wanted.zone, none, none, nothing, nothing[:, :DAY], nothing[:, :DAY], none)
    values, cells = values[enough], cells[enough]
    middles = np.arange(cells.shape[1], dtype=np.float64) + np.float64(first + 0.5)
    last = float(hours.max())
    centres, levels, slope = _levels(cells, middles, last)
    repeats = season(cells - _line(centres, levels, slope, middles))
    in_hours = np.tile(repeats, cells.shape[1] // WEEK)
    level = _now(cells - in_hours, middles, slope, last)
    left = values - _line(centres, levels, slope, hours) - between(repeats, hours)
    least = np.maximum(wanted.at_least, WIDTH_MIN * middle(np.abs(values)))[:, None]
    up, down = (np.maximum(wanted.deviations * _spread(one, hours), least) for one in (left, -left))
    with np.errstate(all="ignore"):
        floor = np.where(np.fmin.reduce(values, axis=1) >= 0, 0.0, -np.inf)
    since = (now_ms - int(times_ms.max())) / HOUR_MS
    return enough, Learned(now_ms, wanted.zone, level + slope * since, slope, repeats, up, down, floor)


def between(by_slot: Floats, hours: Floats) -> Floats:
    """Series × slots, whose values hold in the middle of their hours → series × hours, in a straight line between."""
    place = hours - 0.5
    low = np.floor(place).astype(np.int64)
    count = by_slot.shape[1]
    here, there = by_slot[:, low % count], by_slot[:, (low + 1) % count]
    found: Floats = here + (there - here) * (place - low)
    return found


def _levels(cells: Floats, middles: Floats, last: float) -> tuple[Floats, Floats, Floats]:
    """Medians of the weeks before `last`, oldest first, with their middle hours; and by how much an hour they rise.

    A trend is what every week went on with: a single step up or down is none.
    """
    ago = np.floor((last - middles) / WEEK).astype(np.int64)
    weeks = range(max(0, int(ago.max())), -1, -1)
    levels = np.stack([_whole(cells[:, ago == one]) for one in weeks], axis=1)
    levels = np.where(np.isnan(levels).all(axis=1, keepdims=True), middle(cells)[:, None], levels)
    centres = last - (np.array(weeks) + 0.5) * WEEK
    steps = np.diff(levels, axis=1)
    known = ~np.isnan(steps)
    with np.errstate(all="ignore"):
        one_way = (np.where(known, steps > 0, True).all(axis=1)) | (np.where(known, steps < 0, True).all(axis=1))
    goes_on = one_way & (known.sum(axis=1) >= _WEEKS_OF_TREND - 1)
    slope: Floats = np.where(goes_on, np.nan_to_num(middle(steps)) / WEEK, 0.0) if len(weeks) > 1 else levels[:, 0] * 0
    return centres, levels, slope


def _whole(cells: Floats) -> Floats:
    """The median of a week, where at least half of it is there."""
    enough = np.sum(~np.isnan(cells), axis=1) * 2 >= WEEK
    found: Floats = np.where(enough, middle(cells), np.nan)
    return found


def _line(centres: Floats, levels: Floats, slope: Floats, hours: Floats) -> Floats:
    """The level at any hour of the history: straight between the weeks' middles."""
    found = np.empty((len(levels), len(hours)))
    for row, (some, rise) in enumerate(zip(levels, slope, strict=True)):
        known = ~np.isnan(some)
        at, of = centres[known], some[known]
        found[row] = np.interp(hours, at, of) + rise * (np.minimum(hours - at[0], 0) + np.maximum(hours - at[-1], 0))
    return found


def _now(cells: Floats, middles: Floats, slope: Floats, last: float) -> Floats:
    """The level at the end of the history: of the last days with anything in them."""
    seen = ~np.isnan(cells)
    long_enough = np.sum(seen, axis=1) > 2 * WEEK
    # Each series by its own last hour: one that paused goes on from where it was.
    newest = np.max(np.where(seen, middles, -np.inf), axis=1)
    back = np.where(long_enough, _LEVEL_HOURS, _LEVEL_HOURS_FIRST)[:, None]
    lately = (middles > newest[:, None] - back) & seen
    moved = cells + slope[:, None] * (last - middles)
    return middle(np.where(lately, moved, np.nan))


def _spread(left: Floats, hours: Floats) -> Floats:
    """How far above zero what is left over goes, as a standard deviation: series × hours of the day.

    Of each hour with its neighbours, beside that of all: nights are often calmer than days.
    """
    above = np.where(left >= 0, left, np.nan)
    overall = np.nan_to_num(_deviation(above))[:, None]
    of_day = np.floor(hours).astype(np.int64) % DAY
    found = np.stack([_deviation(above[:, _near(of_day, hour)]) for hour in range(DAY)], axis=1)
    days = np.sum(~np.isnan(left), axis=1)[:, None] / max(1, left.shape[1]) * (hours.max() - hours.min()) / DAY
    weight = days / (days + _DAYS_BELIEVED)
    mixed: Floats = np.where(np.isnan(found), overall, weight * found + (1 - weight) * overall)
    return mixed


def _near(of_day: Ints, hour: int) -> Ints:
    return np.flatnonzero(np.isin(of_day, [(hour - 1) % DAY, hour, (hour + 1) % DAY]))


def _deviation(above: Floats) -> Floats:
    """By the median, or by the tail where that is heavier than a normal distribution's."""
    if not above.shape[1]:
        return np.full(len(above), np.nan)
    return np.maximum(NORMAL * middle(above), quantile(above, _TAIL) / _TAIL_OF_NORMAL)
