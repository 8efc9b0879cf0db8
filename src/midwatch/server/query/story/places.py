"""Where ids lie: in which traces, and when."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from midwatch.server.model.story_id import IdKind, StoryId
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.source import Source
from midwatch.server.query.story.asking import MARGIN_NS, Window

PLACES_MAX = 100
"""Traces of one id, the newest; more of a user or a scheduled run than one can read."""
KINDS_MAX = 20


@dataclass(frozen=True, slots=True)
class Place:
    id: StoryId
    trace_id: str
    """Empty: lines without one."""
    window: Window


class Places:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def kinds_of(self, project: int, value: str) -> list[StoryId]:
        """What an id may be, by where it was seen; with its type or without, of an entity."""
        rows = await self._source.rows(
            "SELECT Kind FROM id_index WHERE Project = {project:UInt32} AND Id = {value:String}"
            f" GROUP BY Kind ORDER BY Kind LIMIT {KINDS_MAX}",
            {"project": project, "value": value},
        )
        return [StoryId(IdKind(row["Kind"]), value) for row in rows]

    async def of(self, project: int, ids: Collection[StoryId], span: TimeRange | None) -> tuple[list[Place], bool]:
        """And whether an id has more."""
        traces = [one.value for one in ids if one.kind is IdKind.TRACE]
        others = [one for one in ids if one.kind is not IdKind.TRACE]
        (by_id, more), by_trace = await asyncio.gather(
            self._of_ids(project, others, span), self.of_traces(project, traces)
        )
        if unknown := {*traces} - {one.trace_id for one in by_trace}:
            by_trace += await self.without_spans(project, sorted(unknown))
        return [*by_id, *by_trace], more

    async def of_traces(self, project: int, traces: Sequence[str]) -> list[Place]:
        """The whole of each, whatever time is asked about."""
        if not traces:
            return []
        rows = await self._source.rows(
            """SELECT TraceId, toUnixTimestamp64Nano(min(Start)) AS low, toUnixTimestamp64Nano(max(End)) AS high
            FROM trace_index WHERE Project = {project:UInt32} AND TraceId IN {traces:Array(String)} GROUP BY TraceId""",
            {"project": project, "traces": list(traces)},
        )
        return [
            Place(StoryId(IdKind.TRACE, row["TraceId"]), row["TraceId"], _wide(row["low"], row["high"])) for row in rows
        ]

    async def without_spans(self, project: int, traces: Sequence[str]) -> list[Place]:
        """Traces whose spans were not kept, or are elsewhere: by the bloom filters of records and errors."""
        found = await asyncio.gather(
            *(
                self._source.rows(
                    f"""SELECT TraceId, toUnixTimestamp64Nano(min(Timestamp)) AS low,
                        toUnixTimestamp64Nano(max(Timestamp)) AS high
                    FROM {table} WHERE Project = {{project:UInt32}} AND TraceId IN {{traces:Array(String)}}
                    GROUP BY TraceId""",
                    {"project": project, "traces": list(traces)},
                )
                for table in ("logs", "error_events")
            )
        )
        return [
            Place(StoryId(IdKind.TRACE, row["TraceId"]), row["TraceId"], _wide(row["low"], row["high"]))
            for rows in found
            for row in rows
        ]

    async def _of_ids(self, project: int, ids: Sequence[StoryId], span: TimeRange | None) -> tuple[list[Place], bool]:
        if not ids:
            return [], False
        wanted = {*ids}
        within, params = "", {"project": project, "values": sorted({one.value for one in ids})}
        if span is not None:
            within = """ AND End >= fromUnixTimestamp64Nano({start:Int64}, 'UTC')
                AND Start < fromUnixTimestamp64Nano({end:Int64}, 'UTC')"""
            params |= {"start": span.start_ns, "end": span.end_ns}
        rows = await self._source.rows(
            f"""SELECT Kind, Id, TraceId, toUnixTimestamp64Nano(min(Start)) AS low,
                toUnixTimestamp64Nano(max(End)) AS high
            FROM id_index WHERE Project = {{project:UInt32}} AND Id IN {{values:Array(String)}}{within}
            GROUP BY Kind, Id, TraceId ORDER BY high DESC, TraceId LIMIT {PLACES_MAX + 1} BY Kind, Id""",
            params,
        )
        places: dict[StoryId, list[Place]] = {}
        for row in rows:
            id_ = StoryId(IdKind(row["Kind"]), row["Id"])
            if id_ in wanted:
                places.setdefault(id_, []).append(Place(id_, row["TraceId"], _wide(row["low"], row["high"])))
        more = any(len(found) > PLACES_MAX for found in places.values())
        return [place for found in places.values() for place in found[:PLACES_MAX]], more


def _wide(low: int, high: int) -> Window:
    return Window(low - MARGIN_NS, high + MARGIN_NS)
