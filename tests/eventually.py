"""Waiting for a fact, and never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(ask: Callable[[], T | None], *, seconds: float = 20.0) -> T:
    """The first answer that is true; an assertion with the last one when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"never became true within {seconds:g} s; last: {answer!r}"
        time.sleep(0.05)
