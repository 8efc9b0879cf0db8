"""Traces with all that their spans have, as many as one answer may hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.query.source import Source
from midwatch.server.query.trace_search import ORDER
from midwatch.server.query.traces import DETAIL, SPAN
from midwatch.server.query.values import typed

SPANS_MAX = 20_000
BYTES_MAX = 32 << 20
"""Of attributes, events and links as they are stored; objects and text of the answer take some five times as much."""
AT_ONCE = 2000
"""Traces are read together while they have no more spans than this; a larger one is read alone."""
_SIZE = """byteSize(SpanAttributes, ResourceAttributes, `Events.Name`, `Events.Attributes`, `Links.TraceId`,
    `Links.Attributes`, StatusMessage, TraceState)"""
_IN_TRACES = """Project = {project:UInt32} AND TraceId IN {ids:Array(String)}
    AND Timestamp >= fromUnixTimestamp64Nano({low:Int64}, 'UTC')
    AND Timestamp <= fromUnixTimestamp64Nano({high:Int64}, 'UTC')"""
_NO_DETAIL: dict[str, Any] = {
    "status_message": "",
    "trace_state": "",
    "scope": "",
    "attributes": {},
    "resource": {},
    "events": [],
    "links": [],
}


@dataclass(slots=True)
class WholeTrace:
    trace_id: str
    span_count: int
    """Of the store; `spans` has fewer where the answer would have become too large."""
    low: int
    high: int
    spans: list[dict[str, Any]] = field(default_factory=list)
    size_bytes: int = 0
    has_detail: bool = True

    @property
    def warning(self) -> str | None:
        """What was left out, if anything."""
        if len(self.spans) == self.span_count and self.has_detail:
            return None
        parts = f"these are the first {len(self.spans):,} of {self.span_count:,} spans"
        return f"the answer would become too large: {parts}{'' if self.has_detail else ', without attributes'}"


class WholeTraces:
    def __init__(self, source: Source, *, spans_max: int = SPANS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._source = source
        self._spans_max = spans_max
        self._bytes_max = bytes_max

    async def read(self, trace_ids: list[str], project: int = 1) -> list[WholeTrace]:
        """In the order of the ids; traces that are not here are left out.

        Small traces first: what they leave is for the larger ones, which get equal parts.
        """
        found = await self._sizes(trace_ids, project)
        spans, size_bytes, waiting = self._spans_max, self._bytes_max, len(found)
        for some in _chunks(sorted(found.values(), key=lambda trace: trace.span_count)):
            await self._fill(some, spans // waiting, size_bytes // waiting, project)
            spans -= sum(len(trace.spans) for trace in some)
            size_bytes -= sum(trace.size_bytes for trace in some)
            waiting -= len(some)
        await self._name([trace for trace in found.values() if not trace.spans], project)
        return [found[trace_id] for trace_id in trace_ids if trace_id in found and found[trace_id].spans]

    async def _sizes(self, trace_ids: list[str], project: int) -> dict[str, WholeTrace]:
        index = """SELECT count() AS n, toUnixTimestamp64Nano(min(Start)) AS low,
                toUnixTimestamp64Nano(max(End)) AS high
            FROM trace_index WHERE Project = {project:UInt32} AND TraceId IN {ids:Array(String)}"""
        params: dict[str, Any] = {"project": project, "ids": trace_ids}
        (bounds,) = await self._source.rows(index, params)
        if not bounds["n"]:
            return {}
        sql = f"""SELECT TraceId AS id, count() AS n, toUnixTimestamp64Nano(min(Timestamp)) AS low,
            toUnixTimestamp64Nano(max(Timestamp)) AS high FROM spans WHERE {_IN_TRACES} GROUP BY id"""
        rows = await self._source.rows(sql, {**params, "low": bounds["low"], "high": bounds["high"]})
        return {row["id"]: WholeTrace(row["id"], row["n"], row["low"], row["high"]) for row in rows}

    async def _fill(self, traces: list[WholeTrace], spans: int, size_bytes: int, project: int) -> None:
        """With the first spans of each, so many and so large at most."""
        by_trace = f"TraceId, {ORDER}" if len(traces) > 1 else ORDER
        limit = f"{spans} BY TraceId" if len(traces) > 1 else str(spans)
        sql = f"""SELECT * EXCEPT place FROM (
                SELECT *, sum(size) OVER (PARTITION BY id ORDER BY place) AS so_far FROM (
                    SELECT TraceId AS id, ({ORDER}) AS place, {_SIZE} AS size, {SPAN}, {DETAIL}
                    FROM spans WHERE {_IN_TRACES} ORDER BY {by_trace} LIMIT {limit}))
            WHERE so_far <= {{bytes:UInt64}} ORDER BY id, place"""
        within = {trace.trace_id: trace for trace in traces}
        low, high = min(trace.low for trace in traces), max(trace.high for trace in traces)
        params = {"project": project, "ids": list(within), "low": low, "high": high, "bytes": size_bytes}
        for row in await self._source.rows(sql, params):
            trace = within[row["id"]]
            trace.spans.append(_with_types(row))
            trace.size_bytes = row["so_far"]

    async def _name(self, traces: list[WholeTrace], project: int) -> None:
        """Where not even the first span has its place: that span without its attributes."""
        if not traces:
            return
        within = {trace.trace_id: trace for trace in traces}
        low, high = min(trace.low for trace in traces), max(trace.high for trace in traces)
        sql = f"SELECT TraceId AS id, {SPAN} FROM spans WHERE {_IN_TRACES} ORDER BY TraceId, {ORDER} LIMIT 1 BY TraceId"
        params = {"project": project, "ids": list(within), "low": low, "high": high}
        for row in await self._source.rows(sql, params):
            within[row["id"]].spans.append({**row, **_NO_DETAIL})
            within[row["id"]].has_detail = False


def _chunks(traces: list[WholeTrace]) -> Iterator[list[WholeTrace]]:
    """Neighbours that are read at once."""
    chunk: list[WholeTrace] = []
    for trace in traces:
        if chunk and sum(one.span_count for one in chunk) + trace.span_count > AT_ONCE:
            yield chunk
            chunk = []
        chunk.append(trace)
    if chunk:
        yield chunk


def _with_types(row: dict[str, Any]) -> dict[str, Any]:
    row["attributes"] = typed(row["attributes"], row["types"])
    row["resource"] = typed(row["resource"], row["resource_types"])
    row["events"] = list(zip(row["event_times"], row["event_names"], row["event_attributes"], strict=True))
    row["links"] = list(zip(row["link_traces"], row["link_spans"], strict=True))
    return row
