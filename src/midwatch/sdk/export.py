"""What is to be sent waits here, within bounds, and one thread sends it.

The app only appends to a queue. The thread encodes, posts, waits when the server is away, and gives up what has
become too much, counted by reason.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.sdk import forks
from midwatch.sdk.buffer import Buffer
from midwatch.sdk.lane import BATCH_MAX, QUEUE_MAX, Encode, Lane
from midwatch.sdk.problems import ENCODING, Problems, described
from midwatch.sdk.transport import Connection

INTERVAL_SECONDS = 1.0
SHUTDOWN_SECONDS = 5.0
ABORT_SECONDS = 1.0
"""For the thread to come back from a server that hangs, and to keep on disk what is left."""
START_AGAIN_SECONDS = 1.0
FORK_SECONDS = 0.5
"""A fork waits no longer for metrics to be read: one that asks the app may take its time."""
ROUNDS, FAILED, NO_THREAD = "rounds", "failed", "no_thread"


@dataclass(slots=True)
class _Source:
    """What is read now and then: its item in the queue only says that it is time."""

    put: Callable[[Any], None]
    elsewhere: Callable[[], bool]
    seconds: float
    next_time: float


class Exporter:
    """Queues for any thread, and the one thread that empties them."""

    def __init__(
        self,
        problems: Problems,
        *,
        buffer: Buffer | None = None,
        queue_max: int = QUEUE_MAX,
        interval_seconds: float = INTERVAL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._problems = problems
        self._buffer = buffer
        self._queue_max = queue_max
        self._interval_seconds = interval_seconds
        self._monotonic = monotonic
        self._lanes: dict[str, Lane] = {}
        self._sources: list[_Source] = []
        self._stopping = False
        self._start_again()
        forks.around(self._before_fork, self._after_fork)
        forks.in_child(self._forked)

    def add_lane(
        self, signal: str, encode: Encode, connection: Connection, entry: Callable[[Any], Any] | None = None
    ) -> Callable[[Any], None]:
        """A signal that is sent; returns what puts an item in its queue.

        `entry` makes of an item what waits, where it is put: what is encoded there needs no second thread that wants
        the interpreter's lock for long, and gives the garbage collector nothing to look through.
        """

        def encode_alone(items: Sequence[Any]) -> bytes:
            with self._working:
                return encode(items)

        lane = self._lanes[signal] = Lane(
            signal,
            encode_alone,
            connection,
            self._problems,
            buffer=self._buffer,
            queue_max=self._queue_max,
            monotonic=self._monotonic,
        )
        queue, dropped = lane.queue, self._problems.dropped

        def put(item: Any) -> None:
            waiting = len(queue)
            if waiting >= lane.limit:
                dropped(signal, lane.refusal, 1)
                return
            if entry is not None:
                try:
                    item = entry(item)
                except Exception as error:
                    lane.lose(ENCODING, 1, described(error))
                    return
            queue.append(item)
            if self._thread is None:
                self._start()
            elif waiting == BATCH_MAX:
                self._wake.set()

        return put

    def add_source(
        self,
        signal: str,
        produce: Callable[[], bytes],
        connection: Connection,
        seconds: float,
        *,
        elsewhere: Callable[[], bool] = lambda: False,
    ) -> None:
        """A signal that is read and sent every so many seconds, and once more at the end.

        Each time, `elsewhere` may take it upon itself: nothing is sent where it says so."""
        put = self.add_lane(signal, lambda _: produce(), connection)
        self._sources.append(_Source(put, elsewhere, seconds, self._monotonic() + seconds))
        self.start()

    def start(self) -> None:
        """Also where nothing is put yet: what others left on the disk is to be sent."""
        self._start()

    def flush(self, timeout_seconds: float = SHUTDOWN_SECONDS) -> bool:
        """Send all that waits now. True when it was taken.

        False when time ran out, nobody was there to take it, or the server refused some.
        """
        if self._stopping or (self._thread is None and not self._waiting() and not self._sources):
            return not self._waiting()
        until = self._monotonic() + timeout_seconds
        lost = self._lost()
        for lane in self._lanes.values():
            lane.hurry()
        for source in self._sources:
            self._read_source(source)
        if not self._start():
            self._round()
        while self._waiting() and self._monotonic() < until:
            if all(lane.away for lane in self._lanes.values() if lane.waits):
                break
            self._round_done.clear()
            self._wake.set()
            self._round_done.wait(max(0.0, min(0.1, until - self._monotonic())))
        return not self._waiting() and self._lost() == lost

    def shutdown(self, timeout_seconds: float = SHUTDOWN_SECONDS) -> None:
        """Send what waits, as far as time allows, and end the thread; what is left goes to the disk or is counted."""
        if self._stopping:
            return
        began = self._monotonic()
        self.flush(timeout_seconds)
        self._stopping = True
        self._wake.set()
        thread = self._thread
        if thread is not None:
            thread.join(max(0.0, min(0.1, timeout_seconds - (self._monotonic() - began))))
            if thread.is_alive():
                for lane in self._lanes.values():
                    lane.connection.abort()
                thread.join(ABORT_SECONDS)
        with self._ending:
            self._give_up()

    def _start_again(self) -> None:
        # Ones that a signal handler may take while its own thread holds them.
        self._starting = threading.RLock()
        self._ending = threading.RLock()
        self._working = threading.RLock()
        self._thread: threading.Thread | None = None
        self._stopping = self._gave_up = self._held = False
        self._next_start = 0.0
        self._make_events()

    def _make_events(self) -> None:
        self._wake = threading.Event()
        self._round_done = threading.Event()

    def _before_fork(self) -> None:
        """A child that is forked while we read metrics would find their locks taken for ever."""
        self._held = self._working.acquire(timeout=FORK_SECONDS)

    def _after_fork(self) -> None:
        if self._held:
            self._working.release()

    def _forked(self) -> None:
        """In the child of a fork: no thread came along, and what waits is the parent's to send."""
        for lane in self._lanes.values():
            lane.forget()
        self._start_again()

    def _start(self) -> bool:
        """False where there is no thread to be had: too many, or the interpreter is leaving."""
        with self._starting:
            if self._thread is not None or self._stopping or self._monotonic() < self._next_start:
                return self._thread is not None
            # Made when they are needed: a worker may be patched for gevent after it was forked.
            self._make_events()
            thread = self._thread = threading.Thread(target=self._run, name="midwatch-export", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                self._thread, self._next_start = None, self._monotonic() + START_AGAIN_SECONDS
                self._problems.failed(ROUNDS, NO_THREAD, error)
                return False
            return True

    def _waiting(self) -> bool:
        return any(lane.waits for lane in self._lanes.values())

    def _lost(self) -> int:
        return sum(lane.lost for lane in self._lanes.values())

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._interval_seconds)
            self._wake.clear()
            self._round()
            self._round_done.set()
        with self._ending:
            self._give_up()

    def _round(self) -> None:
        try:
            self._read_sources()
        except Exception as error:
            self._problems.failed(ROUNDS, FAILED, error)
        for lane in self._lanes.values():
            try:
                lane.work()
            except Exception as error:
                self._problems.failed(ROUNDS, FAILED, error)

    def _read_sources(self) -> None:
        now = self._monotonic()
        for source in self._sources:
            if now >= source.next_time:
                source.next_time = now + source.seconds
                self._read_source(source)

    def _read_source(self, source: _Source) -> None:
        try:
            with self._working:
                elsewhere = source.elsewhere()
        except Exception as error:
            self._problems.failed(ROUNDS, FAILED, error)
            return
        if not elsewhere:
            source.put(None)

    def _give_up(self) -> None:
        if not self._gave_up:
            self._gave_up = True
            for lane in self._lanes.values():
                lane.close()
                lane.give_up()
            self._problems.say_rest()


def connections(targets: Mapping[str, Any], *, timeout_seconds: float, compression: str) -> dict[str, Connection]:
    """A connection per signal that has somewhere to go."""
    return {
        signal: Connection(target.url, target.headers, timeout_seconds=timeout_seconds, compression=compression)
        for signal, target in targets.items()
    }
