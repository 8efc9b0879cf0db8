"""Functions over windows as arrays give what going over each window sample by sample gives."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from midwatch.server.promql import Engine, EngineOptions, Matrix, ParserOptions, Series

from . import reference
from .reference import SIMPLE, STALE, Window

START, STEP, STEPS = 100_000, 7_000, 9
ENGINE = Engine(EngineOptions(parser=ParserOptions.everything()))

values = st.one_of(
    st.integers(-5, 30).map(float),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, 1.0, 1.0, math.nan, math.inf, -math.inf, STALE, STALE, 1e308, 1e308, -1e308, -1e308, 5e-324]),
)
unmarked = values.filter(lambda one: not reference.is_stale(one))
tame = st.one_of(st.integers(0, 30).map(float), st.floats(-1e3, 1e3), st.just(STALE))
times = st.lists(st.integers(START - 60_000, START + STEP * STEPS), max_size=40, unique=True).map(sorted)


@st.composite
def all_series(draw: st.DrawFn, of: st.SearchStrategy[float] = values) -> list[Window]:
    """Some series, regular or not, with gaps, resets, the same value again and again, markers and oddities."""
    return [[(time, draw(of)) for time in draw(times)] for _ in range(draw(st.integers(1, 3)))]


def without_giants(series: list[Window]) -> list[Window]:
    """Where the order of additions decides what is left of the largest floats, nothing can be compared."""
    return [[(time, 7.0 if 1e100 < abs(value) < math.inf else value) for time, value in one] for one in series]


class Store:
    def __init__(self, series: list[Window]) -> None:
        self._series = series

    def select(self, matchers: object, start_ms: int, end_ms: int) -> list[Series]:
        found = []
        for place, samples in enumerate(self._series):
            inside = [(time, value) for time, value in samples if start_ms <= time <= end_ms]
            labels = (("__name__", "m"), ("i", str(place)))
            columns = np.array([time for time, _ in inside], dtype=np.int64), np.array([value for _, value in inside])
            found.append(Series(labels, *columns))
        return found


def ask(series: list[Window], query: str) -> dict[tuple[str, int], float]:
    """Values by series and step."""
    result = ENGINE.range(Store(series), query, START, START + STEP * (STEPS - 1), STEP)
    assert isinstance(result.value, Matrix)
    return {
        (dict(points.labels)["i"], time): value
        for points in result.value.series
        for time, value in zip(points.times_ms.tolist(), points.values.tolist(), strict=True)
    }


def close(got: float, wanted: float, *, near: float = 1e-9) -> bool:
    if math.isnan(got) or math.isnan(wanted):
        return math.isnan(got) and math.isnan(wanted)
    return got == wanted or math.isclose(got, wanted, rel_tol=near, abs_tol=near * 1e-3)


def check(series: list[Window], got: dict[tuple[str, int], float], wanted: object, *, near: float = 1e-9) -> None:
    for place, samples in enumerate(series):
        for step in range(STEPS):
            end = START + step * STEP
            expected = wanted(samples, end)  # type: ignore[operator]
            key = (str(place), end)
            assert (key in got) == (expected is not None), (key, got, expected)
            if expected is not None:
                assert close(got[key], expected, near=near), (key, got[key], expected)


RANGES = st.sampled_from([1, 6_999, 7_000, 20_000, 45_000, 100_000])
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("template", list(SIMPLE))
@slow
@given(series=all_series(), length=RANGES)
def test_functions_of_values(template: str, series: list[Window], length: int) -> None:
    """Sums, means, extremes, counts, quantiles and steps, with whatever stands in or beside a window."""
    function = SIMPLE[template]
    if template.startswith(("stdvar", "double")):  # The reference would need more than floats for the largest ones.
        series = [
            [(t, v if math.isnan(v) or abs(v) < 1e100 or math.isinf(v) else 1.0) for t, v in one] for one in series
        ]
    got = ask(series, template.format(r=f"{length}ms"))

    def wanted(samples: Window, end: int) -> float | None:
        inside = [value for _, value in reference.window(samples, end, length)]
        return function(inside) if inside else None

    check(series, got, wanted, near=1e-7 if template.startswith("stdvar") else 1e-9)


@pytest.mark.parametrize(
    ("name", "counter", "per_second"), [("rate", True, True), ("increase", True, False), ("delta", False, False)]
)
@slow
@given(series=all_series(), length=RANGES)
def test_rates(name: str, counter: bool, per_second: bool, series: list[Window], length: int) -> None:
    """Differences with resets, stretched to the window's ends."""
    series = without_giants(series)
    got = ask(series, f"{name}(m[{length}ms])")

    def wanted(samples: Window, end: int) -> float | None:
        inside = reference.window(samples, end, length)
        return reference.rate(inside, end, length, counter=counter, per_second=per_second)

    check(series, got, wanted)


@pytest.mark.parametrize(("name", "counter"), [("irate", True), ("idelta", False)])
@slow
@given(series=all_series(), length=RANGES)
def test_last_two_samples(name: str, counter: bool, series: list[Window], length: int) -> None:
    """The difference of the last two samples."""
    got = ask(series, f"{name}(m[{length}ms])")
    check(
        series,
        got,
        lambda samples, end: reference.last_two(reference.window(samples, end, length), counter=counter),
    )


@slow
@given(series=all_series(tame), length=RANGES)
def test_trends(series: list[Window], length: int) -> None:
    """The slope of the best straight line, and where it will be."""
    slopes, ahead = ask(series, f"deriv(m[{length}ms])"), ask(series, f"predict_linear(m[{length}ms], 60)")

    def line(samples: Window, end: int) -> tuple[float, float] | None:
        inside = reference.window(samples, end, length)
        if len(inside) < 2:
            return None
        xs, ys = [(time - end) / 1000 for time, _ in inside], [value for _, value in inside]
        x, y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
        slope = math.fsum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / math.fsum((a - x) ** 2 for a in xs)
        return slope, y + slope * (60 - x)

    for got, part in ((slopes, 0), (ahead, 1)):
        check(series, got, lambda samples, end: (found := line(samples, end)) and found[part], near=1e-5)  # noqa: B023


@slow
@given(series=all_series())
def test_the_last_sample(series: list[Window]) -> None:
    """A selector gives the last sample of the look-back, and nothing after a stale marker."""

    def wanted(samples: Window, end: int) -> float | None:
        inside = [value for time, value in samples if end - 30_000 < time <= end]
        return None if not inside or reference.is_stale(inside[-1]) else inside[-1]

    result = ENGINE.range(Store(series), "m", START, START + STEP * (STEPS - 1), STEP, lookback_ms=30_000)
    assert isinstance(result.value, Matrix)
    got = {
        (dict(points.labels)["i"], time): value
        for points in result.value.series
        for time, value in zip(points.times_ms.tolist(), points.values.tolist(), strict=True)
    }
    check(series, got, wanted)


@slow
@given(series=all_series(), length=st.sampled_from([7_000, 20_000]))
def test_a_range_query_is_its_instant_queries(series: list[Window], length: int) -> None:
    """Steps do not know of each other."""
    query = f"sum by (i) (max_over_time(m[{length}ms])) - on(i) min_over_time(m[{length}ms])"
    got = ask(series, query)
    for step in range(STEPS):
        time = START + step * STEP
        result = ENGINE.instant(Store(series), query, time)
        single = {dict(one.labels)["i"]: one.value for one in result.value.samples}  # type: ignore[union-attr]
        many = {labels: value for (labels, at), value in got.items() if at == time}
        assert set(single) == set(many)
        assert all(close(single[name], many[name]) for name in single)


@slow
@given(
    rows=st.lists(st.lists(values.filter(lambda one: not reference.is_stale(one)), min_size=3, max_size=3), min_size=1)
)
def test_sums_over_groups(rows: list[list[float]]) -> None:
    """Pairs of pairs add up to what adding in order gives, infinities and the largest floats included."""
    series = [[(START + step * STEP, value) for step, value in enumerate(row)] for row in rows]
    for query, function in (
        ("sum(m)", reference.total_of),
        ("avg(m)", reference.mean),
        ("stdvar(m)", reference.variance),
    ):
        if query == "stdvar(m)":
            series = without_giants(series)
        result = ENGINE.range(Store(series), query, START, START + 2 * STEP, STEP)
        assert isinstance(result.value, Matrix)
        for step in range(3):
            wanted = function([one[step][1] for one in series])
            got = float(result.value.series[0].values[step])
            assert close(got, wanted, near=1e-7), (query, got, wanted)
