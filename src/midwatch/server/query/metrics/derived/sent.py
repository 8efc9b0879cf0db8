"""A name that somebody sends is theirs: a derived metric stands back where series of its name are stored."""

from collections.abc import Sequence

from midwatch.server.query.metrics.derived.catalogue import Wanted
from midwatch.server.query.metrics.scope import Reader, SeriesScope, day_of


async def not_sent(
    reader: Reader, scope: SeriesScope, wanted: Sequence[Wanted], start_ms: int, end_ms: int
) -> list[Wanted]:
    """Those of `wanted` of which no stored series of the project was seen on a day of the range."""
    if not wanted:
        return []
    names = [one.name for one in wanted]
    own = {
        alias: one.name
        for one in wanted
        for alias in (one.name, *one.metric.other_names(one.name))
        if one.metric.aliases
    }
    stored = await _stored_as(reader, scope, list(own))
    rows = await reader.rows(
        """SELECT DISTINCT toString(MetricName) AS name FROM metric_series WHERE Project = {project:UInt32}
            AND MetricName IN {names:Array(String)} AND Day BETWEEN {from_day:UInt32} AND {to_day:UInt32}""",
        {
            "project": scope.project,
            "names": [*names, *stored],
            "from_day": day_of(start_ms),
            "to_day": day_of(end_ms),
        },
    )
    seen = {row["name"] for row in rows}
    sent = seen | {own[alias] for name in seen for alias in stored.get(name, ())}
    return [one for one in wanted if one.name not in sent]


async def _stored_as(reader: Reader, scope: SeriesScope, aliases: Sequence[str]) -> dict[str, list[str]]:
    """Stored metrics that answer to one of these names: with their unit, for example."""
    if not aliases:
        return {}
    rows = await reader.rows(
        """SELECT DISTINCT Alias AS alias, toString(MetricName) AS name FROM metric_names
            WHERE Project = {project:UInt32} AND Alias IN {aliases:Array(String)} LIMIT 1000""",
        {"project": scope.project, "aliases": list(aliases)},
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row["alias"])
    return found
