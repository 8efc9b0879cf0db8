"""One signal on its way out: its queue, the requests that wait, and what becomes of each.

Only the exporter's thread works here; the app's threads append to the queue.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.sdk.buffer import Buffer, Kept
from midwatch.sdk.problems import ENCODING, QUEUE_FULL, REFUSED, TOO_LARGE, UNREACHABLE, Problems, described
from midwatch.sdk.transport import Connection, Outcome
from midwatch.sdk.wire.halves import halves

QUEUE_MAX = 8192
"""Items of one signal that may wait; at 500 a second, sixteen seconds of a server that is away."""
QUEUE_BYTES_MAX = 32 << 20
"""The same for items that are large: as many as so many bytes are, going by the last request."""
QUEUE_MIN = 64
BATCH_MAX = 1024
BODY_BYTES_MAX = 4 << 20
"""A larger request is sent in halves, as long as it can be halved."""
WAITING_BYTES_MAX = 16 << 20
"""Requests of one signal that may wait in memory; what comes then stays in the queue until that is full."""
BACKOFF_SECONDS_MIN, BACKOFF_SECONDS_MAX = 1.0, 30.0
SPILL_BYTES, SPILL_SECONDS = 1 << 20, 15.0
"""What cannot be sent goes to the disk when it has become so much or so old: few files, and little in memory."""
TOO_LARGE_STATUS = 413
ENDED = "ended"

Encode = Callable[[Sequence[Any]], bytes]


@dataclass(slots=True)
class _Request:
    data: bytes
    items: int
    since: float
    in_doubt: bool = False
    """It was posted and not answered: it may have arrived, and must stay the same bytes to be known again."""


class Lane:
    def __init__(
        self,
        signal: str,
        encode: Encode,
        connection: Connection,
        problems: Problems,
        *,
        buffer: Buffer | None = None,
        queue_max: int = QUEUE_MAX,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.signal = signal
        self.connection = connection
        self.queue: deque[Any] = deque()
        self.limit = queue_max
        self.refusal = QUEUE_FULL
        self.away = False
        """The last post found nobody: trying again at once is no use."""
        self.lost = 0
        """Items that nobody will take any more."""
        self._queue_max = queue_max
        self._encode = encode
        self._problems = problems
        self._buffer = buffer
        self._monotonic = monotonic
        self.forget()

    def forget(self) -> None:
        """In the child of a fork: what waits is the parent's to send."""
        self.queue.clear()
        kept: Kept | None = getattr(self, "_kept", None)
        if kept is not None:
            kept.release()
        self._kept: Kept | None = None
        self._waiting: deque[_Request] = deque()
        self._waiting_bytes = 0
        self._in_hand = False
        """Items are between the queue and a request, or between one and its halves."""
        self.next_try = 0.0
        self._backoff_seconds = BACKOFF_SECONDS_MIN
        self.away = False
        self.connection.forget()

    @property
    def waits(self) -> bool:
        """Whether anything of this process is still to be sent."""
        return bool(self._in_hand or self.queue or self._waiting)

    def hurry(self) -> None:
        """Try now, whatever the last answer was."""
        self.next_try, self.away = 0.0, False

    def work(self) -> None:
        """Send what waits, new and kept in turn, until nothing does or the server wants to be left alone."""
        self._fill()
        while self._monotonic() >= self.next_try and (self._send_first() | self._send_kept()):
            self._fill()
        if self._buffer is not None and self.next_try:
            self._spill_what_is_due(self._buffer)

    def close(self) -> None:
        """Nothing more comes in: what is told from here on is counted, as somebody must."""
        self.limit, self.refusal = 0, ENDED

    def give_up(self) -> None:
        """At the end: to the disk, or counted."""
        while self.queue:
            self._fill(all_of_it=True)
        if self._buffer is not None:
            self._spill(self._buffer)
        left = sum(one.items for one in self._waiting)
        self._waiting.clear()
        if left:
            self.lose(UNREACHABLE, left, "the process ended before the server took them")
        if self._kept is not None:
            self._kept.release()
            self._kept = None

    def _fill(self, *, all_of_it: bool = False) -> None:
        """Make requests of what is in the queue, as many as may wait."""
        while self.queue and (all_of_it or self._waiting_bytes < WAITING_BYTES_MAX):
            self._in_hand = True
            items = [self.queue.popleft() for _ in range(min(BATCH_MAX, len(self.queue)))]
            try:
                data = self._encode(items)
            except Exception as error:
                self.lose(ENCODING, len(items), described(error))
                continue
            bytes_each = len(data) // len(items) + 1
            if self.refusal is QUEUE_FULL:
                few, many = min(QUEUE_MIN, self._queue_max), QUEUE_BYTES_MAX // bytes_each
                self.limit = max(few, min(self._queue_max, many))
            self._wait(_Request(data, len(items), self._monotonic()))
        self._in_hand = False

    def _send_first(self) -> bool:
        """True where there is room for another try at once."""
        if not self._waiting:
            return False
        first = self._waiting[0]
        if len(first.data) > BODY_BYTES_MAX and self._halved(first):
            return True
        outcome = self.connection.post(first.data)
        if not self._waiting or self._waiting[0] is not first:
            # It was given up while the server let us wait.
            return False
        first.in_doubt = outcome.again and not outcome.status
        if outcome.again:
            self._back_off(outcome)
            return False
        self._answered()
        if outcome.status == TOO_LARGE_STATUS and self._halved(first):
            return True
        self._waiting.popleft()
        self._waiting_bytes -= len(first.data)
        self._tell(outcome, first.items)
        return True

    def _send_kept(self) -> bool:
        """The same for the oldest request on the disk."""
        if self._buffer is None or self._monotonic() < self.next_try:
            return False
        kept = self._kept = self._buffer.oldest(self.signal)
        if kept is None:
            return False
        outcome = self.connection.post(kept.data)
        if outcome.again:
            self._back_off(outcome)
            kept.release()
        else:
            self._answered()
            self._end_of_kept(kept, outcome)
        self._kept = None
        return not outcome.again

    def _end_of_kept(self, kept: Kept, outcome: Outcome) -> None:
        if outcome.status == TOO_LARGE_STATUS:
            parts = _halves(kept.data)
            for data, items in parts:
                self._wait(_Request(data, items, self._monotonic()))
            if parts:
                kept.done()
                return
        self._tell(outcome, kept.items)
        kept.done()

    def _tell(self, outcome: Outcome, items: int) -> None:
        if not outcome.taken:
            reason = TOO_LARGE if outcome.status == TOO_LARGE_STATUS else REFUSED
            self.lose(reason, items, outcome.reason)

    def lose(self, reason: str, items: int, detail: str) -> None:
        """Count what is lost; any thread may."""
        self.lost += items
        self._problems.dropped(self.signal, reason, items, detail)

    def _halved(self, first: _Request) -> bool:
        """Its two halves in its place; False where it cannot be halved."""
        parts = _halves(first.data)
        if not parts:
            return False
        self._in_hand = True
        self._waiting.popleft()
        self._waiting_bytes -= len(first.data)
        for data, items in reversed(parts):
            self._waiting.appendleft(_Request(data, items, first.since))
            self._waiting_bytes += len(data)
        self._in_hand = False
        return True

    def _wait(self, request: _Request) -> None:
        self._waiting.append(request)
        self._waiting_bytes += len(request.data)

    def _answered(self) -> None:
        self.next_try, self.away = 0.0, False
        self._backoff_seconds = BACKOFF_SECONDS_MIN

    def _back_off(self, outcome: Outcome) -> None:
        if self._backoff_seconds == BACKOFF_SECONDS_MIN:
            self._problems.say(f"cannot send {self.signal}: {outcome.reason}; trying again")
        self.away = not outcome.status
        self.next_try = self._monotonic() + max(outcome.after_seconds, self._backoff_seconds)
        self._backoff_seconds = min(BACKOFF_SECONDS_MAX, self._backoff_seconds * 2)

    def _spill_what_is_due(self, buffer: Buffer) -> None:
        oldest = self._waiting[0].since if self._waiting else self._monotonic()
        if self._waiting_bytes >= SPILL_BYTES or self._monotonic() - oldest >= SPILL_SECONDS:
            self._spill(buffer)

    def _spill(self, buffer: Buffer) -> None:
        """To the disk, several in one file: requests one after another are one request (protobuf's merging)."""
        while self._waiting:
            first = self._waiting[0]
            taken, size = 1, len(first.data)
            if not first.in_doubt:
                for one in list(self._waiting)[1:]:
                    if one.in_doubt or size + len(one.data) > SPILL_BYTES:
                        break
                    taken, size = taken + 1, size + len(one.data)
            some = [self._waiting[at] for at in range(taken)]
            if not buffer.keep(self.signal, b"".join(one.data for one in some), sum(one.items for one in some)):
                for one in some:
                    # Not at once again: the next try is when they are as old once more.
                    one.since = self._monotonic()
                return
            for _ in some:
                self._waiting.popleft()
            self._waiting_bytes -= size


def _halves(data: bytes) -> tuple[tuple[bytes, int], ...]:
    try:
        return halves(data)
    except ValueError:
        return ()
