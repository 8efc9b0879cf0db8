"""Quantiles and fractions over classic histograms (series with `le`) and native ones alike."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.block import Block, stack
from midwatch.server.promql.context import Context
from midwatch.server.promql.floats import Bools, Floats, Ints
from midwatch.server.promql.histogram import FloatHistogram
from midwatch.server.promql.histogram.quantiles import Estimate
from midwatch.server.promql.labels import BUCKET, NAME, Labels, drop, get
from midwatch.server.promql.syntax.ast import Span

_TOLERANCE = 1e-12
"""Differences between buckets up to this share are rounding."""


@dataclass(frozen=True, slots=True)
class _Group:
    """The buckets of one classic histogram, by rising bound; rows of the block."""

    labels: Labels
    bounds: Floats
    rows: Ints


@dataclass(frozen=True, slots=True)
class Columns:
    """Cumulative counts of one histogram: buckets × steps; NaN bounds where a step lacks the bucket are left out."""

    bounds: Floats
    counts: Floats


class BucketedVector:
    """A vector sorted into classic and native histograms; where both are at one step neither counts."""

    def __init__(self, context: Context, block: Block, span: Span) -> None:
        self.context, self.block, self.span = context, block, span
        self.groups = self._group()
        self.native = block.is_histogram
        self._refuse_mixed()

    def name(self, labels: Labels) -> str:
        return get(labels, NAME) if self.context.options.delayed_name_removal else ""

    def _group(self) -> list[_Group]:
        found: dict[Labels, list[tuple[float, int]]] = {}
        has_float: Bools = np.any(self.block.is_float, axis=1)
        for row, labels in enumerate(self.block.labels):
            if not has_float[row]:
                continue
            text = get(labels, BUCKET)
            try:
                bound = _bound(text)
            except ValueError:
                self.context.notes.bad_bucket(self.name(labels), text, self.span)
                continue
            found.setdefault(drop(labels, frozenset({BUCKET})), []).append((bound, row))
        groups = []
        for labels, pairs in found.items():
            pairs.sort()
            rows = np.array([row for _, row in pairs], dtype=np.int64)
            groups.append(_Group(labels, np.array([bound for bound, _ in pairs]), rows))
        return groups

    def _refuse_mixed(self) -> None:
        """Classic and native histograms of the same labels at one step have no answer."""
        if not self.native.any():
            return
        rows = {labels: row for row, labels in enumerate(self.block.labels) if self.native[row].any()}
        floats = self.block.is_float
        for group in self.groups:
            row = rows.get(group.labels)
            if row is None:
                continue
            both = self.native[row] & floats[group.rows].any(axis=0)
            if both.any():
                self.context.notes.mixed_classic_native(self.name(group.labels), self.span)
                self.native[row] &= ~both
                self.block.present[np.ix_(group.rows, np.flatnonzero(both))] = False

    def classic(self, compute: Callable[[_Group, Columns, Ints], Floats]) -> Block:
        """One number per classic histogram and step."""
        steps = self.block.steps
        values = np.full((len(self.groups), steps), np.nan)
        present = np.zeros((len(self.groups), steps), dtype=bool)
        floats = self.block.is_float
        for place, group in enumerate(self.groups):
            self.context.budget.check_time()
            there = floats[group.rows]
            present[place] = there.any(axis=0)
            for mask, columns in _same_buckets(there):
                if mask.any():
                    bounds, counts = _joined(group.bounds[mask], self.block.values[np.ix_(group.rows[mask], columns)])
                    values[place, columns] = compute(group, Columns(bounds, counts), columns)
        return Block([group.labels for group in self.groups], values, present).compact()

    def natives(self, compute: Callable[[FloatHistogram, int], Estimate]) -> Block:
        """One number per native histogram, by its step."""
        values = np.full(self.native.shape, np.nan)
        for row, column in np.argwhere(self.native).tolist():
            assert self.block.histograms is not None
            estimate = compute(self.block.histograms[row, column], column)
            values[row, column] = estimate.value
            if estimate.note:
                name = self.name(self.block.labels[row])
                self.context.notes.nan_observations(estimate.note, name, self.span)
        return Block(self.block.labels, values, self.native, None, self.block.drop_name).compact()

    def finished(self, blocks: Sequence[Block]) -> Block:
        return self.context.renamed(stack(blocks, self.block.steps))


def _bound(text: str) -> float:
    """Raises: ValueError"""
    if "_" in text or text != text.strip():
        raise ValueError(text)
    return float(text)


def _same_buckets(there: Bools) -> list[tuple[Bools, Ints]]:
    """Steps that have the same buckets, together."""
    if there.all():
        return [(np.ones(there.shape[0], dtype=bool), np.arange(there.shape[1]))]
    patterns, which = np.unique(there, axis=1, return_inverse=True)
    return [(patterns[:, place], np.flatnonzero(which.ravel() == place)) for place in range(patterns.shape[1])]


def _joined(bounds: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Buckets of the same bound as one."""
    unique, target = np.unique(bounds, return_inverse=True)
    if len(unique) == len(bounds):
        return bounds, counts
    joined = np.zeros((len(unique), counts.shape[1]))
    np.add.at(joined, target, counts)
    return unique, joined


def bucket_quantile(vector: BucketedVector, group: _Group, columns: Columns, q: Floats, times: Ints) -> Floats:
    """Quantiles of cumulative buckets by straight lines within them; q per step."""
    bounds, size = columns.bounds, len(columns.bounds)
    outside = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, np.nan))
    valid = (q >= 0) & (q <= 1)
    if not np.isposinf(bounds[-1]):
        return outside
    counts = _monotonic(vector, group, columns, times, valid)
    total = counts[-1]
    if size < 2:
        return outside
    rank = q * total
    place = np.minimum((counts[:-1] < rank).sum(axis=0), size - 1)
    picked = np.arange(counts.shape[1])
    below = np.where(place > 0, counts[place - 1, picked], 0.0)
    start = np.where(place > 0, bounds[place - 1], 0.0)
    inside = start + (bounds[place] - start) * ((rank - below) / (counts[place, picked] - below))
    inside = np.where((place == 0) & (bounds[0] <= 0), bounds[0], inside)
    inside = np.where(place == size - 1, bounds[-2], inside)
    inside = np.where((total == 0) | np.isnan(rank), np.nan, inside)
    return np.where(valid, inside, outside)


def _monotonic(vector: BucketedVector, group: _Group, columns: Columns, times: Ints, told: Bools) -> Floats:
    """Counts that never fall; more than rounding is told."""
    counts = columns.counts.copy()
    steps = counts.shape[1]
    low, high, most = np.full(steps, np.inf), np.full(steps, -np.inf), np.zeros(steps)
    before = counts[0].copy()
    for place in range(1, len(counts)):
        now = counts[place]
        with np.errstate(all="ignore"):
            near = (now == before) | (
                np.abs(now - before) / np.minimum(np.abs(now) + np.abs(before), 1.8e308) < _TOLERANCE
            )
        near &= (now != 0) & (before != 0) | (now == before)
        fell = ~near & (now < before)
        low = np.where(fell, np.minimum(low, columns.bounds[place]), low)
        high = np.where(fell, np.maximum(high, columns.bounds[place]), high)
        most = np.where(fell, np.maximum(most, before - now), most)
        counts[place] = before = np.where(near | fell, before, now)
    for column in np.flatnonzero((high > -np.inf) & told).tolist():
        numbers = float(low[column]), float(high[column]), float(most[column])
        vector.context.notes.forced_monotonicity(vector.name(group.labels), vector.span, int(times[column]), *numbers)
    return counts


def bucket_fraction(columns: Columns, lower: Floats, upper: Floats) -> Floats:
    """The share between two values, per step."""
    if not np.isposinf(columns.bounds[-1]):
        return np.full(columns.counts.shape[1], np.nan)
    total = columns.counts[-1]
    ranks = [np.minimum(_rank(columns, edge), total) for edge in (lower, upper)]
    result = np.where(lower >= upper, 0.0, (ranks[1] - ranks[0]) / total)
    return np.where((total == 0) | np.isnan(lower) | np.isnan(upper), np.nan, result)


def _rank(columns: Columns, value: Floats) -> Floats:
    """Observations below a value."""
    bounds, counts = columns.bounds, columns.counts
    lowest = -math.inf if bounds[0] <= 0 else 0.0
    starts = np.concatenate(([lowest], bounds[:-1]))
    result = np.full(counts.shape[1], np.inf)
    decided = np.zeros(counts.shape[1], dtype=bool)
    before = np.zeros(counts.shape[1])
    for start, end, count in zip(starts, bounds, counts, strict=True):
        at_start = ~decided & (start >= value)
        result = np.where(at_start, before, result)
        decided |= at_start
        within = ~decided & (end > value)
        share = count if start == -math.inf else before + (count - before) * (value - start) / (end - start)
        result = np.where(within, share, result)
        decided |= within
        before = count
    return result
