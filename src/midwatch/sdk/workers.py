"""How busy workers are: the share of their time in which they do something, by the integral of how many do."""

import threading
from time import monotonic

from midwatch.sdk import forks
from midwatch.sdk.setup import METRICS

BUSY = METRICS.counter(
    "worker_busy_seconds_total",
    "Seconds in which workers were busy, summed over them; of an event loop its own",
    ("worker",),
)
SLOTS = METRICS.gauge("worker_slots", "How much can be done at once, where that is known", ("worker",))


class Worker:
    """One kind of worker in this process, `wsgi` or `celery`; any thread may tell of its work.

    What lasts is counted while it lasts: a job of an hour is an hour of work in each minute of it, and no jump at its
    end.
    """

    _active: int
    _seconds: float
    _since: float

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._begin()
        METRICS.before_reading(self.read)
        forks.in_child(self._begin)

    def slots(self, count: int | None) -> None:
        """None where nobody can say."""
        self._has_slots = True
        if count is not None:
            SLOTS.set(count, worker=self.kind)

    def begin(self) -> bool:
        """Whether the slots of this process were told."""
        with self._lock:
            self._advance()
            self._active += 1
        return self._has_slots

    def end(self) -> None:
        with self._lock:
            self._advance()
            self._active = max(0, self._active - 1)

    def read(self) -> None:
        with self._lock:
            self._advance()
            seconds, self._seconds = self._seconds, 0.0
        BUSY.add(seconds, worker=self.kind)

    def _advance(self) -> None:
        now = monotonic()
        self._seconds += self._active * (now - self._since)
        self._since = now

    def _begin(self) -> None:
        """Also in the child of a fork: what is being done is the parent's."""
        self._lock = threading.Lock()
        self._has_slots = False
        self._active = 0
        self._seconds = 0.0
        self._since = monotonic()
