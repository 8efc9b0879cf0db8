"""What is acknowledged and not yet seen by queries: how much, since when, and who waits for it."""

import asyncio
from dataclasses import dataclass, field

from midwatch.server.model.clock import Clock
from midwatch.server.model.segments import SealedSegment


@dataclass(slots=True)
class _Whole:
    """A segment as it was acknowledged; it may have been split into pieces since."""

    id: str
    pieces: int = 1
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Waiting:
    """The segments that wait for the store, by id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wholes: dict[str, _Whole] = {}
        self._first_appended_ns: dict[str, int] = {}
        self._digested: set[str] = set()
        self.size_bytes = 0
        """Counted from the moment a body is accepted, before it is in a segment."""

    def __len__(self) -> int:
        return len(self._first_appended_ns)

    def ids(self) -> frozenset[str]:
        """The segments, or pieces of them, of which queries see nothing yet, or a part."""
        return frozenset(self._first_appended_ns)

    def add(self, segment_id: str, first_appended_ns: int, *, digested: bool = False) -> None:
        """The segment waits from now on; one that waits already is left as it is.

        `digested`: it does not go to the store itself, so what queries see does not wait for it.
        """
        if digested:
            self._digested.add(segment_id)
        if segment_id not in self._wholes:
            self._wholes[segment_id] = _Whole(segment_id)
            self._first_appended_ns[segment_id] = first_appended_ns

    def split(self, segment_id: str, halves: list[SealedSegment]) -> None:
        """Its halves wait in its place; who asks for it waits for them."""
        whole = self._wholes[segment_id]
        whole.pieces += len(halves) - 1
        del self._first_appended_ns[segment_id]
        for half in halves:
            self._wholes[half.id] = whole
            if segment_id in self._digested:
                self._digested.add(half.id)
            self._first_appended_ns[half.id] = half.first_appended_ns

    def remove(self, segment: SealedSegment) -> None:
        """Queries see it, or it is a dead letter."""
        del self._first_appended_ns[segment.id]
        self._digested.discard(segment.id)
        self.size_bytes -= segment.size_bytes
        whole = self._wholes.pop(segment.id)
        whole.pieces -= 1
        if whole.pieces == 0:
            self._wholes.pop(whole.id, None)
            whole.gone.set()

    async def until_gone(self, segment_id: str, timeout_seconds: float) -> bool:
        """True as soon as nothing of the segment waits; False when that took too long."""
        whole = self._wholes.get(segment_id)
        if whole is None:
            return True
        try:
            await asyncio.wait_for(whole.gone.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    def visible_until_ns(self) -> int:
        """Queries see everything that was acknowledged before this time."""
        stored = (ns for id_, ns in self._first_appended_ns.items() if id_ not in self._digested)
        return min(stored, default=self._clock.now_ns())

    def oldest_seconds(self) -> float:
        """Age of the oldest acknowledged data that queries do not see yet."""
        if not self._first_appended_ns:
            return 0.0
        return max(0.0, (self._clock.now_ns() - min(self._first_appended_ns.values())) / 1e9)
