"""Samples of many series end to end, and windows over them as pairs of indexes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from midwatch.server.promql.block import Block
from midwatch.server.promql.floats import Bools, Floats, Ints, Objects, is_stale
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.storage import Series

_FEW_TIMES = 2


@dataclass(frozen=True)
class Samples:
    """`bounds[i]` to `bounds[i + 1]` are the samples of series i."""

    labels: list[Labels]
    bounds: Ints
    times: Ints
    values: Floats
    histograms: Objects | None = None
    starts: Ints | None = None
    drop_name: Bools | None = None
    deltas: Floats | None = None
    """NaN at all samples of a series that was not told in steps."""
    histogram_deltas: Objects | None = None
    """None at all samples that were not told as a step."""

    @classmethod
    def of_series(cls, series: Sequence[Series]) -> "Samples":
        bounds = np.zeros(len(series) + 1, dtype=np.int64)
        np.cumsum([len(one.times_ms) for one in series], out=bounds[1:])
        histograms = _joined_objects(series, [one.histograms for one in series])
        histogram_deltas = _joined_objects(series, [one.histogram_deltas for one in series])
        starts = None
        if any(one.start_times_ms is not None for one in series):
            starts = _joined(
                [np.zeros(len(o.times_ms), np.int64) if o.start_times_ms is None else o.start_times_ms for o in series]
            )
        deltas = None
        if any(one.deltas is not None for one in series):
            deltas = np.concatenate(
                [np.full(len(o.times_ms), np.nan) if o.deltas is None else o.deltas for o in series]
            )
        times = _joined([one.times_ms for one in series])
        values = np.concatenate([one.values for one in series]) if series else np.empty(0)
        labels = [one.labels for one in series]
        return cls(labels, bounds, times, values, histograms, starts, deltas=deltas, histogram_deltas=histogram_deltas)

    @classmethod
    def of_block(cls, block: Block, times: Ints) -> "Samples":
        """What a subquery gave, as samples at its own steps."""
        bounds = np.zeros(block.rows + 1, dtype=np.int64)
        np.cumsum(block.present.sum(axis=1), out=bounds[1:])
        rows, columns = np.nonzero(block.present)
        histograms = None if block.histograms is None else block.histograms[rows, columns]
        return cls(block.labels, bounds, times[columns], block.values[rows, columns], histograms, None, block.drop_name)

    @cached_property
    def is_histogram(self) -> Bools:
        if self.histograms is None:
            return np.zeros(len(self.times), dtype=bool)
        mask: Bools = self.histograms.astype(bool)
        return mask

    @cached_property
    def stale(self) -> Bools:
        stale = is_stale(self.values)
        if self.histograms is not None:
            stale = stale & ~self.is_histogram
            sums = np.array([0.0 if one is None else one.sum for one in self.histograms])
            stale = stale | is_stale(sums)
        return stale

    def only(self, mask: Bools) -> "Samples":
        """The samples of the mask; every series stays, even if it has none."""
        if mask.all():
            return self
        counted = np.concatenate(([0], np.cumsum(mask)))
        return replace(
            self,
            bounds=counted[self.bounds],
            times=self.times[mask],
            values=self.values[mask],
            histograms=None if self.histograms is None else self.histograms[mask],
            starts=None if self.starts is None else self.starts[mask],
            deltas=None if self.deltas is None else self.deltas[mask],
            histogram_deltas=None if self.histogram_deltas is None else self.histogram_deltas[mask],
        )

    def parts(self, rows: int) -> Iterator["Samples"]:
        """Some series at a time."""
        for start in range(0, len(self.labels), rows):
            series = slice(start, start + rows)
            edges = self.bounds[start : start + rows + 1]
            inside = slice(int(edges[0]), int(edges[-1]))
            yield Samples(
                self.labels[series],
                edges - edges[0],
                self.times[inside],
                self.values[inside],
                None if self.histograms is None else self.histograms[inside],
                None if self.starts is None else self.starts[inside],
                None if self.drop_name is None else self.drop_name[series],
                None if self.deltas is None else self.deltas[inside],
                None if self.histogram_deltas is None else self.histogram_deltas[inside],
            )

    def after(self, times: Ints) -> Ints:
        """For each series and time the index of the first sample later than it."""
        out = np.empty((len(self.labels), len(times)), dtype=np.int64)
        if len(times) <= _FEW_TIMES:
            # Of rules and instant queries: a call a series costs more than looking at all samples at once.
            for column, time in enumerate(times.tolist()):
                before = np.concatenate(([0], np.cumsum(self.times <= time)))
                out[:, column] = self.bounds[:-1] + before[self.bounds[1:]] - before[self.bounds[:-1]]
            return out
        edges = self.bounds.tolist()
        for row in range(len(self.labels)):
            start, end = edges[row], edges[row + 1]
            out[row] = np.searchsorted(self.times[start:end], times, side="right")
            out[row] += start
        return out

    def windows(self, after: Ints, until: Ints) -> "Windows":
        """For each series and step the samples in (after, until]."""
        low = self.after(after)
        return Windows(self, low, np.maximum(low, self.after(until)))


def _joined_objects(series: Sequence[Series], parts: Sequence[Objects | None]) -> Objects | None:
    if all(part is None for part in parts):
        return None
    return np.concatenate(
        [
            np.full(len(one.times_ms), None, dtype=object) if part is None else part
            for one, part in zip(series, parts, strict=True)
        ]
    )


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Windows:
    """`low` to `high`, half open, are the samples of each series (row) and step (column)."""

    samples: Samples
    low: Ints
    high: Ints

    @cached_property
    def counts(self) -> Ints:
        return self.high - self.low

    @cached_property
    def filled(self) -> Bools:
        return self.counts > 0

    def kept(self, mask: Bools) -> "Windows":
        """The same windows over some of the samples."""
        if mask.all():
            return self
        counted = np.concatenate(([0], np.cumsum(mask)))
        return Windows(self.samples.only(mask), counted[self.low], counted[self.high])

    @cached_property
    def floats(self) -> "Windows":
        return self.kept(~self.samples.is_histogram)

    @cached_property
    def histograms(self) -> "Windows":
        return self.kept(self.samples.is_histogram)

    def first(self, values: Floats | Ints | Objects) -> np.ndarray:
        """Of each window the first; anything where it has none."""
        return self._at(values, self.low)

    def last(self, values: Floats | Ints | Objects) -> np.ndarray:
        return self._at(values, self.high - 1)

    def _at(self, values: np.ndarray, index: Ints) -> np.ndarray:
        if len(values) == 0:
            return np.zeros(index.shape, dtype=values.dtype)
        return values[np.clip(index, 0, len(values) - 1)]

    def series_of(self, mask: Bools) -> list[int]:
        """Rows that have any cell of the mask."""
        return np.flatnonzero(mask.any(axis=1)).tolist()


@dataclass
class Positions:
    """Windows with samples, longest first, to go over position by position.

    State arrays have `size` entries; at position k only the first `alive(k)` of them still have a sample.
    """

    low: Ints
    counts: Ints
    order: Ints
    shape: tuple[int, ...]

    @classmethod
    def of(cls, windows: Windows, *, least: int = 1) -> "Positions":
        counts = windows.counts.ravel()
        chosen = np.flatnonzero(counts >= least)
        order = chosen[np.argsort(-counts[chosen], kind="stable")]
        return cls(windows.low.ravel()[order], counts[order], order, windows.counts.shape)

    @property
    def size(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[tuple[int, int, Ints]]:
        """Position, how many windows have it, and the samples there."""
        longest = int(self.counts[0]) if self.size else 0
        falling = -self.counts
        for position in range(longest):
            alive = int(np.searchsorted(falling, -position, side="left"))
            yield position, alive, self.low[:alive] + position

    def spread(self, state: Floats) -> Floats:
        """The state as labels × steps."""
        out = np.full(int(np.prod(self.shape)), np.nan)
        out[self.order] = state
        return out.reshape(self.shape)
