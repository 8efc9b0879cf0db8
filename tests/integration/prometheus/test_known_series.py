"""What is remembered of series between questions never makes an answer wrong: each test asks until one statement is
enough, changes what is stored behind the server's back, and asks again."""

from typing import Any

import numpy as np
import pytest
from tests.integration.prometheus.conftest import Stored
from tests.integration.prometheus.loading import Loaded

from midwatch.server.promql import Vector
from midwatch.server.promql.histogram import Buckets, FloatHistogram
from midwatch.server.promql.labels import Labels, make
from midwatch.server.query.metrics import at_once, grids
from midwatch.server.query.metrics.known import SERIES_MAX, KnownSeries, Recent

DAY_MS = 86_400_000
NOW_MS = 40 * DAY_MS + 3_600_000


def series(name: str = "m_total", **labels: str) -> Labels:
    return make({"__name__": name, **labels})


def counting(labels: Labels, *, end_ms: int = NOW_MS, each: float = 1.0) -> Loaded:
    return Loaded(labels, [(end_ms - 15_000 * back, each * (20 - back)) for back in range(20)])


@pytest.fixture
def asked(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements since it was last cleared."""
    statements: list[str] = []
    for name in ("binary", "rows"):
        ask = getattr(stored.store, name)

        async def noting(sql: str, *arguments: Any, _ask: Any = ask, **options: Any) -> Any:
            statements.append(sql)
            return await _ask(sql, *arguments, **options)

        monkeypatch.setattr(stored.store, name, noting)
    return statements


async def values(stored: Stored, query: str, time_ms: int = NOW_MS) -> dict[str, float]:
    """By the label `i`."""
    found = (await stored.instant(query, time_ms)).value
    assert isinstance(found, Vector)
    return {dict(one.labels).get("i", ""): one.value for one in found.samples if isinstance(one.value, float)}


QUERIES = (
    "m_total",
    'm_total{kind="a"}',
    'm_total{kind=~"a|x"}',
    "rate(m_total[1m])",
    "increase(m_total{kind='a'}[5m])",
)


@pytest.mark.parametrize("query", QUERIES)
async def test_a_question_that_was_asked_before_is_one_statement(stored: Stored, asked: list[str], query: str) -> None:
    """The second time, and with the answer of the first."""
    await stored.load(*(counting(series(i=str(one), kind="ab"[one % 2])) for one in range(6)))
    first = await values(stored, query)
    assert len(first) in (3, 6)
    asked.clear()
    assert await values(stored, query) == first
    assert len(asked) == 1


async def ask_twice(stored: Stored, query: str) -> dict[str, float]:
    """The second time in one statement, from what is remembered."""
    first = await values(stored, query)
    assert await values(stored, query) == first
    return first


@pytest.mark.parametrize("query", QUERIES)
async def test_a_new_series_is_there_at_once(stored: Stored, query: str) -> None:
    """Whoever stored it: nobody tells this server."""
    await stored.load(counting(series(i="old", kind="a")))
    assert set(await ask_twice(stored, query)) == {"old"}
    await stored.load(counting(series(i="new", kind="a"), each=2.0), counting(series(i="other", kind="b")))
    found = await values(stored, query)
    assert {"old", "new"} <= set(found)
    assert ("other" in found) is ("kind" not in query)


async def test_a_series_that_is_deleted_is_gone_at_once(stored: Stored) -> None:
    """Also where its samples alone are gone, as in the midst of a deletion."""
    await stored.load(*(counting(series(i=str(one), kind="a")) for one in range(3)))
    assert len(await ask_twice(stored, 'm_total{kind="a"}')) == 3
    for table, gone in (("metric_samples", "0"), ("metric_series", "0"), ("metric_series", "1")):
        where = f"""Project = {stored.project} AND SeriesId IN (
            SELECT SeriesId FROM metric_series WHERE Project = {stored.project} AND Labels['i'] = '{gone}')"""
        await stored.store.execute(f"ALTER TABLE {table} DELETE WHERE {where}", settings={"mutations_sync": 2})
    assert set(await values(stored, 'm_total{kind="a"}')) == {"2"}


async def test_late_samples_of_a_day_long_over_count(stored: Stored) -> None:
    """Of known series and of new ones; and a series that has none at that time is not there."""
    then_ms = NOW_MS - 30 * DAY_MS
    await stored.load(counting(series(i="old", kind="a")), counting(series(i="then", kind="a"), end_ms=then_ms))
    query = 'm_total{kind="a"}'
    assert set(await ask_twice(stored, query)) == {"old"}
    assert set(await values(stored, query, then_ms)) == {"then"}
    await stored.load(
        counting(series(i="old", kind="a"), end_ms=then_ms), counting(series(i="late", kind="a"), end_ms=then_ms)
    )
    assert set(await values(stored, query, then_ms)) == {"old", "then", "late"}
    assert set(await values(stored, query)) == {"old"}


async def test_what_was_found_in_one_project_says_nothing_of_another(stored: Stored) -> None:
    """Nor of an environment."""
    other = stored.project + 100_000
    await stored.load(counting(series(i="mine", env="live")), counting(series(i="trial", env="test")))
    assert set(await ask_twice(stored, "m_total")) == {"mine", "trial"}
    for source, wanted in (
        (stored.source(project=other), set()),
        (stored.source(environments=("live",)), {"mine"}),
        (stored.source(environments=("live",)), {"mine"}),
    ):
        found = (await stored.instant("m_total", NOW_MS, source=source)).value
        assert isinstance(found, Vector)
        assert {dict(one.labels)["i"] for one in found.samples} == wanted


async def test_a_metric_whose_samples_become_histograms_is_evaluated_from_them(stored: Stored) -> None:
    """The statement that answers at once tells that there are some."""
    await stored.load(counting(series(i="float", kind="a")))
    assert set(await ask_twice(stored, 'm_total{kind="a"}')) == {"float"}
    native = FloatHistogram(0, 4.0, 6.0, 0.0, 0.0, Buckets(np.arange(2), np.array([1.0, 3.0])))
    await stored.load(Loaded(series(i="native", kind="a"), histograms=[(NOW_MS, native)]))
    for _ in range(2):
        found = (await stored.instant('histogram_count(m_total{kind="a"})', NOW_MS)).value
        assert isinstance(found, Vector)
        assert {dict(one.labels)["i"]: one.value for one in found.samples} == {"native": 4.0}


async def test_every_matcher_of_the_name_counts(stored: Stored, asked: list[str]) -> None:
    """Two of them: the metric is not all that is meant."""
    await stored.load(counting(series(i="one")))
    await stored.load(counting(series("n_total", i="two")))
    query = '{__name__="m_total", __name__!~"m.*"}'
    for _ in range(3):
        assert await values(stored, query) == {}


async def test_a_metric_of_its_own_name_goes_before_one_that_answers_to_it(stored: Stored) -> None:
    """From when it comes."""
    await stored.load(counting(series("stored_total", i="alias")))
    await stored.store.execute(
        f"INSERT INTO metric_names SELECT {stored.project}, 'sent', 'stored_total', now64(3)",
    )
    assert set(await ask_twice(stored, "sent")) == {"alias"}
    await stored.load(counting(series("sent", i="own")))
    assert set(await ask_twice(stored, "sent")) == {"own"}


async def test_many_more_series_than_there_were_are_all_found(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one statement may bring is set by how many there were: where it is too little, series are looked up."""
    monkeypatch.setattr(at_once, "IDS_MAX", 50)
    monkeypatch.setattr(grids, "_LEAST_SERIES", 1)
    monkeypatch.setattr(grids, "_LEAST_BYTES", 256)
    await stored.load(counting(series(i="first", kind="a")))
    await ask_twice(stored, 'm_total{kind="a"}')
    await stored.load(*(counting(series(i=str(one), kind="a")) for one in range(300)))
    for _ in range(2):
        assert len(await values(stored, 'm_total{kind="a"}')) == 301


def test_what_is_remembered_is_bounded() -> None:
    """And what was asked for lately stays."""
    recent: Recent[int, str] = Recent(100)
    recent.put(-1, "asked for")
    for one in range(10_000):
        recent.put(one, str(one))
        assert recent.get(-1) == "asked for"
        assert len(recent) <= 101
    assert recent.get(9_999) == "9999"
    assert recent.get(0) is None


def test_a_flood_of_series_does_not_drive_out_what_is_known() -> None:
    """Labels of more series than half of what is kept are not kept."""
    known = KnownSeries()
    known.learn({1: series(i="known")})
    known.learn({one: series(i=str(one)) for one in range(2, SERIES_MAX // 2 + 3)})
    assert known.labels_of([1, 2]) == {1: series(i="known")}
