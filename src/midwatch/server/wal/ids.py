"""Segment ids: UUIDv7 (RFC 9562) as 32 hex digits, strictly growing however the clock steps."""

import secrets
import threading

from midwatch.server.model.clock import Clock

_RANDOM_BITS = 74


class SegmentIds:
    """Makes ids in order. Safe from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_ms = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        with self._lock:
            self._last_ms = max(self._last_ms + 1, self._clock.now_ns() // 1_000_000)
            random = secrets.randbits(_RANDOM_BITS)
            high, low = random >> 62, random & ((1 << 62) - 1)
            return f"{(self._last_ms << 80) | (7 << 76) | (high << 64) | (2 << 62) | low:032x}"

    def not_before(self, segment_id: str) -> None:
        """Every id from now on is greater than this one."""
        with self._lock:
            self._last_ms = max(self._last_ms, int(segment_id[:12], 16))
