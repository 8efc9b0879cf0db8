"""Every item is in every target once, whatever an INSERT came to."""

import asyncio
from dataclasses import replace

import pytest

from midwatch.server.model.errors import StoreError
from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.store.flatten import FLATTENINGS
from midwatch.server.store.flatten.statement import SETTINGS
from midwatch.server.store.staging import Target
from midwatch.server.store.targets import SPANS
from midwatch.server.store.writer import Writer
from tests.eventually import becomes_true
from tests.integration.store.bodies import frame, logs, record, span, traces
from tests.integration.store.conftest import Feed

pytestmark = pytest.mark.thorough

LONG = pytest.mark.faults
"""Run apart: one number of days tells in every run."""
DAY_NS = 86_400 * 10**9
BASE_NS = 10**18
DAYS = 3
TOTALS = {
    "spans": "SELECT count() AS n FROM spans",
    "trace_index": "SELECT uniqExact(TraceId, Day) AS n FROM trace_index",
    "service_red": "SELECT toUInt64(sum(Count)) AS n FROM service_red",
    "limits_hit": "SELECT toUInt64(sum(Count)) AS n FROM limits_hit",
    "set_aside": "SELECT count() AS n FROM set_aside",
}
EXPECTED = {"spans": 9, "trace_index": 9, "service_red": 9, "limits_hit": 6, "set_aside": 3}


def body() -> bytes:
    """Three days of three good spans, of which one each has a long name, and three with bad ids."""
    spans = []
    for day in range(DAYS):
        at = BASE_NS + day * DAY_NS
        spans += [span(start_time_unix_nano=at + i) for i in range(2)]
        spans += [span(start_time_unix_nano=at, name="n" * 2000), span(start_time_unix_nano=at, trace_id=b"bad")]
    return traces(*spans)


async def totals(feed: Feed) -> dict[str, int]:
    return {table: (await feed.store.rows(sql))[0]["n"] for table, sql in TOTALS.items()}


async def insert_only(feed: Feed, segment: SealedSegment, target: Target, missing: list[int]) -> None:
    """What a crash leaves: this target alone has the segment, without the days in `missing`."""
    flattening = FLATTENINGS[segment.kind]
    writer: Writer = feed.labels()
    params = {**writer._params(segment, writer._policy()), "present": missing}
    settings = {**SETTINGS, "format_schema": flattening.schema}
    await feed.store.insert_file(
        flattening.insert_missing(target), segment.path, params, settings, f"half-{segment.id}"
    )


@pytest.mark.parametrize("crashed_after", range(len(SPANS.targets) + 1))
@pytest.mark.parametrize("missing_days", [pytest.param(0, marks=LONG), 1, pytest.param(2, marks=LONG)])
async def test_a_crash_between_targets_or_days_is_completed(feed: Feed, crashed_after: int, missing_days: int) -> None:
    """Whatever targets and days an interrupted INSERT had reached, completing it gives each target everything once."""
    for other in range(2):
        await feed.send(SegmentKind.OTLP_TRACES, traces(span(start_time_unix_nano=BASE_NS + other)))
    before = await totals(feed)
    segment = feed.segment(SegmentKind.OTLP_TRACES, body(), recovered=True)
    missing = [20010909, 20010910][:missing_days]
    for number, target in enumerate(SPANS.targets[:crashed_after]):
        last = number == crashed_after - 1
        await insert_only(feed, segment, target, missing if last else [])
    await feed.write(segment)
    after = await totals(feed)
    assert {table: after[table] - before[table] for table in TOTALS} == EXPECTED


@pytest.mark.parametrize("merge", [True, False])
async def test_storing_a_segment_again_changes_nothing(feed: Feed, *, merge: bool) -> None:
    """A segment that is wholly in the store and found again after a restart is recognised, merged or not."""
    segment = feed.segment(SegmentKind.OTLP_TRACES, body())
    content = segment.path.read_bytes()
    await feed.write(segment)
    if merge:
        for table in TOTALS:
            await feed.store.execute(f"OPTIMIZE TABLE {table} FINAL")
    segment.path.write_bytes(content)
    await feed.write(replace(segment, recovered=True))
    assert await totals(feed) == EXPECTED


async def test_roll_ups_of_two_kinds_do_not_hide_each_other(feed: Feed) -> None:
    """OTLP and NDJSON records feed one roll-up; a newer one of one kind never hides one of the other."""
    at = BASE_NS
    otlp = feed.segment(SegmentKind.OTLP_LOGS, logs(record(time_unix_nano=at)))
    content = otlp.path.read_bytes()
    line = b'{"time":%d,"level":"info","service":"api","msg":"x"}' % at
    ndjson = feed.segment(SegmentKind.NDJSON_LOGS, line)
    writer = feed.labels()
    feed.labels = lambda: writer
    await feed.write(otlp, ndjson)
    await feed.store.execute("OPTIMIZE TABLE log_volume FINAL")
    otlp.path.write_bytes(content)
    await feed.write(replace(otlp, recovered=True))
    (row,) = await feed.store.rows("SELECT toUInt64(sum(Count)) AS n FROM log_volume")
    assert row["n"] == 2


async def test_a_large_segment_is_one_part_a_target_and_day(feed: Feed) -> None:
    """A target gets a segment's day as one part, so that it is there wholly or not at all."""
    for table in TOTALS:
        await feed.store.execute(f"SYSTEM STOP MERGES {table}")
    spans = [span(start_time_unix_nano=BASE_NS + (i % 2) * DAY_NS, name=f"op {i}") for i in range(150_000)]
    await feed.send(SegmentKind.OTLP_TRACES, *(traces(*spans[i : i + 15_000]) for i in range(0, 150_000, 15_000)))
    parts = await feed.store.rows(
        "SELECT table, partition, count() AS parts, sum(rows) AS r FROM system.parts WHERE active"
        " AND database = currentDatabase() AND table != 'schema_migrations' GROUP BY table, partition"
    )
    assert {(part["table"], part["partition"]): part["parts"] for part in parts} == {
        (table, day): 1
        for table in ("spans", "trace_index", "service_red", "sent_bytes")
        for day in ("20010909", "20010910")
    }
    assert sum(part["r"] for part in parts) == 450_002


@pytest.mark.parametrize("place", [0, 3, 6])
async def test_only_the_frame_that_cannot_be_read_is_buried(feed: Feed, place: int) -> None:
    """A frame that the store cannot decode goes to the dead letters, wherever it is; its neighbours are stored once."""
    good = [frame(SegmentKind.OTLP_TRACES, traces(span(start_time_unix_nano=BASE_NS))) for _ in range(6)]
    poison = frame(SegmentKind.OTLP_TRACES, b"\x0a\x05\x12\x7f\x0a")
    frames = [*good[:place], poison, *good[place:]]
    segment = feed.source.add(SegmentKind.OTLP_TRACES, frames)
    await feed.write(segment)
    assert [content for content, _ in feed.source.buried] == [poison]
    found = await totals(feed)
    assert (found["spans"], found["service_red"], found["trace_index"]) == (6, 6, 6)


async def test_an_error_in_the_last_frame_leaves_nothing_behind(feed: Feed) -> None:
    """All of a segment is decoded before any part is written, however large it is."""
    frames = [
        frame(SegmentKind.OTLP_TRACES, traces(*(span(start_time_unix_nano=BASE_NS + i) for i in range(10_000))))
        for _ in range(10)
    ]
    segment = feed.source.add(
        SegmentKind.OTLP_TRACES, [*frames, frame(SegmentKind.OTLP_TRACES, b"\x0a\x05\x12\x7f\x0a")]
    )
    with pytest.raises(StoreError) as raised:
        await feed.labels()._insert(segment)
    assert raised.value.exception_code is not None
    assert set((await totals(feed)).values()) == {0}


async def test_a_query_that_is_stopped_has_ended(feed: Feed) -> None:
    """`stop_query` returns only when no statement of that id runs."""
    slow = "SELECT sum(sleepEachRow(0.1)) AS s FROM numbers(600) SETTINGS max_block_size = 1"
    running = asyncio.create_task(feed.store.rows(slow, settings={"query_id": "slow-one"}))
    runs = "SELECT 1 AS x FROM system.processes WHERE query LIKE '%sleepEachRow(0.1)%' AND query NOT LIKE '%processes%'"
    await becomes_true(lambda: feed.store.rows(runs))
    await feed.store.stop_query("slow-one")
    with pytest.raises(StoreError):
        await running


def test_signals_have_targets() -> None:
    """Every kind of segment feeds the staging table of its signal."""
    assert set(SegmentKind) - set(FLATTENINGS) == {SegmentKind.SENTRY}, "which the digest turns into others"
    assert all(flattening.staging.signal is kind.signal for kind, flattening in FLATTENINGS.items())
    assert {flattening.staging.signal for flattening in FLATTENINGS.values()} == set(Signal)
