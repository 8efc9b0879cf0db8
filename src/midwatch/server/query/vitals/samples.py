"""Single measurements and page loads, which lead to their traces."""

import time

from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import format_time
from midwatch.server.model.web_vital import rating
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.vitals import columns
from midwatch.server.query.vitals.records import Filters, conditions, narrowed
from midwatch.server.schemas.vitals import PageLoadList, PageLoadRow, VitalName, VitalSample, VitalSamples

CURSOR_MAX = 10_000
"""Rows that can be leafed through: who wants more narrows the range."""
_ELEMENTS = ("element", "target", "source.1")
_OTEL_LOADS = ("documentLoad",)
"""What OpenTelemetry's instrumentation of page loads calls them."""
_KIND = "if(SpanAttributes['sentry.op'] = 'navigation', 'navigation', 'pageload')"


class SampleQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def samples(
        self, scope: Scope, filters: Filters, vital: VitalName, *, worst: bool, limit: int, cursor: str | None
    ) -> VitalSamples:
        """Measurements of one vital, the newest or the worst first."""
        started, skipped = time.perf_counter(), _offset(cursor)
        parts, params = conditions(scope, filters)
        element = "coalesce(" + ", ".join(
            f"nullIf(LogAttributes['browser.web_vital.{vital}.{one}'], '')" for one in _ELEMENTS
        )
        sql = f"""SELECT toUnixTimestamp64Nano(Timestamp) AS ts, assumeNotNull({columns.VALUE}) AS value,
                toString(ServiceName) AS service, {columns.ROUTE} AS route, {columns.PATH} AS path, TraceId AS trace_id,
                SpanId AS span_id, {columns.DEVICE} AS device, {columns.BROWSER} AS browser, {columns.RELEASE} AS release,
                {columns.USER} AS user_id, {columns.SESSION} AS session_id, LogAttributes['sentry.replay_id'] AS replay_id,
                {element}, '') AS element
            FROM logs WHERE {" AND ".join(parts)} AND {columns.NAME} = {{vital:String}} AND isFinite(ifNull({columns.VALUE}, nan))
            ORDER BY {"value DESC, " if worst else ""}Timestamp DESC, Segment, SegmentRow LIMIT {limit + 1} OFFSET {skipped}"""
        rows = await self._source.rows(sql, {**params, "vital": vital})
        found = [
            VitalSample(time=format_time(row.pop("ts")), name=vital, rating=rating(vital, row["value"]), **row)
            for row in rows[:limit]
        ]
        return VitalSamples(rows=found, next_cursor=_next(skipped, limit, len(rows)), stats=stats_since(started))

    async def loads(self, scope: Scope, filters: Filters, *, limit: int, cursor: str | None) -> PageLoadList:
        """Page loads and navigations, the newest first; narrowed by the same as vitals."""
        started, skipped = time.perf_counter(), _offset(cursor)
        narrower, params = narrowed(filters)
        names = ", ".join(f"'{one}'" for one in _OTEL_LOADS)
        parts = [
            scope.where(),
            f"(SpanAttributes['sentry.op'] IN ('pageload', 'navigation') OR SpanName IN ({names}))",
        ]
        parts += [columns.of_spans(one) for one in narrower]
        path = columns.of_spans(columns.PATH)
        sql = f"""SELECT toUnixTimestamp64Nano(Timestamp) AS ts, {_KIND} AS kind, toString(ServiceName) AS service,
                toString(SpanName) AS name, {path} AS path, Duration AS duration_ns, toString(StatusCode) AS status,
                TraceId AS trace_id, SpanId AS span_id, SpanAttributes['user.id'] AS user_id, {columns.RELEASE} AS release,
                SpanAttributes['sentry.replay_id'] AS replay_id
            FROM spans WHERE {" AND ".join(parts)}
            ORDER BY Timestamp DESC, SpanId LIMIT {limit + 1} OFFSET {skipped}"""
        rows = await self._source.rows(sql, scope.params | params)
        found = [PageLoadRow(time=format_time(row.pop("ts")), **row) for row in rows[:limit]]
        return PageLoadList(rows=found, next_cursor=_next(skipped, limit, len(rows)), stats=stats_since(started))


def _offset(cursor: str | None) -> int:
    if not cursor:
        return 0
    if not cursor.isdecimal() or len(cursor) > 5 or int(cursor) > CURSOR_MAX:
        raise BadRequest(f"cursor={cursor[:60]!r}: expected next_cursor of the answer before")
    return int(cursor)


def _next(skipped: int, limit: int, found: int) -> str | None:
    following = skipped + limit
    return str(following) if found > limit and following <= CURSOR_MAX else None
