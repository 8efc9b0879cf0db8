"""Which ids the store knows where: the same that are read from attributes, of every signal, once whatever happens."""

from dataclasses import replace

import pytest

from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.story_id import StoryId, ids_of
from midwatch.server.store.id_index import pairs
from tests.integration.store.bodies import logs, record, span, traces
from tests.integration.store.conftest import Feed

pytestmark = pytest.mark.thorough

AT_NS = 10**18
ATTRIBUTES = {
    "correlationId": "c",
    "job.id": "1",
    "messaging.message.id": "2",
    "message_sid": "SM1",
    "linkup_id": "42",
    "entity.type": "invite",
    "entity.id": "9",
    "user_id": "[removed]",
    "thread_id": "77",
    "$device_id": "d",
    "cloud.account_id": "a",
    "path": "/",
    "session.id": "s" * 300,
    "request_id": "ü" * 128,
    "req_id": "ü" * 129,
}


async def test_the_index_finds_the_ids_that_are_read(feed: Feed) -> None:
    """Names, bounds and exceptions stand in two languages, and mean the same."""
    await feed.send(SegmentKind.OTLP_LOGS, logs(record(time_unix_nano=AT_NS, attributes=ATTRIBUTES)))
    (row,) = await feed.store.rows(f"SELECT LogAttributes AS attributes, {pairs('LogAttributes')} AS ids FROM logs")
    read = [tuple(one) for one in row["ids"]]
    assert read == [(one.kind.value, one.value) for one in ids_of(row["attributes"])]
    assert len(read) == 7
    found = await feed.store.rows("SELECT Kind, Id FROM id_index")
    assert {(one["Kind"], one["Id"]) for one in found} == {*read}


async def test_an_id_has_one_row_a_trace_and_says_when(feed: Feed) -> None:
    """From its first to its last moment, over spans and records; nothing of what was set aside."""
    trace = b"\xcd" * 16
    some = {"attributes": {"correlation_id": "c"}}
    spans = [span(trace_id=trace, start_time_unix_nano=AT_NS + n, **some) for n in (5, 9)]
    records = [record(trace_id=trace, time_unix_nano=AT_NS + n, **some) for n in (1, 7)]
    await feed.send(SegmentKind.OTLP_TRACES, traces(*spans, span(trace_id=b"bad", attributes={"job_id": "j"})))
    await feed.send(SegmentKind.OTLP_LOGS, logs(*records))
    rows = await feed.store.rows(
        """SELECT Kind, Id, TraceId, toUnixTimestamp64Nano(min(Start)) AS low, toUnixTimestamp64Nano(max(End)) AS high
        FROM id_index GROUP BY Kind, Id, TraceId"""
    )
    assert [(StoryId(one["Kind"], one["Id"]), one["TraceId"], one["low"], one["high"]) for one in rows] == [
        (("correlation", "c"), "cd" * 16, AT_NS + 1, AT_NS + 9)
    ]


async def test_a_segment_that_is_stored_again_adds_nothing(feed: Feed) -> None:
    """As any other roll-up it knows its segments."""
    segment = feed.segment(SegmentKind.OTLP_LOGS, logs(record(time_unix_nano=AT_NS, attributes={"job_id": "j"})))
    content = segment.path.read_bytes()
    await feed.write(segment)
    segment.path.write_bytes(content)
    await feed.write(replace(segment, recovered=True))
    (row,) = await feed.store.rows("SELECT count() AS n FROM id_index")
    assert row["n"] == 1


async def test_a_look_up_reads_what_the_id_has(feed: Feed) -> None:
    """The index is sorted by id: of forty thousand one granule at most is read."""
    records = [record(time_unix_nano=AT_NS, attributes={"job_id": f"j{number}"}) for number in range(40_000)]
    await feed.send(SegmentKind.OTLP_LOGS, logs(*records[:20_000]), logs(*records[20_000:]))
    plan = await feed.store.rows("EXPLAIN indexes = 1 SELECT * FROM id_index WHERE Project = 1 AND Id IN ('j777')")
    lines = [next(iter(line.values())).strip() for line in plan]
    granules = next(line for line in lines[lines.index("PrimaryKey") :] if line.startswith("Granules:"))
    read, _, of = granules.removeprefix("Granules: ").partition("/")
    assert int(read) <= 1 < int(of), granules
