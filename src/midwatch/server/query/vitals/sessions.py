"""Sessions in browsers: how many, of how many people, and how long.

Records of Sentry's sessions (`sentry.session`) and of OpenTelemetry's (`session.start`, `session.end`), and web vitals
that name a session. Sentry's browser SDKs rarely tell a duration; then it is what lies between a session's signs.
"""

from typing import Any

from midwatch.server.model.timerange import format_time
from midwatch.server.model.web_vital import EVENT_NAME
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.vitals import columns
from midwatch.server.query.vitals.records import Filters, narrowed
from midwatch.server.schemas.vitals import BrowserSessionPoint, BrowserSessions

EVENTS = ("sentry.session", "session.start", "session.end", EVENT_NAME)
_STATUS = "LogAttributes['session.status']"


class SessionQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def report(self, scope: Scope, filters: Filters, step: int) -> BrowserSessions:
        where, params = _where(scope, filters)
        known = f"{columns.SESSION} != ''"
        by_session = f"""SELECT {columns.SESSION} AS session, min(Timestamp) AS first,
                maxOrNull(toFloat64OrNull(LogAttributes['session.duration'])) AS told,
                dateDiff('millisecond', first, greatest(max(Timestamp), maxIf(ObservedTimestamp, {_IS_UPDATE}))) / 1000 AS seen,
                max({_STATUS} = 'crashed') AS is_crashed,
                max({_STATUS} IN ('errored', 'unhandled') OR toUInt64OrZero(LogAttributes['session.errors']) > 0) AS is_errored,
                count() > 1 AS again, coalesce(told, if(again AND seen > 0, seen, NULL)) AS seconds
            FROM logs WHERE {where} AND {known} GROUP BY session"""
        found = await self._source.rows(
            f"""SELECT count() AS sessions, countIf(is_crashed) AS crashed, countIf(is_errored AND NOT is_crashed) AS errored,
                count(seconds) AS with_duration, quantileExactInclusiveOrNull(0.5)(seconds) AS p50,
                quantileExactInclusiveOrNull(0.95)(seconds) AS p95 FROM ({by_session})""",
            params,
        )
        points = await self._source.rows(
            f"""SELECT toInt64(intDiv(toUnixTimestamp(Timestamp), {step}) * {step}) AS at, grouping(at) AS whole,
                uniqExactIf({columns.SESSION}, {known}) AS sessions, uniqExactIf({columns.USER}, {columns.USER} != '') AS users
            FROM logs WHERE {where} GROUP BY GROUPING SETS ((), (at)) ORDER BY at""",
            params,
        )
        row = found[0]
        return BrowserSessions(
            sessions=row["sessions"],
            users=sum(one["users"] for one in points if one["whole"]),
            errored=row["errored"],
            crashed=row["crashed"],
            with_duration=row["with_duration"],
            p50_seconds=row["p50"],
            p95_seconds=row["p95"],
            points=[
                BrowserSessionPoint(time=format_time(one["at"] * 10**9), sessions=one["sessions"], users=one["users"])
                for one in points
                if not one["whole"]
            ],
        )


_IS_UPDATE = "EventName = 'sentry.session' AND LogAttributes['session.init'] != 'true'"
"""All records of a Sentry session have the time when it began; an update was told when it was observed."""


def _where(scope: Scope, filters: Filters) -> tuple[str, dict[str, Any]]:
    """Servers count sessions, too, and have no user agent."""
    names = ", ".join(f"'{one}'" for one in EVENTS)
    parts, params = narrowed({name: value for name, value in filters.items() if name != "route"})
    parts += [scope.where(), f"EventName IN ({names})", f"{columns.USER_AGENT} != ''"]
    return " AND ".join(parts), scope.params | params
