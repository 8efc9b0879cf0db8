"""The live tail of a log query: the lines that there are, then each as it becomes visible (query/tail.py says how)."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from midwatch.server.model.clock import Clock
from midwatch.server.query.had import Waiting
from midwatch.server.query.logql.lines import Line, columns, find, line_of
from midwatch.server.query.logql.sql.params import Params
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.syntax.ast import LogQuery
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.tail import Lines, SegmentTail


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines that became visible together, oldest first, and how many others there was no room for."""

    lines: list[Line]
    left_out: int = 0


class LogQLTail:
    def __init__(self, source: Source, clock: Clock, waiting: Waiting) -> None:
        self._source = source
        self._segments = SegmentTail(source, clock, waiting)

    async def follow(self, query: LogQuery, scope: Scope, limit: int) -> AsyncGenerator[Batch, None]:
        """At once the last lines of the scope, at most `limit`, if it is none an empty batch; then what comes."""
        followed = _lines(query, scope)
        had = await self._segments.begin(followed)
        before = await find(self._source, query, scope, limit=limit, forward=False) if limit else []
        yield Batch(before[::-1])
        shown = {line.place for line in before}  # what became visible between the two looks comes again
        batch, left_out = list[Line](), 0
        async for _, event in self._segments.follow(followed, had):
            if isinstance(event, Line):
                if event.place not in shown:
                    batch.append(event)
            elif isinstance(event, int):
                left_out += event
            elif batch or left_out:
                yield Batch(sorted(batch, key=lambda line: line.time_ns), left_out)
                batch, left_out = [], 0


def _lines(query: LogQuery, scope: Scope) -> Lines[Line]:
    params = Params({"project": scope.project})
    built = Pipeline(query, "1", params)

    def relation(more: str) -> str:
        return Pipeline(query, f"Project = {{project:UInt32}} AND {more}", Params({})).relation

    def read(row: dict[str, Any]) -> Line:
        return line_of(row, built.kept)

    return Lines(relation, params.values, columns(built), read)
