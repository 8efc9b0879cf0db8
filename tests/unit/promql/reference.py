"""Range functions over floats, one sample after the other: slow, plain, and written from the functions' description."""

import math
import struct
from collections.abc import Callable
from itertools import pairwise

Window = list[tuple[int, float]]
"""Times in milliseconds and values."""

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]


def is_stale(value: float) -> bool:
    return struct.pack("<d", value) == struct.pack("<Q", 0x7FF0000000000002)


def window(samples: Window, end: int, length: int) -> Window:
    """What lies in (end - length, end], stale markers left out."""
    return [(time, value) for time, value in samples if end - length < time <= end and not is_stale(value)]


def total_of(values: list[float]) -> float:
    """Exact, then rounded once; where it is infinite on the way, as plain addition in order has it."""
    plain = math.nan if not values else sum(values[1:], values[0])
    return math.fsum(values) if math.isfinite(plain) else plain


def mean(values: list[float]) -> float:
    total = total_of(values)
    return total / len(values) if math.isfinite(total) else total_of([value / len(values) for value in values])


def variance(values: list[float]) -> float:
    if not all(map(math.isfinite, values)):
        return math.nan
    middle = math.fsum(values) / len(values)
    return math.fsum((value - middle) ** 2 for value in values) / len(values)


def ordered(values: list[float]) -> list[float]:
    """NaN first."""
    return sorted(values, key=lambda value: (not math.isnan(value), 0.0 if math.isnan(value) else value))


def quantile(q: float, values: list[float]) -> float:
    rising = ordered(values)
    rank = q * (len(rising) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(rising) - 1)
    return rising[low] * (1 - (rank - low)) + rising[high] * (rank - low)


def rate(samples: Window, end: int, length: int, *, counter: bool, per_second: bool) -> float | None:
    if len(samples) < 2:
        return None
    times, values = [time for time, _ in samples], [value for _, value in samples]
    risen = values[-1] - values[0]
    if counter:
        for before, now in pairwise(values):
            if now < before:
                risen += before
    covered = (times[-1] - times[0]) / 1000
    distance = covered / (len(samples) - 1)
    ahead, behind = (times[0] - (end - length)) / 1000, (end - times[-1]) / 1000
    ahead = distance / 2 if ahead >= distance * 1.1 else ahead
    behind = distance / 2 if behind >= distance * 1.1 else behind
    if counter and risen > 0 and values[0] >= 0:
        to_zero = covered * (values[0] / risen)
        ahead = to_zero if to_zero < ahead else ahead
    factor = (covered + ahead + behind) / covered
    return risen * (factor / (length / 1000) if per_second else factor)


def last_two(samples: Window, *, counter: bool) -> float | None:
    if len(samples) < 2:
        return None
    (before, old), (now, new) = samples[-2:]
    risen = new if counter and new < old else new - old
    return risen / ((now - before) / 1000) if counter else risen


def extreme(values: list[float], sign: int) -> float:
    numbers = [value for value in values if not math.isnan(value)]
    return math.nan if not numbers else sign * max(sign * value for value in numbers)


def changes(values: list[float]) -> float:
    pairs = pairwise(values)
    return float(sum(a != b and not (math.isnan(a) and math.isnan(b)) for a, b in pairs))


def resets(values: list[float]) -> float:
    return float(sum(b < a for a, b in pairwise(values)))


def median_distance(values: list[float]) -> float:
    if any(map(math.isnan, values)):
        return math.nan
    middle = quantile(0.5, values)
    return quantile(0.5, [abs(value - middle) for value in values])


def smoothed(values: list[float], level_factor: float, trend_factor: float) -> float | None:
    if len(values) < 2:
        return None
    before, level, trend = 0.0, values[0], values[1] - values[0]
    for place, value in enumerate(values[1:]):
        if place:
            trend = trend_factor * (level - before) + (1 - trend_factor) * trend
        before, level = level, level_factor * value + (1 - level_factor) * (level + trend)
    return level


Simple = Callable[[list[float]], float | None]
SIMPLE: dict[str, Simple] = {
    "sum_over_time(m[{r}])": total_of,
    "avg_over_time(m[{r}])": mean,
    "count_over_time(m[{r}])": lambda values: float(len(values)),
    "min_over_time(m[{r}])": lambda values: extreme(values, -1),
    "max_over_time(m[{r}])": lambda values: extreme(values, 1),
    "first_over_time(m[{r}])": lambda values: values[0],
    "last_over_time(m[{r}])": lambda values: values[-1],
    "present_over_time(m[{r}])": lambda values: 1.0,
    "stdvar_over_time(m[{r}])": variance,
    "quantile_over_time(0.3, m[{r}])": lambda values: quantile(0.3, values),
    "mad_over_time(m[{r}])": median_distance,
    "changes(m[{r}])": changes,
    "resets(m[{r}])": resets,
    "double_exponential_smoothing(m[{r}], 0.3, 0.6)": lambda values: smoothed(values, 0.3, 0.6),
}
