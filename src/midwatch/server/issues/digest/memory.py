"""What the digest remembers from one batch to the next: how much came of each issue, and who told of which failure."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.issues.rules import Limits
from midwatch.server.issues.source_maps.open_maps import OpenMaps
from midwatch.server.protocols.sentry.page_loads import PageLoads

SEEN_MAX = 100_000
SAME_FAILURE_SECONDS = 60.0
SAME_TELLER_SECONDS = 10.0
MINUTE_NS = 60 * 10**9
IDS_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Told:
    """A failure that was told of: what tells two of one trace apart."""

    at_ns: int
    source: str
    value: str
    hash: str


@dataclass(slots=True)
class Flood:
    """Events by minute of when they came: of a key and of a group."""

    minute: int = 0
    of: dict[Any, int] = field(default_factory=dict)

    def count(self, received_ns: int, who: Any) -> int:
        """How many of this one came in this minute, this one included."""
        if (minute := received_ns // MINUTE_NS) != self.minute:
            self.minute, self.of = minute, {}
        self.of[who] = found = self.of.get(who, 0) + 1
        return found


class Memory:
    """Of one process."""

    def __init__(self) -> None:
        self.loads = PageLoads()
        self.maps = OpenMaps()
        self._keys, self._groups, self._places = Flood(), Flood(), Flood()
        self._told: OrderedDict[tuple[int, str, str], list[Told]] = OrderedDict()
        self._ids: OrderedDict[tuple[int, str], None] = OrderedDict()

    def is_spike(self, project: int, key_id: str, received_ns: int, limits: Limits) -> bool:
        """Whether a key is over what is taken from it at all."""
        return self._keys.count(received_ns, (project, key_id)) > limits.spike_per_minute

    def is_flood_from(self, project: int, place: tuple[str, ...], received_ns: int, limits: Limits) -> bool:
        """The same before it is known which group it is of, where that many came from one place."""
        return bool(place) and self._places.count(received_ns, (project, place)) > limits.issue_per_minute

    def is_flood(self, project: int, key_id: str, group: str, received_ns: int, limits: Limits) -> bool:
        """Whether this event is one of so many that counting it is enough."""
        of_group = self._groups.count(received_ns, (project, group))
        of_key = self._keys.of.get((project, key_id), 0)
        return of_group > limits.issue_per_minute or of_key > limits.key_per_minute

    def is_repeated(self, project: int, event_id: str) -> bool:
        """Whether an event of this id came before; remembers it."""
        known = (project, event_id) in self._ids
        self._ids[project, event_id] = None
        if len(self._ids) > IDS_MAX:
            self._ids.popitem(last=False)
        return known

    def forget(self, project: int, event_id: str) -> None:
        """It was not taken after all."""
        self._ids.pop((project, event_id), None)

    def told_before(self, project: int, trace_id: str, kind: str, told: Told) -> Told | None:
        """Whoever told of this failure first, where it is the same one; else remembers it.

        The same: of one trace and type, told by another way within a minute; or told again (each span that an exception
        passes through notes it) with the same message within seconds.
        """
        if not trace_id:
            return None
        key = (project, trace_id, kind.rpartition(".")[2])
        before = self._told.setdefault(key, [])
        for one in before:
            apart = abs(told.at_ns - one.at_ns) / 1e9
            other_way = one.source != told.source and apart <= SAME_FAILURE_SECONDS
            again = one.source == told.source != "sentry" and one.value == told.value and apart <= SAME_TELLER_SECONDS
            if other_way or again:
                return one
        if len(before) < 20:
            before.append(told)
        self._told.move_to_end(key)
        if len(self._told) > SEEN_MAX:
            self._told.popitem(last=False)
        return None
