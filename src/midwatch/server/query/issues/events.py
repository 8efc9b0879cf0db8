"""Single events of an issue, and what they have in common."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from midwatch.server.query.source import Scope, Source

FACTS = (
    "EventId, toUnixTimestamp64Nano(Timestamp) AS time_ns, GroupHash, GroupVersion, Type, Value, Title, Culprit,"
    " toString(Level) AS Level, Severity, Category, Platform, Logger, Mechanism, Handled, ServiceName, Environment,"
    " Release, Dist, ServerName, TransactionName, TraceId, SpanId, ReplayId, SessionId, UserKey, Url, Browser, Os,"
    " Device, Runtime, Sdk, toString(Source) AS Source, Duplicate, Weight, Tags, Payload != '' AS whole"
)
COLUMNS = {
    "environment": "Environment",
    "release": "Release",
    "service": "ServiceName",
    "level": "toString(Level)",
    "user": "UserKey",
    "url": "Url",
    "transaction": "TransactionName",
    "browser": "Browser",
    "os": "Os",
    "device": "Device",
    "runtime": "Runtime",
    "server_name": "ServerName",
    "handled": "if(Handled, 'yes', 'no')",
    "mechanism": "Mechanism",
    "category": "Category",
    "source": "toString(Source)",
    "sdk": "Sdk",
}
"""Facts that are shown like tags."""
TAGS_MAX = 40
VALUES_MAX = 8
SAMPLE_EVENTS = 20_000
EVENTS_MAX = 200
_ID = re.compile(r"[0-9a-zA-Z_-]{1,64}")
Which = Literal["recommended", "latest", "oldest"]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    facts: dict[str, Any]
    payload: dict[str, Any] | None
    """None: only counted."""
    earlier: str = ""
    later: str = ""
    """Ids of the events before and after it."""


@dataclass(frozen=True, slots=True)
class TagValues:
    name: str
    values: list[tuple[str, float]]
    total: float
    distinct: int


class IssueEvents:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def page(
        self,
        scope: Scope,
        hashes: Sequence[str],
        *,
        before_ns: int | None,
        limit: int,
        tags: Sequence[tuple[str, str]] = (),
        duplicates: bool = False,
    ) -> list[dict[str, Any]]:
        """Facts of events, the newest first; `tags`: names and values, as `tags` has them, all of which they have."""
        where = f"{scope.where()} AND GroupHash IN {{hashes:Array(String)}}"
        if not duplicates:
            where += " AND NOT Duplicate"
        params = scope.params | {"hashes": list(hashes), "most": min(limit, EVENTS_MAX)}
        for at, (name, value) in enumerate(tags):
            where += f" AND {COLUMNS.get(name, f'Tags[{{name{at}:String}}]')} = {{value{at}:String}}"
            params |= {f"name{at}": name, f"value{at}": value}
        if before_ns is not None:
            where += " AND Timestamp < fromUnixTimestamp64Nano({before:Int64}, 'UTC')"
            params["before"] = before_ns
        sql = f"SELECT {FACTS} FROM error_events WHERE {where} ORDER BY Timestamp DESC, EventId LIMIT {{most:UInt32}}"
        return await self._source.rows(sql, params)

    async def one(self, scope: Scope, hashes: Sequence[str], which: str) -> StoredEvent | None:
        """`which`: recommended (the newest that is whole and says most), latest, oldest, or an id."""
        where = f"{scope.where()} AND GroupHash IN {{hashes:Array(String)}}"
        params = scope.params | {"hashes": list(hashes)}
        order = {
            "latest": "Timestamp DESC",
            "oldest": "Timestamp ASC",
            "recommended": "Payload != '' DESC, (ReplayId != '') + (TraceId != '') + 2 * (Source = 'sentry') DESC,"
            " Timestamp DESC",
        }.get(which)
        if order is None:
            if not _ID.fullmatch(which):
                return None
            where += " AND EventId = {which:String}"
            params["which"] = which
            order = "Payload != '' DESC"
        elif which != "recommended":
            where += " AND NOT Duplicate"
        sql = f"SELECT {FACTS}, Payload FROM error_events WHERE {where} ORDER BY {order} LIMIT 1"
        rows = await self._source.rows(sql, params)
        if not rows:
            return None
        facts = rows[0]
        payload = facts.pop("Payload")
        earlier, later = await self._beside(scope, hashes, facts)
        return StoredEvent(facts, orjson.loads(payload) if payload else None, earlier, later)

    async def find(self, project: int, event_id: str) -> dict[str, Any] | None:
        """Facts of an event, whenever it was."""
        sql = f"""SELECT {FACTS} FROM error_events
            WHERE Project = {{project:UInt32}} AND EventId = {{id:String}} ORDER BY Duplicate LIMIT 1"""
        rows = await self._source.rows(sql, {"project": project, "id": event_id})
        return rows[0] if rows else None

    async def of_trace(self, scope: Scope, trace_id: str) -> list[dict[str, Any]]:
        """Facts of the errors of a trace, in order."""
        sql = f"""SELECT {FACTS} FROM error_events
            WHERE {scope.where()} AND TraceId = {{trace:String}} AND NOT Duplicate
            ORDER BY Timestamp LIMIT {EVENTS_MAX}"""
        return await self._source.rows(sql, scope.params | {"trace": trace_id})

    async def recent_payloads(self, scope: Scope, *, limit: int) -> list[tuple[str, dict[str, Any]]]:
        """Group and newest whole event of as many groups, the busiest first."""
        sql = f"""
            SELECT GroupHash, argMax(Payload, Timestamp) AS payload, sum(Weight) AS n FROM error_events
            WHERE {scope.where()} AND NOT Duplicate AND Payload != ''
            GROUP BY GroupHash ORDER BY n DESC LIMIT {{most:UInt32}}"""
        rows = await self._source.rows(sql, scope.params | {"most": limit})
        return [(row["GroupHash"], orjson.loads(row["payload"])) for row in rows]

    async def tags(self, scope: Scope, hashes: Sequence[str]) -> list[TagValues]:
        """What its events say of themselves, the commonest values of each."""
        named = ", ".join(f"('{name}', {column})" for name, column in COLUMNS.items())
        known = ", ".join(f"'{name}'" for name in COLUMNS)
        sql = f"""
            SELECT name, value, sum(w) AS n, sum(n) OVER (PARTITION BY name) AS total,
                count() OVER (PARTITION BY name) AS distinct
            FROM (
                SELECT tag.1 AS name, tag.2 AS value, Weight AS w
                FROM (
                    SELECT Weight, arrayJoin(arrayFilter(t -> t.2 != '', arrayConcat([{named}],
                        arrayFilter(t -> NOT has([{known}], t.1),
                            arrayMap((k, v) -> (toString(k), v), mapKeys(Tags), mapValues(Tags)))))) AS tag
                    FROM (
                        SELECT * FROM error_events
                        WHERE {scope.where()} AND GroupHash IN {{hashes:Array(String)}} AND NOT Duplicate
                        ORDER BY Timestamp DESC LIMIT {SAMPLE_EVENTS}
                    )
                )
            ) GROUP BY name, value ORDER BY name, n DESC LIMIT {VALUES_MAX} BY name LIMIT {TAGS_MAX * VALUES_MAX}"""
        found: dict[str, TagValues] = {}
        for row in await self._source.rows(sql, scope.params | {"hashes": list(hashes)}):
            one = found.setdefault(row["name"], TagValues(row["name"], [], float(row["total"]), int(row["distinct"])))
            one.values.append((row["value"], float(row["n"])))
        order = list(COLUMNS)
        return sorted(found.values(), key=lambda one: order.index(one.name) if one.name in order else len(order))

    async def _beside(self, scope: Scope, hashes: Sequence[str], facts: dict[str, Any]) -> tuple[str, str]:
        sql = f"""
            SELECT argMaxIf(EventId, Timestamp, toUnixTimestamp64Nano(Timestamp) < {{at:Int64}}) AS earlier,
                argMinIf(EventId, Timestamp, toUnixTimestamp64Nano(Timestamp) > {{at:Int64}}) AS later
            FROM error_events
            WHERE {scope.where()} AND GroupHash IN {{hashes:Array(String)}} AND NOT Duplicate"""
        rows = await self._source.rows(sql, scope.params | {"hashes": list(hashes), "at": int(facts["time_ns"])})
        return (rows[0]["earlier"], rows[0]["later"]) if rows else ("", "")
