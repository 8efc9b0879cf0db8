"""Over the limit of series, known ones go on and new ones are set aside, told once over crashes."""

from dataclasses import replace

import pytest

from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.store.flatten import FLATTENINGS
from midwatch.server.store.flatten.statement import SETTINGS
from midwatch.server.store.series_limits import SeriesMax
from tests.integration.store import metric_bodies as make
from tests.integration.store.conftest import Engine, Feed, Store
from tests.remote_write import series_1, version_1

pytestmark = pytest.mark.thorough

DAY_MS = 86_400_000
BASE_MS = 1_000_000_000_000
KINDS = (SegmentKind.REMOTE_WRITE, SegmentKind.OTLP_METRICS)


@pytest.fixture
def limited(engine: Engine, store: Store) -> Feed:
    """Five series a metric, a dozen a key."""
    return Feed.of(store, engine.bodies, SeriesMax(per_metric=5, per_key=12))


def body(kind: SegmentKind, *series: tuple[str, int], at_ms: int = BASE_MS) -> bytes:
    """A sample of each series, by its metric and number."""
    if kind is SegmentKind.REMOTE_WRITE:
        made: bytes = version_1(
            *(
                series_1(
                    {"__name__": name, "item": str(number), "kind": "k"},
                    samples=[{"value": 1.0, "timestamp": at_ms}],
                )
                for name, number in series
            )
        ).SerializeToString()
        return made
    points = [
        make.numbers(name, [(1, {"item": str(number), "kind": "k"})], time_unix_nano=at_ms * 10**6)
        for name, number in series
    ]
    return make.metrics(*points, resource={"service.name": "api"})


async def items(feed: Feed, name: str) -> dict[int, int]:
    """Samples of each series of a metric."""
    rows = await feed.store.rows(
        """SELECT toUInt32(Labels['item']) AS item, count() AS n FROM (SELECT * FROM metric_samples FINAL) AS s
        JOIN (SELECT SeriesId, any(Labels) AS Labels FROM metric_series GROUP BY SeriesId) AS m USING (SeriesId)
        WHERE MetricName = {name:String} GROUP BY item""",
        {"name": name},
    )
    return {row["item"]: row["n"] for row in rows}


async def told(feed: Feed) -> dict[str, int]:
    rows = await feed.store.rows(
        "SELECT toString(Reason) AS reason, toUInt64(sum(Count)) AS n FROM limits_hit GROUP BY reason"
    )
    return {row["reason"]: row["n"] for row in rows}


def flood(name: str, first: int, count: int) -> list[tuple[str, int]]:
    return [(name, number) for number in range(first, first + count)]


@pytest.mark.parametrize("kind", KINDS)
async def test_new_series_are_set_aside_and_known_ones_go_on(limited: Feed, kind: SegmentKind) -> None:
    """Beside a metric that is within its limit; on another day the first ones are new again; what was refused is told
    with its number, and a hundred of a segment are kept as examples."""
    await limited.send(kind, body(kind, *flood("wide", 0, 6), ("fine", 1)))
    again = [("wide", 0), *flood("wide", 100, 150), ("fine", 2)]
    await limited.send(kind, body(kind, *again, at_ms=BASE_MS + 15_000))
    assert await items(limited, "wide") == {0: 2, **dict.fromkeys(range(1, 6), 1)}
    assert await items(limited, "fine") == {1: 1, 2: 1}
    assert await told(limited) == {"too_many_series": 150}
    kept = await limited.store.rows("SELECT Item AS item FROM set_aside")
    assert len(kept) == 100
    assert '"name":"wide"' in kept[0]["item"]
    other_day = BASE_MS + 20 * DAY_MS
    await limited.send(kind, body(kind, *flood("wide", 200, 3), at_ms=other_day))
    assert set(range(200, 203)) <= (await items(limited, "wide")).keys()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_seen_the_day_before_goes_on(limited: Feed, kind: SegmentKind) -> None:
    """However a flood fills the new day first."""
    await limited.send(kind, body(kind, ("wide", 0)))
    await limited.send(kind, body(kind, *flood("wide", 10, 8), at_ms=BASE_MS + DAY_MS))
    await limited.send(kind, body(kind, ("wide", 0), ("wide", 1), at_ms=BASE_MS + DAY_MS))
    found = await items(limited, "wide")
    assert found[0] == 2
    assert 1 not in found


@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_has_a_limit_of_its_own(limited: Feed, kind: SegmentKind) -> None:
    """Over all of its metrics; another key is not held back."""
    await limited.send(kind, body(kind, *((f"m{number}", number) for number in range(13))), key_id="wide")
    await limited.send(kind, body(kind, ("m1", 1), ("new", 1), at_ms=BASE_MS + 1), key_id="wide")
    await limited.send(kind, body(kind, ("new", 2)), key_id="other")
    assert await items(limited, "m1") == {1: 2}
    assert await items(limited, "new") == {2: 1}
    assert await told(limited) == {"too_many_series_of_key": 1}


async def test_a_limit_that_is_raised_lets_them_in(limited: Feed) -> None:
    kind = SegmentKind.REMOTE_WRITE
    await limited.send(kind, body(kind, *flood("wide", 0, 6)))
    await limited.send(kind, body(kind, ("wide", 6)))
    limited.series = SeriesMax(per_metric=50)
    await limited.send(kind, body(kind, ("wide", 6)))
    assert await told(limited) == {"too_many_series": 1}
    assert (await items(limited, "wide")).keys() == set(range(7))


@pytest.mark.parametrize(
    ("kind", "reached"), [(KINDS[0], 1), (KINDS[0], 6), (KINDS[1], 1), (KINDS[1], 2), (KINDS[1], 6)]
)
@pytest.mark.faults
async def test_a_crash_between_tables_tells_once(limited: Feed, kind: SegmentKind, reached: int) -> None:
    """Judged as the first time, also where the limit was raised since: each row is stored, or told, and only one."""
    await limited.send(kind, body(kind, *flood("wide", 0, 6)))
    frames = body(kind, ("wide", 0), ("wide", 7), ("wide", 8), ("fine", 1), at_ms=BASE_MS + 15_000)
    segment = limited.segment(kind, frames)
    await reach(limited, segment, reached)
    limited.series = SeriesMax()
    await limited.write(replace(segment, recovered=True))
    assert await told(limited) == {"too_many_series": 2}
    assert await items(limited, "wide") == {0: 2, **dict.fromkeys(range(1, 6), 1)}
    assert await items(limited, "fine") == {1: 1}
    assert (await limited.store.rows("SELECT count() AS n FROM set_aside"))[0]["n"] <= 2


async def reach(feed: Feed, segment: SealedSegment, count: int) -> None:
    """What a crash leaves after the first so many targets."""
    flattening, writer = FLATTENINGS[segment.kind], feed.labels()
    judgement = await writer._series.judge(segment.id, segment.size_bytes)
    assert judgement.over
    for target in flattening.staging.targets[:count]:
        params = {**writer._params(segment, writer._policy()), "present": [], "told": False, **judgement.params()}
        settings = {**SETTINGS, "format_schema": flattening.schema}
        sql = flattening.insert_missing(target, limited=True)
        await feed.store.insert_file(sql, segment.path, params, settings, f"h{segment.id}")
