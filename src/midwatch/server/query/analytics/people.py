"""Who is behind a number: persons (or sessions, or whatever has the id), with their sessions, traces and errors."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import format_time
from midwatch.server.query.analytics.rows import PERSON, Persons, SourceName, Statement, Wanted, require_unit
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.values import typed
from midwatch.server.schemas.analytics import (
    BehindError,
    BehindSession,
    PersonDetail,
    PersonList,
    PersonRow,
    ProductEvent,
    ProductEventPage,
)
from midwatch.server.store.flatten.product_events import COLUMN_PROPERTIES

TRACES_MAX, SESSIONS_MAX = 5, 5
"""Shown of one row."""
DETAIL_MAX = 100
"""Events, traces, sessions and errors that a person's page has; and distinct ids that are followed."""
ERRORS_MAX = 2_000
"""Looked at for all rows of a list."""
IDS_MAX = 5_000
_NAMES = ("name", "$name", "username", "email", "$email")
"""Properties of a person that say who it is, the best first."""
_ID = re.compile(r"([0-9a-f]{32})-(\d{1,10})-(-?\d{1,19})")
_EVENT = """toUnixTimestamp64Nano(Timestamp) AS ts, lower(hex(Segment)) AS segment, SegmentRow AS row,
    toString(Event) AS event, DistinctId AS distinct_id, toString(ServiceName) AS service,
    toString(Environment) AS environment, TraceId AS trace_id, Properties AS properties, PropertyTypes AS types,
    Flags AS flags, Adjustments AS adjustments, """ + ", ".join(
    f"toString({column}) AS c_{column.lower()}" for column in COLUMN_PROPERTIES
)


@dataclass(slots=True)
class _Seen:
    """What is known of one row's events."""

    events: int = 0
    last_ns: int = 0
    last_event: str = ""
    sessions: list[BehindSession] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)
    first_ns: int = 0


class People:
    def __init__(self, source: Source, persons: Persons) -> None:
        self._source, self._persons = source, persons

    async def of(
        self, scope: Scope, wanted: Wanted, unit: str, *, breakdown: str, value: str | None, limit: int
    ) -> PersonList:
        """Those who did something, the latest first."""
        started = time.perf_counter()
        require_unit(unit)
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        where = statement.condition(wanted)
        if breakdown and value is not None:
            where = f"({where} AND {statement.field(wanted.source, breakdown)} = {statement.bind(value)})"
        rows = statement.rows(wanted.source, where, unit, {})
        found = await self._source.rows(
            f"""SELECT Key AS key, max(At) AS last, count() OVER () AS total FROM {rows}
                GROUP BY key ORDER BY last DESC, key LIMIT {int(limit)}""",
            statement.params,
        )
        people = await self.rows([row["key"] for row in found], scope, unit)
        total = int(found[0]["total"]) if found else 0
        return PersonList(unit=unit, people=people, total=total, stats=stats_since(started))

    async def rows(self, keys: Sequence[str], scope: Scope, unit: str) -> list[PersonRow]:
        """What is behind each of these, in their order."""
        if not keys:
            return []
        ids = await self._ids(keys, scope) if unit == PERSON else {key: key for key in keys}
        seen = await self._seen(scope, unit, ids, traces=TRACES_MAX, sessions=SESSIONS_MAX)
        names = await self._names(scope, ids) if unit == PERSON else {}
        errors = await self._errors(scope, seen.values())
        found = []
        for key in keys:
            one = seen.get(key, _Seen())
            own = [error for error, session in errors if _belongs(error, session, one)]
            found.append(
                PersonRow(
                    person=key,
                    name=names.get(key, ""),
                    events=one.events,
                    last_seen=format_time(one.last_ns),
                    last_event=one.last_event,
                    sessions=one.sessions,
                    trace_ids=one.traces,
                    errors=len(own),
                )
            )
        return found

    async def detail(self, person: str, scope: Scope) -> PersonDetail:
        """All of one person; also of somebody who did nothing in the range."""
        started = time.perf_counter()
        await self._persons.refresh(scope.project)
        person = (await self._whose({person}, scope)).get(person, person)
        ids = await self._ids([person], scope)
        seen = (await self._seen(scope, PERSON, ids, traces=DETAIL_MAX, sessions=DETAIL_MAX)).get(person, _Seen())
        statement = Statement(scope)
        where = f"DistinctId IN {statement.bind(sorted(ids)[:IDS_MAX])}"
        latest = await self._latest(statement, where, DETAIL_MAX)
        errors = await self._errors(scope, [seen])
        return PersonDetail(
            person=person,
            distinct_ids=sorted(ids, key=lambda one: (one != person, one))[:DETAIL_MAX],
            properties=(await self._properties(scope, ids)).get(person, {}),
            first_seen=format_time(seen.first_ns) if seen.events else None,
            last_seen=format_time(seen.last_ns) if seen.events else None,
            events=seen.events,
            latest=[_event(row, person) for row in latest],
            sessions=seen.sessions,
            trace_ids=seen.traces,
            errors=[error for error, _ in errors][:DETAIL_MAX],
            stats=stats_since(started),
        )

    async def events(self, scope: Scope, wanted: Wanted, *, limit: int, cursor: str | None) -> ProductEventPage:
        """The latest product events."""
        started = time.perf_counter()
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        where = statement.condition(wanted)
        if cursor:
            if (at := _ID.fullmatch(cursor)) is None:
                raise BadRequest(f"cursor={cursor[:60]!r}: expected one that an answer gave")
            statement.params |= {"c_ts": int(at[3]), "c_segment": at[1], "c_row": int(at[2])}
            where += (
                " AND (Timestamp, Segment, SegmentRow) < (fromUnixTimestamp64Nano({c_ts:Int64}, 'UTC'),"
                " CAST(unhex({c_segment:String}) AS FixedString(16)), {c_row:UInt32})"
            )
        rows = await self._latest(statement, where, limit + 1)
        whose = await self._whose({row["distinct_id"] for row in rows}, scope)
        events = [_event(row, whose.get(row["distinct_id"], row["distinct_id"])) for row in rows]
        more = events[limit - 1].id if len(events) > limit else None
        return ProductEventPage(events=events[:limit], next_cursor=more, stats=stats_since(started))

    async def _latest(self, statement: Statement, where: str, limit: int) -> list[dict[str, Any]]:
        return await self._source.rows(
            f"""SELECT {_EVENT} FROM (SELECT * FROM product_events WHERE {statement.scope.where()} AND {where}
                    ORDER BY Timestamp DESC, Segment DESC, SegmentRow DESC LIMIT 1 BY Uuid LIMIT {int(limit)})
                ORDER BY Timestamp DESC, Segment DESC, SegmentRow DESC""",
            statement.params,
        )

    async def _whose(self, ids: Iterable[str], scope: Scope) -> dict[str, str]:
        """The person of each of these ids that belongs to another."""
        rows = await self._source.rows(
            """SELECT DistinctId AS id, argMax(Person, Version) AS person FROM persons
                WHERE Project = {project:UInt32} AND DistinctId IN {ids:Array(String)} GROUP BY id""",
            {"project": scope.project, "ids": sorted(ids)},
        )
        return {row["id"]: row["person"] for row in rows}

    async def _ids(self, persons: Sequence[str], scope: Scope) -> dict[str, str]:
        """Every distinct id of these persons, and whose it is."""
        rows = await self._source.rows(
            f"""SELECT DistinctId AS id, argMax(Person, Version) AS person FROM persons
                WHERE Project = {{project:UInt32}} GROUP BY id
                HAVING person IN {{persons:Array(String)}} LIMIT {IDS_MAX}""",
            {"project": scope.project, "persons": list(persons)},
        )
        return {**{one: one for one in persons}, **{row["id"]: row["person"] for row in rows}}

    async def _seen(
        self, scope: Scope, unit: str, ids: Mapping[str, str], *, traces: int, sessions: int
    ) -> dict[str, _Seen]:
        """By row: its events of both sources, its sessions, its traces."""
        statement = Statement(scope)
        whose = f"transform(own, {statement.bind(list(ids))}, {statement.bind(list(ids.values()))}, own)"
        parts = [_what(statement, source, unit, list(ids)) for source in _SOURCES]
        found = await self._source.rows(
            f"""SELECT key, sum(n) AS events, max(s_last) AS last, min(s_first) AS first,
                    argMax(s_event, s_last) AS event,
                    arraySlice(arrayDistinct(arrayFlatten(arrayReverseSort(groupArray(s_traces)))), 1, {int(traces)})
                        AS traces,
                    arraySlice(arrayReverseSort(groupArrayIf((s_first, s_last, session), session != '')), 1,
                        {int(sessions)}) AS sessions
                FROM (SELECT {whose} AS key, session, count() AS n, max(ts) AS s_last, min(ts) AS s_first,
                        argMax(name, ts) AS s_event, groupUniqArrayIf({DETAIL_MAX})(trace, trace != '') AS s_traces
                    FROM ({" UNION ALL ".join(parts)}) GROUP BY key, session)
                GROUP BY key""",
            statement.params,
        )
        return {row["key"]: _seen_of(row) for row in found}

    async def _names(self, scope: Scope, ids: Mapping[str, str]) -> dict[str, str]:
        named = await self._properties(scope, ids, only=_NAMES)
        return {key: next(of[name] for name in _NAMES if name in of) for key, of in named.items()}

    async def _properties(
        self, scope: Scope, ids: Mapping[str, str], only: Sequence[str] = ()
    ) -> dict[str, dict[str, str]]:
        """By person. The last `$set` of any of its ids counts; where there is none, the first `$set_once`."""
        rows = await self._source.rows(
            f"""SELECT DistinctId AS id, Name AS name, Once AS once, argMax(Value, Rank) AS value, max(Rank) AS rank
                FROM person_properties WHERE Project = {{project:UInt32}} AND DistinctId IN {{ids:Array(String)}}
                    {"AND Name IN {names:Array(String)}" if only else ""}
                GROUP BY id, name, once ORDER BY once DESC, rank""",
            {"project": scope.project, "ids": list(ids), "names": list(only)},
        )
        found: dict[str, dict[str, str]] = {}
        for row in rows:
            found.setdefault(ids[row["id"]], {})[row["name"]] = row["value"]
        return found

    async def _errors(self, scope: Scope, of: Iterable[_Seen]) -> list[tuple[BehindError, str]]:
        """Errors in these traces and sessions, the latest first, each with its session."""
        seen = list(of)
        traces = sorted({trace for one in seen for trace in one.traces})
        sessions = sorted({session.id for one in seen for session in one.sessions})
        if not traces and not sessions:
            return []
        rows = await self._source.rows(
            f"""SELECT EventId AS id, toUnixTimestamp64Nano(Timestamp) AS ts, Title AS title,
                    toString(ServiceName) AS service, TraceId AS trace, SessionId AS session, GroupHash AS group
                FROM error_events WHERE {scope.where()} AND NOT Duplicate
                    AND ((TraceId != '' AND TraceId IN {{traces:Array(String)}})
                        OR (SessionId != '' AND SessionId IN {{sessions:Array(String)}}))
                ORDER BY Timestamp DESC LIMIT {ERRORS_MAX}""",
            {**scope.params, "traces": traces, "sessions": sessions},
        )
        return [(_error(row), row["session"]) for row in rows]


_SOURCES: tuple[SourceName, ...] = ("events", "logs")


def _what(statement: Statement, source: SourceName, unit: str, ids: list[str]) -> str:
    """Rows of these ids: whose, when, what, in which trace and session."""
    among = statement.bind(ids)
    own, session = statement.unit(source, unit), statement.unit(source, "session")
    if source == "events":
        return f"""SELECT own, toUnixTimestamp64Nano(Timestamp) AS ts, toString(Event) AS name, TraceId AS trace,
            {session} AS session FROM (SELECT *, {own} AS own FROM product_events
                WHERE {statement.scope.where()} AND own IN {among} LIMIT 1 BY Uuid)"""
    return f"""SELECT {own} AS own, toUnixTimestamp64Nano(Timestamp) AS ts, toString(EventName) AS name,
            TraceId AS trace, {session} AS session FROM logs
        WHERE {statement.scope.where()} AND EventName != '' AND own IN {among}"""


def _seen_of(row: Mapping[str, Any]) -> _Seen:
    sessions = [
        BehindSession(id=id_, start=format_time(first), duration_seconds=(last - first) / 1e9)
        for first, last, id_ in row["sessions"]
    ]
    return _Seen(int(row["events"]), row["last"], row["event"], sessions, list(row["traces"]), row["first"])


def _belongs(error: BehindError, session: str, one: _Seen) -> bool:
    return error.trace_id in one.traces or any(own.id == session for own in one.sessions)


def _error(row: Mapping[str, Any]) -> BehindError:
    return BehindError(
        event_id=row["id"],
        timestamp=format_time(row["ts"]),
        title=row["title"],
        service=row["service"],
        trace_id=row["trace"],
        group=row["group"],
    )


def _event(row: Mapping[str, Any], person: str) -> ProductEvent:
    columns = {property_: row[f"c_{column.lower()}"] for column, property_ in COLUMN_PROPERTIES.items()}
    properties = {**typed(row["properties"], row["types"]), **{name: text for name, text in columns.items() if text}}
    return ProductEvent(
        id=f"{row['segment']}-{row['row']}-{row['ts']}",
        timestamp=format_time(row["ts"]),
        event=row["event"],
        source="events",
        person=person,
        distinct_id=row["distinct_id"],
        session_id=columns["$session_id"],
        service=row["service"],
        environment=row["environment"],
        url=columns["$current_url"],
        trace_id=row["trace_id"],
        properties=dict(sorted(properties.items())),
        flags=dict(sorted(row["flags"].items())),
        adjustments=list(row["adjustments"]),
    )
