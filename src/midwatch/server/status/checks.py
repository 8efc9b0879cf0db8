"""Readiness: every part that Midwatch needs is asked at once, each with a time-out, and answers are kept briefly."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from midwatch.server.model.clock import Clock
from midwatch.server.schemas.system import Check

STORE_CHECK = "store"
CHECK_SECONDS_MAX = 2.0
WAITING_SECONDS_MAX = 120.0
KEEP_SECONDS = 1.0
"""A storm of probes costs one round of checks a second."""

CheckCall = Callable[[], Awaitable[str]]
"""Returns a message when well; raises when not."""


class Checks:
    """Named calls, run together."""

    def __init__(self, calls: Mapping[str, CheckCall], clock: Clock) -> None:
        self._calls = dict(calls)
        self._clock = clock
        self._kept: list[Check] = []
        self._kept_at = float("-inf")
        self._running = asyncio.Lock()

    async def run(self) -> list[Check]:
        async with self._running:
            if self._clock.monotonic() - self._kept_at > KEEP_SECONDS:
                self._kept = list(await asyncio.gather(*(self._one(name, call) for name, call in self._calls.items())))
                self._kept_at = self._clock.monotonic()
            return self._kept

    async def _one(self, name: str, call: CheckCall) -> Check:
        started = self._clock.monotonic()
        try:
            message, healthy = await asyncio.wait_for(call(), CHECK_SECONDS_MAX), True
        except TimeoutError:
            message, healthy = f"no answer within {CHECK_SECONDS_MAX:g} s", False
        except Exception as error:  # a check reports whatever went wrong; it never breaks the others
            message, healthy = f"{type(error).__name__}: {error}"[:500], False
        latency_ms = (self._clock.monotonic() - started) * 1000
        return Check(name=name, healthy=healthy, latency_ms=round(latency_ms, 2), message=message)


def disk_check(data: Path, reserve_bytes: int) -> CheckCall:
    """Well while the data directory has more free than the reserve below which days are given up."""

    async def check() -> str:
        free = (await asyncio.to_thread(shutil.disk_usage, data)).free
        if free < reserve_bytes:
            what = "new data is refused" if free < reserve_bytes // 2 else "the oldest days are given up"
            raise OSError(f"{_size(free)} free, below the reserve of {_size(reserve_bytes)}: {what}; free space")
        return f"{_size(free)} free"

    return check


class Log(Protocol):
    @property
    def segments_waiting(self) -> int: ...

    def oldest_waiting_seconds(self) -> float: ...


def wal_check(log: Log) -> CheckCall:
    """Well while what was acknowledged gets to the store within two minutes."""

    async def check() -> str:
        age = log.oldest_waiting_seconds()
        if age > WAITING_SECONDS_MAX:
            raise OSError(f"the oldest data has waited {age:.0f} s for the store")
        return f"{log.segments_waiting} segments wait"

    return check


def _size(count: int) -> str:
    """As the page writes it: `66.7 GiB`."""
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1000:
            break
        size, unit = size / 1024, larger
    return f"{size:.3g} {unit}"
