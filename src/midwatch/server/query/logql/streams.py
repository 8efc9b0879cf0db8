"""What streams there are: label names, their values, label sets, and how much is in them."""

from collections.abc import Sequence
from typing import Any

from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import Span
from midwatch.server.query.logql.sql import labels
from midwatch.server.query.logql.sql.params import Params
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.syntax.ast import LogQuery
from midwatch.server.query.source import Scope, Source

NAMES_MAX = 1_000
VALUES_MAX = 5_000
SERIES_MAX = 5_000
_NOWHERE = Span(0, 0)


class StreamQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def names(self, scope: Scope, matchers: tuple[Matcher, ...]) -> list[str]:
        """Names of the labels that streams of this time have."""
        params, relation = _relation(scope, matchers)
        kept = f"arrayFilter(k -> {labels.IS_LABEL}, mapKeys(ResourceAttributes))"
        sql = (
            f"SELECT groupUniqArrayArray({NAMES_MAX})({kept}) AS names, count() > 0 AS any_at_all,"
            f" countIf(Environment != '') > 0 AS env, countIf(Level != 'unknown') > 0 AS level FROM {relation}"
        )
        row = (await self._source.rows(sql, params.values))[0]
        found = {labels.name_of(name) for name in row["names"]}
        own = {labels.SERVICE_NAME: row["any_at_all"], labels.ENV: row["env"], labels.LEVEL: row["level"]}
        return sorted(found | {name for name, there in own.items() if there})

    async def values(self, scope: Scope, name: str, matchers: tuple[Matcher, ...]) -> list[str]:
        params, relation = _relation(scope, matchers)
        value = labels.stream_label(name, params.text)
        having = f"HAVING value != '' ORDER BY value LIMIT {VALUES_MAX}"
        sql = f"SELECT {value} AS value FROM {relation} GROUP BY value {having}"
        return [row["value"] for row in await self._source.rows(sql, params.values)]

    async def series(self, scope: Scope, selectors: Sequence[tuple[Matcher, ...]]) -> list[dict[str, str]]:
        """The label sets that any of these selectors finds; of no selector, all."""
        found: dict[tuple[tuple[str, str], ...], None] = {}
        for matchers in selectors or [()]:
            params, relation = _relation(scope, matchers)
            kept = f"mapSort(mapFilter((k, v) -> v != '', {labels.stream_map()}))"
            sql = f"SELECT {kept} AS labels FROM {relation} GROUP BY labels LIMIT {SERIES_MAX}"
            for row in await self._source.rows(sql, params.values):
                found[tuple(sorted(row["labels"].items()))] = None
        return [dict(one) for one in sorted(found)][:SERIES_MAX]

    async def stats(self, scope: Scope, matchers: tuple[Matcher, ...]) -> dict[str, int]:
        """Streams, entries and bytes of lines; for chunks, of which there are none here, the segments they came in."""
        params, relation = _relation(scope, matchers)
        stream = "(ServiceName, Environment, Level, mapKeys(ResourceAttributes), mapValues(ResourceAttributes))"
        sql = (
            f"SELECT uniq(sipHash64({stream})) AS streams, uniq(Segment) AS chunks, count() AS entries,"
            f" sum(length(Body)) AS bytes FROM {relation}"
        )
        row: dict[str, Any] = (await self._source.rows(sql, params.values))[0]
        return {name: int(row[name]) for name in ("streams", "chunks", "bytes", "entries")}


def _relation(scope: Scope, matchers: tuple[Matcher, ...]) -> tuple[Params, str]:
    params = Params(scope.params)
    return params, Pipeline(LogQuery(matchers, (), _NOWHERE), scope.where(), params).relation
