"""From the ids that are asked about to everything that belongs to them: breadth first, with bounds that are told."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from midwatch.server.model.story_id import LEADING, IdKind, StoryId
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.story.asking import Asked
from midwatch.server.query.story.lines import Line
from midwatch.server.query.story.places import PLACES_MAX, Place, Places
from midwatch.server.query.story.sources.shape import LineSource

ROUNDS_MAX = 6
"""A request, its job, its message and the message's call-back are four."""
IDS_MAX = 500
"""Ids that are followed."""
TRACES_MAX = 200
LINES_MAX = 3000
"""Of each source and round, and of the whole before it ends."""
TURN = 4
"""Traces of a user or an entity that are followed at once; then twice as many, and so on."""
LINES_ENOUGH = 400
"""Enough to read at once. Whoever wants more of many stories asks for the whole."""
RELATED_MAX = 300
"""Ids that are told of."""


@dataclass(frozen=True, slots=True)
class Link:
    """How an id came to belong to a story: by the line that has it beside an id that did already."""

    id: StoryId
    via: StoryId
    line: Line


@dataclass(slots=True)
class Followed:
    lines: dict[str, Line] = field(default_factory=dict)
    found: set[StoryId] = field(default_factory=set)
    """Ids of which there is anything."""
    links: dict[StoryId, Link] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    """Why it is not all; for a person."""
    older: int = 0
    """Traces of what was asked about that were not read."""

    def say(self, reason: str) -> None:
        if reason not in self.cut:
            self.cut.append(reason)


@dataclass(slots=True)
class _Walk:
    """What is known of a story while it is followed."""

    project: int
    environments: tuple[str, ...]
    users: tuple[str, ...]
    """Who is asked about."""
    asked: set[StoryId]
    traces: set[str] = field(default_factory=set)
    """That were read."""


class Follower:
    def __init__(self, places: Places, sources: Sequence[LineSource]) -> None:
        self._places, self._sources = places, sources

    async def follow(
        self,
        project: int,
        environments: tuple[str, ...],
        seeds: Collection[StoryId],
        span: TimeRange | None,
        *,
        whole: bool = False,
    ) -> Followed:
        """`span` narrows where the seeds are looked for; what belongs to them is shown whole.

        A user or an entity has many stories, and their traces lie all over what is stored: the newest are followed
        until there is enough to read, the others counted in `older`, unless `whole` asks for them.
        """
        told = Followed()
        walk = _Walk(project, environments, tuple(one.value for one in seeds if one.kind is IdKind.USER), {*seeds})
        places = await self._located(project, seeds, span, told)
        turn, later = _newest_first(places, len(places) if whole else TURN)
        while await self._rounds(walk, turn, told) and later and len(told.lines) < LINES_ENOUGH:
            turn, later = later[: len(turn) * 2], later[len(turn) * 2 :]
        told.older = len({one.trace_id for one in later} - walk.traces)
        if told.older:
            told.say(f"the newest stories are told; {told.older} older traces are not")
        return told

    async def _rounds(self, walk: "_Walk", places: Sequence[Place], told: Followed) -> bool:
        """False: there is no room for more."""
        for _ in range(ROUNDS_MAX):
            fresh = _not_read(self._bounded(places, walk.traces, told), walk.traces)
            if not fresh:
                return True
            walk.traces |= {one.trace_id for one in fresh if one.trace_id}
            lines = await self._read(walk, fresh, told)
            _link_traces(told, fresh, lines, walk.asked)
            walk.asked |= {StoryId(IdKind.TRACE, one) for one in walk.traces}
            frontier = _next(told, lines, walk.asked)
            if len(walk.asked) + len(frontier) > IDS_MAX:
                told.say(f"it has more than {IDS_MAX} ids: the first are followed")
                frontier = frontier[: max(0, IDS_MAX - len(walk.asked))]
            if len(told.lines) >= LINES_MAX:
                told.say(f"it has more than {LINES_MAX:,} lines: what its later ids lead to is not read")
                return False
            if not frontier:
                return True
            walk.asked |= {*frontier}
            places = await self._located(walk.project, frontier, None, told)
        told.say(f"its ids lead on for more than {ROUNDS_MAX} rounds: what is further away is not read")
        return True

    async def _located(
        self, project: int, ids: Collection[StoryId], span: TimeRange | None, told: Followed
    ) -> list[Place]:
        places, more = await self._places.of(project, ids, span)
        if more:
            told.say(f"an id has more than {PLACES_MAX} traces: the newest are shown; narrow it by time")
        told.found |= {one.id for one in places}
        return places

    def _bounded(self, places: Sequence[Place], traces: Collection[str], told: Followed) -> list[Place]:
        room = TRACES_MAX - len(traces)
        fresh = list(dict.fromkeys(one.trace_id for one in places if one.trace_id and one.trace_id not in traces))
        if len(fresh) <= room:
            return [*places]
        told.say(f"it has more than {TRACES_MAX} traces: the newest are shown")
        left_out = {*fresh[max(room, 0) :]}
        return [one for one in places if one.trace_id not in left_out]

    async def _read(self, walk: "_Walk", places: Sequence[Place], told: Followed) -> list[Line]:
        traces = tuple(dict.fromkeys(one.trace_id for one in places if one.trace_id))
        whole = await self._places.of_traces(walk.project, [*traces])
        asked = Asked(
            project=walk.project,
            environments=walk.environments,
            traces=traces,
            ids=tuple(dict.fromkeys(one.id for one in places if not one.trace_id)),
            users=walk.users,
            windows=tuple(one.window for one in (*places, *whole)),
            limit=LINES_MAX + 1,
        )
        answers = await asyncio.gather(*(source.lines(asked) for source in self._sources))
        fresh = []
        for source, lines in zip(self._sources, answers, strict=True):
            if len(lines) > LINES_MAX:
                told.say(f"there are more than {LINES_MAX:,} {source.name}: the earliest are shown")
            fresh += [line for line in lines[:LINES_MAX] if line.key not in told.lines]
        fresh.sort(key=lambda line: line.time_ns)
        told.lines |= {line.key: line for line in fresh}
        told.found |= {StoryId(IdKind.TRACE, line.trace_id) for line in fresh if line.trace_id}
        return fresh


def _newest_first(places: Sequence[Place], turn: int) -> tuple[list[Place], list[Place]]:
    """What is read first, and what may follow: of ids that lead on, and without a trace, all is read first."""
    first = [one for one in places if not one.trace_id or one.id.kind in LEADING]
    many = [one for one in places if one.trace_id and one.id.kind not in LEADING]
    many.sort(key=lambda one: (-one.window.end_ns, one.trace_id))
    return [*first, *many[:turn]], many[turn:]


def _not_read(places: Iterable[Place], traces: Collection[str]) -> list[Place]:
    """Where there are lines that were not read with a trace."""
    return [one for one in places if not one.trace_id or one.trace_id not in traces]


def _link_traces(told: Followed, places: Iterable[Place], lines: Sequence[Line], asked: Collection[StoryId]) -> None:
    """Each trace that an id led to, by its first line that has the id."""
    by_trace: dict[str, list[Line]] = {}
    for line in lines:
        by_trace.setdefault(line.trace_id, []).append(line)
    for one in places:
        trace = StoryId(IdKind.TRACE, one.trace_id)
        some = by_trace.get(one.trace_id)
        if one.trace_id and some and trace not in asked and trace not in told.links:
            told.links[trace] = Link(trace, one.id, next((line for line in some if one.id in line.ids), some[0]))


def _next(told: Followed, lines: Sequence[Line], asked: Collection[StoryId]) -> list[StoryId]:
    """The ids that these lines have and nobody asked about yet, of the kinds that lead on; each with its link.

    A line has several ids: what it was found by is known, and the others are new.
    """
    known = {*asked, *told.links}
    frontier = []
    for line in lines:
        # An id of the app's own says more than the trace does.
        via = min((one for one in line.ids if one in known), key=lambda one: one.kind is IdKind.TRACE, default=None)
        if via is None:
            continue
        also = [StoryId(IdKind.TRACE, one) for one in line.links_to]
        for one in (*line.ids, *also):
            if one in known or len(told.links) >= RELATED_MAX:
                continue
            known.add(one)
            told.links[one] = Link(one, via, line)
            if one.kind in LEADING:
                frontier.append(one)
    return frontier
