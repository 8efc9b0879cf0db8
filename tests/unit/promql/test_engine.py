"""The engine's edges: limits, times, errors by kind, options, and what a store may compute itself."""

from collections.abc import Sequence

import numpy as np
import pytest

from midwatch.server.promql import (
    FEATURES,
    Engine,
    EngineOptions,
    ExecutionError,
    LimitError,
    Matrix,
    ParameterError,
    ParserOptions,
    QueryError,
    QueryTimeoutError,
    RangeRequest,
    Scalar,
    Series,
    String,
    Vector,
)
from midwatch.server.promql.block import Block
from midwatch.server.promql.floats import Ints
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.labels import Labels, make
from midwatch.server.promql.matchers import Matcher, select
from midwatch.server.promql.syntax.ast import Aggregate, VectorSelector

MINUTE = 60_000


class Store:
    """Ten minutes of two counters and a gauge."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        times = np.arange(11, dtype=np.int64) * MINUTE
        values = np.arange(11, dtype=np.float64)
        self.series = [
            Series(make({"__name__": "c_total", "i": "a"}), times, values * 60),
            Series(make({"__name__": "c_total", "i": "b"}), times, values * 30),
            Series(make({"__name__": "g", "__type__": "gauge"}), times, values),
        ]

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        self.asked.append((start_ms, end_ms))
        return [one for one in self.series if select(one.labels, tuple(matchers))]


def labels_of(value: object) -> list[Labels]:
    assert isinstance(value, Vector)
    return [one.labels for one in value.samples]


def test_result_types() -> None:
    """A scalar, a string, a vector and a matrix, each as it is."""
    engine, store = Engine(), Store()
    assert engine.instant(store, "1 + 1", 0).value == Scalar(2.0)
    assert engine.instant(store, "'a'", 0).value == String("a")
    assert len(labels_of(engine.instant(store, "c_total", 10 * MINUTE).value)) == 2
    matrix = engine.instant(store, "g[2m]", 10 * MINUTE).value
    assert isinstance(matrix, Matrix)
    assert matrix.series[0].times_ms.tolist() == [9 * MINUTE, 10 * MINUTE]
    ranged = engine.range(store, "1", 0, 2 * MINUTE, MINUTE).value
    assert isinstance(ranged, Matrix)
    assert ranged.series[0].values.tolist() == [1.0, 1.0, 1.0]


def test_only_what_is_needed_is_selected() -> None:
    """The store is asked for the look-back or the window, shifted by offset and @, both ends included."""
    for query, start, end in (
        ("g", 10 * MINUTE - 299_999, 10 * MINUTE),
        ("g offset 1m", 9 * MINUTE - 299_999, 9 * MINUTE),
        ("sum_over_time(g[1m])", 9 * MINUTE + 1, 10 * MINUTE),
        ("g @ 60", MINUTE - 299_999, MINUTE),
    ):
        store = Store()
        Engine().instant(store, query, 10 * MINUTE)
        assert store.asked == [(start, end)]


def test_a_pinned_part_is_computed_once() -> None:
    """What @ pins is the same at every step."""
    store = Store()
    Engine().range(store, "sum(rate(c_total[5m] @ 600)) + c_total", 0, 10 * MINUTE, MINUTE)
    assert store.asked[0] == (5 * MINUTE + 1, 10 * MINUTE)


def test_sample_limit() -> None:
    """A query over exactly as many samples as allowed runs, over one more it does not."""
    least = Engine().instant(Store(), "c_total", 10 * MINUTE).samples_peak
    assert Engine(EngineOptions(samples_max=least)).instant(Store(), "c_total", 10 * MINUTE)
    with pytest.raises(LimitError, match="too many samples") as problem:
        Engine(EngineOptions(samples_max=least - 1)).instant(Store(), "c_total", 10 * MINUTE)
    assert problem.value.kind == "execution"


def test_series_limit() -> None:
    """A selector finds as many series as allowed, and no more."""
    assert Engine(EngineOptions(series_max=2)).instant(Store(), "c_total", 0)
    with pytest.raises(LimitError, match="2 series: expected at most 1"):
        Engine(EngineOptions(series_max=1)).instant(Store(), "c_total", 0)


def test_step_limit() -> None:
    """As many steps as Prometheus's interface takes."""
    engine = Engine(EngineOptions(steps_max=10))
    assert engine.range(Store(), "1", 0, 9 * MINUTE, MINUTE)
    with pytest.raises(ParameterError, match="exceeded maximum resolution of 10 points") as problem:
        engine.range(Store(), "1", 0, 10 * MINUTE, MINUTE)
    assert problem.value.kind == "bad_data"


def test_deadline() -> None:
    """A query ends once its deadline has passed."""
    with pytest.raises(QueryTimeoutError, match="query timed out") as problem:
        Engine().instant(Store(), "sum(c_total)", 0, deadline=lambda: True)
    assert problem.value.kind == "timeout"
    assert Engine().instant(Store(), "sum(c_total)", 0, deadline=lambda: False)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("sum(", "bad_data"),
        ("c_total[1m]", "bad_data"),
        ("c_total * on() g", "execution"),
        ("label_replace(g, 'a', '', 'b', '(')", "execution"),
    ],
)
def test_errors_have_prometheus_kinds(query: str, kind: str) -> None:
    """What the caller wrote wrongly is bad data, what has no answer is an execution error."""
    with pytest.raises(QueryError) as problem:
        Engine().range(Store(), query, 0, 10 * MINUTE, MINUTE)
    assert problem.value.kind == kind


@pytest.mark.parametrize(("start", "end", "step"), [(0, -1, 1), (0, 1, 0), (0, 1, -1)])
def test_times_that_are_none(start: int, end: int, step: int) -> None:
    """An end before its start and a step of nothing are refused."""
    with pytest.raises(ParameterError):
        Engine().range(Store(), "1", start, end, step)


def test_names_are_removed_at_once_unless_delayed() -> None:
    """By default two metrics of the same labels collide where their names go; delayed, they can be told apart."""
    store = Store()
    store.series.append(
        Series(make({"__name__": "d_total", "i": "a"}), *(store.series[0].times_ms, store.series[0].values))
    )
    query = 'sum by (__name__) (rate({__name__=~"[cd]_total", i="a"}[5m]))'
    with pytest.raises(ExecutionError, match="same labelset"):
        Engine().instant(store, query, 10 * MINUTE)
    delayed = Engine(EngineOptions(delayed_name_removal=True))
    with pytest.raises(ExecutionError, match="same labelset"):
        delayed.instant(store, query, 10 * MINUTE)
    kept = delayed.instant(store, f"label_replace({query}, 'of', '$1', '__name__', '(.).*')", 10 * MINUTE)
    assert labels_of(kept.value) == [(("of", "c"),), (("of", "d"),)]


def test_absence_does_not_mind_names() -> None:
    """Series that would collide without their names are there all the same."""
    store = Store()
    first = store.series[0]
    store.series.append(Series(make({"__name__": "d_total", "i": "a"}), first.times_ms, first.values))
    assert labels_of(Engine().instant(store, 'absent_over_time({i="a"}[5m])', 10 * MINUTE).value) == []
    gone = Engine().instant(store, 'absent_over_time({i="a"}[5m])', 30 * MINUTE)
    assert labels_of(gone.value) == [(("i", "a"),)]


def test_hints_go_by_type_labels_where_the_option_is_on() -> None:
    """A gauge is told from its name, or from its type label."""
    by_name = Engine().instant(Store(), "rate(g[5m])", 10 * MINUTE).infos
    assert by_name == [
        'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "g" (1:6)'
    ]
    by_type = Engine(EngineOptions(type_and_unit_labels=True)).instant(Store(), "rate(g[5m])", 10 * MINUTE).infos
    assert by_type == [
        'PromQL info: metric might not be a counter, __type__ label is not set to "counter" or "histogram",'
        ' got "gauge": "g" (1:6)'
    ]


class Pushing(Store):
    """Answers rate() of counters and sums of them itself."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []

    def range_function(self, request: RangeRequest) -> Block | None:
        if request.function != "rate":
            return None
        self.requests.append(f"rate at {request.times_ms.tolist()}")
        shape = (1, request.grid.steps)
        return Block([make({"__name__": "c_total", "i": "pushed"})], np.full(shape, 7.0), np.ones(shape, dtype=bool))

    def instant(self, selector: VectorSelector, times_ms: Ints, lookback_ms: int) -> Block | None:
        return None

    def aggregate(self, aggregate: Aggregate, grid: Grid) -> Block | None:
        if aggregate.operator != "count":
            return None
        self.requests.append("count")
        return Block([()], np.full((1, grid.steps), 42.0), np.ones((1, grid.steps), dtype=bool))


def test_a_store_computes_what_it_can() -> None:
    """Where the store answers no samples are read, and the rest of the query goes on over its answer."""
    store = Pushing()
    result = Engine().instant(store, "sum(rate(c_total[5m] offset 1m)) + count(c_total)", 10 * MINUTE)
    assert isinstance(result.value, Vector)
    assert result.value.samples[0].value == 49.0
    assert store.requests == [f"rate at [{9 * MINUTE}]", "count"]
    assert store.asked == []
    increase = Engine().instant(store, "increase(c_total[5m])", 10 * MINUTE)
    assert labels_of(increase.value) == [(("i", "a"),), (("i", "b"),)]
    assert len(store.asked) == 1


def test_features_by_prometheus_names() -> None:
    """Each of Prometheus's flags turns on what it names, all of them everything; another is refused."""
    everything = EngineOptions().with_features(FEATURES)
    assert everything.parser == ParserOptions.everything()
    assert everything.delayed_name_removal
    assert everything.start_timestamps
    assert everything.type_and_unit_labels
    assert EngineOptions().with_features([]) == EngineOptions()
    with pytest.raises(ParameterError, match="feature 'new-ui': expected one of promql-experimental-functions"):
        EngineOptions().with_features(["new-ui"])


def test_experimental_functions_need_their_flag() -> None:
    """A function that Prometheus calls experimental is off by default."""
    with pytest.raises(QueryError, match="is not enabled"):
        Engine().instant(Store(), "mad_over_time(g[5m])", 0)
    options = EngineOptions(parser=ParserOptions(experimental_functions=True))
    assert Engine(options).instant(Store(), "mad_over_time(g[5m])", 10 * MINUTE)
