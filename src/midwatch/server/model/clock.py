"""Time as a value that is handed in, so that days run in seconds in tests and rehearsals."""

import time
from typing import Protocol


class Clock(Protocol):
    def now_ns(self) -> int:
        """Wall-clock time in nanoseconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow; for intervals."""
        ...


def now_ms(clock: Clock) -> int:
    """Wall-clock time in milliseconds since the epoch, as the workspace keeps times."""
    return clock.now_ns() // 1_000_000


class WallClock:
    """The machine's own clocks."""

    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic(self) -> float:
        return time.monotonic()


class VirtualClock:
    """Stands still until told to move."""

    def __init__(self, now_ns: int = 1_700_000_000_000_000_000) -> None:
        self._now_ns = now_ns
        self._monotonic = 0.0

    def now_ns(self) -> int:
        return self._now_ns

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now_ns += int(seconds * 1e9)
        self._monotonic += seconds
