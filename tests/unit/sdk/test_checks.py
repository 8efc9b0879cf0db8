"""Checks of a service's health, asked from an event loop."""

import asyncio
import gc
import threading
from typing import Any

from midwatch.sdk.checks import Checks


async def test_a_check_that_fails_is_no_error_of_the_loop() -> None:
    """Its result tells of it; that asyncio finds a failure that nobody looked at would be an error event, and a page."""
    told: list[dict[str, Any]] = []
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
    del asking, checks
    gc.collect()
    await asyncio.sleep(0)
    assert told == []
