"""What the store computes itself is what the engine computes from samples."""

import random
from typing import Any

import numpy as np
import pytest
from tests.integration.prometheus.conftest import Stored
from tests.integration.prometheus.loading import Loaded

from midwatch.server.promql import Matrix, Result
from midwatch.server.promql.floats import STALE
from midwatch.server.promql.labels import Labels, make
from midwatch.server.promql.memory import MemoryStore
from midwatch.server.query.metrics.grids import GRID_FUNCTIONS

SERIES = 24
_GAPS_MS = (15_000, 15_000, 15_000, 1, 14_999, 15_001, 60_000, 200_000)
_ODD = (float("nan"), float("inf"), -float("inf"), STALE, 1e300, -0.0)


def samples(chance: random.Random, kind: int) -> list[tuple[int, float]]:
    """Counters that reset, gauges, series that end and come back, and one in four with anything at all in it."""
    found, time, value = [], chance.randrange(60_000), 0.0
    for _ in range(chance.randrange(1, 40)):
        time += chance.choice(_GAPS_MS)
        if kind % 2:
            value = chance.uniform(-10, 10)
        else:
            value = 0.0 if chance.random() < 0.1 else value + chance.choice((0, 1, 2.5, 1 / 3, 1e3))
        marked = STALE if chance.random() < 0.05 else value
        found.append((time, chance.choice(_ODD) if kind % 4 == 3 and chance.random() < 0.3 else marked))
    return found


def by_labels(result: Result) -> dict[Labels, dict[int, float]]:
    assert isinstance(result.value, Matrix)
    return {
        one.labels: dict(zip(one.times_ms.tolist(), one.values.tolist(), strict=True)) for one in result.value.series
    }


def apart(got: dict[Labels, dict[int, float]], wanted: dict[Labels, dict[int, float]]) -> list[str]:
    """Where two answers differ by more than the last digits of a division."""
    found = [f"{labels}: there or not" for labels in got.keys() ^ wanted.keys()]
    for labels in got.keys() & wanted.keys():
        mine, theirs = got[labels], wanted[labels]
        found += [f"{labels} at {time}: there or not" for time in mine.keys() ^ theirs.keys()]
        for time in mine.keys() & theirs.keys():
            one, other = mine[time], theirs[time]
            if not (one == other or (one != one and other != other) or np.isclose(one, other, rtol=1e-11, atol=1e-12)):
                found.append(f"{labels} at {time}: {one}, wanted {other}")
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_the_store_and_the_engine_agree(stored: Stored, seed: int) -> None:
    """Every pushed function and the instant selector, over resets, gaps, NaN, infinities and stale markers; samples
    come out of order, in several inserts, and some twice."""
    chance, memory = random.Random(seed), MemoryStore()
    inserts: list[list[Loaded]] = [[], []]
    for number in range(SERIES):
        labels = make({"__name__": "m_total", "i": str(number), "kind": str(number % 4)})
        whole = samples(chance, number)
        for time, value in whole:
            memory.add(labels, time, value)
        chance.shuffle(whole)
        cut = chance.randrange(len(whole) + 1)
        inserts[0].append(Loaded(labels, whole[:cut] or whole[:1]))
        inserts[1].append(Loaded(labels, whole[max(0, cut - 3) :] or whole[:1]))
    for some in inserts:
        await stored.load(*some)
    problems = []
    for number, function in enumerate((*sorted(GRID_FUNCTIONS), "")):
        window = chance.choice((15_000, 60_000, 300_000))
        query = f"{function}(m_total[{window}ms])" if function else "m_total"
        if number % 3 == 2:
            query = query.replace("]", "] offset 45s") if function else "m_total offset 45s"
        step = chance.choice((7_000, 15_000, 60_000))
        start = chance.randrange(-2, 4) * 15_000
        asked = query, start, start + step * chance.randrange(1, 40), step
        got = by_labels(await stored.range(*asked))
        wanted = by_labels(await stored.range(*asked, source=memory))
        problems += [f"{asked}: {one}" for one in apart(got, wanted)]
    assert problems == []


def _samples(sql: str) -> bool:
    return "FROM metric_samples" in sql


async def test_only_odd_series_are_read_as_samples(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of plain numbers the store sends a number a step; of a series with NaN its samples, and of no other."""
    asked: list[str] = []
    ask = stored.store.binary

    async def noting(sql: str, *arguments: Any, **options: Any) -> bytes:
        asked.append(sql)
        return await ask(sql, *arguments, **options)

    monkeypatch.setattr(stored.store, "binary", noting)
    plain = make({"__name__": "m_total", "i": "plain"})
    await stored.load(Loaded(plain, [(15_000 * place, float(place)) for place in range(20)]))
    await stored.range("rate(m_total[1m])", 60_000, 240_000, 15_000)
    assert [("ToGrid" in sql, "groupArray" in sql) for sql in asked if _samples(sql)] == [(True, False)]
    asked.clear()
    odd = make({"__name__": "m_total", "i": "odd"})
    await stored.load(Loaded(odd, [(15_000 * place, float("nan") if place == 9 else 1.0) for place in range(20)]))
    found = by_labels(await stored.range("sum_over_time(m_total[1m])", 60_000, 240_000, 15_000))
    assert [("ToGrid" in sql, "groupArray" in sql) for sql in asked if _samples(sql)] == [(True, False), (False, True)]
    assert {dict(labels)["i"] for labels in found} == {"plain", "odd"}
