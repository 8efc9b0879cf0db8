"""Sums and differences of histograms, compensated like those of floats."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from midwatch.server.promql.floats import Floats, Ints, add, settle
from midwatch.server.promql.histogram.layout import (
    coarser,
    common_threshold,
    outside,
    shared_bounds,
    to_bounds,
    zero_count_within,
)
from midwatch.server.promql.histogram.model import Buckets, FloatHistogram, Hint


class IncompatibleSchemasError(Exception):
    """Exponential and custom buckets cannot be combined; caught where the annotation is made."""


@dataclass(slots=True)
class _Side:
    """Buckets of one sign: totals and what is carried, as two rows."""

    index: Ints
    counts: Floats

    @classmethod
    def of(cls, buckets: Buckets) -> "_Side":
        return cls(buckets.index, np.stack([buckets.counts, np.zeros(len(buckets))]))

    def add(self, other: Buckets, sign: float) -> None:
        if not len(other):
            return
        if len(self.index) == len(other.index) and bool((self.index == other.index).all()):
            self.counts = np.stack(add(self.counts[0], self.counts[1], sign * other.counts))
            return
        union = np.union1d(self.index, other.index)
        mine = np.zeros((2, len(union)))
        mine[:, np.searchsorted(union, self.index)] = self.counts
        theirs = np.zeros(len(union))
        theirs[np.searchsorted(union, other.index)] = sign * other.counts
        self.index = union
        self.counts = np.stack(add(mine[0], mine[1], theirs))

    def result(self) -> Buckets:
        return Buckets(self.index, np.asarray(settle(self.counts[0], self.counts[1])))


def combined_hint(mine: Hint, theirs: Hint) -> tuple[Hint, bool]:
    """What is known of a sum's counter resets, and whether its parts contradict each other."""
    if mine is theirs or mine is Hint.GAUGE:
        return mine, False
    if theirs is Hint.GAUGE:
        return Hint.GAUGE, False
    return Hint.UNKNOWN, Hint.UNKNOWN not in (mine, theirs)


class HistogramSum:
    """A running sum; `reconciled` tells that custom bounds differed, `collided` that hints contradicted each other."""

    def __init__(self, first: FloatHistogram) -> None:
        self._layout = replace(first, positive=first.positive, negative=first.negative)
        self._scalars = np.array([[first.count, first.sum, first.zero_count], [0.0, 0.0, 0.0]])
        self._positive, self._negative = _Side.of(first.positive), _Side.of(first.negative)
        self.reconciled = False
        self.collided = False

    def add(self, other: FloatHistogram, sign: float = 1.0) -> None:
        """Raises: IncompatibleSchemasError"""
        if self._layout.uses_custom is not other.uses_custom:
            raise IncompatibleSchemasError
        self._hint(other)
        other = self._custom(other) if other.uses_custom else self._exponential(other)
        items = sign * np.array([other.count, other.sum, other.zero_count])
        self._scalars = np.stack(add(self._scalars[0], self._scalars[1], items))
        self._positive.add(other.positive, sign)
        self._negative.add(other.negative, sign)

    def result(self) -> FloatHistogram:
        count, total, zero = np.asarray(settle(self._scalars[0], self._scalars[1])).tolist()
        positive, negative = self._positive.result(), self._negative.result()
        return replace(self._layout, count=count, sum=total, zero_count=zero, positive=positive, negative=negative)

    def _hint(self, other: FloatHistogram) -> None:
        hint, collided = combined_hint(self._layout.hint, other.hint)
        self.collided = self.collided or collided
        if hint is not self._layout.hint:
            self._layout = replace(self._layout, hint=hint)

    def _custom(self, other: FloatHistogram) -> FloatHistogram:
        own = self._layout.custom
        if own == other.custom:
            return other
        self.reconciled = True
        bounds = shared_bounds(own, other.custom)
        side = self._positive
        side.index, side.counts = to_bounds(side.index, side.counts, own, bounds)
        self._layout = replace(self._layout, custom=bounds)
        index, counts = to_bounds(other.positive.index, other.positive.counts, other.custom, bounds)
        return replace(other, custom=bounds, positive=Buckets(index, counts))

    def _exponential(self, other: FloatHistogram) -> FloatHistogram:
        if other.zero_threshold != self._layout.zero_threshold:
            other = self._zero_bucket(other)
        schema = min(self._layout.schema, other.schema)
        for side in (self._positive, self._negative):
            side.index, side.counts = coarser(side.index, side.counts, self._layout.schema - schema)
        by = other.schema - schema
        self._layout = replace(self._layout, schema=schema)
        threshold = self._layout.zero_threshold
        positive, negative = (
            outside(Buckets(*coarser(side.index, side.counts, by)), schema, threshold)
            for side in (other.positive, other.negative)
        )
        return replace(other, schema=schema, positive=positive, negative=negative)

    def _zero_bucket(self, other: FloatHistogram) -> FloatHistogram:
        mine = self.result()
        threshold = common_threshold(mine, other)
        if threshold != mine.zero_threshold:
            zero, _ = zero_count_within(mine, threshold)
            self._scalars[:, 2] = zero, 0.0
            self._positive = _Side.of(outside(mine.positive, mine.schema, threshold))
            self._negative = _Side.of(outside(mine.negative, mine.schema, threshold))
            self._layout = replace(self._layout, zero_threshold=threshold)
        return widened(other, threshold)


def widened(histogram: FloatHistogram, threshold: float) -> FloatHistogram:
    """With a wider zero bucket, which must not end in a populated bucket."""
    if threshold == histogram.zero_threshold:
        return histogram
    zero, _ = zero_count_within(histogram, threshold)
    return replace(
        histogram,
        zero_threshold=threshold,
        zero_count=zero,
        positive=outside(histogram.positive, histogram.schema, threshold),
        negative=outside(histogram.negative, histogram.schema, threshold),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    histogram: FloatHistogram
    collided: bool
    reconciled: bool


def plus(left: FloatHistogram, right: FloatHistogram) -> Outcome:
    """Raises: IncompatibleSchemasError"""
    return _combine(left, right, 1.0)


def minus(left: FloatHistogram, right: FloatHistogram) -> Outcome:
    """Raises: IncompatibleSchemasError"""
    return _combine(left, right, -1.0)


def _combine(left: FloatHistogram, right: FloatHistogram, sign: float) -> Outcome:
    if _same_layout(left, right):
        return _bucket_by_bucket(left, right, sign)
    total = HistogramSum(left)
    total.add(right, sign)
    return Outcome(total.result(), total.collided, total.reconciled)


def _same_layout(left: FloatHistogram, right: FloatHistogram) -> bool:
    """Whether buckets meet one to one, as they nearly always do within one series."""
    return (
        left.schema == right.schema
        and left.zero_threshold == right.zero_threshold
        and left.custom == right.custom
        and left.positive.aligned(right.positive)
        and left.negative.aligned(right.negative)
        and (left.uses_custom or outside(right.positive, right.schema, right.zero_threshold) is right.positive)
        and (left.uses_custom or outside(right.negative, right.schema, right.zero_threshold) is right.negative)
    )


def _bucket_by_bucket(left: FloatHistogram, right: FloatHistogram, sign: float) -> Outcome:
    hint, collided = combined_hint(left.hint, right.hint)
    total = FloatHistogram(
        left.schema,
        left.count + sign * right.count,
        left.sum + sign * right.sum,
        left.zero_threshold,
        left.zero_count + sign * right.zero_count,
        Buckets(left.positive.index, left.positive.counts + sign * right.positive.counts),
        Buckets(left.negative.index, left.negative.counts + sign * right.negative.counts),
        left.custom,
        hint,
    )
    return Outcome(total, collided, reconciled=False)


@dataclass(frozen=True, slots=True)
class Combined:
    """Of many histograms; `contradicting`: some said reset and some said none."""

    histogram: FloatHistogram
    contradicting: bool
    reconciled: bool


def combine(histograms: list[FloatHistogram], *, mean: bool) -> Combined:
    """Their sum or mean; where the sum would overflow the mean is taken of parts.

    Raises:
        IncompatibleSchemasError: exponential and custom buckets together.
    """
    total = _total(histograms)
    result = total.result()
    if mean:
        size = float(len(histograms))
        result = result.divided(size) if result.is_finite() else _total(h.divided(size) for h in histograms).result()
    hints = {histogram.hint for histogram in histograms}
    return Combined(result, {Hint.RESET, Hint.NOT_RESET} <= hints, total.reconciled)


def _total(histograms: Iterable[FloatHistogram]) -> HistogramSum:
    iterator = iter(histograms)
    total = HistogramSum(next(iterator))
    for histogram in iterator:
        total.add(histogram)
    return total


def to_schema(histogram: FloatHistogram, schema: int) -> FloatHistogram:
    """At a coarser resolution."""
    by = histogram.schema - schema
    if by <= 0 or histogram.uses_custom:
        return histogram
    positive = Buckets(*coarser(histogram.positive.index, histogram.positive.counts, by))
    negative = Buckets(*coarser(histogram.negative.index, histogram.negative.counts, by))
    return replace(histogram, schema=schema, positive=positive, negative=negative, hint=Hint.UNKNOWN)
