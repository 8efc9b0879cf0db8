"""Native histograms: sums, resets, quantiles and trims against counting the observations themselves."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.server.promql.histogram import Buckets, FloatHistogram, Hint, dense
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError, combine, minus, plus
from midwatch.server.promql.histogram.model import CUSTOM_SCHEMA, exponential_bound
from midwatch.server.promql.histogram.quantiles import fraction, quantile
from midwatch.server.promql.histogram.resets import is_reset
from midwatch.server.promql.histogram.trim import trimmed

observations = st.lists(st.floats(-1e4, 1e4).map(lambda one: 0.0 if abs(one) < 1e-6 else one), max_size=30)
schemas = st.integers(-2, 4)


def _index(value: float, schema: int) -> int:
    """The bucket of a positive value: bounds belong to the bucket below them."""
    place = math.ceil(math.log2(value) * 2.0**schema)
    while exponential_bound(place - 1, schema) >= value:
        place -= 1
    while exponential_bound(place, schema) < value:
        place += 1
    return place


def _side(values: list[float], schema: int) -> Buckets:
    index, counts = np.unique([_index(value, schema) for value in values], return_counts=True)
    return Buckets(index.astype(np.int64), counts.astype(np.float64))


def exponential(values: list[float], schema: int, threshold: float = 0.0) -> FloatHistogram:
    """A histogram of observations."""
    return FloatHistogram(
        schema,
        float(len(values)),
        math.fsum(values),
        threshold,
        float(sum(abs(value) <= threshold for value in values)),
        _side([value for value in values if value > threshold], schema),
        _side([-value for value in values if value < -threshold], schema),
    )


def custom(values: list[float], bounds: tuple[float, ...]) -> FloatHistogram:
    counts = [0.0] * (len(bounds) + 1)
    for value in values:
        counts[int(np.searchsorted(bounds, value, side="left"))] += 1
    return FloatHistogram(
        CUSTOM_SCHEMA, float(len(values)), math.fsum(values), positive=dense(0, counts), custom=bounds
    )


def equal(left: FloatHistogram, right: FloatHistogram) -> bool:
    left, right = left.compact(), right.compact()
    return (
        (left.schema, left.count, left.zero_threshold, left.zero_count, left.custom)
        == (right.schema, right.count, right.zero_threshold, right.zero_count, right.custom)
        and math.isclose(left.sum, right.sum, rel_tol=1e-9, abs_tol=1e-6)
        and left.positive.same(right.positive)
        and left.negative.same(right.negative)
    )


@given(a=observations, b=observations, one=schemas, other=schemas)
def test_sums_are_of_all_observations(a: list[float], b: list[float], one: int, other: int) -> None:
    """Two histograms add up to that of all observations at the coarser schema; a difference takes some away."""
    total = plus(exponential(a, one), exponential(b, other)).histogram
    assert equal(total, exponential(a + b, min(one, other)))
    assert equal(minus(total, exponential(b, other)).histogram, exponential(a, min(one, other)))


@given(a=observations, b=observations, schema=schemas, place=st.integers(-8, 12))
def test_zero_buckets_become_the_wider(a: list[float], b: list[float], schema: int, place: int) -> None:
    """A zero bucket up to a bucket's bound swallows what lies in it on both sides."""
    threshold = exponential_bound(place, schema)
    total = plus(exponential(a, schema), exponential(b, schema, threshold)).histogram
    assert total.count == len(a) + len(b)
    if b or total.zero_threshold == threshold:
        assert equal(total, exponential(a + b, schema, threshold))


@given(a=observations, b=observations)
def test_custom_bounds_meet_at_those_they_share(a: list[float], b: list[float]) -> None:
    """Custom buckets of unlike bounds add up over the bounds that both have, and it is told."""
    outcome = plus(custom(a, (-5.0, 0.0, 1.0, 10.0)), custom(b, (0.0, 2.0, 10.0, 99.0)))
    assert outcome.reconciled
    assert equal(outcome.histogram, custom(a + b, (0.0, 10.0)))


def test_exponential_and_custom_do_not_mix() -> None:
    """There is no common layout."""
    with pytest.raises(IncompatibleSchemasError):
        plus(exponential([1.0], 0), custom([1.0], (1.0,)))


@given(parts=st.lists(st.tuples(observations, schemas), min_size=1, max_size=5))
def test_many_combine_as_one_after_the_other(parts: list[tuple[list[float], int]]) -> None:
    """A sum over many is that of all observations; the mean is a part of it, also where the sum would overflow."""
    histograms = [exponential(values, schema) for values, schema in parts]
    every = [value for values, _ in parts for value in values]
    total = combine(histograms, mean=False).histogram
    assert equal(total, exponential(every, min(schema for _, schema in parts)))
    giant = FloatHistogram(count=1.5e308, sum=1.5e308, positive=dense(0, [1.5e308]))
    with np.errstate(over="ignore"):
        assert combine([giant, giant], mean=True).histogram.count == 1.5e308


@given(a=observations, b=observations, one=schemas, other=schemas)
def test_a_counter_that_goes_on_is_no_reset(a: list[float], b: list[float], one: int, other: int) -> None:
    """More observations are no reset, unless the resolution rose; fewer are."""
    before, now = exponential(a, one), exponential(a + b, other)
    assert is_reset(now, before) is (other > one and len(a) <= len(a + b))
    if b and one == other:
        assert is_reset(before, now)
    assert is_reset(FloatHistogram(hint=Hint.RESET), before)
    assert not is_reset(FloatHistogram(hint=Hint.NOT_RESET), now)


@given(values=observations.filter(len), schema=schemas, q=st.floats(0, 1))
def test_quantiles_lie_in_the_bucket_of_the_observation(values: list[float], schema: int, q: float) -> None:
    """An estimate is no further off than the buckets are wide, never falls with q, and is bounded by Inf outside."""
    histogram = exponential(values, schema)
    got = quantile(q, histogram).value
    low, high = sorted(values)[math.floor(q * (len(values) - 1))], sorted(values)[math.ceil(q * (len(values) - 1))]
    wide = 2.0 ** (2.0**-schema) * (1 + 1e-9)
    assert min(low, low * wide, low / wide) - 1e-9 <= got <= max(high, high * wide, high / wide) + 1e-9
    assert quantile(min(1.0, q + 0.1), histogram).value >= got - abs(got) * 1e-9
    assert quantile(-0.1, histogram).value == -math.inf
    assert quantile(1.1, histogram).value == math.inf


@given(values=observations.filter(len), schema=schemas, at=st.floats(-1e4, 1e4).filter(lambda one: abs(one) > 1e-6))
def test_fractions_and_trims_agree(values: list[float], schema: int, at: float) -> None:
    """What lies below a value, as a share and as a histogram; the two halves of a trim are the whole."""
    histogram = exponential(values, schema)
    below = fraction(-math.inf, at, histogram).value
    lower, upper = trimmed(histogram, at, upper=True), trimmed(histogram, at, upper=False)
    assert math.isclose(lower.count + upper.count, histogram.count, rel_tol=1e-9)
    assert math.isclose(lower.count, below * histogram.count, rel_tol=1e-9, abs_tol=1e-9)
    assert fraction(-math.inf, math.inf, histogram).value == 1.0


def test_text_as_a_label_has_it() -> None:
    """From the lowest bucket to the highest, each with its brackets."""
    histogram = FloatHistogram(0, 6.0, 1.5, 0.001, 1.0, dense(0, [2.0, 0.0, 1.0]), dense(1, [2.0]))
    assert str(histogram) == "{count:6, sum:1.5, [-2,-1):2, [-0.001,0.001]:1, (0.5,1]:2, (2,4]:1}"
    assert str(custom([0.5, 3.0], (1.0, 2.0))) == "{count:2, sum:3.5, [-Inf,1]:1, (2,+Inf]:1}"
