"""How often things were done, by how many, over time; and who came back."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.analytics.rows import Persons, Statement, Wanted, require_unit
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.analytics import Interval, RetentionCohort, RetentionReport, Trends, TrendSeries

Measure = Literal["events", "units"]
BUCKETS_MAX = 2_000
GROUPS_MAX = 10
_START = {
    "hour": "toStartOfHour(toDateTime(At, 'UTC'))",
    "day": "toStartOfDay(toDateTime(At, 'UTC'))",
    "week": "toDateTime(toStartOfWeek(toDateTime(At, 'UTC'), 1), 'UTC')",
    "month": "toDateTime(toStartOfMonth(toDateTime(At, 'UTC')), 'UTC')",
}
"""Weeks begin on Monday; everything is UTC."""


class TrendQueries:
    def __init__(self, source: Source, persons: Persons) -> None:
        self._source, self._persons = source, persons

    async def trends(
        self, scope: Scope, wanted: Wanted, *, measure: Measure, unit: str, breakdown: str, interval: Interval
    ) -> Trends:
        """Occurrences, or how many persons (sessions …) had one, by interval and value of the breakdown."""
        started = time.perf_counter()
        require_unit(unit)
        buckets = buckets_of(scope.span, interval)
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        where = statement.condition(wanted)
        # An event whose unit is not known is an event all the same.
        of = unit if measure == "units" else ("distinct_id" if wanted.source == "events" else "service")
        columns = {"value": statement.field(wanted.source, breakdown) if breakdown else "''"}
        rows = statement.rows(wanted.source, where, of, columns)
        count = "uniqExact(Key)" if measure == "units" else "count()"
        shown = await self._shown(statement, rows, count) if breakdown else [""]
        apart = f"has({statement.bind(shown)}, value)"
        found = await self._source.rows(
            f"""SELECT {apart} AS apart, if(apart, value, '') AS shown, toUnixTimestamp({_START[interval]}) AS bucket,
                    grouping(bucket) AS whole, grouping(shown) AS of_all, {count} AS n
                FROM {rows} GROUP BY GROUPING SETS ((shown, apart, bucket), (shown, apart), ())""",
            statement.params,
        )
        return Trends(
            interval=interval,
            buckets=[_text(at) for at in buckets],
            series=_series([row for row in found if not row["of_all"]], buckets, shown),
            total=sum(int(row["n"]) for row in found if row["of_all"]),
            stats=stats_since(started),
        )

    async def retention(
        self,
        scope: Scope,
        first: Wanted,
        again: Wanted,
        *,
        unit: str,
        interval: Literal["day", "week", "month"],
        periods: int,
    ) -> RetentionReport:
        """Cohorts by when a unit did the first thing for the first time ever; and how many did the other later."""
        started = time.perf_counter()
        require_unit(unit)
        buckets = buckets_of(scope.span, interval)
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        begun = statement.rows(first.source, statement.condition(first), unit, {}, ever=True)
        came = statement.rows(again.source, statement.condition(again), unit, {})
        start = _START[interval]
        found = await self._source.rows(
            f"""SELECT toUnixTimestamp(cohort) AS cohort_at, toUnixTimestamp(period) AS period_at,
                    grouping(period_at) AS whole, uniqExact(Key) AS n
                FROM (SELECT Key, min({start}) AS cohort FROM {begun} GROUP BY Key
                    HAVING min(At) >= fromUnixTimestamp64Nano({{start:Int64}}, 'UTC')) AS f
                LEFT JOIN (SELECT DISTINCT Key, {start} AS period FROM {came}) AS a ON f.Key = a.Key
                GROUP BY GROUPING SETS ((cohort_at, period_at), (cohort_at))""",
            statement.params,
        )
        return _retention(found, buckets, interval, periods, started)

    async def _shown(self, statement: Statement, rows: str, count: str) -> list[str]:
        found = await self._source.rows(
            f"SELECT value, {count} AS n FROM {rows} GROUP BY value ORDER BY n DESC, value LIMIT {GROUPS_MAX}",
            statement.params,
        )
        return [row["value"] for row in found] or [""]


def buckets_of(span: TimeRange, interval: Interval) -> list[datetime]:
    """When each bucket begins that has some of the range.

    Raises:
        BadRequest: more of them than anybody could look at.
    """
    found: list[datetime] = []
    for at in _from(_begin(datetime.fromtimestamp(span.start_ns / 1e9, UTC), interval), interval):
        if at.timestamp() * 1e9 >= span.end_ns:
            return found
        if len(found) >= BUCKETS_MAX:
            raise BadRequest(f"interval={interval}: the range has over {BUCKETS_MAX:,} of them; take a longer one")
        found.append(at)
    return found


def _begin(at: datetime, interval: Interval) -> datetime:
    if interval == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if interval == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == "month" else day


def _from(at: datetime, interval: Interval) -> Iterator[datetime]:
    while True:
        yield at
        if interval == "month":
            at = (at + timedelta(days=32)).replace(day=1)
        else:
            at += timedelta(hours=1) if interval == "hour" else timedelta(days=7 if interval == "week" else 1)


def _series(found: list[dict[str, Any]], buckets: list[datetime], shown: list[str]) -> list[TrendSeries]:
    """One a value in the order of `shown`, and one of the rest where there is any."""
    places = {int(at.timestamp()): place for place, at in enumerate(buckets)}
    counts: dict[tuple[str, bool], list[int]] = {(value, False): [0] * len(buckets) for value in shown}
    totals: dict[tuple[str, bool], int] = {}
    for row in found:
        key = (row["shown"], not row["apart"])
        if row["whole"]:
            totals[key] = int(row["n"])
        elif (place := places.get(int(row["bucket"]))) is not None:
            counts.setdefault(key, [0] * len(buckets))[place] = int(row["n"])
    return [
        TrendSeries(value=value, rest=rest, counts=of, total=totals.get((value, rest), 0))
        for (value, rest), of in counts.items()
    ]


def _retention(
    found: list[dict[str, Any]],
    buckets: list[datetime],
    interval: Literal["day", "week", "month"],
    periods: int,
    started: float,
) -> RetentionReport:
    numbers = {int(at.timestamp()): number for number, at in enumerate(buckets)}
    sizes = [0] * len(buckets)
    back = [[0] * len(buckets) for _ in buckets]
    for row in found:
        cohort, period = numbers.get(int(row["cohort_at"])), int(row["period_at"])
        if cohort is None:
            continue
        if row["whole"]:
            sizes[cohort] = int(row["n"])
        elif (at := numbers.get(period)) is not None and at >= cohort:
            back[cohort][at - cohort] = int(row["n"])
    cohorts = [
        RetentionCohort(start=_text(at), size=sizes[place], returned=back[place][: min(periods, len(buckets) - place)])
        for place, at in enumerate(buckets)
    ]
    average: list[float | None] = []
    for period in range(min(periods, len(buckets))):
        had = [one for one in cohorts if len(one.returned) > period and one.size]
        size = sum(one.size for one in had)
        average.append(sum(one.returned[period] for one in had) / size if size else None)
    return RetentionReport(
        interval=interval, periods=periods, cohorts=cohorts, average=average, stats=stats_since(started)
    )


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000000000Z"
