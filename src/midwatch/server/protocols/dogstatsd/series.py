"""What one series gathers until the next flush, by kind.

`add` is the hot path, once a line; it raises BadLine and then changed nothing. `taken` is the flush: what was gathered,
or None where nothing came; the series is empty again. `idle` counts the flushes since something came.
"""

from midwatch.server.protocols.dogstatsd.buckets import Buckets
from midwatch.server.protocols.dogstatsd.lines import BadLine, Kind, read_values

SET_VALUES_MAX = 50_000
"""Distinct values of one set and interval; a set that is full stays at this number."""


class CountSeries:
    __slots__ = ("idle", "seen", "sum")

    def __init__(self) -> None:
        self.idle = 0
        self.sum = 0.0
        self.seen = False

    def add(self, values: bytes, weight: float) -> None:
        self.sum += sum(read_values(values)) * weight
        self.seen = True

    def taken(self) -> float | None:
        """The sum since it was last taken."""
        if not self.seen:
            return None
        found, self.sum, self.seen = self.sum, 0.0, False
        return found


class GaugeSeries:
    __slots__ = ("idle", "last")

    def __init__(self) -> None:
        self.idle = 0
        self.last: float | None = None

    def add(self, values: bytes, weight: float) -> None:
        self.last = read_values(values)[-1]

    def taken(self) -> float | None:
        """The newest value."""
        found, self.last = self.last, None
        return found


class SetSeries:
    __slots__ = ("full", "idle", "values")

    def __init__(self) -> None:
        self.idle = 0
        self.full = 0
        """Values that found no place."""
        self.values: set[bytes] = set()

    def add(self, values: bytes, weight: float) -> None:
        if not values:
            raise BadLine("expected a value of the set")
        # Packed values are for the other kinds: a set's value may have colons of its own.
        if len(self.values) < SET_VALUES_MAX:
            self.values.add(values)
        elif values not in self.values:
            self.full += 1

    def taken(self) -> float | None:
        """How many distinct values there were."""
        found, self.values, self.full = len(self.values), set(), 0
        return float(found) if found else None


class DistributionSeries:
    __slots__ = ("buckets", "idle")

    def __init__(self) -> None:
        self.idle = 0
        self.buckets: Buckets | None = None

    def add(self, values: bytes, weight: float) -> None:
        found = read_values(values)
        buckets = self.buckets
        if buckets is None:
            buckets = self.buckets = Buckets()
        for value in found:
            buckets.add(value, weight)

    def taken(self) -> Buckets | None:
        """The folded buckets."""
        found, self.buckets = self.buckets, None
        if found is not None:
            found.fold()
        return found


AnySeries = CountSeries | GaugeSeries | SetSeries | DistributionSeries


def series_of(kind: Kind) -> AnySeries:
    match kind:
        case Kind.COUNT:
            return CountSeries()
        case Kind.GAUGE:
            return GaugeSeries()
        case Kind.SET:
            return SetSeries()
        case _:
            return DistributionSeries()
