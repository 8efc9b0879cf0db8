"""Another process for bodies whose check would hold up everybody else's."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess

import structlog

from midwatch.server.ingest.checks import Body
from midwatch.server.model.errors import Unavailable

log = structlog.get_logger(__name__)

PROCESSES = 1
CHECK_SECONDS_MAX = 60.0


class Checkers:
    """Started with the first large body, so that who sends none pays nothing."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, check: Callable[[bytes], Body], raw: bytes) -> Body:
        """
        Raises:
            BadRequest: what the check says.
            Unavailable: the process ended (memory), or takes too long.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                PROCESSES, mp_context=get_context("forkserver"), initializer=_end_with_parent
            )
        pool = self._pool
        try:
            async with asyncio.timeout(CHECK_SECONDS_MAX):
                return await asyncio.get_running_loop().run_in_executor(pool, check, raw)
        except (BrokenProcessPool, TimeoutError) as error:
            log.warning("ingest.checker_lost", error=repr(error))
            if self._pool is pool:
                self.close()
            raise Unavailable("cannot check the body: the checking process ended", code="checker_lost") from None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _end_with_parent() -> None:
    """A server that is killed takes its checkers along: they hold both ends of their queue and would wait for ever."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
