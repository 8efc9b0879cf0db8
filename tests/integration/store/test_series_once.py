"""Series are whole and counted once, whatever an INSERT of a metrics segment came to; they expire with their days."""

from dataclasses import replace

import pytest

from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.store.flatten import FLATTENINGS
from midwatch.server.store.flatten.statement import SETTINGS
from midwatch.server.store.retention import apply_retention
from midwatch.server.store.targets import METRIC_POINTS
from tests.integration.store import metric_bodies as make
from tests.integration.store.conftest import Feed

pytestmark = pytest.mark.thorough

DAY_NS = 86_400 * 10**9
BASE_NS = 10**18
COUNTS = {
    "metric_points": "SELECT count() AS n FROM metric_points",
    "metric_samples": "SELECT count() AS n FROM metric_samples FINAL",
    "metric_series": "SELECT count() AS n FROM metric_series FINAL",
    "metric_histograms": "SELECT count() AS n FROM metric_histograms FINAL",
    "metric_exemplars": "SELECT count() AS n FROM metric_exemplars FINAL",
    "limits_hit": "SELECT toUInt64(sum(Count)) AS n FROM limits_hit",
    "set_aside": "SELECT count() AS n FROM set_aside",
}
EXPECTED = {
    "metric_points": 6,
    "metric_samples": 11,
    "metric_series": 13,
    "metric_histograms": 2,
    "metric_exemplars": 2,
    "limits_hit": 4,
    "set_aside": 2,
}
"""Of `body`: on each of two days a counter with an exemplar and a long label, a histogram of four series, a native one
and one without a name; and what is known of the resource."""


def body() -> bytes:
    found = []
    for day in range(2):
        at = {"time_unix_nano": BASE_NS + day * DAY_NS}
        found += [
            make.numbers("c", [(1, {"v": "x" * 3000})], monotonic=True, exemplars=[make.exemplar(1, **at)], **at),
            make.histogram("h", [1, 2], [1.0], **at),
            make.exponential("e", 0, (0, [1]), **at),
            make.numbers("", [(1, {})], **at),
        ]
    return make.metrics(*found, resource={"service.name": "api", "host.name": "h"})


async def counts(feed: Feed) -> dict[str, int]:
    return {table: (await feed.store.rows(sql))[0]["n"] for table, sql in COUNTS.items()}


async def reach(feed: Feed, segment: SealedSegment, targets: int) -> None:
    """What a crash leaves: the first so many targets have the segment, without the second day in the last of them."""
    flattening = FLATTENINGS[segment.kind]
    writer = feed.labels()
    params = writer._params(segment, writer._policy())
    for number, target in enumerate(METRIC_POINTS.targets[:targets], start=1):
        missing = [20010910] if number == targets else []
        settings = {**SETTINGS, "format_schema": flattening.schema}
        await feed.store.insert_file(
            flattening.insert_missing(target), segment.path, {**params, "present": missing}, settings, f"h{segment.id}"
        )


async def test_a_crash_between_tables_is_completed(feed: Feed) -> None:
    """A table that is whole, one that lacks a day and those that have nothing: each has everything once."""
    segment = feed.segment(SegmentKind.OTLP_METRICS, body(), recovered=True)
    await reach(feed, segment, 2)
    await feed.write(segment)
    assert await counts(feed) == EXPECTED


async def test_a_segment_that_is_found_whole_adds_nothing(feed: Feed) -> None:
    """What a server may have stored before it ended is looked for, table by table."""
    segment = feed.segment(SegmentKind.OTLP_METRICS, body())
    content = segment.path.read_bytes()
    await feed.write(segment)
    assert await counts(feed) == EXPECTED
    segment.path.write_bytes(content)
    await feed.write(replace(segment, recovered=True))
    assert await counts(feed) == EXPECTED


async def test_one_part_a_table_and_day_and_series_expire(feed: Feed) -> None:
    """A segment is one part a table and day, target_info apart; samples go with their series when they are old."""
    for table in COUNTS:
        await feed.store.execute(f"SYSTEM STOP MERGES {table}")
    await feed.send(SegmentKind.OTLP_METRICS, body())
    parts = await feed.store.table(
        "SELECT table, partition, count() FROM system.parts WHERE active AND database = currentDatabase()"
        " AND startsWith(table, 'metric_') AND table != 'metric_names' GROUP BY table, partition"
    )
    found = {(table, day): n for table, day, n in parts.rows}
    assert found[("metric_points", "20010910")] == found[("metric_histograms", "20010910")] == 1
    assert max(found[("metric_series", "20010910")], found[("metric_samples", "20010910")]) <= 2
    await apply_retention(feed.store, dict.fromkeys(Signal, 7.0))
    for table in ("metric_series", "metric_samples", "metric_histograms", "metric_exemplars"):
        await feed.store.execute(f"SYSTEM START MERGES {table}")
        await feed.store.execute(f"OPTIMIZE TABLE {table} FINAL")
    left = await counts(feed)
    assert {left[f"metric_{part}"] for part in ("series", "samples", "histograms", "exemplars")} == {0}
