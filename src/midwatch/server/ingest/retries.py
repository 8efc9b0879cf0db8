"""Bodies that a sender sends again after a lost answer: acknowledged again, stored once."""

import asyncio
from collections import OrderedDict

from midwatch.server.model.clock import Clock
from midwatch.server.model.segments import Position

REMEMBERED_SECONDS = 600.0
REMEMBERED_MAX = 200_000


class Retries:
    """Remembers what was acknowledged, by digest, for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[bytes, tuple[float, asyncio.Future[Position]]] = OrderedDict()

    def claim(self, digest: bytes) -> "asyncio.Future[Position] | None":
        """None for the first of its kind, which must then `settle` or `release`; else the outcome of the first."""
        now = self._clock.monotonic()
        while self._seen:
            oldest, (at, _) = next(iter(self._seen.items()))
            if now - at <= REMEMBERED_SECONDS and len(self._seen) < REMEMBERED_MAX:
                break
            del self._seen[oldest]
        if (found := self._seen.get(digest)) is not None:
            return found[1]
        self._seen[digest] = (now, asyncio.get_running_loop().create_future())
        return None

    def settle(self, digest: bytes, position: Position) -> None:
        """It is durable: the same again is a retry."""
        if (found := self._seen.get(digest)) and not found[1].done():
            found[1].set_result(position)

    def release(self, digest: bytes) -> None:
        """It failed: the same again is tried anew, and who waited is told to try again."""
        if (found := self._seen.pop(digest, None)) and not found[1].done():
            found[1].cancel()
