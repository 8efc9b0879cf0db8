"""Bringing two histograms to one bucket layout: coarser schemas, wider zero buckets, shared custom bounds."""

import numpy as np

from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.histogram.model import Buckets, FloatHistogram, exponential_bound


def coarser(index: Ints, counts: Floats, by: int) -> tuple[Ints, Floats]:
    """Buckets of a schema that is `by` lower; `counts` may have several rows."""
    if by == 0 or not len(index):
        return index, counts
    return grouped(((index - 1) >> by) + 1, counts)


def grouped(index: Ints, counts: Floats) -> tuple[Ints, Floats]:
    """Buckets that have come to the same index as one."""
    unique, target = np.unique(index, return_inverse=True)
    out = np.zeros((*counts.shape[:-1], len(unique)))
    if counts.ndim == 1:
        np.add.at(out, target, counts)
    else:
        for row in range(len(counts)):
            np.add.at(out[row], target, counts[row])
    return unique, out


def shared_bounds(left: tuple[float, ...], right: tuple[float, ...]) -> tuple[float, ...]:
    both = set(right)
    return tuple(bound for bound in left if bound in both)


def to_bounds(index: Ints, counts: Floats, own: tuple[float, ...], target: tuple[float, ...]) -> tuple[Ints, Floats]:
    """Custom buckets under fewer bounds."""
    if own == target or not len(index):
        return index, counts
    upper = np.array([*own, np.inf])[np.minimum(index, len(own))]
    return grouped(np.searchsorted(np.array(target), upper, side="left").astype(np.int64), counts)


def zero_count_within(histogram: FloatHistogram, threshold: float) -> tuple[float, float]:
    """Observations in a wider zero bucket, and its threshold: further out where it would end in a populated bucket."""
    while True:
        total = histogram.zero_count
        for one in histogram.positive_buckets():
            if one.lower >= threshold:
                break
            total += one.count
            if one.upper > threshold:
                threshold = one.upper if one.count else threshold
                break
        again = False
        for one in histogram.negative_buckets():
            if one.upper <= -threshold:
                break
            total += one.count
            if one.lower < -threshold:
                again = bool(one.count)
                threshold = -one.lower if again else threshold
                break
        if not again:
            return total, threshold


def common_threshold(left: FloatHistogram, right: FloatHistogram) -> float:
    """The least zero threshold that both can have."""
    a, b = left.zero_threshold, right.zero_threshold
    while a != b:
        if a > b:
            _, b = zero_count_within(right, a)
        if b > a:
            _, a = zero_count_within(left, b)
    return a


def outside(buckets: Buckets, schema: int, threshold: float) -> Buckets:
    """Without the buckets that the zero bucket has taken."""
    if not threshold or not len(buckets) or exponential_bound(int(buckets.index[0]), schema) > threshold:
        return buckets
    mask = np.array([exponential_bound(index, schema) > threshold for index in buckets.index.tolist()])
    return buckets if mask.all() else Buckets(buckets.index[mask], buckets.counts[mask])
