"""Cutting off a histogram's observations above (`</`) or below (`>/`) a value."""

import math
from dataclasses import replace

import numpy as np

from midwatch.server.promql.histogram.model import Bucket, Buckets, FloatHistogram


def trimmed(histogram: FloatHistogram, at: float, *, upper: bool) -> FloatHistogram:
    """What is left below the value if `upper`, else above it; count and sum are estimated anew where anything went."""
    positive = [_kept(one, at, histogram, upper=upper, positive=True) for one in histogram.positive_buckets()]
    negative = [_kept(one, at, histogram, upper=upper, positive=False) for one in histogram.negative_buckets()]
    zero, middle = histogram.zero_count, 0.0
    if zero > 0:
        sides = bool(np.any(histogram.negative.counts)), bool(np.any(histogram.positive.counts))
        zero, middle = _kept_zero(histogram, at, has_negative=sides[0], has_positive=sides[1], upper=upper)
    counts = [np.array([count for count, _ in side], dtype=np.float64) for side in (positive, negative)]
    changed = zero != histogram.zero_count
    for new, old in zip(counts, (histogram.positive, histogram.negative), strict=True):
        changed = changed or not np.array_equal(new, old.counts, equal_nan=True)
    if not changed:
        return histogram
    parts = [(count, at_middle) for count, at_middle in (*positive, *negative) if count]
    if zero > 0:
        parts.append((zero, middle))
    return replace(
        histogram,
        count=sum(count for count, _ in parts),
        sum=sum(count * at_middle for count, at_middle in parts),
        zero_count=zero,
        positive=Buckets(histogram.positive.index, counts[0]),
        negative=Buckets(histogram.negative.index, counts[1]),
    ).compact()


def _kept(bucket: Bucket, at: float, histogram: FloatHistogram, *, upper: bool, positive: bool) -> tuple[float, float]:
    """How many observations stay, and the middle of where they are."""
    linear = histogram.uses_custom
    if bucket.count == 0:
        return 0.0, 0.0
    whole = bucket.upper <= at if upper else bucket.lower >= at
    if whole:
        return bucket.count, _middle(bucket.lower, bucket.upper, positive=positive, linear=linear)
    cut = bucket.lower < at if upper else bucket.upper > at
    if not cut:
        return 0.0, 0.0
    if math.isinf(bucket.lower) or math.isinf(bucket.upper):
        return _kept_infinite(bucket, at, upper=upper)
    below = bucket.count * _share_below(bucket, at, linear=linear)
    if upper:
        return below, _middle(bucket.lower, at, positive=positive, linear=linear)
    return bucket.count - below, _middle(at, bucket.upper, positive=positive, linear=linear)


def _share_below(bucket: Bucket, at: float, *, linear: bool) -> float:
    if at <= bucket.lower:
        return 0.0
    return 1.0 if at >= bucket.upper else bucket.fraction_below(at, linear=linear)


def _kept_infinite(bucket: Bucket, at: float, *, upper: bool) -> tuple[float, float]:
    """A bucket without end: nobody knows where in it the observations are, so it goes, unless zero can be its end."""
    if bucket.lower == -math.inf:
        if upper and at > 0 and 0 < bucket.upper < math.inf:
            return bucket.count * at / bucket.upper, at / 2
        if upper and bucket.upper <= 0:
            return bucket.count, at
        if not upper and 0 <= at < bucket.upper < math.inf:
            return bucket.count * (1 - at / bucket.upper), (at + bucket.upper) / 2
        return 0.0, 0.0
    if upper or at < bucket.lower:
        return 0.0, 0.0
    return bucket.count, at


def _kept_zero(
    histogram: FloatHistogram, at: float, *, has_negative: bool, has_positive: bool, upper: bool
) -> tuple[float, float]:
    low = 0.0 if has_positive and not has_negative else -histogram.zero_threshold
    high = 0.0 if has_negative and not has_positive else histogram.zero_threshold
    whole = at >= high if upper else at <= low
    nothing = at <= low if upper else at >= high
    if upper and nothing:
        return 0.0, 0.0
    if whole:
        return histogram.zero_count, (low + high) / 2
    if nothing:
        return 0.0, 0.0
    kept = (low, at) if upper else (at, high)
    return histogram.zero_count * ((kept[1] - kept[0]) / (high - low)), (kept[0] + kept[1]) / 2


def _middle(low: float, high: float, *, positive: bool, linear: bool) -> float:
    if math.isinf(low):
        if math.isinf(high):
            return 0.0
        return high / 2 if high > 0 else high
    if math.isinf(high):
        return low
    if linear:
        return (low + high) / 2
    middle = math.sqrt(abs(low * high))
    return middle if positive else -middle
