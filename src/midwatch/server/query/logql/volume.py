"""Bytes of lines by label: what fills a store, as Grafana's Explore and its volume panels ask it."""

from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import Span
from midwatch.server.query.logql.sql import labels
from midwatch.server.query.logql.sql.params import Params
from midwatch.server.query.logql.sql.pipeline import Pipeline
from midwatch.server.query.logql.syntax.ast import LogQuery
from midwatch.server.query.source import Scope, Source


async def volume(
    source: Source, scope: Scope, matchers: tuple[Matcher, ...], wanted: tuple[str, ...], limit: int, *, by_label: bool
) -> list[tuple[dict[str, str], int]]:
    """Label sets and their bytes, most first: of the labels that are wanted, else of those that the selector names.

    With `by_label` each label name with the bytes of all streams that have it.
    """
    params = Params(scope.params)
    relation = Pipeline(LogQuery(matchers, (), Span(0, 0)), scope.where(), params).relation
    if by_label:
        names = f"mapKeys(mapFilter((k, v) -> v != '', {labels.stream_map()}))"
        sql = f"SELECT [arrayJoin({names})] AS key, sum(length(Body)) AS size FROM {relation}"
        wanted_names: tuple[str, ...] = ()
    else:
        wanted_names = wanted or tuple(dict.fromkeys(one.name for one in matchers)) or (labels.SERVICE_NAME,)
        values = ", ".join(labels.stream_label(name, params.text) for name in wanted_names)
        sql = f"SELECT [{values}] AS key, sum(length(Body)) AS size FROM {relation}"
    rows = await source.rows(
        f"{sql} GROUP BY key ORDER BY size DESC, key LIMIT {{most:UInt32}}", {**params.values, "most": min(limit, 5000)}
    )
    found = []
    for row in rows:
        metric = {row["key"][0]: ""} if by_label else dict(zip(wanted_names, row["key"], strict=True))
        if by_label and wanted and row["key"][0] not in wanted:
            continue
        found.append(({name: text for name, text in metric.items() if text or by_label}, int(row["size"])))
    return found
