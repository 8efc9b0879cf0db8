"""Range functions and instant selectors that the store computes itself, by ClickHouse's timeSeries…ToGrid aggregates.

Only what comes out as the engine would have it, but for the last digit of a division: plain numbers up to 2^53. Series
that have anything else (NaN, infinities, deltas), and functions whose sums ClickHouse makes another way (deriv,
stddev_over_time …), are evaluated from samples. Stale markers are taken out before a range function, and kept for an
instant selector, where the last sample may be one.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np

from midwatch.server.promql.floats import STALE_BITS, Bools, Floats, Ints
from midwatch.server.query.metrics.chosen import IDS_MAX, Chosen, Matching
from midwatch.server.query.metrics.columns import Arrays, blocks
from midwatch.server.query.metrics.scope import TIME_MS_MAX, TIME_MS_MIN, Reader

GRID_FUNCTIONS = {
    "rate": "Rate",
    "increase": "Increase",
    "delta": "Delta",
    "irate": "InstantRate",
    "idelta": "InstantDelta",
    "last_over_time": "Last",
    "min_over_time": "Min",
    "max_over_time": "Max",
    "sum_over_time": "Sum",
    "avg_over_time": "Avg",
    "count_over_time": "Count",
    "present_over_time": "Count",
    "changes": "Changes",
    "resets": "Resets",
}
INSTANT = "Last"
_PLAIN_MAX = 2.0**53
"""Whole numbers up to here are exact in any order of adding."""
_CHUNK_SAMPLES = 12_000_000
"""At once. Each statement looks at all that lies between its series: three of 4 million took twice the time."""
_SAMPLE_GAP_MS = 15_000
"""How far apart samples are taken to be; a guess that only sets how many series are asked for at once."""
_SERIES_BYTES = 256
_HISTOGRAMS = 2
"""The flag of a row that stands for native histograms, beside 0 and 1 for plain series and odd ones."""
_GROWN, _LEAST_SERIES = 4, 1_000
"""How many times more series than expected an answer may have, and how many in any case."""
_LEAST_BYTES = 1 << 20
_SETTINGS = {"allow_experimental_time_series_aggregate_functions": 1}


@dataclass(frozen=True, slots=True)
class Steps:
    """Evenly spaced times, and how far back each looks: (time - window, time]."""

    start_ms: int
    end_ms: int
    step_ms: int
    window_ms: int

    @classmethod
    def of(cls, times_ms: Ints, window_ms: int) -> "Steps | None":
        """None where the times are not even."""
        if len(times_ms) == 1:
            return cls(int(times_ms[0]), int(times_ms[0]), 1000, window_ms)
        gaps = np.diff(times_ms)
        if not len(gaps) or gaps[0] <= 0 or (gaps != gaps[0]).any():
            return None
        return cls(int(times_ms[0]), int(times_ms[-1]), int(gaps[0]), window_ms)

    @property
    def held(self) -> bool:
        """Whether the tables can have all of its times."""
        return self.from_ms >= TIME_MS_MIN and self.end_ms <= TIME_MS_MAX

    @property
    def count(self) -> int:
        return (self.end_ms - self.start_ms) // self.step_ms + 1

    @property
    def from_ms(self) -> int:
        """The first time that a sample may have."""
        return self.start_ms - self.window_ms + 1

    def series_at_once(self) -> int:
        """How many keep the store's memory in bounds: it holds the samples of all series that it works on."""
        samples = (self.end_ms - self.from_ms) // _SAMPLE_GAP_MS + 1
        return max(1, _CHUNK_SAMPLES // max(samples, self.count))


@dataclass(frozen=True, slots=True)
class Gridded:
    """Rows of series × steps; the cells where `present` is not set mean nothing. `odd` are left to the engine."""

    ids: list[int]
    values: Floats
    present: Bools
    odd: list[int]

    def only(self, wanted: Container[int]) -> "Gridded":
        """Of these series alone."""
        kept = np.array([one in wanted for one in self.ids], dtype=bool)
        odd = [one for one in self.odd if one in wanted]
        if kept.all():
            return replace(self, odd=odd)
        ids = [one for one, is_kept in zip(self.ids, kept.tolist(), strict=True) if is_kept]
        return Gridded(ids, self.values[kept], self.present[kept], odd)


async def gridded(
    reader: Reader, chosen: Chosen, kind: str, steps: Steps, series_ids: Sequence[int], *, stale: bool
) -> Gridded:
    """`kind` of GRID_FUNCTIONS over some series, whose ids are rising. `stale`: markers are samples, too."""
    named = tuple(series_ids) if len(series_ids) <= IDS_MAX and not chosen.condition.all_of_names else ()
    where, params = chosen.where(steps.from_ms, steps.end_ms, only=named, between=(series_ids[0], series_ids[-1]))
    sql = f"{_select(kind, steps, where, stale=stale)} FORMAT Native"
    data = await reader.binary(sql, params, bytes_max=_bytes_max(len(series_ids), steps), settings=_SETTINGS)
    found = _read(data, steps)
    assert found is not None
    return found.only(chosen.series)


async def gridded_at_once(
    reader: Reader, matching: Matching, kind: str, steps: Steps, expected: int, *, stale: bool
) -> Gridded | None:
    """The same over all series that match, found by the statement itself; None where native histograms are among them.

    Raises:
        StoreError: also where there are many times more series than expected; of the code `too_much`.
    """
    where, params = matching.where(steps.from_ms, steps.end_ms)
    nothing = f"CAST(arrayWithConstant({steps.count}, NULL) AS Array(Nullable(Float64)))"
    sql = f"""{_select(kind, steps, where + matching.ids, stale=stale)}
        UNION ALL SELECT toUInt128(0), toUInt8({_HISTOGRAMS}), {nothing}
        FROM (SELECT 1 FROM metric_histograms WHERE {where} LIMIT 1) FORMAT Native"""
    bytes_max = _bytes_max(max(_LEAST_SERIES, expected * _GROWN), steps)
    data = await reader.binary(sql, params, bytes_max=bytes_max, settings=_SETTINGS)
    return _read(data, steps)


def _select(kind: str, steps: Steps, where: str, *, stale: bool) -> str:
    times = ", ".join(
        f"fromUnixTimestamp64Milli(toInt64({time_ms}), 'UTC')" for time_ms in (steps.start_ms, steps.end_ms)
    )
    lengths = ", ".join(f"toDecimal64('{length / 1000:.3f}', 3)" for length in (steps.step_ms, steps.window_ms))
    odd = "" if stale else f" OR countIf(NOT (abs(Value) <= {_PLAIN_MAX:.0f})) > 0"
    kept = "" if stale else f" AND reinterpretAsUInt64(Value) != {STALE_BITS}"
    return f"""SELECT SeriesId, toUInt8(max(IsDelta){odd}) AS odd,
            timeSeries{kind}ToGrid({times}, {lengths})(Timestamp, Value)
        FROM metric_samples WHERE {where}{kept} GROUP BY SeriesId"""


def _bytes_max(series: int, steps: Steps) -> int:
    return series * (steps.count * 9 + _SERIES_BYTES) + _LEAST_BYTES


def _read(data: bytes, steps: Steps) -> Gridded | None:
    """None where a row says that there are native histograms."""
    found = Gridded([], np.empty((0, steps.count)), np.empty((0, steps.count), dtype=bool), [])
    values, present = [found.values], [found.present]
    for ids, flags, grid in blocks(data):
        assert isinstance(ids, list)
        assert isinstance(flags, np.ndarray)
        assert isinstance(grid, Arrays)
        assert grid.missing is not None
        if (flags == _HISTOGRAMS).any():
            return None
        plain = flags == 0
        values.append(grid.items.reshape(len(ids), steps.count)[plain])
        present.append(~grid.missing.reshape(len(ids), steps.count)[plain])
        found.ids.extend(one for one, kept_here in zip(ids, plain.tolist(), strict=True) if kept_here)
        found.odd.extend(one for one, is_plain in zip(ids, plain.tolist(), strict=True) if not is_plain)
    return Gridded(found.ids, np.concatenate(values), np.concatenate(present), found.odd)
