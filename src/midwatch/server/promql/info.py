"""info(): labels of info series (target_info and others) joined to the series of the same job and instance."""

from dataclasses import dataclass, replace

import numpy as np
import re2  # type: ignore[import-untyped]

from midwatch.server.promql.block import SAME_LABELS, Block
from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Floats, Ints, Objects
from midwatch.server.promql.labels import NAME, Labels, get, replaced, show
from midwatch.server.promql.matchers import Matcher, MatchType, matcher
from midwatch.server.promql.samples import Samples

IDENTIFYING = ("instance", "job")
_TARGET_INFO = "target_info"
_ABSENT = -(2**62)
"""Earlier than any sample: there is none."""


def name_matchers(selector: tuple[Matcher, ...]) -> list[Matcher]:
    """Which metrics are info series; target_info if nothing says else."""
    given = [one for one in selector if one.name == NAME]
    if not given:
        return [matcher(NAME, "=", _TARGET_INFO)]
    if any(one.type in (MatchType.EQUAL, MatchType.REGEX) for one in given):
        return given
    return [matcher(NAME, "=~", ".+_info"), *given]


def series_matchers(block: Block, ignored: set[int], selector: tuple[Matcher, ...]) -> list[Matcher] | None:
    """What info series to select; None where no row has a label to find them by."""
    found: list[Matcher] = []
    for name in IDENTIFYING:
        values = sorted({get(labels, name) for row, labels in enumerate(block.labels) if row not in ignored} - {""})
        if values:
            found.append(matcher(name, "=~", "|".join(map(re2.escape, values))))
    if not found:
        return None
    return [*found, *(one for one in selector if one.name != NAME), *name_matchers(selector)]


def ignored_rows(block: Block, selector: tuple[Matcher, ...]) -> set[int]:
    """Rows that are info series themselves."""
    names = name_matchers(selector)
    return {row for row, labels in enumerate(block.labels) if all(one.matches(get(labels, NAME)) for one in names)}


@dataclass(slots=True)
class InfoSeries:
    """Per info series and step the time of its sample."""

    labels: list[Labels]
    times: Ints

    @classmethod
    def of(cls, samples: Samples, at: Ints, lookback_ms: int) -> "InfoSeries":
        """Raises: ExecutionError: a histogram among them."""
        last = samples.after(at) - 1
        times = np.full(last.shape, _ABSENT, dtype=np.int64)
        if len(samples.times):
            index = np.clip(last, 0, None)
            there = (last >= samples.bounds[:-1, None]) & (samples.times[index] > at - lookback_ms)
            there &= ~samples.stale[index]
            times = np.where(there, samples.times[index], times)
            natives = there & samples.is_histogram[index]
            if natives.any():
                row = int(np.flatnonzero(natives.any(axis=1))[0])
                problem = "this should be an info metric, with float samples"
                raise ExecutionError(f"{problem}: {show(samples.labels[row])}")
        return cls(samples.labels, times)


_Key = tuple[str, ...]


def _key(name: str, labels: Labels) -> _Key:
    return (name, *(get(labels, one) for one in IDENTIFYING))


def _newest(info: InfoSeries, rows: list[int], step: int) -> int | None:
    """Of info series of one identity the one with the latest sample."""
    there = [row for row in rows if info.times[row, step] != _ABSENT]
    if not there:
        return None
    best = max(there, key=lambda row: int(info.times[row, step]))
    for row in there:
        at = int(info.times[row, step])
        if row != best and at == int(info.times[best, step]):
            first, second = sorted((row, best))
            shown = f"existing {show(info.labels[first])} @ {at}, new {show(info.labels[second])} @ {at}"
            raise ExecutionError(f"found duplicate series for info metric: {shown}")
    return best


def enrich(block: Block, info: InfoSeries, ignored: set[int], selector: tuple[Matcher, ...]) -> Block:
    """Rows with the labels of their info series at each step.

    Raises:
        ExecutionError: two info series that contradict each other.
    """
    data = [one for one in selector if one.name != NAME]
    wanted = frozenset(one.name for one in data)
    optional = all(one.matches("") for one in data)
    by_key: dict[_Key, list[int]] = {}
    for row, labels in enumerate(info.labels):
        by_key.setdefault(_key(get(labels, NAME), labels), []).append(row)
    _check_conflicts(block, info, by_key)
    names = sorted({key[0] for key in by_key})
    builder = _Rows(block)
    for row, labels in enumerate(block.labels):
        if row in ignored:
            builder.put(labels, row, block.present[row])
            continue
        groups = [by_key[key] for name in names if (key := _key(name, labels)) in by_key]
        for chosen, mask in _stretches(info, groups, block.present[row]):
            if not chosen and not optional:
                continue
            extra = _labels(info, chosen, labels, wanted)
            builder.put(replaced(labels, extra), row, mask)
    return builder.block()


def _check_conflicts(block: Block, info: InfoSeries, by_key: dict[_Key, list[int]]) -> None:
    """Info series of one identity and one time contradict each other, whether or not a row looks for them."""
    anything = block.present.any(axis=0)
    for rows in by_key.values():
        if len(rows) > 1:
            for step in np.flatnonzero(anything).tolist():
                _newest(info, rows, step)


def _stretches(
    info: InfoSeries, groups: list[list[int]], present: np.ndarray
) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """Which info series count, and at which steps."""
    found: dict[tuple[int, ...], list[int]] = {}
    for step in np.flatnonzero(present).tolist():
        newest = [_newest(info, rows, step) for rows in groups]
        found.setdefault(tuple(row for row in newest if row is not None), []).append(step)
    out = []
    for chosen, steps in found.items():
        mask = np.zeros(len(present), dtype=bool)
        mask[steps] = True
        out.append((chosen, mask))
    return out


def _labels(info: InfoSeries, chosen: tuple[int, ...], base: Labels, wanted: frozenset[str]) -> dict[str, str]:
    own, extra = {name for name, _ in base}, dict[str, str]()
    for row in chosen:
        for name, value in info.labels[row]:
            if name == NAME or (wanted and name not in wanted):
                continue
            if extra.get(name, value) != value:
                raise ExecutionError(f"conflicting label: {name}")
            if name not in own:
                extra[name] = value
    return extra


class _Rows:
    """Result rows by their labels."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._rows: dict[Labels, tuple[Floats, np.ndarray, Objects, bool]] = {}

    def put(self, labels: Labels, row: int, mask: np.ndarray) -> None:
        steps = self._block.steps
        if labels not in self._rows:
            empty = np.full(steps, None, dtype=object)
            dropped = bool(self._block.dropped[row])
            self._rows[labels] = (np.full(steps, np.nan), np.zeros(steps, dtype=bool), empty, dropped)
        values, present, histograms, _ = self._rows[labels]
        if (present & mask).any():
            raise ExecutionError(SAME_LABELS)
        values[mask] = self._block.values[row, mask]
        present |= mask
        if self._block.histograms is not None:
            histograms[mask] = self._block.histograms[row, mask]

    def block(self) -> Block:
        if not self._rows:
            return self._block.pick([])
        values, present, histograms, dropped = zip(*self._rows.values(), strict=True)
        block = Block(list(self._rows), np.stack(values), np.stack(present), np.stack(histograms), np.array(dropped))
        return replace(block).compact()
