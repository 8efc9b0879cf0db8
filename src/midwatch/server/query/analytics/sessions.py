"""Sessions: how long they are, how many there are a day, and the ones behind a number."""

import time
from typing import Any

from midwatch.server.model.timerange import format_time
from midwatch.server.query.analytics.rows import PERSON, PERSONS, SESSION, Persons, SourceName, Statement, Wanted
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.analytics import (
    SessionBucket,
    SessionDay,
    SessionDurations,
    SessionList,
    SessionRow,
    SessionStats,
)

BOUNDS_SECONDS = (10, 30, 60, 180, 600, 1800, 3600, 10_800)
"""Where the buckets of the distribution end."""
DAYS_MAX = 400
TRACES_MAX = 10


class SessionQueries:
    def __init__(self, source: Source, persons: Persons) -> None:
        self._source, self._persons = source, persons

    async def all(self, scope: Scope, wanted: Wanted) -> SessionDurations:
        """The distribution of durations: from a session's first event in the range to its last."""
        started = time.perf_counter()
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        each = _each(statement, wanted)
        bounds = ", ".join(str(bound) for bound in BOUNDS_SECONDS)
        found = await self._source.rows(
            f"""SELECT toUnixTimestamp(toStartOfDay(toDateTime(first, 'UTC'))) AS day, grouping(day) AS whole,
                    count() AS sessions, uniqExactIf(person, person != '') AS persons,
                    quantilesExactInclusive(0.5, 0.75, 0.9)(seconds) AS q, avg(seconds) AS mean,
                    countIf(n = 1) AS single, avg(n) AS events,
                    sumMap([toUInt8(arrayCount(b -> seconds >= b, [{bounds}]))], [toUInt64(1)]) AS spread
                FROM {each} GROUP BY GROUPING SETS ((), (day)) ORDER BY day DESC LIMIT {DAYS_MAX + 1}""",
            statement.params,
        )
        whole = next((row for row in found if row["whole"]), None)
        days = sorted((row for row in found if not row["whole"]), key=lambda row: int(row["day"]))
        return SessionDurations(
            stats_of_all=_stats(whole),
            buckets=_buckets(dict(zip(*whole["spread"], strict=True)) if whole and whole["sessions"] else {}),
            days=[_day(row) for row in days],
            stats=stats_since(started),
        )

    async def between(
        self, scope: Scope, wanted: Wanted, *, from_seconds: float, to_seconds: float | None, limit: int
    ) -> SessionList:
        """Sessions of such a length, the latest first, with their traces and errors."""
        started = time.perf_counter()
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        each = _each(statement, wanted)
        until = f" AND seconds < {statement.bind(float(to_seconds))}" if to_seconds is not None else ""
        rows = await self._source.rows(
            f"""SELECT session, toUnixTimestamp64Nano(first) AS start, seconds, n, person, entry, traces FROM {each}
                WHERE seconds >= {statement.bind(float(from_seconds))}{until}
                ORDER BY start DESC, session LIMIT {int(limit) + 1}""",
            statement.params,
        )
        errors = await self._errors(scope, rows[:limit])
        sessions = [_row(row, errors) for row in rows[:limit]]
        return SessionList(sessions=sessions, partial=len(rows) > limit, stats=stats_since(started))

    async def _errors(self, scope: Scope, rows: list[dict[str, Any]]) -> dict[str, int]:
        """Errors by session, and by trace where they do not say their session."""
        if not rows:
            return {}
        found = await self._source.rows(
            f"""SELECT if(SessionId != '', concat('s', SessionId), concat('t', TraceId)) AS whose, count() AS n
                FROM error_events WHERE {scope.where()} AND NOT Duplicate AND (SessionId IN {{sessions:Array(String)}}
                    OR (TraceId != '' AND TraceId IN {{traces:Array(String)}})) GROUP BY whose""",
            {
                **scope.params,
                "sessions": [row["session"] for row in rows],
                "traces": sorted({trace for row in rows for trace in row["traces"]}),
            },
        )
        return {row["whose"]: int(row["n"]) for row in found}


def _each(statement: Statement, wanted: Wanted) -> str:
    """One row a session."""
    source: SourceName = wanted.source
    columns = {
        "own": statement.unit(source, PERSON),
        "trace": "TraceId",
        "place": "if(Path != '', Path, toString(Event))" if source == "events" else "toString(EventName)",
    }
    rows = statement.rows(source, statement.condition(wanted), SESSION, columns)
    return f"""(SELECT Key AS session, min(At) AS first,
            (toUnixTimestamp64Nano(max(At)) - toUnixTimestamp64Nano(first)) / 1e9 AS seconds, count() AS n,
            argMin(place, At) AS entry, groupUniqArrayIf({TRACES_MAX})(trace, trace != '') AS traces,
            argMax(if(p.Person != '', p.Person, r.own), At) AS person
        FROM {rows} AS r LEFT ANY JOIN ({PERSONS}) AS p ON r.own = p.Id GROUP BY session)"""


def _stats(row: dict[str, Any] | None) -> SessionStats:
    if row is None or not row["sessions"]:
        return SessionStats(
            count=0,
            p50_seconds=None,
            p75_seconds=None,
            p90_seconds=None,
            mean_seconds=None,
            single=0,
            events_per_session=None,
            persons=0,
        )
    p50, p75, p90 = row["q"]
    return SessionStats(
        count=row["sessions"],
        p50_seconds=p50,
        p75_seconds=p75,
        p90_seconds=p90,
        mean_seconds=row["mean"],
        single=row["single"],
        events_per_session=row["events"],
        persons=row["persons"],
    )


def _buckets(spread: dict[int, int]) -> list[SessionBucket]:
    starts = (0, *BOUNDS_SECONDS)
    ends = (*BOUNDS_SECONDS, None)
    return [
        SessionBucket(from_seconds=start, to_seconds=end, count=int(spread.get(place, 0)))
        for place, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _day(row: dict[str, Any]) -> SessionDay:
    return SessionDay(
        start=format_time(int(row["day"]) * 10**9),
        sessions=row["sessions"],
        persons=row["persons"],
        p50_seconds=row["q"][0],
        p90_seconds=row["q"][2],
    )


def _row(row: dict[str, Any], errors: dict[str, int]) -> SessionRow:
    own = errors.get(f"s{row['session']}", 0) + sum(errors.get(f"t{trace}", 0) for trace in row["traces"])
    return SessionRow(
        id=row["session"],
        start=format_time(row["start"]),
        duration_seconds=row["seconds"],
        events=row["n"],
        person=row["person"],
        entry=row["entry"],
        errors=own,
        trace_ids=list(row["traces"]),
    )
