"""Whatever is asked of whatever data, there is a result or a refusal that says why."""

import itertools

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from midwatch.server.promql import Engine, EngineOptions, Matrix, QueryError, Vector, parse, to_text
from midwatch.server.promql.floats import STALE
from midwatch.server.promql.histogram import FloatHistogram, Hint, dense
from midwatch.server.promql.histogram.model import CUSTOM_SCHEMA
from midwatch.server.promql.labels import make
from midwatch.server.promql.memory import MemoryStore
from midwatch.server.promql.options import FEATURES
from midwatch.server.promql.syntax.ast import AGGREGATIONS, PARAMETER_AGGREGATIONS, Signature, ValueType
from midwatch.server.promql.syntax.signatures import FUNCTIONS

OPTIONS = EngineOptions().with_features(FEATURES)
ENGINES = [Engine(OPTIONS), Engine(EngineOptions(parser=OPTIONS.parser))]
NATIVE = [
    FloatHistogram(0, 6.0, 9.0, 0.001, 1.0, dense(0, [2.0, 1.0]), dense(0, [2.0])),
    FloatHistogram(2, 3.0, 2.0, 0.5, 1.0, dense(-1, [1.0, 0.0, 1.0]), hint=Hint.GAUGE),
    FloatHistogram(CUSTOM_SCHEMA, 3.0, 5.0, positive=dense(0, [1.0, 2.0]), custom=(1.0, 4.0)),
    FloatHistogram(CUSTOM_SCHEMA, 4.0, 5.0, positive=dense(0, [1.0, 2.0, 1.0]), custom=(1.0, 2.0), hint=Hint.RESET),
    FloatHistogram(0, 0.0, float("nan")),
]
VALUES: list[float | FloatHistogram] = [0.0, 1.0, 2.5, -3.0, float("nan"), float("inf"), STALE, 7.0, *NATIVE]


def _store() -> MemoryStore:
    """Floats, native histograms of every kind, both in one series, classic buckets, info series."""
    store = MemoryStore()
    turns = itertools.cycle(range(7))
    for name, kinds in (("f", VALUES[:8]), ("h", NATIVE), ("m", VALUES), ("c_bucket", [1.0, 2.0, 3.0])):
        for i in range(3):
            labels = {"__name__": name, "i": str(i), "job": "j", "instance": f"n{i}", "le": ["1", "+Inf", "x"][i]}
            for step in range(12):
                if (turn := next(turns)) != 3:
                    store.add(make(labels), step * 20_000 + i, kinds[(step * 5 + turn + i) % len(kinds)], turn * 1000)
    for i in range(2):
        store.add(make({"__name__": "target_info", "instance": f"n{i}", "job": "j", "os": f"o{i}"}), 100_000, 1.0)
    return store


STORE = _store()
VECTOR_FUNCTIONS = [one for one in FUNCTIONS.values() if one.returns is ValueType.VECTOR]
MATCHINGS = ["", "", "on(i)", "ignoring(le, i)", "on(i, le) group_left", "on(i) group_right(le)"]
selectors = st.sampled_from(["f", "h", "m", "c_bucket", 'f{i="1"}', '{i=~"0|1"}', "nope", 'm{i!="2"}', "h{i='0'}"])
modifiers = st.sampled_from(["", "", "", " offset 30s", " offset -1m", " @ 100", " @ end()", " @ start() offset 5s"])
numbers = st.sampled_from(["0", "1", "-1", "0.5", "2", "NaN", "Inf", "time()", "3.7", "30", "step()", "scalar(f)"])
texts = st.sampled_from(['"i"', '"x"', '"$1-a"', '"(.*)"', '"__name__"', '""', '"job"'])
labels = st.lists(st.sampled_from(["i", "job", "le", "__name__"]), max_size=2, unique=True).map(", ".join)


@st.composite
def _call(draw: st.DrawFn, vectors: st.SearchStrategy[str]) -> str:
    signature: Signature = draw(st.sampled_from([one for one in FUNCTIONS.values() if one.returns is ValueType.VECTOR]))
    of = {
        ValueType.VECTOR: vectors,
        ValueType.SCALAR: numbers,
        ValueType.STRING: texts,
        ValueType.MATRIX: ranges(vectors),
    }
    wanted = list(signature.arguments)
    if signature.variadic:
        wanted = wanted[: draw(st.integers(len(wanted) - 1, len(wanted)))]
    arguments = [draw(of[kind]) for kind in wanted]
    if signature.name == "info" and len(arguments) == 2:
        arguments[1] = '{os=~".*"}'
    return f"{signature.name}({', '.join(arguments)})"


def ranges(vectors: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    windows = st.sampled_from(["[1m]", "[21s]", "[2m]", "[1m] anchored", "[50s] smoothed", "[step() + 1s]"])
    stored = st.tuples(selectors, windows, modifiers).map("".join)
    steps = st.sampled_from(["[1m:]", "[90s:13s]", "[20s:20s]"])
    return st.one_of(stored, stored, st.tuples(vectors.map("({})".format), steps, modifiers).map("".join))


@st.composite
def _aggregate(draw: st.DrawFn, vectors: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from(sorted(AGGREGATIONS)))
    grouping = draw(st.sampled_from(["", "by", "without"]))
    clause = f" {grouping} ({draw(labels)})" if grouping else ""
    parameter = draw(texts if name == "count_values" else numbers) + ", " if name in PARAMETER_AGGREGATIONS else ""
    return f"{name}{clause} ({parameter}{draw(vectors)})"


@st.composite
def _binary(draw: st.DrawFn, vectors: st.SearchStrategy[str]) -> str:
    operator = draw(
        st.sampled_from(
            ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless", "</", ">/"]
        )
    )
    left, right = draw(vectors), draw(st.one_of(vectors, numbers))
    matching = draw(
        st.sampled_from(["", "", "on(i)", "ignoring(le, i)", "on(i, le) group_left", "on(i) group_right(le)"])
    )
    fill = draw(st.sampled_from(["", "", "fill(1)", "fill_left(0)", "fill_right(NaN) fill_left(2)"]))
    flag = "bool " if operator in "==!=>=<=" and operator not in "=!" and draw(st.booleans()) else ""
    return f"({left}) {operator} {flag}{matching} {fill} ({right})"


def queries() -> st.SearchStrategy[str]:
    leaves = st.tuples(selectors, modifiers).map("".join)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(_call(inner), _aggregate(inner), _binary(inner), inner.map("-({})".format)),
        max_leaves=5,
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(query=queries(), at=st.sampled_from([60_000, 100_000, 130_001, 200_000, 500_000]))
def test_a_result_or_a_refusal(query: str, at: int) -> None:
    """Only QueryError is raised, matrices have no twins and begin as the instant query, printing keeps the meaning."""
    for engine in ENGINES:
        try:
            instant = engine.instant(STORE, query, at)
            ranged = engine.range(STORE, query, at, at + 90_000, 15_000)
        except QueryError:
            continue
        assert isinstance(instant.value, Vector)
        assert isinstance(ranged.value, Matrix)
        rows = [one.labels for one in ranged.value.series]
        assert rows == sorted(set(rows))
        for one in ranged.value.series:
            assert set(one.times_ms.tolist()).isdisjoint(one.histogram_times_ms)
            assert np.all(np.diff(one.times_ms) > 0)
        if "step()" not in query and "@ end()" not in query:
            shown = ranged.value.series
            first = {one.labels for one in shown if at in {*one.times_ms.tolist(), *one.histogram_times_ms}}
            assert first == {one.labels for one in instant.value.samples}
        printed = to_text(parse(query, OPTIONS.parser))
        again = engine.instant(STORE, printed, at).value
        assert isinstance(again, Vector)
        assert [one.labels for one in again.samples] == [one.labels for one in instant.value.samples]
