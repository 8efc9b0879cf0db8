"""Other names of a metric: as OpenTelemetry sent it (`api.latency`), or without the suffixes that it is stored with."""

import re
from collections.abc import Sequence

from midwatch.server.promql.labels import NAME, Labels
from midwatch.server.promql.matchers import Matcher, MatchType, matcher
from midwatch.server.query.metrics.catalogue import series_of
from midwatch.server.query.metrics.scope import Condition, Reader, SeriesScope, condition

_NAMES_MAX = 100
"""Stored metrics that answer to one name."""


async def selected(
    reader: Reader, scope: SeriesScope, matchers: Sequence[Matcher], start_ms: int, end_ms: int, series_max: int
) -> tuple[Condition, dict[int, Labels]]:
    """Series that match, and the condition that found them.

    Raises:
        LimitError: there are more than `series_max`.
    """
    wanted = condition(scope, matchers, start_ms, end_ms)
    if found := await series_of(reader, wanted, series_max):
        return wanted, found
    stored = await as_stored(reader, scope, matchers, start_ms, end_ms)
    if stored == tuple(matchers):
        return wanted, {}
    wanted = condition(scope, stored, start_ms, end_ms)
    return wanted, await series_of(reader, wanted, series_max)


async def as_stored(
    reader: Reader, scope: SeriesScope, matchers: Sequence[Matcher], start_ms: int, end_ms: int
) -> tuple[Matcher, ...]:
    """The matchers, where no series of the range has the name that they ask for, under the names that it leads to.

    A series' own name goes first, whatever its labels: another metric's alias never stands in for it.
    """
    asked = next((one for one in matchers if one.name == NAME and one.type is MatchType.EQUAL), None)
    if asked is None:
        return tuple(matchers)
    known = await reader.rows(
        f"""SELECT DISTINCT MetricName AS name FROM metric_names
        WHERE Project = {{project:UInt32}} AND Alias = {{alias:String}} ORDER BY name LIMIT {_NAMES_MAX}""",
        {"project": scope.project, "alias": asked.value},
    )
    if not known:
        return tuple(matchers)
    own = condition(SeriesScope(scope.project), (asked,), start_ms, end_ms)
    if await reader.rows(f"SELECT 1 FROM metric_series WHERE {own.sql} LIMIT 1", own.params):
        return tuple(matchers)
    names = [row["name"] for row in known]
    if len(names) == 1:
        there = matcher(NAME, MatchType.EQUAL, names[0])
    else:
        there = matcher(NAME, MatchType.REGEX, "|".join(map(re.escape, names)))
    return tuple(there if one is asked else one for one in matchers)
