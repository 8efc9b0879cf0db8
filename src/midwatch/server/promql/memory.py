"""A store in memory, as scripts and unit tests of rules load it."""

import math
from collections.abc import Sequence

import numpy as np

from midwatch.server.promql import Series
from midwatch.server.promql.floats import Bools
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.histogram.resets import is_reset
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.matchers import Matcher, select

_Sample = tuple[float | FloatHistogram, int]
"""A value and when the counter began."""


class MemoryStore:
    def __init__(self) -> None:
        self._series: dict[Labels, dict[int, _Sample]] = {}

    def add(self, labels: Labels, time_ms: int, value: float | FloatHistogram, start_ms: int = 0) -> None:
        self._series.setdefault(labels, {})[time_ms] = (value, start_ms)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        found = []
        for labels, samples in self._series.items():
            if select(labels, tuple(matchers)):
                series = _series(labels, sorted(samples), [samples[time] for time in sorted(samples)])
                mask = (series.times_ms >= start_ms) & (series.times_ms <= end_ms)
                if mask.any():
                    found.append(_within(series, mask))
        return found


def _within(series: Series, mask: Bools) -> Series:
    return Series(
        series.labels,
        series.times_ms[mask],
        series.values[mask],
        None if series.histograms is None else series.histograms[mask],
        None if series.start_times_ms is None else series.start_times_ms[mask],
    )


def _series(labels: Labels, times: list[int], samples: list[_Sample]) -> Series:
    natives = _hinted([value if isinstance(value, FloatHistogram) else None for value, _ in samples])
    histograms = None
    if any(natives):
        histograms = np.empty(len(natives), dtype=object)
        histograms[:] = natives
    return Series(
        labels,
        np.array(times, dtype=np.int64),
        np.array([0.0 if isinstance(value, FloatHistogram) else value for value, _ in samples]),
        histograms,
        np.array([start for _, start in samples], dtype=np.int64) if any(start for _, start in samples) else None,
    )


def _hinted(histograms: list[FloatHistogram | None]) -> list[FloatHistogram | None]:
    """With what Prometheus's store would know of counter resets: it sees each sample after the one before."""
    out: list[FloatHistogram | None] = []
    before: FloatHistogram | None = None
    for now in histograms:
        if now is not None and now.hint is Hint.UNKNOWN and before is not None and before.hint is not Hint.GAUGE:
            out.append(now.with_hint(_hint(now, before)))
        else:
            out.append(now)
        before = out[-1]
    return out


def _hint(now: FloatHistogram, before: FloatHistogram) -> Hint:
    if math.isnan(before.sum) or math.isnan(now.sum):
        return Hint.UNKNOWN
    if now.schema != before.schema or now.zero_threshold != before.zero_threshold or now.custom != before.custom:
        return Hint.UNKNOWN
    return Hint.UNKNOWN if is_reset(now, before) else Hint.NOT_RESET
