"""A store that the engine fills by itself before a server opens it, and how what is asked of it is told."""

import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.store.address import Target
from midwatch.server.store.client import Store
from midwatch.server.store.migrate import migrate

MEMORY_BYTES = 2 << 30


@asynccontextmanager
async def new_store(directory: Path) -> AsyncIterator[Store]:
    """With all tables, in an engine that ends with the block."""
    supervisor = EngineSupervisor(directory, memory_bytes=MEMORY_BYTES)
    await supervisor.start()
    target = Target("127.0.0.1", supervisor.port, supervisor.user, supervisor.password)
    store = await Store.connect(target, memory_bytes=MEMORY_BYTES)
    try:
        await migrate(store)
        yield store
    finally:
        await store.close()
        await supervisor.stop()


def said(name: str, took_ms: Sequence[float], goal_ms: float) -> None:
    """A line for one question that was asked some times."""
    median = statistics.median(took_ms)
    verdict = "in time" if median < goal_ms else "TOO SLOW"
    print(f"  {name}: first {took_ms[0]:.0f} ms, median {median:.0f}, slowest {max(took_ms):.0f}: {verdict}")
