"""Series that one tick reads once, and every rule of the tick evaluates from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from midwatch.server.model.errors import Unavailable
from midwatch.server.promql.block import Block
from midwatch.server.promql.errors import QueryError, QueryTimeoutError
from midwatch.server.promql.floats import Ints
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.labels import NAME, get
from midwatch.server.promql.matchers import Matcher, MatchType, matcher
from midwatch.server.promql.storage import PushDown, RangeRequest, Series, SeriesSource
from midwatch.server.promql.syntax.ast import Aggregate, VectorSelector
from midwatch.server.rules.needs import Matchers, Need, together

SHORT_MS = 15 * 60_000
"""What looks back further is read together by itself, so that it does not lengthen what all others need."""
SAMPLES_MAX = 6_000_000
"""Held at once, some 100 MB; what would be more is asked for rule by rule."""
READ_SECONDS_MAX = 30.0
SAMPLE_MS = 15_000
"""How far apart samples are taken to be, before they are read."""


@runtime_checkable
class Mergeable(Protocol):
    """A source that tells what it has as series, and what it computes when it is asked."""

    def is_stored(self, matchers: Sequence[Matcher]) -> bool:
        """Whether nothing that fits is computed: several selectors may then be read as one."""
        ...

    def count(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> int:
        """Stored series that fit."""
        ...


class Metric:
    """Series of one metric, found by their labels."""

    def __init__(self, need: Need, planned: frozenset[Matchers], series: Sequence[Series]) -> None:
        self.need, self.planned, self.series = need, planned, series
        self._index: dict[str, dict[str, Ints]] = {}
        self._chosen: dict[Matchers, Ints] = {}
        self._last: tuple[Matchers, int, int] | None = None
        self._found: list[Series] = []

    def has(self, matchers: Matchers, start_ms: int, end_ms: int) -> bool:
        """Nothing but what was planned: it may not have all series of the metric."""
        return self.need.start_ms <= start_ms and end_ms <= self.need.end_ms and matchers in self.planned

    def select(self, matchers: Matchers, start_ms: int, end_ms: int) -> list[Series]:
        """Rules of one group ask for the same again: two severities of one condition."""
        asked = (matchers, start_ms, end_ms)
        if self._last != asked:
            self._last, self._found = asked, self._selected(matchers, start_ms, end_ms)
        return self._found

    def _selected(self, matchers: Matchers, start_ms: int, end_ms: int) -> list[Series]:
        found = []
        for place in self._places(matchers).tolist():
            one = self.series[place]
            low, high = int(one.times_ms.searchsorted(start_ms)), int(one.times_ms.searchsorted(end_ms, "right"))
            if low < high:
                found.append(_part(one, low, high))
        return found

    def _places(self, matchers: Matchers) -> Ints:
        known = self._chosen.get(matchers)
        if known is None:
            known = np.arange(len(self.series))
            for one in matchers:
                known = np.intersect1d(known, self._fitting(one), assume_unique=True)
            self._chosen[matchers] = known
        return known

    def _fitting(self, one: Matcher) -> Ints:
        index = self._index.get(one.name)
        if index is None:
            values: dict[str, list[int]] = {}
            for place, series in enumerate(self.series):
                values.setdefault(get(series.labels, one.name), []).append(place)
            index = self._index[one.name] = {value: np.array(places) for value, places in values.items()}
        if one.type is MatchType.EQUAL:
            return index.get(one.value, _NONE)
        parts = [places for value, places in index.items() if one.matches(value)]
        return np.sort(np.concatenate(parts)) if parts else _NONE


_NONE: Ints = np.empty(0, dtype=np.int64)


def _part(one: Series, low: int, high: int) -> Series:
    if low == 0 and high == len(one.times_ms):
        return one
    if one.deltas is None and one.start_times_ms is None and one.histograms is None:
        return Series(one.labels, one.times_ms[low:high], one.values[low:high])

    def cut(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[low:high]

    return Series(
        one.labels,
        one.times_ms[low:high],
        one.values[low:high],
        cut(one.histograms),
        cut(one.start_times_ms),
        cut(one.deltas),
        cut(one.histogram_deltas),
    )


@dataclass(frozen=True, slots=True)
class HeldSource:
    """What is held, and the source below for everything else."""

    below: SeriesSource
    metrics: dict[str, list[Metric]] = field(default_factory=dict)

    def limited(self, seconds: float) -> "HeldSource":
        return HeldSource(limited(self.below, seconds), self.metrics)

    def answers(self) -> bool:
        answers: Callable[[], bool] | None = getattr(self.below, "answers", None)
        return answers is not None and answers()

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        metric = self._metric(matchers, start_ms, end_ms)
        if metric is None:
            return self.below.select(matchers, start_ms, end_ms)
        return metric.select(_others(matchers), start_ms, end_ms)

    def range_function(self, request: RangeRequest) -> Block | None:
        selector, times = request.selector.selector, request.times_ms
        start_ms, end_ms = int(times.min()) - request.selector.range_ms + 1, int(times.max())
        return self._pushed(selector.matchers, start_ms, end_ms, lambda below: below.range_function(request))

    def instant(self, selector: VectorSelector, times_ms: Ints, lookback_ms: int) -> Block | None:
        start_ms, end_ms = int(times_ms.min()) - lookback_ms + 1, int(times_ms.max())
        return self._pushed(
            selector.matchers, start_ms, end_ms, lambda below: below.instant(selector, times_ms, lookback_ms)
        )

    def aggregate(self, aggregate: Aggregate, grid: Grid) -> Block | None:
        return None

    def _pushed(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, ask: Callable[[PushDown], Block | None]
    ) -> Block | None:
        if not isinstance(self.below, PushDown) or self._metric(matchers, start_ms, end_ms) is not None:
            return None
        return ask(self.below)

    def _metric(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Metric | None:
        names = [one for one in matchers if one.name == NAME]
        if len(names) != 1 or names[0].type is not MatchType.EQUAL:
            return None
        others = _others(matchers)
        found = (one for one in self.metrics.get(names[0].value, ()) if one.has(others, start_ms, end_ms))
        return next(found, None)


def _others(matchers: Sequence[Matcher]) -> Matchers:
    return tuple(one for one in matchers if one.name != NAME)


def hold(below: SeriesSource, wanted: Iterable[Need]) -> HeldSource:
    """Read together what can be. What fails is left to be asked for rule by rule, where it fails again and is told."""
    found = HeldSource(below)
    reading = limited(below, READ_SECONDS_MAX)
    left = SAMPLES_MAX
    for parts in _by_metric(below, wanted):
        need = together(parts)
        matchers = (matcher(NAME, MatchType.EQUAL, need.name), *need.matchers)
        try:
            if _samples(reading, need, matchers) > left:
                continue
            series = reading.select(matchers, need.start_ms, need.end_ms)
        except (QueryTimeoutError, Unavailable):
            break
        except QueryError:
            continue
        left -= sum(len(one.times_ms) for one in series)
        planned = frozenset(one.matchers for one in parts)
        found.metrics.setdefault(need.name, []).append(Metric(need, planned, series))
        if left <= 0:
            break
    return found


def limited(source: SeriesSource, seconds: float) -> SeriesSource:
    """The source for one question that may take so long, where it can be bounded."""
    bound: Callable[[float], SeriesSource] | None = getattr(source, "limited", None)
    return source if bound is None else bound(seconds)


def _by_metric(below: SeriesSource, wanted: Iterable[Need]) -> list[list[Need]]:
    """Needs of one metric together, those that look far back apart. The shortest first: most rules need them."""
    groups: dict[tuple[str, bool], list[Need]] = {}
    for need in wanted:
        groups.setdefault((need.name, need.end_ms - need.start_ms > SHORT_MS), []).append(need)
    whole = (matcher(NAME, MatchType.EQUAL, name) for name, _ in groups)
    stored = [not isinstance(below, Mergeable) or below.is_stored((one,)) for one in whole]
    kept = [(key, parts) for (key, parts), plain in zip(groups.items(), stored, strict=True) if plain]
    return [list(dict.fromkeys(parts)) for _, parts in sorted(kept, key=lambda one: one[0][1])]


def _samples(below: SeriesSource, need: Need, matchers: Matchers) -> int:
    """How many a read that looks far back would bring."""
    back_ms = need.end_ms - need.start_ms
    if back_ms <= SHORT_MS or not isinstance(below, Mergeable):
        return 0
    return below.count(matchers, need.start_ms, need.end_ms) * (back_ms // SAMPLE_MS)
