"""Looking again for what was stored: soon where this server stored something, seldom where only others may have."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from midwatch.server.model.clock import Clock


class Left(Enum):
    """What a look has left."""

    NOTHING = auto()
    SOME = auto()
    """It is looked again soon, at what is recent."""
    MORE = auto()
    """It was too much at once: it is looked again at once, and as far back."""


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: how often it is looked, and how far back."""

    look: float
    idle: float
    """Where this server stored nothing meanwhile."""
    all: float
    """At everything, for what was stored late."""
    recent_span: int
    all_span: int


async def look_on(
    look: Callable[[int], Awaitable[Left]],
    *,
    pace: Pace,
    clock: Clock,
    stored: Callable[[], int],
    failed: Callable[[Exception], Awaitable[None]],
    errors: tuple[type[Exception], ...],
) -> None:
    """Until cancelled.

    Args:
        look: Is told how far back, in seconds; at first, at everything.
        stored: Grows with what this server stores.
        failed: Is told of those of the `errors` that `look` raises; it is looked again.
    """
    looked_at_all = looked = -1e9
    seen = -1
    while True:
        now, left = clock.monotonic(), Left.NOTHING
        everything = now - looked_at_all >= pace.all
        if everything or stored() != seen or now - looked >= pace.idle:
            seen = stored()
            try:
                left = await look(pace.all_span if everything else pace.recent_span)
            except errors as error:
                await failed(error)
            else:
                looked = now
                looked_at_all = now if everything and left is not Left.MORE else looked_at_all
                seen = seen if left is Left.NOTHING else -1
        await asyncio.sleep(0 if left is Left.MORE else pace.look)
