"""Waiting for a fact, and never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
ASK_AGAIN_SECONDS = 0.02
ASK_AGAIN_SECONDS_MAX = 0.25
"""What takes long is asked for less and less often: questions keep the machine from what they ask for."""
SLOWER = 1.2


def eventually(ask: Callable[[], T | None], *, seconds: float = 20.0) -> T:
    """The first answer that is true; an assertion with the last one when there is none in time."""
    deadline, pause = time.monotonic() + seconds, ASK_AGAIN_SECONDS
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"never became true within {seconds:g} s; last: {answer!r}"
        time.sleep(pause)
        pause = min(pause * SLOWER, ASK_AGAIN_SECONDS_MAX)


async def becomes_true(ask: Callable[[], Awaitable[T | None] | T | None], *, seconds: float = 20.0) -> T:
    """The same for a test that runs on an event loop; `ask` may be a coroutine function."""
    deadline, pause = time.monotonic() + seconds, ASK_AGAIN_SECONDS
    while True:
        answer = ask()
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer:
            return answer
        assert time.monotonic() < deadline, f"never became true within {seconds:g} s; last: {answer!r}"
        await asyncio.sleep(pause)
        pause = min(pause * SLOWER, ASK_AGAIN_SECONDS_MAX)
