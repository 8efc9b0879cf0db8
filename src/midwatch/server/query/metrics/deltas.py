"""Deltas as the counter whose steps they are.

OpenTelemetry's delta sums are stored as they came: each is what was counted since its start. PromQL reads counters, so
a reading is the sum of all deltas up to there. Where a delta begins after the sample before it (the first of a process;
a counter that says nothing while nothing happens), the counter stood still until then: a reading is put there. rate()
and increase() look at no readings: they add up the deltas of a window, so that nothing is stretched to its edges.
Of what is stored only; retention takes the oldest days from the sums.
"""

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.scope import TIME_MS_MIN, Reader


async def older_sums(reader: Reader, chosen: Chosen, ids: tuple[int, ...], start_ms: int) -> dict[int, float]:
    """What the deltas before a time come to, by series id; each time counts once."""
    where, params = chosen.where(TIME_MS_MIN, start_ms - 1, only=ids)
    rows = await reader.rows(
        f"""SELECT toString(SeriesId) AS i, sumKahan(one) AS total FROM (
            SELECT SeriesId, Timestamp, any(Value) AS one FROM metric_samples
            WHERE {where} AND IsDelta AND isFinite(Value) GROUP BY SeriesId, Timestamp) GROUP BY SeriesId""",
        params,
    )
    return {int(row["i"]): float(row["total"]) for row in rows}


def running(
    times: Ints, values: Floats, starts: Ints, is_delta: Bools, *, base: float, start_ms: int
) -> tuple[Ints, Floats, Floats | None]:
    """Times, readings and steps of one series, its samples sorted by time.

    A cumulative sample among them is a reading itself, from which later deltas count on; there are no steps then. What
    is not finite (a stale marker) stays and adds nothing.
    """
    counts = np.isfinite(values) & is_delta
    steps = np.where(counts, values, 0.0)
    total = base + np.cumsum(steps)
    absolute = np.isfinite(values) & ~is_delta
    if absolute.any():
        places = np.where(absolute, np.arange(len(values)), -1)
        last = np.maximum.accumulate(places)
        shift = np.where(last >= 0, values[last] - total[last], 0.0)
        total = total + shift
    readings = np.where(np.isfinite(values), total, values)
    before = np.concatenate(([start_ms - 1], times[:-1]))
    begun = counts & (starts > before) & (starts < times)
    told = None if absolute.any() else steps
    if not begun.any():
        return times, readings, told
    at, stood = np.flatnonzero(begun), np.concatenate(([base], total[:-1]))
    told = None if told is None else np.insert(told, at, 0.0)
    return np.insert(times, at, starts[at]), np.insert(readings, at, stood[at]), told
