"""How busy a product is over a day and a week: quiet at night, busiest in the evening, a little calmer at weekends."""

import math
import time

import numpy as np

DAY = 86_400
BUSIEST_HOUR = 19
WEEKEND = 0.75


def busy(at: float | None = None) -> float:
    """About 1 over a day, from 0.25 to 1.75; `at` in seconds since 1970, now where nothing is said."""
    return float(busy_at(np.array([time.time() if at is None else at]))[0])


def busy_at(times: np.ndarray) -> np.ndarray:
    """`busy` of each of the times."""
    hours = times % DAY / 3600
    daily = 1 + 0.75 * np.cos((hours - BUSIEST_HOUR) / 24 * 2 * math.pi)
    weekday = (times // DAY + 3) % 7  # 1970 began with a Thursday
    return np.asarray(np.where(weekday >= 5, WEEKEND, 1.0) * daily)
