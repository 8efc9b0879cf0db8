"""What is asked of the sources in one go: some traces, some ids, and where in time they lie."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from midwatch.server.model.story_id import ENTITY_SUFFIX, NAMES, IdKind, StoryId
from midwatch.server.query.story.lines import FACTS
from midwatch.server.store.id_index import pairs

DAYS_MAX = 400
MARGIN_NS = 5 * 10**9
"""What belongs to a trace may have been told by another clock, or after its last span."""


class Window(NamedTuple):
    start_ns: int
    end_ns: int


_DAY_NS = 86_400 * 10**9
_EPOCH = date(1970, 1, 1)
_WHILE = """Timestamp >= fromUnixTimestamp64Nano({start:Int64}, 'UTC')
    AND Timestamp <= fromUnixTimestamp64Nano({end:Int64}, 'UTC')"""
_TOLD = (*FACTS, *NAMES)


@dataclass(frozen=True, slots=True)
class Asked:
    project: int
    environments: tuple[str, ...]
    traces: tuple[str, ...]
    ids: tuple[StoryId, ...]
    """Of which there are lines without a trace."""
    users: tuple[str, ...]
    """Who is asked about."""
    windows: tuple[Window, ...]
    """One at least."""
    limit: int

    def where(self, by_id: str) -> str:
        """The condition with the parameters of `params`; `by_id` finds rows by the ids of `ids`."""
        found = "TraceId IN {traces:Array(String)}" + (f" OR {by_id}" if self.ids else "")
        condition = f"Project = {{project:UInt32}} AND {_WHILE} AND ({found})"
        if self.days:
            condition += " AND toYYYYMMDD(Timestamp) IN {days:Array(UInt32)}"
        return condition + (" AND Environment IN {environments:Array(String)}" if self.environments else "")

    @property
    def span(self) -> Window:
        return Window(min(one.start_ns for one in self.windows), max(one.end_ns for one in self.windows))

    @property
    def days(self) -> list[int]:
        """Partitions in which the windows lie; none where they are too many to name."""
        found: set[int] = set()
        for window in self.windows:
            first, last = window.start_ns // _DAY_NS, window.end_ns // _DAY_NS
            if last - first > DAYS_MAX:
                return []
            found.update(range(first, last + 1))
        return (
            [int(f"{_EPOCH + timedelta(days=day):%Y%m%d}") for day in sorted(found)] if len(found) <= DAYS_MAX else []
        )

    @property
    def params(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "project": self.project,
            "traces": list(self.traces),
            "ids": [written(one) for one in self.ids],
            "values": sorted({_value(one) for one in self.ids}),
            "environments": list(self.environments),
            "limit": self.limit,
            "start": self.span.start_ns,
            "end": self.span.end_ns,
            "days": self.days,
        }
        return found


def written(one: StoryId) -> str:
    """As `matching` compares it."""
    return f"{one.kind}:{one.value}"


def _value(one: StoryId) -> str:
    """As an attribute has it: of an entity, what follows its type."""
    return one.value.partition(":")[2] if one.kind is IdKind.ENTITY else one.value


def matching(attributes: str) -> str:
    """Condition: the map has one of the ids. What follows from it about values alone is what bloom filters answer."""
    ids = f"arrayMap(p -> concat(p.1, ':', p.2), {pairs(attributes)})"
    return f"hasAny(mapValues({attributes}), {{values:Array(String)}}) AND hasAny({ids}, {{ids:Array(String)}})"


def told(attributes: str) -> str:
    """A column: what is told of a map, ids among it."""
    # The engine takes longer to understand `pairs` than to read most stories: ids are told apart here.
    return f"mapFilter((k, v) -> k IN {_TOLD} OR endsWith(k, '{ENTITY_SUFFIX}'), {attributes}) AS facts"
