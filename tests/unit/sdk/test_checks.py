"""Checks of a service's health, asked from an event loop."""

import asyncio
import gc
import threading
from typing import Any

from midwatch.sdk.checks import Checks

TURNS = 5
"""Of the loop, which lets go of what it has called one turn later."""


async def test_a_check_that_fails_is_no_error_of_the_loop() -> None:
    """Its result tells of it. What asyncio tells of a failure that nobody looked at is an error event."""
    told: list[dict[str, Any]] = []
    others = set(threading.enumerate())
    loop, waited_for = asyncio.get_running_loop(), threading.Event()
    loop.set_exception_handler(lambda _, context: told.append(context))

    def fail() -> bool:
        waited_for.wait()
        raise ConnectionError("nobody there")

    checks = Checks()
    checks.add("cache", fail)
    asking = asyncio.ensure_future(checks.ask_async())
    loop.call_soon(waited_for.set)
    assert [one.healthy for one in await asking] == [False]
    for thread in set(threading.enumerate()) - others:
        thread.join()  # it holds the failure as long as it lives
    del asking, checks
    for _ in range(TURNS):
        gc.collect()
        await asyncio.sleep(0)
    assert told == []
