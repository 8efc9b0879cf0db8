"""A cluster's statements, judged by the engine's own parser. No real cluster is at hand (docs/running.md says so)."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.store.address import Target
from midwatch.server.store.client import Store
from midwatch.server.store.layout import Cluster, SingleServer
from midwatch.server.store.migrate import migrate
from midwatch.server.store.retention import apply_retention
from tests.integration.store.bodies import span, traces
from tests.integration.store.conftest import MEMORY_BYTES, Feed

pytestmark = pytest.mark.thorough


class Recorder(Store):
    """A store of a cluster that only notes what it is told."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    layout = Cluster("main", "midwatch")

    async def execute(self, sql: str, *_: object, **__: object) -> None:  # type: ignore[override]
        self.statements.append(sql)

    async def rows(self, *_: object, **__: object) -> list[dict[str, object]]:  # type: ignore[override]
        return []


async def test_the_engine_reads_every_statement_for_a_cluster(feed: Feed) -> None:
    """Tables, staging tables, views, TTLs: each parses, and what is replicated has a path of its own."""
    recorder = Recorder()
    await migrate(recorder)
    await apply_retention(recorder, dict.fromkeys(Signal, 7.0))
    statements = [one for one in recorder.statements if not one.startswith("INSERT INTO schema_migrations")]
    assert len(statements) > 40
    for statement in statements:
        assert "ON CLUSTER `main`" in statement
        (row,) = await feed.store.rows("SELECT formatQuery({q:String}) AS read", {"q": statement})
        assert "ON CLUSTER" in row["read"]
    paths = [one.split("Replicated")[1].split("'")[1] for one in statements if "ENGINE = Replicated" in one]
    assert len(paths) == len(set(paths)) >= 8


async def test_the_engine_takes_the_settings_of_a_cluster(feed: Feed) -> None:
    """An INSERT's settings for a cluster are ones that this version of ClickHouse knows."""
    settings = {**Cluster("main", "midwatch").insert_settings("0" * 32)}
    await feed.store.execute("INSERT INTO schema_migrations (Number, Name) SELECT 0, 'x' WHERE 0", settings=settings)
    assert SingleServer().insert_settings("0" * 32) == {}


CLUSTER_OF_ONE = """<clickhouse><tcp_port>9000</tcp_port><remote_servers><alone><shard><replica>
<host>localhost</host><port>9000</port></replica></shard></alone></remote_servers></clickhouse>"""
"""A shard that is the engine itself: Distributed tables work over it, without a network."""


class Alone(Cluster):
    """A cluster's layout without what needs Keeper: statements for every node, and replication."""

    def ddl(self, statement: str) -> list[str]:
        plain = [one.replace(f" ON CLUSTER `{self.name}`", "") for one in super().ddl(statement)]
        return [re.sub(r"Replicated(\w+)\('[^']*', '[^']*'\)", r"\1", one) for one in plain]


class StoreAlone(Store):
    layout = Alone("alone", "midwatch")


async def test_segments_go_through_distributed_tables(tmp_path: Path) -> None:
    """Views, roll-ups, TTLs, an unknown outcome, the tables' figures: with a Distributed table in front of each."""
    (tmp_path / "store" / "engine.d").mkdir(parents=True)
    (tmp_path / "store" / "engine.d" / "cluster.xml").write_text(CLUSTER_OF_ONE)
    (tmp_path / "wal").mkdir()
    supervisor = EngineSupervisor(tmp_path / "store", memory_bytes=MEMORY_BYTES, body_dirs=[tmp_path / "wal"])
    await supervisor.start()
    target = Target("127.0.0.1", supervisor.port, supervisor.user, supervisor.password, "midwatch")
    store = await StoreAlone.connect(target, memory_bytes=MEMORY_BYTES)
    try:
        await migrate(store)
        await apply_retention(store, dict.fromkeys(Signal, 7.0))
        feed = Feed.of(store, tmp_path / "wal")
        await feed.send(SegmentKind.OTLP_TRACES, traces(span(), span(), span()))
        again = feed.segment(SegmentKind.OTLP_TRACES, traces(span(), span()))
        data = again.path.read_bytes()
        await feed.write(again)
        again.path.write_bytes(data)
        await feed.write(replace(again, recovered=True))
        (row,) = await store.rows("SELECT count() AS n, (SELECT sum(Count) FROM service_red) AS counted FROM spans")
        assert (row["n"], row["counted"]) == (5, 5)
        (row,) = await store.rows("SELECT count() AS n FROM spans_local")
        assert row["n"] == 5
        assert await store.bytes_of("spans") > 0
    finally:
        await store.close()
        await supervisor.stop()
