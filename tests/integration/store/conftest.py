"""One engine child for all tests of a worker; each test has a database of its own, or one that was emptied for it."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from midwatch.contract.privacy_hashing import HashKey
from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.model.clock import WallClock
from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.privacy.cleaner import CellCleaner
from midwatch.server.privacy.in_force import PrivacyInForce
from midwatch.server.store.address import Target
from midwatch.server.store.client import Store
from midwatch.server.store.migrate import migrate
from midwatch.server.store.series_limits import SeriesMax
from midwatch.server.store.writer import Policy, Writer
from tests.integration.store.bodies import frame
from tests.integration.store.source import ListedSegments

MEMORY_BYTES = 1 << 30


@dataclass
class Engine:
    """An engine in a loop of its own thread, so that it outlives the loops of single tests."""

    supervisor: EngineSupervisor
    bodies: Path
    emptied: str = ""
    """A database with all tables, as a migration leaves it: making one takes longer than most tests."""

    def target(self, database: str, *, in_place: bool = True) -> Target:
        found = self.supervisor
        return Target("127.0.0.1", found.port, found.user, found.password, database, takes_body_files=in_place)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    import threading

    directory = tmp_path_factory.mktemp("engine")
    (bodies := directory / "wal").mkdir()
    supervisor = EngineSupervisor(directory / "store", memory_bytes=MEMORY_BYTES, body_dirs=[bodies])
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(supervisor.start(), loop).result(60)
    yield Engine(supervisor, bodies)
    asyncio.run_coroutine_threadsafe(supervisor.stop(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


_FILLED = "SELECT DISTINCT table FROM system.parts WHERE database = currentDatabase() AND table != 'schema_migrations'"
_SCHEMA = "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name"


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    emptied, engine.emptied = engine.emptied, ""
    database = emptied or f"t{uuid.uuid4().hex}"
    opened = await Store.connect(engine.target(database), memory_bytes=MEMORY_BYTES)
    if not emptied:
        await migrate(opened)
    schema = await opened.rows(_SCHEMA)
    yield opened
    with contextlib.suppress(Exception):
        if await opened.rows(_SCHEMA) == schema:
            await _empty(opened)
            engine.emptied = database
        else:
            await opened.execute(f"DROP DATABASE {database} SYNC")
    await opened.close()


async def _empty(store: Store) -> None:
    """Nothing of a test comes to the next one: what it left running is ended, and what it held up goes on."""
    await store.execute(f"KILL QUERY WHERE current_database = '{store.database}' AND query_id != queryID() SYNC")
    await store.execute("SYSTEM START MERGES")
    filled = await store.rows(_FILLED)
    await asyncio.gather(*(store.execute(f"TRUNCATE TABLE {row['table']}") for row in filled))


@dataclass
class Feed:
    """Segments made of bodies, and a writer to store them."""

    store: Store
    source: ListedSegments
    days: dict[Signal, float]
    labels: Callable[[], Writer]
    series: SeriesMax

    @classmethod
    def of(cls, store: Store, bodies: Path, series: SeriesMax = SeriesMax()) -> "Feed":  # noqa: B008 - frozen
        source, days = ListedSegments(bodies), dict.fromkeys(Signal, 0.0)

        privacy = PrivacyInForce(None, HashKey("own", b"k" * 32))
        cleaner = CellCleaner(lambda: privacy.policy)

        def policy() -> Policy:
            return Policy(days, privacy.pattern, series=feed.series, looks=privacy.looks)

        def writer() -> Writer:
            return Writer(source, store, WallClock(), writer_id="w", policy=policy, cleaner=cleaner)

        feed = cls(store, source, days, writer, series)
        return feed

    async def send(self, kind: SegmentKind, *bodies: bytes, **options: object) -> SealedSegment:
        """One segment with a frame a body, stored."""
        segment = self.segment(kind, *bodies, **options)
        await self.write(segment)
        return segment

    def segment(self, kind: SegmentKind, *bodies: bytes, recovered: bool = False, **options: object) -> SealedSegment:
        frames = [frame(kind, body, **options) for body in bodies]  # type: ignore[arg-type]
        return self.source.add(kind, frames, recovered=recovered)

    async def write(self, *segments: SealedSegment) -> None:
        """Hand these over, one after another, and wait until they are in the store or in the dead letters."""
        task = asyncio.create_task(self.labels().run())
        try:
            for segment in segments:
                await self.source.settle(segment, task)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def feed(engine: Engine, store: Store) -> Feed:
    return Feed.of(store, engine.bodies)
