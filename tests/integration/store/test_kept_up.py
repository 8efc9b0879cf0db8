"""Schema, retention, disk and connection: what keeps a store usable over time."""

import uuid
from pathlib import Path

import pytest

from midwatch.server.model.errors import StoreError, Unavailable
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.store.address import Target
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.migrate import migrate, schema_files
from midwatch.server.store.protection import DiskGuard
from midwatch.server.store.retention import apply_retention
from tests.integration.store.bodies import span, traces
from tests.integration.store.conftest import MEMORY_BYTES, Engine, Feed


async def test_an_older_schema_opens_and_migrates(engine: Engine) -> None:
    """A store that has only the first file gets the others; doing it again changes nothing; a newer one is refused."""
    store = await Store.connect(engine.target(f"t{uuid.uuid4().hex}"), memory_bytes=MEMORY_BYTES)
    try:
        await migrate(store, up_to=1)
        await migrate(store)
        await migrate(store)
        rows = await store.rows("SELECT Number FROM schema_migrations ORDER BY Number")
        assert [row["Number"] for row in rows] == [number for number, _, _ in schema_files()]
        await store.execute("INSERT INTO schema_migrations (Number, Name) VALUES (9999, 'later')")
        with pytest.raises(Unavailable, match="9999"):
            await migrate(store)
    finally:
        await store.execute(f"DROP DATABASE {store.database} SYNC")
        await store.close()


async def test_a_migration_that_was_broken_off_is_finished(store: Store) -> None:
    """Every statement of the schema may have run without being recorded: it is run again, and all is recorded."""
    await store.execute("TRUNCATE TABLE schema_migrations")
    await migrate(store)
    rows = await store.rows("SELECT Number FROM schema_migrations ORDER BY Number")
    assert [row["Number"] for row in rows] == [number for number, _, _ in schema_files()]


async def test_retention_follows_the_setting(feed: Feed) -> None:
    """Days older than the retention go with the next merge; 0 keeps everything, odd years included."""
    await feed.send(SegmentKind.OTLP_TRACES, traces(span(), span(start_time_unix_nano=10**18)))
    await feed.send(SegmentKind.OTLP_TRACES, traces(span(start_time_unix_nano=7_000_000_000 * 10**9)))
    count = "SELECT count() AS n FROM spans"
    for days, expected in ((0.0, 3), (7.0, 2), (0.0, 2)):
        await apply_retention(feed.store, dict.fromkeys(Signal, days))
        await feed.store.execute("OPTIMIZE TABLE spans FINAL")
        assert (await feed.store.rows(count))[0]["n"] == expected
    (row,) = await feed.store.rows("SELECT create_table_query AS q FROM system.tables WHERE name = 'spans'")
    assert "TTL" not in row["q"]


async def test_a_full_disk_costs_the_oldest_days(feed: Feed, tmp_path: Path) -> None:
    """Below the reserve the oldest days go, one at a time; today never does, and then the disk counts as full."""
    await feed.send(SegmentKind.OTLP_TRACES, traces(span(), span(start_time_unix_nano=10**18)))
    idle = DiskGuard(feed.store, tmp_path, 0)
    await idle.check()
    assert not idle.full
    assert (await feed.store.rows("SELECT count() AS n FROM spans"))[0]["n"] == 2
    guard = DiskGuard(feed.store, tmp_path, 1 << 60)
    await guard.check()
    assert (await feed.store.rows("SELECT count() AS n FROM spans"))[0]["n"] == 1
    assert guard.full


async def test_a_streamed_segment_is_stored_like_one_read_in_place(feed: Feed, engine: Engine) -> None:
    """Against a server that does not share our disk, segments go as the request's body."""
    remote = await Store.connect(engine.target(feed.store.database, in_place=False), memory_bytes=MEMORY_BYTES)
    local, feed.store = feed.store, remote
    try:
        await feed.send(SegmentKind.OTLP_TRACES, traces(*(span() for _ in range(500))))
        assert (await local.rows("SELECT count() AS n FROM spans"))[0]["n"] == 500
    finally:
        await remote.close()


async def test_wrong_credentials_and_absent_stores_are_told(engine: Engine) -> None:
    """A wrong password and a port where nobody listens are StoreErrors, without the password."""
    right = engine.target("x")
    for target in (
        Target(right.host, right.port, right.user, "wrong-secret"),
        Target("127.0.0.1", 1, right.user, "wrong-secret"),
    ):
        with pytest.raises(StoreError) as raised:
            await Store.connect(target, memory_bytes=MEMORY_BYTES)
        assert "wrong-secret" not in raised.value.message


async def test_queries_are_bound_by_class(store: Store) -> None:
    """A query over its memory or time gets an answer that says so, and others go on."""
    settings = {"max_execution_time": 1}
    with pytest.raises(StoreError, match="longer") as too_long:
        await store.rows(
            "SELECT sum(sleepEachRow(0.1)) FROM numbers(100) SETTINGS max_block_size = 1", settings=settings
        )
    with pytest.raises(StoreError, match="memory") as too_large:
        await store.rows(
            "SELECT count() FROM (SELECT groupArray(number) FROM numbers(50000000))",
            query_class=QueryClass.SQL,
            settings={"max_memory_usage": 10_000_000},
        )
    assert too_long.value.code == too_large.value.code == "too_much"
    assert await store.rows("SELECT 1 AS x") == [{"x": 1}]
