"""Native histograms with float counts, exponential or custom buckets. Values: nobody changes one that exists."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from midwatch.server.promql.floats import Floats, Ints, short

CUSTOM_SCHEMA = -53
SCHEMA_MIN, SCHEMA_MAX = -4, 8
_SAMPLE_BYTES = 16


class Hint(IntEnum):
    """What is known of a counter reset between the sample before and this one; the numbers are remote write's."""

    UNKNOWN = 0
    RESET = 1
    NOT_RESET = 2
    GAUGE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Populated buckets by index, rising."""

    index: Ints
    counts: Floats

    def __len__(self) -> int:
        return len(self.index)

    def aligned(self, other: "Buckets") -> bool:
        """Whether both have the same indexes."""
        mine, theirs = self.index, other.index
        return mine is theirs or (len(mine) == len(theirs) and bool((mine == theirs).all()))

    def compact(self) -> "Buckets":
        mask = self.counts != 0
        return self if mask.all() else Buckets(self.index[mask], self.counts[mask])

    def scaled(self, factor: float) -> "Buckets":
        return Buckets(self.index, self.counts * factor)

    def same(self, other: "Buckets") -> bool:
        """Bit by bit."""
        return np.array_equal(self.index, other.index) and self.counts.tobytes() == other.counts.tobytes()


NO_BUCKETS = Buckets(np.empty(0, dtype=np.int64), np.empty(0))


def dense(offset: int, counts: list[float]) -> Buckets:
    """Buckets side by side, the first at `offset`."""
    return Buckets(offset + np.arange(len(counts), dtype=np.int64), np.array(counts, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Bucket:
    lower: float
    upper: float
    count: float

    def fraction_below(self, value: float, *, linear: bool) -> float:
        """How much of the bucket lies below a value inside it; exponential buckets are even on a logarithmic scale."""
        if linear:
            return (value - self.lower) / (self.upper - self.lower)
        low, high, at = (math.log2(abs(one)) if one else -math.inf for one in (self.lower, self.upper, value))
        return (at - low) / (high - low) if value > 0 else 1 - (at - high) / (low - high)


def exponential_bound(index: int, schema: int) -> float:
    """The upper bound of a positive bucket."""
    if schema <= 0:
        exponent, fraction = index << -schema, 1.0
    else:
        exponent, fraction = index >> schema, 2.0 ** ((index & ((1 << schema) - 1)) / (1 << schema))
    if exponent >= 1024:
        return math.inf if exponent > 1024 or fraction > 1.0 else 1.7976931348623157e308
    return math.ldexp(fraction, exponent)


@dataclass(frozen=True, slots=True, eq=False)
class FloatHistogram:
    """`custom` are the upper bounds of custom buckets but the last, which is +Inf."""

    schema: int = 0
    count: float = 0.0
    sum: float = 0.0
    zero_threshold: float = 0.0
    zero_count: float = 0.0
    positive: Buckets = field(default=NO_BUCKETS)
    negative: Buckets = field(default=NO_BUCKETS)
    custom: tuple[float, ...] = ()
    hint: Hint = Hint.UNKNOWN

    @property
    def uses_custom(self) -> bool:
        return self.schema == CUSTOM_SCHEMA

    @property
    def weight(self) -> int:
        """How many samples it counts for in the limits."""
        numbers = 2 * (len(self.positive) + len(self.negative)) + len(self.custom)
        return (168 + 8 + 8 * numbers) // _SAMPLE_BYTES

    def bound(self, index: int) -> float:
        """The upper bound of a positive bucket."""
        if not self.uses_custom:
            return exponential_bound(index, self.schema)
        if index < 0:
            return -math.inf
        return self.custom[index] if index < len(self.custom) else math.inf

    def positive_buckets(self) -> Iterator[Bucket]:
        for index, count in zip(self.positive.index.tolist(), self.positive.counts.tolist(), strict=True):
            yield Bucket(self.bound(index - 1), self.bound(index), count)

    def negative_buckets(self) -> Iterator[Bucket]:
        """From zero outwards."""
        for index, count in zip(self.negative.index.tolist(), self.negative.counts.tolist(), strict=True):
            yield Bucket(-self.bound(index), -self.bound(index - 1), count)

    def buckets(self) -> list[Bucket]:
        """All, from the lowest to the highest; those at the zero bucket end at its threshold."""
        edge = self.zero_threshold
        found = [
            replace(one, upper=-edge) if -edge < one.upper < 0 else one
            for one in reversed(list(self.negative_buckets()))
        ]
        if self.zero_count > 0:
            found.append(Bucket(-edge, edge, self.zero_count))
        rising = self.positive_buckets()
        return found + [replace(one, lower=edge) if 0 < one.lower < edge else one for one in rising]

    def compact(self) -> "FloatHistogram":
        return replace(self, positive=self.positive.compact(), negative=self.negative.compact())

    def with_hint(self, hint: Hint) -> "FloatHistogram":
        return self if self.hint is hint else replace(self, hint=hint)

    def scaled(self, factor: float) -> "FloatHistogram":
        return replace(
            self,
            count=self.count * factor,
            sum=self.sum * factor,
            zero_count=self.zero_count * factor,
            positive=self.positive.scaled(factor),
            negative=self.negative.scaled(factor),
            hint=Hint.GAUGE if factor < 0 else self.hint,
        )

    def divided(self, by: float) -> "FloatHistogram":
        """By a number; by zero it has no buckets left."""
        with np.errstate(all="ignore"):
            count, total, zero = (np.array([self.count, self.sum, self.zero_count]) / by).tolist()
            if by == 0:
                return replace(self, count=count, sum=total, zero_count=zero, positive=NO_BUCKETS, negative=NO_BUCKETS)
            return replace(
                self,
                count=count,
                sum=total,
                zero_count=zero,
                positive=Buckets(self.positive.index, self.positive.counts / by),
                negative=Buckets(self.negative.index, self.negative.counts / by),
                hint=Hint.GAUGE if by < 0 else self.hint,
            )

    def is_finite(self) -> bool:
        numbers = (
            self.count,
            self.sum,
            self.zero_count,
            *self.positive.counts.tolist(),
            *self.negative.counts.tolist(),
        )
        return not any(math.isinf(number) for number in numbers)

    def same(self, other: "FloatHistogram") -> bool:
        """Equal in everything but the hint."""
        numbers = [np.array([one.count, one.sum, one.zero_count]).tobytes() for one in (self, other)]
        return (
            self.schema == other.schema
            and numbers[0] == numbers[1]
            and self.zero_threshold == other.zero_threshold
            and (not self.uses_custom or self.custom == other.custom)
            and self.positive.same(other.positive)
            and self.negative.same(other.negative)
        )

    def __str__(self) -> str:
        """As a label value has it."""
        parts = [f"count:{short(self.count)}", f"sum:{short(self.sum)}"]
        parts += [_bucket_text(one, "[", ")") for one in reversed(list(self.negative_buckets())) if one.count]
        if self.zero_count:
            parts.append(_bucket_text(Bucket(-self.zero_threshold, self.zero_threshold, self.zero_count), "[", "]"))
        first = self.uses_custom and 0 in self.positive.index[:1]
        for place, one in enumerate(self.positive_buckets()):
            if one.count:
                parts += [_bucket_text(one, "[" if first and place == 0 else "(", "]")]
        return "{" + ", ".join(parts) + "}"


def _bucket_text(bucket: Bucket, left: str, right: str) -> str:
    return f"{left}{short(bucket.lower)},{short(bucket.upper)}{right}:{short(bucket.count)}"
