"""A distribution as an exponential histogram: what quantiles of any share can be read from, and summed over senders."""

from array import array
from math import ceil, log2

import numpy as np

SCALE = 5
"""Buckets grow by 2^(1/32), 2.2 %: no value is told wrong by more than half of that, as by Datadog's own sketches."""
BUCKETS_MAX = 512
"""Of one sign: 16 octaves at the finest scale. What spreads wider is told in coarser buckets."""
_WAITING_MAX = 1024
_FEW = 16
"""Up to so many values a loop is quicker than arrays are made."""


class Buckets:
    """Of one series and interval. Weights are counts of happenings and need not be whole."""

    __slots__ = ("_values", "_weights", "greatest", "least", "negative", "positive", "scale", "total", "zeros")

    def __init__(self) -> None:
        self.scale = SCALE
        self.positive: dict[int, float] = {}
        """Weight by index: bucket i holds values in (base^i, base^(i+1)], base = 2^(2^-scale)."""
        self.negative: dict[int, float] = {}
        self.zeros = 0.0
        self.total = 0.0
        """The weighted sum of all values."""
        self.least = float("inf")
        self.greatest = float("-inf")
        self._values = array("d")
        self._weights = array("d")

    def add(self, value: float, weight: float) -> None:
        self._values.append(value)
        self._weights.append(weight)
        if len(self._values) >= _WAITING_MAX:
            self.fold()

    def fold(self) -> None:
        """Put what waits into the buckets; call it before they are read."""
        values, weights = self._values, self._weights
        if not values:
            return
        self._values, self._weights = array("d"), array("d")
        self.least = min(self.least, *values)
        self.greatest = max(self.greatest, *values)
        if len(values) <= _FEW:
            self._fold_few(values, weights)
        else:
            self._fold_many(np.frombuffer(values), np.frombuffer(weights))
        self._coarsen()

    def _fold_few(self, values: "array[float]", weights: "array[float]") -> None:
        factor = 2.0**self.scale
        for value, weight in zip(values, weights, strict=True):
            self.total += value * weight
            if value == 0:
                self.zeros += weight
                continue
            buckets = self.positive if value > 0 else self.negative
            index = ceil(log2(abs(value)) * factor) - 1
            buckets[index] = buckets.get(index, 0.0) + weight

    def _fold_many(self, values: "np.ndarray", weights: "np.ndarray") -> None:
        self.total += float(values @ weights)
        self.zeros += float(weights[values == 0].sum())
        for buckets, chosen in ((self.positive, values > 0), (self.negative, values < 0)):
            if not chosen.any():
                continue
            indexes = np.ceil(np.log2(np.abs(values[chosen])) * 2.0**self.scale).astype(np.int64) - 1
            found, inverse = np.unique(indexes, return_inverse=True)
            sums = np.bincount(inverse, weights=weights[chosen])
            for index, weight in zip(found.tolist(), sums.tolist(), strict=True):
                buckets[index] = buckets.get(index, 0.0) + weight

    def _coarsen(self) -> None:
        while any(buckets and max(buckets) - min(buckets) >= BUCKETS_MAX for buckets in (self.positive, self.negative)):
            self.scale -= 1
            self.positive = _halved(self.positive)
            self.negative = _halved(self.negative)


def _halved(buckets: dict[int, float]) -> dict[int, float]:
    """Two neighbours become one; shifting rounds towards minus infinity, as the buckets' bounds want it."""
    halved: dict[int, float] = {}
    for index, weight in buckets.items():
        halved[index >> 1] = halved.get(index >> 1, 0.0) + weight
    return halved


def whole_counts(weights: list[float]) -> list[int]:
    """Weights as whole numbers whose sum is the rounded sum: each is off by less than one, and no error adds up."""
    counts, told, sum_so_far = [], 0, 0.0
    for weight in weights:
        sum_so_far += weight
        count = round(sum_so_far) - told
        told += count
        counts.append(count)
    return counts
