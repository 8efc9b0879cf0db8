"""Quantiles and fractions of native histograms."""

import math
from dataclasses import dataclass, replace

from midwatch.server.promql.histogram.model import Bucket, FloatHistogram

NAN_RESULT = "input to histogram_quantile has NaN observations, result is NaN"
NAN_SKEW = "input to histogram_quantile has NaN observations, result is skewed higher"
NAN_FRACTION = "input to histogram_fraction has NaN observations, which are excluded from all fractions"


@dataclass(frozen=True, slots=True)
class Estimate:
    """`note` is what has to be told with it."""

    value: float
    note: str = ""


def quantile(q: float, histogram: FloatHistogram) -> Estimate:
    """Where a share q of all observations lies below; NaN observations count as higher than all."""
    if q < 0:
        return Estimate(-math.inf)
    if q > 1:
        return Estimate(math.inf)
    if histogram.count == 0 or math.isnan(q):
        return Estimate(math.nan)
    buckets = [one for one in histogram.buckets() if one.count != 0]
    has_nan_sum = math.isnan(histogram.sum)
    # From the nearer end, since that is more exact; but NaN observations are in no bucket, so then from below.
    forward = has_nan_sum or q < 0.5
    rank = (q if forward else 1 - q) * histogram.count
    bucket, count, rest = Bucket(0.0, 0.0, 0.0), 0.0, 0.0
    walk = buckets if forward else buckets[::-1]
    for place, one in enumerate(walk):
        bucket, count = one, count + one.count
        if count >= rank:
            rest = sum(other.count for other in walk[place + 1 :])
            break
    bucket, ended = _bounded(bucket, histogram)
    if ended is not None:
        return Estimate(ended)
    count = min(count, histogram.count)
    if count < rank:
        return Estimate(math.nan, NAN_RESULT) if has_nan_sum else Estimate(bucket.upper)
    rank = rank - (count - bucket.count) if forward else count - rank
    note = NAN_SKEW if has_nan_sum and count + rest < histogram.count else ""
    return Estimate(_within(bucket, rank / bucket.count if bucket.count else math.nan, histogram), note)


def _bounded(bucket: Bucket, histogram: FloatHistogram) -> tuple[Bucket, float | None]:
    """The bucket with the bounds to interpolate between; or the answer where there are none."""
    if not histogram.uses_custom:
        return zero_side(bucket, histogram) if bucket.lower < 0 < bucket.upper else bucket, None
    if bucket.lower == -math.inf:
        if bucket.upper <= 0:
            return bucket, bucket.upper
        return replace(bucket, lower=0.0), None
    return bucket, bucket.lower if bucket.upper == math.inf else None


def zero_side(bucket: Bucket, histogram: FloatHistogram) -> Bucket:
    """The zero bucket ends at zero where all other buckets are on one side."""
    if not len(histogram.negative) and len(histogram.positive):
        return replace(bucket, lower=0.0)
    if not len(histogram.positive) and len(histogram.negative):
        return replace(bucket, upper=0.0)
    return bucket


def _within(bucket: Bucket, fraction: float, histogram: FloatHistogram) -> float:
    if histogram.uses_custom or bucket.lower <= 0 <= bucket.upper:
        return bucket.lower + (bucket.upper - bucket.lower) * fraction
    low, high = math.log2(abs(bucket.lower)), math.log2(abs(bucket.upper))
    if bucket.lower > 0:
        return _exp2(low + (high - low) * fraction)
    return -_exp2(high + (low - high) * (1 - fraction))


def _exp2(value: float) -> float:
    try:
        return math.exp2(value)
    except OverflowError:
        return math.inf


def fraction(lower: float, upper: float, histogram: FloatHistogram) -> Estimate:
    """The share of all observations between two values."""
    if histogram.count == 0 or math.isnan(lower) or math.isnan(upper):
        return Estimate(math.nan)
    if lower >= upper:
        return Estimate(0.0)
    buckets = [zero_side(one, histogram) if one.lower <= 0 <= one.upper else one for one in histogram.buckets()]
    total, note = histogram.count, ""
    if math.isnan(histogram.sum):
        total = sum(one.count for one in buckets)
        note = NAN_FRACTION if total < histogram.count else ""
    below = [min(rank, total) for rank in (_rank(lower, buckets, histogram), _rank(upper, buckets, histogram))]
    return Estimate((below[1] - below[0]) / histogram.count, note)


def _rank(value: float, buckets: list[Bucket], histogram: FloatHistogram) -> float:
    """Observations below a value."""
    rank = 0.0
    for one in buckets:
        if one.lower >= value:
            return rank
        if one.upper > value:
            linear = histogram.uses_custom or one.lower <= 0 <= one.upper
            if linear and one.lower == -math.inf:
                return one.count
            return rank + one.count * one.fraction_below(value, linear=linear)
        rank += one.count
    return math.inf


def variance(histogram: FloatHistogram) -> float:
    """Estimated from the middle of each bucket: geometric, or arithmetic of custom ones."""
    if histogram.count == 0:
        return math.nan
    mean = histogram.sum / histogram.count
    parts = []
    for one in histogram.buckets():
        if one.count == 0:
            continue
        if histogram.uses_custom:
            middle = (one.upper + one.lower) / 2
        elif one.lower <= 0 <= one.upper:
            middle = 0.0
        else:
            middle = math.copysign(math.sqrt(one.upper * one.lower), one.upper)
        parts.append(one.count * (middle - mean) * (middle - mean))
    try:
        return math.fsum(parts) / histogram.count
    except (OverflowError, ValueError):
        return sum(parts) / histogram.count
