"""Segments of plain values take a quicker way to the same rows; all others are told before anything is stored."""

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from midwatch.contract.privacy import REMOVED, deny_pattern
from midwatch.server.model.errors import StoreError
from midwatch.server.model.privacy import NEVER
from midwatch.server.model.signal import SegmentKind
from midwatch.server.store.flatten import FLATTENINGS, Flattening
from midwatch.server.store.flatten.attributes import ATTRIBUTES_MAX
from midwatch.server.store.flatten.marks import CODE, NOT_PLAIN
from midwatch.server.store.flatten.statement import SETTINGS
from midwatch.server.store.flatten.values import ATTRIBUTE_BYTES_MAX, NAME_BYTES_MAX
from midwatch.server.store.writer import LONG_WAY_AGAIN, Ways
from tests.integration.store import metric_bodies as make
from tests.integration.store.bodies import logs, put, record, span, traces
from tests.integration.store.conftest import Feed

pytestmark = pytest.mark.thorough

TRACES, LOGS = SegmentKind.OTLP_TRACES, SegmentKind.OTLP_LOGS
PLAIN = {
    "text": "é x",
    "empty": "",
    "yes": True,
    "no": False,
    "int": -5,
    "large": 2**62,
    "zero": 0,
    "double": 1.5,
    "nothing": 0.0,
    "tiny": -1e-300,
    "long": "x" * ATTRIBUTE_BYTES_MAX,
    "k" * NAME_BYTES_MAX: "long key",
}
RESOURCE = {"process.command_args": ["a", "b"], "db.password": "hunter2", "host.name": "h"}
"""A resource may be what it likes."""
ODD: dict[str, dict[str, Any]] = {
    "list": {"a": [1]},
    "map": {"a": {"b": 1}},
    "bytes": {"a": b"\0"},
    "unset": {"a": None},
    "private": {"user.password": "hunter2"},
    "text over the limit": {"a": "x" * (ATTRIBUTE_BYTES_MAX + 1)},
    "key over the limit": {"k" * (NAME_BYTES_MAX + 1): 1},
    "one too many": {f"a{number}": number for number in range(ATTRIBUTES_MAX + 1)},
}


async def insert(feed: Feed, flattening: Flattening, kind: SegmentKind, *bodies: bytes, environment: str = "") -> None:
    segment = feed.segment(kind, *bodies, received_ns=1_800_000_000_000_000_000, environment=environment)
    params = {"segment": segment.id, "writer": "w", "deny": deny_pattern(), "ruled": NEVER, "removed": REMOVED}
    params |= {"keep_ns": 0, "ahead_ns": 0, "leafwise": NEVER}
    settings = {**SETTINGS, "format_schema": flattening.schema}
    await feed.store.insert_file(flattening.insert(), segment.path, params, settings, f"test-{segment.id}")


def full_span() -> Span:
    """With everything that a span may have beside its attributes."""
    found = span(attributes=PLAIN, trace_state="ot=th:c", parent_span_id=b"12345678", kind=3, flags=257)
    found.name = "n" * 2000
    found.status.code, found.status.message = 2, "broken"
    event = found.events.add(time_unix_nano=5, name="exception")
    put(event.attributes, {"exception.type": "E", "nested": [1], "token": "hunter2"})
    link = found.links.add(trace_id=b"1" * 16, span_id=b"2" * 8)
    put(link.attributes, PLAIN)
    return found


async def test_both_ways_make_the_same_rows(feed: Feed) -> None:
    """Every column of plain spans and records is equal, adjustments, limits and the order of rows included."""
    spans = traces(full_span(), span(start_time_unix_nano=0, parent_span_id=b"123"), span(), resource=RESOURCE)
    records = [
        record(body=body, attributes=PLAIN, severity_text=level, severity_number=0, event_name="e" * 2000)
        for body, level in (("text", "Warning"), (5, "FATAL"), (1.5, ""), (True, "x" * 100), (b"\xff", "notice"))
    ]
    records += [record(body="b" * 300_000, time_unix_nano=0, trace_id=b"", span_id=b""), record(trace_id=b"\0" * 16)]
    for kind, body, table in ((TRACES, spans, "spans"), (LOGS, logs(*records, resource=RESOURCE), "logs")):
        flattening = FLATTENINGS[kind]
        assert flattening.plain is not None
        for way in (flattening, flattening.plain):
            await insert(feed, way, kind, body)
        rows = await feed.store.rows(f"SELECT * EXCEPT Segment FROM {table} ORDER BY Segment, SegmentRow")
        half = len(rows) // 2
        assert half == body_items(kind, len(records))
        for long, plain in zip(rows[:half], rows[half:], strict=True):
            assert {**long, "Adjustments": sorted(long["Adjustments"])} == {
                **plain,
                "Adjustments": sorted(plain["Adjustments"]),
            }
    counted = await feed.store.rows("SELECT Reason, sum(Count) AS n FROM limits_hit GROUP BY Reason")
    assert counted
    assert all(row["n"] % 2 == 0 for row in counted)


async def test_both_ways_make_the_same_points_and_series(feed: Feed) -> None:
    """Metrics of every type: the raw copy is equal, and the series of one are those of the other."""
    body = make.metrics(
        make.numbers("n", [(1, PLAIN), (2, {"le": "1"})], monotonic=True, exemplars=[make.exemplar(1)], unit="s"),
        make.histogram("h", [1, 2], [1.0], attributes=PLAIN),
        make.exponential("e", 10, (0, [1, 2])),
        make.summary("s", {0.5: 1}),
        resource=RESOURCE,
        scope={"name": "lib", "attributes": {"a": 1}},
    )
    flattening = FLATTENINGS[SegmentKind.OTLP_METRICS]
    assert flattening.plain is not None
    found = []
    for way in (flattening, flattening.plain):
        await insert(feed, way, SegmentKind.OTLP_METRICS, body)
        counted = "SELECT count() AS n FROM (SELECT DISTINCT * FROM metric_samples)"
        found.append((await feed.store.rows(counted))[0]["n"])
    assert found == [10, 10]
    rows = await feed.store.rows("SELECT * EXCEPT Segment FROM metric_points ORDER BY Segment, SegmentRow")
    half = len(rows) // 2
    assert half == 5
    assert [str({**row, "Adjustments": sorted(row["Adjustments"])}) for row in rows[:half]] == [
        str({**row, "Adjustments": sorted(row["Adjustments"])}) for row in rows[half:]
    ]


def body_items(kind: SegmentKind, records: int) -> int:
    return 3 if kind is TRACES else records


async def test_what_is_not_plain_is_told_and_kept_the_long_way(feed: Feed) -> None:
    """One odd attribute, body or id among plain ones: the quick INSERT fails whole, and the writer stores every row."""
    bodies = [(TRACES, traces(span(attributes=PLAIN), span(attributes=odd))) for odd in ODD.values()]
    odd_records = [{"attributes": odd} for odd in ODD.values()]
    odd_records += [{"body": [1]}, {"body": {"a": 1}}, {"trace_id": b"1" * 15}, {"span_id": b"1" * 9}]
    bodies += [(LOGS, logs(record(attributes=PLAIN), record(**odd))) for odd in odd_records]
    for number, (kind, body) in enumerate(bodies):
        plain = FLATTENINGS[kind].plain
        assert plain is not None
        with pytest.raises(StoreError) as raised:
            await insert(feed, plain, kind, body)
        assert raised.value.exception_code == CODE, number
    stored = " + ".join(f"(SELECT count() FROM {table})" for table in ("spans", "logs"))
    others = ("trace_index", "service_red", "log_volume", "limits_hit", "set_aside")
    counts = " + ".join(f"(SELECT count() FROM {table})" for table in others)
    assert (await feed.store.table(f"SELECT {stored}, {counts}")).rows == [(0, 0)]
    segments = [feed.segment(kind, body) for kind, body in bodies]
    await feed.write(*segments)
    assert (await feed.store.table(f"SELECT {stored}")).rows == [(2 * len(bodies),)]


def test_the_quick_way_is_tried_again_after_a_while() -> None:
    """After a segment that was not plain the next 32 of its kind go the long way; other kinds are not touched."""
    ways = Ways()
    assert ways.may_take(TRACES, NOT_PLAIN)
    ways.was_hindered(TRACES, NOT_PLAIN)
    assert [ways.may_take(TRACES, NOT_PLAIN) for _ in range(LONG_WAY_AGAIN + 1)] == [False] * LONG_WAY_AGAIN + [True]
    assert ways.may_take(LOGS, NOT_PLAIN)
