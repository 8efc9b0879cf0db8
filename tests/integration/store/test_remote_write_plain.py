"""Remote write's quick way makes the rows that the long way makes, and leaves alone what it cannot make."""

import time
from typing import Any

import pytest

from midwatch.server.model.errors import StoreError
from midwatch.server.model.signal import SegmentKind
from midwatch.server.store.flatten import FLATTENINGS
from midwatch.server.store.flatten.marks import CODE
from tests.integration.store.conftest import Feed
from tests.integration.store.test_plain import insert
from tests.remote_write import series_1, version_1

KIND = SegmentKind.REMOTE_WRITE
LONG = FLATTENINGS[KIND]
NOW = time.time_ns() // 1_000_000
SAMPLES = [{"value": 1.5, "timestamp": NOW}, {"value": 2.5, "timestamp": NOW - 1000}]
UP = {"__name__": "up", "a": "1", "env": "mine", "zone": "z"}
TABLES = ("metric_series", "metric_samples", "metric_metadata")

ODD: dict[str, dict[str, Any]] = {
    "name not first": series_1({"A": "1", "__name__": "up"}, samples=SAMPLES),
    "labels not sorted": series_1({"__name__": "up", "b": "1", "a": "1"}, samples=SAMPLES),
    "a label twice": series_1([("__name__", "up"), ("a", "1"), ("a", "1")], samples=SAMPLES),
    "an empty label": series_1({"__name__": "up", "a": ""}, samples=SAMPLES),
    "a private label": series_1({"__name__": "up", "password": "x"}, samples=SAMPLES),
    "a long label": series_1({"__name__": "up", "a": "x" * 40_000}, samples=SAMPLES),
    "exemplars": series_1(UP, samples=SAMPLES, exemplars=[{"value": 1, "timestamp": NOW}]),
    "histograms": series_1(UP, histograms=[{"count_int": 0, "timestamp": NOW}]),
    "a start": series_1(UP, samples=[{**SAMPLES[0], "start_timestamp": 5}]),
    "a created time": series_1(UP, samples=SAMPLES, created_timestamp=5),
    "out of time": series_1(UP, samples=[{"value": 1, "timestamp": 1 << 62}]),
}


async def rows(feed: Feed) -> dict[str, list[Any]]:
    return {table: (await feed.store.table(f"SELECT * FROM {table} FINAL ORDER BY ALL")).rows for table in TABLES}


@pytest.mark.parametrize("environment", ["", "prod"])
async def test_both_ways_make_the_same_rows(feed: Feed, environment: str) -> None:
    """Ids, labels with the key's environment in its place, times, values and descriptions; again changes nothing."""
    described = [{"type": 2, "metric_family_name": "up", "help": "h" * 5000, "unit": "u"}]
    labels = [{"__name__": "a"}, UP, {"__name__": "b", "a": "1"}, {"__name__": "c", "env_": "x", "é": "ü"}]
    bodies = [
        version_1(*(series_1(one, samples=SAMPLES) for one in labels), metadata=described * 6),
        version_1(*(series_1(one, samples=[{"value": 9, "timestamp": NOW + 5}]) for one in labels)),
        version_1(metadata=[{"type": 9, "metric_family_name": "alone"}]),
    ]
    segment = [body.SerializeToString() for body in bodies]
    assert LONG.plain is not None
    await insert(feed, LONG.plain, KIND, *segment, environment=environment)
    plain = await rows(feed)
    assert [len(found) for found in plain.values()] == [4, 12, 2]
    assert any("prod" in str(row) for row in plain["metric_series"]) is (environment == "prod")
    await insert(feed, LONG, KIND, *segment, environment=environment)
    assert await rows(feed) == plain


async def test_what_is_not_plain_is_told_before_anything_is_stored(feed: Feed) -> None:
    """Each with the code at which the writer takes the long way; the plain series beside it are not stored twice."""
    assert LONG.plain is not None
    for name, odd in ODD.items():
        body = version_1(series_1(UP, samples=SAMPLES), odd).SerializeToString()
        with pytest.raises(StoreError) as raised:
            await insert(feed, LONG.plain, KIND, body)
        assert raised.value.exception_code == CODE, name
    assert not any((await rows(feed)).values())
