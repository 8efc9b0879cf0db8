"""Who calls whom, from spans that come in any order, to the map that a page reads."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.service_map import ServiceMapQueries
from midwatch.server.query.source import Scope
from midwatch.server.schemas.services import ServiceMap
from midwatch.server.store import edges
from midwatch.server.store.edges import ServiceEdges
from tests import bodies
from tests.integration.store.conftest import Feed

pytestmark = pytest.mark.thorough

NOW = 1_790_000_400
"""The start of a block, in seconds."""
NS = 10**9


@dataclass
class System:
    """Senders, the job on a clock that stands still, and the map of the last hour."""

    feed: Feed
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW * NS))

    def __post_init__(self) -> None:
        self.job = ServiceEdges(self.feed.store, self.clock, retention_days=lambda: 0.0)

    async def send(self, service: str, *spans: Span) -> None:
        body = bodies.traces(service, spans).SerializeToString()
        await self.feed.send(SegmentKind.OTLP_TRACES, body)

    async def look(self) -> int:
        return await self.job.look(everything=False)

    async def map(self) -> ServiceMap:
        span = TimeRange(self.clock.now_ns() - 3600 * NS, self.clock.now_ns())
        return await ServiceMapQueries(self.feed.store).read(Scope(span))

    async def edges(self) -> dict[tuple[str, str], tuple[float, float]]:
        return {(one.source, one.target): (one.requests, one.errors) for one in (await self.map()).edges}


@pytest.fixture
def system(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr(edges, "REST", 0)
    return System(feed)


def call(seconds: float, **fields: object) -> tuple[Span, Span]:
    """A client's span and the server's that answers it."""
    start = int(seconds * NS)
    client = bodies.span(kind=Span.SPAN_KIND_CLIENT, start_time_unix_nano=start, **fields)
    server = bodies.span(trace_id=client.trace_id, parent_span_id=client.span_id, start_time_unix_nano=start + 1000)
    return client, server


def asking(seconds: float, **attributes: str) -> Span:
    return bodies.span(kind=Span.SPAN_KIND_CLIENT, start_time_unix_nano=int(seconds * NS), attributes=attributes)


async def test_the_map_is_the_same_before_and_after_its_block_is_computed(system: System) -> None:
    """Calls to services, databases, caches, queues and hosts: each is one edge, from spans and from the roll-up."""
    for at in (NOW - 400, NOW - 399):
        client, server = call(at, attributes={"server.address": "orders.internal"})
        await system.send("web", client, asking(at, **{"server.address": "api.example.com"}))
        await system.send(
            "orders", server, asking(at, **{"db.system.name": "postgresql"}), asking(at, **{"db.system": "redis"})
        )
    failed = asking(NOW - 398, **{"db.system.name": "postgresql"})
    failed.status.code = 2
    producer = asking(NOW - 398, **{"messaging.system": "kafka", "messaging.destination.name": "jobs"})
    producer.kind = Span.SPAN_KIND_PRODUCER
    await system.send("web", failed, producer)
    expected = {
        ("web", "orders"): (2, 0),
        ("web", "api.example.com"): (2, 0),
        ("orders", "postgresql"): (2, 0),
        ("web", "postgresql"): (1, 1),
        ("orders", "redis"): (2, 0),
        ("web", "kafka jobs"): (1, 0),
    }
    live = await system.map()
    assert await system.edges() == expected
    assert await system.look() == 1
    assert await system.edges() == expected
    settled = await system.map()
    assert {node.name: node.type for node in settled.nodes} == {
        "web": "service",
        "orders": "service",
        "api.example.com": "external",
        "postgresql": "database",
        "redis": "cache",
        "kafka jobs": "queue",
    }
    assert sorted(settled.nodes, key=lambda node: node.name) == sorted(live.nodes, key=lambda node: node.name)
    (database,) = [node for node in settled.nodes if node.name == "postgresql"]
    assert (database.requests, database.errors) == (3, 1)  # all its callers
    assert await system.look() == 0


async def test_late_spans_are_counted_and_nothing_twice(system: System) -> None:
    """The answering span comes after its block was computed: the guess of a host gives way to the service."""
    client, server = call(NOW - 1000, attributes={"server.address": "orders.internal"})
    await system.send("web", client)
    assert await system.look() == 1
    assert await system.edges() == {("web", "orders.internal"): (1, 0)}
    await system.send("orders", server)
    assert await system.look() == 0  # not more often than every five minutes
    system.clock.advance(edges.RECOMPUTE_SECONDS)
    assert await system.look() == 1
    assert await system.edges() == {("web", "orders"): (1, 0)}
    # The clock goes back by a day: what is known stays, and what comes is still computed.
    await system.send("web", asking(NOW - 1000, **{"db.system": "mysql"}))
    system.clock.advance(-600)
    assert await system.look() == 1
    assert await system.edges() == {("web", "orders"): (1, 0), ("web", "mysql"): (1, 0)}


async def test_a_computation_that_was_cut_off_does_not_count(system: System) -> None:
    """Edges of a version that was not recorded are as if they were not there."""
    await system.send("web", *(asking(NOW - 1000 + n, **{"db.system": "mysql"}) for n in range(3)))
    run, made = system.job._run, []  # the second statement of the job records; here it dies before it

    async def cut_off(sql: str, params: dict[str, object]) -> None:
        if made:
            raise ConnectionError
        made.append(sql)
        await run(sql, params)

    system.job._run = cut_off  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await system.look()
    system.job._run = run  # type: ignore[method-assign]
    assert await system.edges() == {("web", "mysql"): (3, 0)}
    assert await system.look() == 1
    assert await system.edges() == {("web", "mysql"): (3, 0)}
    (row,) = await system.feed.store.rows("SELECT uniqExact(Version) AS n FROM service_edges")
    assert row["n"] == 2


async def test_a_day_that_was_given_up_keeps_its_edges(system: System) -> None:
    """Spans of a full disk's oldest day are gone; one that comes late does not wipe the roll-up."""
    await system.send("web", asking(NOW - 1000, **{"db.system": "mysql"}))
    assert await system.look() == 1
    await system.feed.store.execute("TRUNCATE TABLE spans")
    await system.send("web", asking(NOW - 1000, **{"db.system": "mysql"}))
    system.clock.advance(edges.RECOMPUTE_SECONDS)
    await system.look()
    assert await system.edges() == {("web", "mysql"): (1, 0)}


async def test_large_blocks_are_computed_in_slices_and_read_in_part(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In slices of whole traces nothing is lost; of very many new spans the newest stand for all."""
    monkeypatch.setattr(edges, "SLICE_SPANS", 300)
    monkeypatch.setattr("midwatch.server.query.service_map.LIVE_SPANS_MAX", 300)
    pairs = [call(NOW - 3600 + n * 7.1, trace_id=os.urandom(16)) for n in range(500)]
    await system.send("web", *(client for client, _ in pairs))
    await system.send("orders", *(server for _, server in pairs))
    requests, _ = (await system.edges())["web", "orders"]
    assert requests == pytest.approx(500, rel=0.05)
    assert await system.look() == 11
    monkeypatch.setattr(edges, "SLICE_SPANS", 10)
    await system.send("web", asking(NOW - 1000, **{"db.system": "mysql"}))
    system.clock.advance(edges.RECOMPUTE_SECONDS)
    assert await system.look() == 2  # that block again, and the one that is over now
    assert (await system.edges())["web", "orders"] == (500 - 43, 0)  # so many are older than an hour now


async def versions(system: System) -> int:
    (row,) = await system.feed.store.rows("SELECT uniqExact(Block, Version) AS n FROM service_edges")
    return int(row["n"])


async def test_edges_of_replaced_versions_go(system: System) -> None:
    """Also where nothing expires: a block that was computed again is there once; one that is being computed is left."""
    for number in range(1, 4):
        await system.send("web", asking(NOW - 1000, **{"db.system": "mysql"}))
        system.clock.advance(edges.RECOMPUTE_SECONDS)
        await system.look()
        assert await system.edges() == {("web", "mysql"): (number, 0)}
    assert await versions(system) == 3
    await system.job.look(everything=True)
    assert await versions(system) == 3, "readers may still be at the one that was replaced just now"
    await system.feed.store.execute(
        "INSERT INTO service_edges (Block, Version, Minute, Source, Target)"
        " SELECT Block, bitShiftLeft(bitShiftRight(max(Version), 16) + 1, 16), Block, 'under', 'way'"
        " FROM service_edge_blocks GROUP BY Block"
    )
    system.clock.advance(edges.REPLACED_SECONDS + 1)
    await system.job.look(everything=True)
    assert await versions(system) == 2
    assert await system.edges() == {("web", "mysql"): (3, 0)}
    (row,) = await system.feed.store.rows("SELECT count() AS n FROM service_edges WHERE Source = 'under'")
    assert row["n"] == 1


async def test_what_an_older_algorithm_computed_is_computed_again(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block of any age, with its spans there; new blocks go first; where spans are gone, what was computed stays."""
    day = 86_400
    for began in (NOW - 400 * day, NOW - 300 * day, NOW - 1000):
        await system.send("web", asking(began, **{"db.system": "mysql"}))
    assert await system.job.look(everything=True) == 3
    tampered = f"UPDATE Count = if(Minute < toDateTime({NOW - 350 * day}), 100, 10) WHERE 1"
    await system.feed.store.execute(f"ALTER TABLE service_edges {tampered}", settings={"mutations_sync": 1})
    await system.feed.store.execute(f"ALTER TABLE spans DROP PARTITION '{ymd(NOW - 400 * day)}'")
    system.clock.advance(edges.RECOMPUTE_SECONDS)
    assert await system.job.look(everything=True) == 0
    assert await all_edges(system) == {("web", "mysql"): 120}

    monkeypatch.setattr(edges, "ALGORITHM", edges.ALGORITHM + 1)
    monkeypatch.setattr(edges, "BLOCKS_A_LOOK_MAX", 1)
    await system.send("web", asking(NOW - 2000, **{"db.system": "redis"}))
    for calls in (120, 111, 102, 102):  # the new block, those that have their spans, the one that has not
        assert await system.job.look(everything=True) == 1
        assert await all_edges(system) == {("web", "mysql"): calls, ("web", "redis"): 1}
    assert await system.job.look(everything=True) == 0, "a block without its spans is left alone for a while"


async def all_edges(system: System) -> dict[tuple[str, str], float]:
    """Of two years."""
    span = TimeRange(system.clock.now_ns() - 2 * 365 * 86_400 * NS, system.clock.now_ns())
    found = await ServiceMapQueries(system.feed.store).read(Scope(span))
    return {(one.source, one.target): one.requests for one in found.edges}


def ymd(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d")
