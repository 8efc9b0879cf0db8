"""Series as they lie in the tables: what is found, what counts, what is too much, and what ends a question."""

import asyncio
import time
from typing import Any

import numpy as np
import pytest
from tests.integration.prometheus.conftest import Stored
from tests.integration.prometheus.loading import Loaded
from tests.integration.store.conftest import Engine as EngineChild

from midwatch.server.promql import EngineOptions, LimitError, Matrix, QueryCanceledError, QueryTimeoutError, Vector
from midwatch.server.promql.histogram import Buckets, FloatHistogram
from midwatch.server.promql.labels import get, make
from midwatch.server.promql.memory import MemoryStore
from midwatch.server.promql.syntax.text import quote
from midwatch.server.store.client import Store

SMALL_BYTES = 40_000_000
"""Of which a statement may have two fifths."""
VALUES = ("a", "b", "ab", "a\nb", "ü", "a.b", "")
QUERIES = (
    '{l="a"}',
    'm{l!="a"}',
    'm{l=~"a.*"}',
    'm{l=~"a.b"}',
    'm{l!~"a|b"}',
    'm{l=""}',
    'm{l!=""}',
    'm{l=~""}',
    'm{l=~".*"}',
    'm{l=~".+"}',
    'm{l=~"(?i)A"}',
    'm{l=~"a|^b$"}',
    'm{l=~"\\\\w+"}',
    'm{missing=""}',
    'm{missing!=""}',
    'm{l=~"a\\\\.b", n="1"}',
    '{__name__=~"m|other", l="b"}',
    '{__name__!="m", l=~"a|b"}',
)


def floats(value: Vector | object) -> dict[str, float]:
    assert isinstance(value, Vector)
    return {get(one.labels, "i"): one.value for one in value.samples if isinstance(one.value, float)}


async def test_matchers_find_what_they_say(stored: Stored) -> None:
    """As the engine's own matchers do: patterns over the whole value, and a label that is missing is empty."""
    memory = MemoryStore()
    series = []
    for place, value in enumerate(VALUES):
        for name in ("m", "other"):
            labels = make({"__name__": name, "l": value, "n": str(place % 2)})
            memory.add(labels, 60_000, float(place))
            series.append(Loaded(labels, [(60_000, float(place))]))
    await stored.load(*series)
    for query in QUERIES:
        mine, theirs = await stored.instant(query, 60_000), await stored.instant(query, 60_000, source=memory)
        assert isinstance(mine.value, Vector)
        assert isinstance(theirs.value, Vector)
        found = sorted((one.labels, one.value) for one in mine.value.samples)
        assert found == sorted((one.labels, one.value) for one in theirs.value.samples), query


async def test_what_comes_twice_counts_once(stored: Stored) -> None:
    """Also from several inserts that were not merged yet, and from samples of which some are the engine's to read."""
    one = Loaded(make({"__name__": "m", "i": "1"}), [(15_000 * place, float(place)) for place in range(20)])
    for _ in range(3):
        await stored.load(one)
    for query in (
        "count_over_time(m[5m])",
        "stddev_over_time(m[5m]) * 0 + 20",
        "count_over_time(m[5m]) + 0 * deriv(m[5m])",
    ):
        assert floats((await stored.instant(query, 299_000)).value) == {"1": 20.0}


async def test_deltas_are_a_counter(stored: Stored) -> None:
    """increase() is what was counted, also of a counter that begins in the window and one that falls silent; a reading
    is the same whatever the range that it is asked in."""
    steady = [(60_000 * place, 10.0) for place in range(1, 11)]
    starts = {at: at - 60_000 for at, _ in steady}
    once = Loaded(make({"__name__": "d_total", "i": "once"}), [(300_000, 5.0)], starts={300_000: 240_000}, delta=True)
    await stored.load(Loaded(make({"__name__": "d_total", "i": "steady"}), steady, starts=starts, delta=True), once)
    assert floats((await stored.instant("d_total", 600_000)).value) == {"steady": 100.0}
    found = floats((await stored.instant("increase(d_total[5m])", 600_000)).value)
    assert found["steady"] == 50.0
    found = floats((await stored.instant("increase(d_total[2m])", 330_000)).value)
    assert found == {"once": 5.0, "steady": 20.0}
    for start in (0, 540_000):
        value = (await stored.range('d_total{i="steady"}', start, 600_000, 60_000)).value
        assert isinstance(value, Matrix)
        assert value.series[0].values[-1] == 100.0


async def test_a_rate_of_deltas_reads_its_window_alone(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all are deltas; a cumulative sample among them is held against what came before."""
    asked: list[str] = []
    ask = stored.store.rows

    async def noting(sql: str, *arguments: Any, **options: Any) -> list[dict[str, Any]]:
        asked.append(sql)
        return await ask(sql, *arguments, **options)

    monkeypatch.setattr(stored.store, "rows", noting)
    steps = [(60_000 * place, 10.0) for place in range(1, 11)]
    starts = {at: at - 60_000 for at, _ in steps}
    await stored.load(Loaded(make({"__name__": "d_total", "i": "1"}), steps, starts=starts, delta=True))
    assert floats((await stored.instant("increase(d_total[2m])", 600_000)).value) == {"1": 20.0}
    assert not any("sumKahan" in sql for sql in asked)
    assert floats((await stored.instant("d_total", 600_000)).value) == {"1": 100.0}
    assert any("sumKahan" in sql for sql in asked)
    mixed = make({"__name__": "m_total", "i": "1"})
    await stored.load(Loaded(mixed, steps[:9], starts=starts, delta=True))
    await stored.load(Loaded(mixed, [(600_000, 120.0)]))
    found = floats((await stored.instant("increase(m_total[90s])", 600_000)).value)["1"]
    assert found == pytest.approx((120 - 90) / 60 * 90)  # Without what was before, 110 would have been added.


async def test_what_needs_too_much_memory_is_asked_in_parts(
    stored: Stored, engine: EngineChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store works on fewer series at once, and the answer is the same."""
    many = [
        Loaded(make({"__name__": "m", "i": str(i)}), [(15_000 * place, float(place)) for place in range(1000)])
        for i in range(300)
    ]
    await stored.load(*many)
    asked = "increase(m[5m])", 300_000, 14_000_000, 15_000
    wanted = (await stored.range(*asked)).value
    whole, stored.store = stored.store, await Store.connect(engine.target("prometheus"), memory_bytes=SMALL_BYTES)
    grids, ask = [], stored.store.binary

    async def noting(sql: str, *arguments: Any, **options: Any) -> bytes:
        grids.extend([sql] if "ToGrid" in sql else [])
        return await ask(sql, *arguments, **options)

    monkeypatch.setattr(stored.store, "binary", noting)
    try:
        found = (await stored.range(*asked)).value
    finally:
        await stored.store.close()
        stored.store = whole
    assert len(grids) > 1
    assert isinstance(wanted, Matrix)
    assert isinstance(found, Matrix)
    assert [one.labels for one in found.series] == [one.labels for one in wanted.series]
    assert all((one.values == other.values).all() for one, other in zip(found.series, wanted.series, strict=True))


async def test_delta_histograms_are_a_counter(stored: Stored) -> None:
    """A reading is the sum up to there; increase() is what was counted in the window, stretched to no edge."""
    one = FloatHistogram(0, 3.0, 1.5, positive=Buckets(np.array([1]), np.array([3.0])))
    times = [60_000 * place for place in range(1, 6)]
    labels = make({"__name__": "h", "i": "1"})
    await stored.load(Loaded(labels, histograms=[(at, one) for at in times], delta=True))
    assert floats((await stored.instant("histogram_count(h)", 300_000)).value) == {"1": 15.0}
    for window, at, counted in (("3m", 300_000, 9.0), ("5m", 410_000, 12.0), ("2m", 390_000, 3.0), ("1h", 65_000, 3.0)):
        assert floats((await stored.instant(f"histogram_count(increase(h[{window}]))", at)).value) == {"1": counted}
    assert floats((await stored.instant("histogram_sum(rate(h[5m]))", 310_000)).value) == {
        "1": pytest.approx(7.5 / 300)
    }
    assert floats((await stored.instant("histogram_count(increase(h[5m:1m]))", 310_000)).value) != {}


async def test_a_project_and_environments_are_all_there_is(stored: Stored) -> None:
    """Of other projects nothing; of environments those that are named."""
    for place, env in enumerate(("prod", "test", "dev")):
        await stored.load(Loaded(make({"__name__": "m", "i": str(place), "env": env}), [(0, 1.0)]))
    await stored.load(Loaded(make({"__name__": "m", "i": "9"}), [(0, 1.0)]), project=2**31)
    assert set(floats((await stored.instant("m", 0)).value)) == {"0", "1", "2"}
    source = stored.source(environments=("prod", "dev"))
    assert set(floats((await stored.instant("m", 0, source=source)).value)) == {"0", "2"}
    assert set(floats((await stored.instant("m", 0, source=stored.source(project=2**31))).value)) == {"9"}


async def test_too_much_is_refused(stored: Stored) -> None:
    """More series than a selector may find, more samples than may be held, more cells than an answer may have."""
    many = [Loaded(make({"__name__": "m", "i": str(place)}), [(0, 1.0), (15_000, 2.0)]) for place in range(20)]
    await stored.load(*many)
    asked = "stddev_over_time(m[1m])"
    stored.options = EngineOptions(series_max=19)
    with pytest.raises(LimitError, match="more than 19 series"):
        await stored.instant(asked, 15_000)
    stored.options = EngineOptions(samples_max=39)
    with pytest.raises(LimitError, match="too many samples"):
        await stored.instant(asked, 15_000)
    with pytest.raises(LimitError, match="too many samples"):
        await stored.range("rate(m[1m])", 0, 60_000, 15_000)
    stored.options = EngineOptions(samples_max=200, series_max=20)
    assert len(floats((await stored.instant(asked, 15_000)).value)) == 20


async def test_a_question_ends_at_its_time_and_when_nobody_waits(stored: Stored) -> None:
    """While the store reads: the statement is stopped with it."""
    await stored.load(Loaded(make({"__name__": "m"}), [(0, 1.0)]))
    with pytest.raises(QueryTimeoutError):
        await stored.instant("m", 0, source=stored.source(seconds=0.0))
    source = stored.source()
    slow = asyncio.create_task(asyncio.to_thread(source.wait, asyncio.sleep(30)))
    started = time.monotonic()
    await asyncio.sleep(0.05)
    source.leave()
    with pytest.raises(QueryCanceledError):
        await slow
    with pytest.raises(QueryCanceledError):
        await stored.instant("m", 0, source=source)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("length", [1, 20, 400])
async def test_a_value_of_any_characters_and_length_is_found(stored: Stored, length: int) -> None:
    """Whether it goes to the store in an address or, being too long for one, in a form."""
    value = "ü%2B+&=?#\\\t\n'\"{x:String}😀"[:20] * length
    await stored.load(
        *(Loaded(make({"__name__": "m", "odd": one}), [(1_000, float(len(one)))]) for one in (value, value + "x"))
    )
    found = (await stored.instant(f"m{{odd={quote(value)}}}", 1_000)).value
    assert isinstance(found, Vector)
    assert [one.value for one in found.samples] == [len(value)]
