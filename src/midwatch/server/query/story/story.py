"""The story of some ids: what is known of them, told in order."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from midwatch.server.model.clock import Clock
from midwatch.server.model.story_id import IdKind, StoryId, as_trace_id
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.source import Source
from midwatch.server.query.story.asking import Window
from midwatch.server.query.story.following import LINES_MAX, Follower, Link
from midwatch.server.query.story.index_begin import IndexBegin, said
from midwatch.server.query.story.lines import Line
from midwatch.server.query.story.places import Places
from midwatch.server.query.story.remarks import Remark, remarks
from midwatch.server.query.story.sources.shape import AroundSource, LineSource

AROUND_NS = 10 * 60 * 10**9
"""How long before and after a story its services' alerts and deploys are told."""


@dataclass(frozen=True, slots=True)
class Question:
    project: int
    ids: tuple[StoryId, ...]
    """Any of them."""
    anything: str = ""
    """An id whose kind is not known."""
    environments: tuple[str, ...] = ()
    span: TimeRange | None = None
    """Where the ids are looked for; None: in all that is stored."""
    whole: bool = False
    """Every story of a user or an entity, however many there are."""


@dataclass(frozen=True, slots=True)
class Story:
    asked: tuple[StoryId, ...]
    found: frozenset[StoryId]
    lines: tuple[Line, ...]
    """In order of time."""
    remarks: tuple[Remark, ...]
    links: tuple[Link, ...]
    """Ids that belong to it, in the order in which they were found."""
    cut: tuple[str, ...]
    older: int
    """Traces of a user or an entity that are not told; `Question.whole` asks for them."""
    elapsed_ms: float
    told_ns: int

    @property
    def services(self) -> list[tuple[str, int, int]]:
        """Name, lines, failures; those that tell most first."""
        counted = Counter(line.service for line in self.lines if line.service)
        failed = Counter(line.service for line in self.lines if line.failed)
        return [(name, count, failed[name]) for name, count in counted.most_common()]


class Stories(Protocol):
    async def tell(self, question: Question) -> Story: ...


class StoryQueries:
    def __init__(
        self, source: Source, sources: Sequence[LineSource], around: Sequence[AroundSource], clock: Clock
    ) -> None:
        self._places = Places(source)
        self._begin = IndexBegin(source, clock)
        self._follower = Follower(self._places, sources)
        self._around = around
        self._clock = clock

    async def tell(self, question: Question) -> Story:
        started = time.perf_counter()
        ids = (*question.ids, *await self._recognised(question))
        followed = await self._follower.follow(
            question.project, question.environments, ids, question.span, whole=question.whole
        )
        begin_ns = await self._begin.before()
        if begin_ns is not None and _reaches(question, ids, begin_ns):
            followed.say(said(begin_ns))
        lines = sorted(followed.lines.values(), key=lambda line: (line.time_ns, line.key))
        if len(lines) > LINES_MAX:
            followed.say(f"it has {len(lines):,} lines: the first {LINES_MAX:,} are shown")
            lines = lines[:LINES_MAX]
        if lines:
            lines += await self._around_it(question, lines, [*ids, *followed.links])
            lines.sort(key=lambda line: (line.time_ns, line.key))
        now_ns = self._clock.now_ns()
        # Thousands of lines are judged: not on the loop that serves others.
        judged = await asyncio.to_thread(remarks, lines, now_ns)
        return Story(
            asked=ids,
            found=frozenset(followed.found),
            lines=tuple(lines),
            remarks=tuple(judged),
            links=tuple(followed.links.values()),
            cut=tuple(followed.cut),
            older=followed.older,
            elapsed_ms=(time.perf_counter() - started) * 1000,
            told_ns=now_ns,
        )

    async def _recognised(self, question: Question) -> tuple[StoryId, ...]:
        """What an id of an unknown kind may be; where it was never seen, what it looks like."""
        text = question.anything
        if not text:
            return ()
        kinds = await self._places.kinds_of(question.project, text)
        if trace := as_trace_id(text):
            kinds.append(StoryId(IdKind.TRACE, trace))
        return tuple(kinds) or (StoryId(IdKind.ENTITY if ":" in text else IdKind.CORRELATION, text),)

    async def _around_it(self, question: Question, lines: Sequence[Line], ids: Collection[StoryId]) -> list[Line]:
        window = Window(lines[0].time_ns - AROUND_NS, max(line.end_ns for line in lines) + AROUND_NS)
        services = sorted({line.service for line in lines if line.service})
        environments = sorted({line.environment for line in lines if line.environment})
        found = await asyncio.gather(
            *(one.around(question.project, services, environments, window, [*ids]) for one in self._around)
        )
        return [line for some in found for line in some]


def _reaches(question: Question, ids: Sequence[StoryId], begin_ns: int) -> bool:
    """Whether it asks about a time before ids were indexed."""
    by_index = any(one.kind is not IdKind.TRACE for one in ids)
    return by_index and (question.span is None or question.span.start_ns < begin_ns)
