"""An anchored or smoothed range vector by itself: its samples, with values at both ends."""

import bisect

import numpy as np

from midwatch.server.promql.samples import Samples


def extended_samples(samples: Samples, begin: int, end: int, *, smoothed: bool) -> Samples:
    """Floats only; samples are from before the window to behind it."""
    times: list[list[int]] = []
    values: list[list[float]] = []
    for row in range(len(samples.labels)):
        inside = slice(int(samples.bounds[row]), int(samples.bounds[row + 1]))
        found = _extended(
            samples.times[inside].tolist(), samples.values[inside].tolist(), begin, end, smoothed=smoothed
        )
        times.append(found[0])
        values.append(found[1])
    bounds = np.concatenate(([0], np.cumsum([len(one) for one in times]))).astype(np.int64)
    flat_times = np.array([at for one in times for at in one], dtype=np.int64)
    return Samples(
        samples.labels, bounds, flat_times, np.array([value for one in values for value in one], dtype=np.float64)
    )


def _extended(
    times: list[int], values: list[float], begin: int, end: int, *, smoothed: bool
) -> tuple[list[int], list[float]]:
    last = len(times) - 1
    if last < 0:
        return [], []
    first = max(0, bisect.bisect_right(times, begin, 0, last) - 1)
    if smoothed:
        last = bisect.bisect_left(times, end, 0, last)
    if times[last] <= begin:
        return [], []

    def line(before: int, at: int) -> float:
        low, high = values[before], values[before + 1]
        return low + (high - low) * (at - times[before]) / (times[before + 1] - times[before])

    left = line(first, begin) if smoothed and times[first] < begin else values[first]
    right = line(last - 1, end) if smoothed and last > 0 and times[last] > end else values[last]
    first += times[first] <= begin
    last -= times[last] >= end
    return [begin, *times[first : last + 1], end], [left, *values[first : last + 1], right]
