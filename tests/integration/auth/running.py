"""A whole server inside the test's own process, so that its routes can be looked at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.eventually import becomes_true

from midwatch.server.app import serve
from midwatch.server.config import Settings
from midwatch.server.data_directory import DESCRIPTION_FILE


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    """It serves from here to the end of the block."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(settings, stop))
    try:
        await becomes_true(lambda: task.done() or (settings.data / DESCRIPTION_FILE).exists())
        yield
    finally:
        stop.set()
        await task
