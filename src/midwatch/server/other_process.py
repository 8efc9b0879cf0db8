"""Another process for work in Python that would hold up everybody else's."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import TypeVar

T = TypeVar("T")


class ProcessLost(Exception):
    """The process ended (memory), or takes too long; the next call gets a new one."""


class OtherProcess:
    """Started with the first call, so that who makes none pays nothing. Calls come one after another."""

    def __init__(self, *, call_seconds_max: float) -> None:
        self._call_seconds_max = call_seconds_max
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, call: Callable[..., T], *arguments: object) -> T:
        """`call` is a function of a module, or a `partial` of one.

        Raises:
            ProcessLost: no answer came.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("forkserver"), initializer=_end_with_parent)
        pool = self._pool
        try:
            async with asyncio.timeout(self._call_seconds_max):
                return await asyncio.get_running_loop().run_in_executor(pool, call, *arguments)
        except (BrokenProcessPool, TimeoutError) as error:
            if self._pool is pool:
                self.close()
            raise ProcessLost(repr(error)) from None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _end_with_parent() -> None:
    """A server that is killed takes its processes along: they hold both ends of their queue and would wait for ever."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
