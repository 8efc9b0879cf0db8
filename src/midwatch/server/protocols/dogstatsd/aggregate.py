"""Packets → what they add up to: one point a series and interval, whatever the number of lines."""

from collections.abc import Callable
from dataclasses import dataclass, field

from midwatch.server.protocols.dogstatsd.buckets import Buckets
from midwatch.server.protocols.dogstatsd.lines import (
    BadLine,
    Event,
    Head,
    Kind,
    ServiceCheck,
    Tags,
    read_event,
    read_head,
    read_service_check,
    read_values,
)
from midwatch.server.protocols.dogstatsd.series import AnySeries, SetSeries, series_of

SERIES_MAX = 50_000
"""Of one interval: some 30 MB. A line that would open one more is dropped and counted."""
HEADS_MAX = 4 * SERIES_MAX
"""Ways of writing them that are remembered: tags in another order and other sample rates are the same series."""
IDLE_FLUSHES_MAX = 30
WAITING_MAX = 10_000
"""Events, service checks and points with times of their own until the next flush."""

BAD_LINE = "statsd_bad_line"
SERIES_FULL = "statsd_series_full"
SET_FULL = "statsd_set_full"
WAITING_FULL = "statsd_waiting_full"


@dataclass(frozen=True, slots=True)
class Point:
    """A series' part of one interval, or of the second that the sender named."""

    name: str
    kind: Kind
    tags: Tags
    value: float | Buckets
    start_ns: int
    time_ns: int


@dataclass(frozen=True, slots=True)
class Gathered:
    points: list[Point]
    events: list[Event | ServiceCheck]

    def __bool__(self) -> bool:
        return bool(self.points or self.events)


@dataclass(slots=True)
class Tally:
    """Since start."""

    lines: int = 0
    """That came, understood or not."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Lines that were not kept, by reason."""


class Aggregator:
    """For one thread. `complain` is told of a line that is not understood, with what was expected."""

    def __init__(self, now_ns: int, *, complain: Callable[[bytes, str], None], series_max: int = SERIES_MAX) -> None:
        self._since_ns = now_ns
        self._complain = complain
        self._series_max = series_max
        self._series: dict[tuple[str, Kind, Tags], AnySeries] = {}
        self._heads: dict[tuple[bytes, bytes], tuple[AnySeries, float]] = {}
        self._timed: dict[tuple[str, Kind, Tags, int], float] = {}
        self._events: list[Event | ServiceCheck] = []
        self._flushes = 0
        self.tally = Tally()

    @property
    def series(self) -> int:
        return len(self._series)

    def take(self, packet: bytes) -> None:
        """Lines of one or more packets, joined by line breaks. A bad line is counted, and the next one read."""
        heads, lines = self._heads, 0
        for line in packet.split(b"\n"):
            if not line or line.isspace():
                continue
            lines += 1
            name, _, rest = line.partition(b":")
            values, _, fields = rest.partition(b"|")
            known = heads.get((name, fields))
            try:
                if known is not None:
                    known[0].add(values, known[1])
                else:
                    self._take_new(line, name, values, fields)
            except BadLine as problem:
                self._drop(BAD_LINE)
                self._complain(line, str(problem))
        self.tally.lines += lines

    def flush(self, now_ns: int) -> Gathered:
        """What came since the last flush; series that were idle for long are forgotten."""
        start_ns, self._since_ns = self._since_ns, now_ns
        self._flushes += 1
        points, idle = [], []
        for key, series in self._series.items():
            if isinstance(series, SetSeries) and series.full:
                self._drop(SET_FULL, series.full)
            value = series.taken()
            if value is not None:
                series.idle = 0
                points.append(Point(*key, value, start_ns, now_ns))
                continue
            series.idle += 1
            if series.idle > IDLE_FLUSHES_MAX:
                idle.append(key)
        if idle:
            for key in idle:
                del self._series[key]
            self._heads.clear()
        points += self._timed_points()
        events, self._events = self._events, []
        return Gathered(points, events)

    def _take_new(self, line: bytes, name: bytes, values: bytes, fields: bytes) -> None:
        """A line whose head was not seen before, or is never remembered."""
        if line.startswith(b"_e{"):
            self._wait(read_event(line.removesuffix(b"\r")))
            return
        if line.startswith(b"_sc|"):
            self._wait(read_service_check(line.removesuffix(b"\r")))
            return
        if b":" not in line or b"|" not in line:
            raise BadLine("expected <name>:<value>|<type>")
        head = read_head(name, fields.removesuffix(b"\r"))
        if head.time_seconds is not None:
            self._take_timed(head, head.time_seconds, values)
            return
        key = (head.name, head.kind, head.tags)
        series = self._series.get(key)
        if series is None:
            if len(self._series) >= self._series_max:
                self._drop(SERIES_FULL)
                return
            series = series_of(head.kind)
            series.add(values, head.weight)
            self._series[key] = series
        else:
            series.add(values, head.weight)
        if len(self._heads) >= HEADS_MAX:
            self._heads.clear()
        self._heads[name, fields] = (series, head.weight)

    def _take_timed(self, head: Head, seconds: int, values: bytes) -> None:
        """Clients that send a time have aggregated already; what is of the same second is still one point."""
        found = read_values(values)
        key = (head.name, head.kind, head.tags, seconds)
        if key not in self._timed and len(self._timed) >= WAITING_MAX:
            self._drop(WAITING_FULL)
        elif head.kind is Kind.COUNT:
            self._timed[key] = self._timed.get(key, 0.0) + sum(found) * head.weight
        else:
            self._timed[key] = found[-1]

    def _timed_points(self) -> list[Point]:
        """Counts of one second that come in two flushes are two points of one series: told apart by milliseconds."""
        timed, self._timed = self._timed, {}
        points = []
        for (name, kind, tags, seconds), value in timed.items():
            time_ns = seconds * 10**9
            if kind is Kind.COUNT:
                time_ns += self._flushes % 1000 * 10**6
            points.append(Point(name, kind, tags, value, (seconds - 1) * 10**9, time_ns))
        return points

    def _wait(self, event: Event | ServiceCheck) -> None:
        if len(self._events) >= WAITING_MAX:
            self._drop(WAITING_FULL)
            return
        self._events.append(event)

    def _drop(self, reason: str, count: int = 1) -> None:
        self.tally.dropped[reason] = self.tally.dropped.get(reason, 0) + count
