"""From an address to a store in use: reach it, make its tables; again and again where it is not ours to start."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from midwatch.server.model.errors import StoreError, Unavailable
from midwatch.server.store.client import Store

log = structlog.get_logger(__name__)

AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0)
BEGIN_SECONDS = 10.0
"""How long a start waits for a store elsewhere before it opens the doors without it."""


class Opening:
    """`done` is set when the store can be used; until then what comes in waits in the log, and queries are refused."""

    def __init__(self, store: Store, prepare: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._prepare = prepare
        self._task: asyncio.Task[None] | None = None
        self._problem: Unavailable = StoreError("the store has not answered yet")
        self.done = asyncio.Event()

    async def attempt(self) -> None:
        """Once.

        Raises:
            StoreError: the store cannot be reached, or fails.
            Unavailable: it can, and is of a newer version.
        """
        await self._store.open()
        await self._prepare()
        log.info("check.passed", part="store", answer=await self._store.check())
        self.done.set()

    async def begin(self) -> None:
        """Go on in the background until it is open; return when it is, after the first failure, or after ten seconds.

        Raises:
            Unavailable: the first attempt found that it is of a newer version.
        """
        failed = asyncio.Event()
        self._task = asyncio.create_task(self._insist(failed), name="store-opening")
        waiting = asyncio.ensure_future(failed.wait())
        await asyncio.wait((self._task, waiting), timeout=BEGIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            self._task.result()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Unavailable):
                await self._task

    async def check(self) -> str:
        """For readiness: the version that answers.

        Raises:
            Unavailable: why the store cannot be used now.
        """
        if not self.done.is_set():
            raise self._problem
        return await self._store.check()

    async def _insist(self, failed: asyncio.Event) -> None:
        attempts = 0
        while True:
            try:
                await self.attempt()
                return
            except Unavailable as error:
                if attempts == 0 and not isinstance(error, StoreError):
                    raise
                seconds = AGAIN_SECONDS[min(attempts, len(AGAIN_SECONDS) - 1)]
                attempts += 1
                self._problem = error
                log.warning("store.not_open", error=error.message, again_in_seconds=seconds)
            failed.set()
            await asyncio.sleep(seconds)
