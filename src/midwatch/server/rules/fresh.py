"""Series that rules have written and queries may not see yet, laid over a source for the rules after them.

What is written goes through the write-ahead log like everything else and is visible seconds later, while Prometheus's
rules see at once what those before them recorded.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from midwatch.server.promql.block import Block
from midwatch.server.promql.floats import Ints
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.labels import NAME, Labels, get
from midwatch.server.promql.matchers import Matcher, select
from midwatch.server.promql.storage import PushDown, RangeRequest, Series, SeriesSource
from midwatch.server.promql.syntax.ast import Aggregate, VectorSelector

Value = float | FloatHistogram


@dataclass(frozen=True, slots=True)
class Written:
    """A sample of a series that rules make."""

    labels: Labels
    at_ms: int
    value: Value


@dataclass(slots=True)
class Fresh:
    """By name of the metric. Samples stay until they are visible, which `acknowledged` and `forget` tell of.

    Where nobody tells of it they stay for good: a rehearsal has no other store for what its rules record. Safe between
    threads.
    """

    series: dict[str, dict[Labels, list[Written]]] = field(default_factory=dict)
    _acknowledged: deque[tuple[int, Sequence[Written]]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, samples: Iterable[Written]) -> None:
        with self._lock:
            for one in samples:
                self.series.setdefault(get(one.labels, NAME), {}).setdefault(one.labels, []).append(one)

    def acknowledged(self, samples: Sequence[Written], at_ms: int) -> None:
        """They are in the log, or given up."""
        with self._lock:
            self._acknowledged.append((at_ms, samples))

    def forget(self, visible_ms: int) -> None:
        """All that was acknowledged before is visible."""
        with self._lock:
            while self._acknowledged and self._acknowledged[0][0] < visible_ms:
                for one in self._acknowledged.popleft()[1]:
                    self._drop(one)

    def _drop(self, one: Written) -> None:
        name = get(one.labels, NAME)
        of_name = self.series.get(name, {})
        samples = of_name.get(one.labels, [])
        place = next((place for place, other in enumerate(samples) if other is one), None)
        if place is None:
            return
        del samples[place]
        if not samples:
            del of_name[one.labels]
        if not of_name:
            del self.series[name]

    def names(self, matchers: Sequence[Matcher]) -> list[str]:
        of_name = [one for one in matchers if one.name == NAME]
        with self._lock:
            return [name for name in self.series if all(one.matches(name) for one in of_name)]

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        names, found = self.names(matchers), []
        with self._lock:
            series = [(labels, tuple(some)) for name in names for labels, some in self.series.get(name, {}).items()]
        for labels, samples in series:
            inside = {one.at_ms: one.value for one in samples if start_ms <= one.at_ms <= end_ms}
            if inside and select(labels, tuple(matchers)):
                found.append(_series(labels, sorted(inside.items())))
        return found


def _series(labels: Labels, samples: list[tuple[int, Value]]) -> Series:
    times = np.array([at_ms for at_ms, _ in samples], dtype=np.int64)
    values = np.array([0.0 if isinstance(value, FloatHistogram) else value for _, value in samples])
    if not any(isinstance(value, FloatHistogram) for _, value in samples):
        return Series(labels, times, values)
    histograms = np.full(len(samples), None, dtype=object)
    for place, (_, value) in enumerate(samples):
        histograms[place] = value if isinstance(value, FloatHistogram) else None
    return Series(labels, times, values, histograms)


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A source with fresh series over it: where both have a sample of one time, the fresh one counts."""

    below: SeriesSource
    fresh: Fresh

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        stored = self.below.select(matchers, start_ms, end_ms)
        fresh = self.fresh.select(matchers, start_ms, end_ms)
        if not fresh:
            return stored
        found = {one.labels: one for one in stored}
        for one in fresh:
            below = found.get(one.labels)
            found[one.labels] = one if below is None else _joined(below, one)
        return list(found.values())

    def range_function(self, request: RangeRequest) -> Block | None:
        return self._pushed(request.selector.selector.matchers, lambda below: below.range_function(request))

    def instant(self, selector: VectorSelector, times_ms: Ints, lookback_ms: int) -> Block | None:
        return self._pushed(selector.matchers, lambda below: below.instant(selector, times_ms, lookback_ms))

    def aggregate(self, aggregate: Aggregate, grid: Grid) -> Block | None:
        """Never: it may be over a fresh series, too."""
        return None

    def _pushed(self, matchers: Sequence[Matcher], ask: Callable[[PushDown], Block | None]) -> Block | None:
        if not isinstance(self.below, PushDown) or self.fresh.names(matchers):
            return None
        return ask(self.below)


def _joined(below: Series, fresh: Series) -> Series:
    times = np.concatenate([below.times_ms, fresh.times_ms])
    order = np.argsort(times, kind="stable")
    last = np.append(times[order][1:] != times[order][:-1], True)
    order = order[last]
    histograms = None
    if below.histograms is not None or fresh.histograms is not None:
        histograms = np.concatenate([_natives(below), _natives(fresh)])[order]
    return Series(fresh.labels, times[order], np.concatenate([below.values, fresh.values])[order], histograms)


def _natives(series: Series) -> np.ndarray:
    if series.histograms is not None:
        return series.histograms
    return np.full(len(series.times_ms), None, dtype=object)
