"""The door of DogStatsD: a thread that reads and adds up, and a task that takes what it gathered into the log.

The thread owns sockets and aggregator; the event loop sees a few bodies an interval, however many packets came. What
cannot be taken now (the log is full, the key over its rate) waits, up to WAITING_BYTES_MAX; then the oldest is given up
and counted.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import structlog

from midwatch.server.ingest.statsd_sockets import StatsdSockets
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import CallerError, MidwatchError, RateLimited
from midwatch.server.model.measure import Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.dogstatsd.aggregate import BAD_LINE, Aggregator, Gathered
from midwatch.server.protocols.dogstatsd.otlp import log_bodies, metric_bodies, with_checks

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 10.0
"""As the Datadog agent's."""
WAITING_BYTES_MAX = 16 << 20
RETRY_SECONDS = 1.0
COMPLAINT_SECONDS = 10.0
"""Of lines that are not understood, one is logged in so long."""
SHOWN_BYTES = 120
KERNEL_DROP = "statsd_kernel_drop"
WAITED_TOO_LONG = "statsd_not_taken"
STREAM_REFUSED = "statsd_stream_refused"

Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[None]]
"""Append a body: `Ingest.put`."""


@dataclass(frozen=True, slots=True)
class Waiting:
    kind: SegmentKind
    body: bytes
    items: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """By reason, for Settings → Limits hit."""

    count: int = 0
    last_ns: int = 0


@dataclass(slots=True)
class _Seen:
    """What the thread tells of itself; written by it alone."""

    packets: int = 0
    lines: int = 0
    series: int = 0
    dropped: dict[str, Dropped] = field(default_factory=dict)


class StatsdDoor:
    """One per server. `grant` says whose the metrics are, asked at each flush; it raises where the key is gone."""

    def __init__(
        self,
        sockets: StatsdSockets,
        put: Put,
        grant: Callable[[], IngestGrant],
        clock: Clock,
        *,
        instance: str,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        self._sockets = sockets
        self._put = put
        self._grant = grant
        self._clock = clock
        self._instance = instance
        self._flush_seconds = flush_seconds
        self._aggregator = Aggregator(clock.now_ns(), complain=self._complain)
        self._seen = _Seen()
        self._complained_at = float("-inf")
        self._waiting: deque[Waiting] = deque()
        self._waiting_bytes = 0
        self._came = asyncio.Event()
        self._taking = asyncio.Lock()
        """A body that is on its way into the log is not taken a second time at the end."""
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Read until `close`; take in what was gathered."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._read, name="statsd", daemon=True)
        self._thread.start()
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                if not await self._take_oldest():
                    await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """Read no more, and try once to take in what is there."""
        self._stopping.set()
        self._sockets.wake()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            await asyncio.sleep(0)  # what the thread handed over last
        self._sockets.close()
        async with self._taking:
            while self._waiting:
                waiting = self._waiting.popleft()
                try:
                    await self._put(waiting.kind, self._grant(), waiting.body, waiting.items)
                except MidwatchError as error:
                    self._lose(waiting, error)

    @property
    def dropped(self) -> dict[str, Dropped]:
        """Lines (packets, where the kernel dropped them) by reason, since start."""
        return dict(self._seen.dropped)

    def measures(self) -> Iterable[Measure]:
        seen = self._seen
        yield Measure("midwatch_statsd_reads_total", "Times that packets of DogStatsD were read", seen.packets)
        yield Measure("midwatch_statsd_lines_total", "Lines of DogStatsD that came", seen.lines)
        yield Measure("midwatch_statsd_series", "Series of DogStatsD that are added up", seen.series, kind="gauge")
        waiting = "Bytes of DogStatsD that wait for the log"
        yield Measure("midwatch_statsd_waiting_bytes", waiting, self._waiting_bytes, kind="gauge")
        for reason, dropped in self.dropped.items():
            text = "Lines of DogStatsD that were not kept, by reason"
            yield Measure("midwatch_statsd_dropped_total", text, dropped.count, (("reason", reason),))

    async def _take_oldest(self) -> bool:
        """False where it has to wait."""
        async with self._taking:
            if not self._waiting:
                return True
            waiting = self._waiting[0]
            try:
                await self._put(waiting.kind, self._grant(), waiting.body, waiting.items)
            except MidwatchError as error:
                if isinstance(error, RateLimited) or not isinstance(error, CallerError):
                    return False
                self._lose(waiting, error)
            # A flush meanwhile may have given the oldest up.
            if self._waiting and self._waiting[0] is waiting:
                self._waiting.popleft()
                self._waiting_bytes -= len(waiting.body)
            return True

    def _lose(self, waiting: Waiting, error: MidwatchError) -> None:
        log.warning("statsd.not_taken", items=waiting.items, error=error.message)
        self._count(WAITED_TOO_LONG, waiting.items)

    def _wait(self, found: list[Waiting]) -> None:
        """On the event loop: what the thread gathered."""
        for waiting in found:
            self._waiting.append(waiting)
            self._waiting_bytes += len(waiting.body)
        while self._waiting_bytes > WAITING_BYTES_MAX and len(self._waiting) > 1:
            lost = self._waiting.popleft()
            self._waiting_bytes -= len(lost.body)
            self._count(WAITED_TOO_LONG, lost.items)
        self._came.set()

    def _read(self) -> None:
        """The thread."""
        due = time.monotonic() + self._flush_seconds
        while not self._stopping.is_set():
            for packets in self._sockets.packets(max(0.0, due - time.monotonic())):
                self._seen.packets += 1
                self._aggregator.take(packets)
            if time.monotonic() >= due:
                due = max(due + self._flush_seconds, time.monotonic())
                self._flush()
        for packets in self._sockets.packets(0):
            self._aggregator.take(packets)
        self._flush()

    def _flush(self) -> None:
        now_ns = self._clock.now_ns()
        gathered = self._aggregator.flush(now_ns)
        self._note(now_ns)
        if found := self._bodies(gathered, now_ns):
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._wait, found)

    def _bodies(self, gathered: Gathered, now_ns: int) -> list[Waiting]:
        points = with_checks(gathered.points, gathered.events, now_ns)
        metrics = metric_bodies(points, self._instance)
        logs = log_bodies(gathered.events, now_ns, self._instance)
        return [
            *(Waiting(SegmentKind.OTLP_METRICS, body, items) for body, items in metrics),
            *(Waiting(SegmentKind.OTLP_LOGS, body, items) for body, items in logs),
        ]

    def _note(self, now_ns: int) -> None:
        tally, seen = self._aggregator.tally, self._seen
        seen.lines, seen.series = tally.lines, self._aggregator.series
        found = {**tally.dropped, KERNEL_DROP: self._sockets.lost_packets()}
        found[STREAM_REFUSED] = self._sockets.streams_refused
        for reason, count in found.items():
            if count > seen.dropped.get(reason, Dropped()).count:
                seen.dropped[reason] = Dropped(count, now_ns)

    def _count(self, reason: str, items: int) -> None:
        known = self._seen.dropped.get(reason, Dropped())
        self._seen.dropped[reason] = Dropped(known.count + items, self._clock.now_ns())

    def _complain(self, line: bytes, problem: str) -> None:
        now = time.monotonic()
        if now - self._complained_at >= COMPLAINT_SECONDS:
            self._complained_at = now
            count = self._aggregator.tally.dropped.get(BAD_LINE, 0)
            shown = line[:SHOWN_BYTES].decode(errors="replace")
            log.warning("statsd.bad_line", line=shown, problem=problem, bad_lines=count)
