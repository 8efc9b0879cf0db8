"""Log queries: the lines that one finds, newest or oldest first, with their labels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from midwatch.server.query.logql.sql import labels
from midwatch.server.query.logql.sql.params import Params, bounded
from midwatch.server.query.logql.sql.parsers import EMPTY
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.syntax.ast import LogQuery
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.windows import backwards


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the pipeline left it; no label stands in two of the three."""

    time_ns: int
    text: str
    stream: Mapping[str, str]
    metadata: Mapping[str, str]
    parsed: Mapping[str, str]
    place: tuple[str, int]
    """Its segment and row there: the same of no other line."""


async def find(source: Source, query: LogQuery, scope: Scope, *, limit: int, forward: bool) -> list[Line]:
    params = Params(scope.params)
    pipeline = Pipeline(query, scope.where(), params)
    direction = "ASC" if forward else "DESC"
    order = f"Timestamp {direction}, Segment {direction}, SegmentRow {direction}"
    sql = bounded(f"SELECT {columns(pipeline)} FROM {pipeline.relation} ORDER BY {order} LIMIT {{page:UInt32}}")
    rows: list[dict[str, Any]] = []
    for part in [scope.span] if forward else backwards(scope.span, limit, rows.__len__):
        asked = replace(scope, span=part)
        rows.extend(await source.rows(sql, {**params.values, **asked.params, "page": limit - len(rows)}))
        if len(rows) >= limit:
            break
    return [line_of(row, pipeline.kept) for row in rows]


def columns(pipeline: Pipeline) -> str:
    """What `line_of` reads of a row."""
    named = {
        "time_ns": "toUnixTimestamp64Nano(Timestamp)",
        "segment": "lower(hex(Segment))",
        "row": "SegmentRow",
        "service": "toString(ServiceName)",
        "env": "toString(Environment)",
        "level": "toString(Level)",
        "resource": "ResourceAttributes",
        "attributes": "LogAttributes",
        "trace_id": "TraceId",
        "span_id": "SpanId",
        "scope": "toString(ScopeName)",
        "event": "toString(EventName)",
        "text": pipeline.line,
        "parsed": pipeline.parsed or EMPTY,
    }
    return ", ".join(f"{expression} AS {name}" for name, expression in named.items())


def line_of(row: Mapping[str, Any], kept: frozenset[str] | None) -> Line:
    """The line of a row of `columns`; `kept` are the only stored labels that are left, where not all are."""
    parsed: Mapping[str, str] = row["parsed"]
    stream, metadata = labels.stream_labels(row), labels.metadata(row)
    for stored in (stream, metadata):
        for name in [name for name in stored if name in parsed or (kept is not None and name not in kept)]:
            del stored[name]
    for name in stream:
        metadata.pop(name, None)
    found = {name: text for name, text in parsed.items() if text}
    return Line(row["time_ns"], row["text"], stream, metadata, found, (row["segment"], row["row"]))
