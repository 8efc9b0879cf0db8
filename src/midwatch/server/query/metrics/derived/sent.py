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
    rows = await reader.rows(
        """SELECT DISTINCT toString(MetricName) AS name FROM metric_series WHERE Project = {project:UInt32}
            AND MetricName IN {names:Array(String)} AND Day BETWEEN {from_day:UInt32} AND {to_day:UInt32}""",
        {
            "project": scope.project,
            "names": [one.name for one in wanted],
            "from_day": day_of(start_ms),
            "to_day": day_of(end_ms),
        },
    )
    sent = {row["name"] for row in rows}
    return [one for one in wanted if one.name not in sent]
