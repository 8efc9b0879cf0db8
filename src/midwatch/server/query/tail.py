"""The live tail: each line that becomes visible is shown once, or counted as left out; also over reconnects.

Lines become visible a segment at a time, and in no order of any time: a record may be an hour older than its neighbour,
one kind of segment waits while another is stored, another server has a clock of its own. So a tail remembers segments
and not times. What a reader has had is written into each event's id (`Had`); any server goes on from there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest
from midwatch.server.query.had import PREFIX, Had, Waiting
from midwatch.server.query.logs import COLUMNS, line_of
from midwatch.server.query.search.fields import LOGS
from midwatch.server.query.search.language import compile_search
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.logs import LogRow

ROWS_MAX = 500
"""Lines of one look; of more, the last are shown and the others counted."""
LOOK_SECONDS = 1.0
Shown = TypeVar("Shown")
Event = tuple[Had, LogRow | int | None]
"""A line, a number of lines left out, or nothing new; and what the reader has had with it."""


@dataclass(frozen=True, slots=True)
class Lines(Generic[Shown]):
    """What is tailed: rows of `logs`, or of what is made of them."""

    relation: Callable[[str], str]
    """What comes after FROM, with one more condition on the rows of `logs`; it keeps Segment and SegmentRow."""
    params: Mapping[str, Any]
    columns: str
    """`segment`, `row`, and what `read` reads."""
    read: Callable[[dict[str, Any]], Shown]


class LogTail:
    """Follows what becomes visible of a search. `waiting` is of the log that this server writes."""

    def __init__(self, source: Source, clock: Clock, waiting: Waiting) -> None:
        self._clock = clock
        self._segments = SegmentTail(source, clock, waiting)

    async def begin(self, scope: Scope, query: str, last_event_id: str | None) -> Had:
        """What has been had with this event; without one, all that is visible now.

        Raises:
            BadRequest: the search or the id cannot be read.
        """
        lines = _lines(scope, query)
        if last_event_id:
            if (found := Had.read(last_event_id)) is None:
                raise BadRequest(f"last-event-id={last_event_id[:60]!r}: expected an id as the tail gives them")
            return found
        return await self._segments.begin(lines)

    async def follow(self, scope: Scope, query: str, had: Had) -> AsyncIterator[Event]:
        """What becomes visible after that, in the order in which it comes; at first and after each look, nothing."""
        async for event in self._segments.follow(_lines(scope, query), had):
            yield event


class SegmentTail:
    """The same of any lines, however their question was written."""

    def __init__(self, source: Source, clock: Clock, waiting: Waiting) -> None:
        self._source = source
        self._clock = clock
        self._waiting = waiting

    async def begin(self, lines: Lines[Any]) -> Had:
        """All that is visible now has been had."""
        had = Had("").settled((), self._waiting(), self._clock.now_ns())
        visible, waiting = await self._visible(lines, had)
        return had.settled(visible.keys() - waiting, waiting, self._clock.now_ns())

    async def follow(self, lines: Lines[Shown], had: Had) -> AsyncIterator[tuple[Had, Shown | int | None]]:
        """See `LogTail.follow`."""
        yield had, None
        while True:
            async for event in self._look(lines, had):
                had = event[0]
                yield event
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, lines: Lines[Shown], had: Had) -> AsyncIterator[tuple[Had, Shown | int | None]]:
        if had.partly is not None:  # a segment that was begun is finished first: then it is had as a whole
            begun = had.partly[0]
            visible, _ = await self._visible(lines, had)
            async for event in self._show(lines, had, {s: n for s, n in visible.items() if s.startswith(begun)}):
                yield event
            had = replace(had, seen=had.seen | {begun}, partly=None)
        visible, waiting = await self._visible(lines, had)
        fresh = {segment: n for segment, n in visible.items() if segment not in had and segment not in waiting}
        async for event in self._show(lines, had, fresh):
            yield event
        yield had.settled(fresh, waiting, self._clock.now_ns()), None

    async def _visible(self, lines: Lines[Any], had: Had) -> tuple[dict[str, int], set[str]]:
        """Lines of each segment that may have new ones; and the segments of which only a part may be visible."""
        waiting = set(self._waiting())
        low = min([had.upto, *had.missing]) + "0" * PREFIX
        relation = lines.relation(f"Segment >= {_segment('{low:String}')}{_rest(had)}")
        sql = f"SELECT lower(hex(Segment)) AS segment, count() AS n FROM {relation} GROUP BY Segment"
        rows = await self._source.rows(sql, {**lines.params, **_rest_params(had), "low": low})
        return {row["segment"]: row["n"] for row in rows}, waiting.union(self._waiting())

    async def _show(
        self, lines: Lines[Shown], had: Had, fresh: dict[str, int]
    ) -> AsyncIterator[tuple[Had, Shown | int | None]]:
        """The lines of these segments; of too many the last, and before them how many are left out."""
        if not fresh:
            return
        relation = lines.relation(
            f"Segment >= {_segment('{low:String}')} AND Segment <= {_segment('{high:String}')}"
            f" AND has(arrayMap(s -> {_segment('s')}, {{fresh:Array(String)}}), Segment){_rest(had)}"
        )
        sql = f"SELECT {lines.columns} FROM {relation} ORDER BY Segment DESC, SegmentRow DESC LIMIT {ROWS_MAX}"
        params = {"fresh": sorted(fresh), "low": min(fresh), "high": max(fresh)}
        rows = await self._source.rows(sql, {**lines.params, **_rest_params(had), **params})
        rows.reverse()
        if rows and (left_out := sum(fresh.values()) - len(rows)) > 0:
            yield had.before(rows[0]["segment"], rows[0]["row"], fresh), left_out
        for row in rows:
            yield had.before(row["segment"], row["row"] + 1, fresh), lines.read(row)


def _lines(scope: Scope, query: str) -> Lines[LogRow]:
    condition = compile_search(query, LOGS)
    params: dict[str, Any] = {**condition.params, "project": scope.project}
    where = "Project = {project:UInt32}"
    if scope.environments:
        where += " AND Environment IN {environments:Array(String)}"
        params["environments"] = list(scope.environments)

    def relation(more: str) -> str:
        return f"logs WHERE {more} AND {where} AND {condition.sql}"

    return Lines(relation, params, COLUMNS, line_of)


def _segment(digits: str) -> str:
    return f"CAST(unhex({digits}) AS FixedString(16))"


def _rest(had: Had) -> str:
    """Of the segment that was begun only what comes after."""
    if had.partly is None:
        return ""
    return " AND NOT (startsWith(lower(hex(Segment)), {partly:String}) AND SegmentRow <= {partly_row:UInt32})"


def _rest_params(had: Had) -> dict[str, Any]:
    return {"partly": had.partly[0], "partly_row": had.partly[1]} if had.partly else {}
