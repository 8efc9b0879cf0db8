"""Names of events, properties and their values, for whoever picks one."""

import time
from typing import Any

from midwatch.server.model.timerange import format_time
from midwatch.server.query.analytics.fields import FLAG
from midwatch.server.query.analytics.rows import SCHEMAS, Statement, Wanted
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.analytics import EventNames, NamedCount, PropertyNames, PropertyValue, PropertyValues
from midwatch.server.store.flatten.product_events import COLUMN_PROPERTIES

NAMES_MAX = 500
ROWS_MAX = 200_000
"""Properties are counted over so many rows, the newest."""


class NameQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def events(self, scope: Scope) -> EventNames:
        """The most frequent first."""
        started = time.perf_counter()
        events = await self._names("product_events", "Event", scope)
        logs = await self._names("logs", "EventName", scope)
        return EventNames(events=events, logs=logs, stats=stats_since(started))

    async def properties(self, scope: Scope, wanted: Wanted) -> PropertyNames:
        """Of the newest events; flags as `flag.<name>`."""
        started = time.perf_counter()
        statement = Statement(scope)
        where = statement.condition(wanted)
        names = "mapKeys(LogAttributes)"
        if wanted.source == "events":
            columns = ", ".join(f"({column} != '', '{property_}')" for column, property_ in COLUMN_PROPERTIES.items())
            own = f"arrayMap(c -> c.2, arrayFilter(c -> c.1, [{columns}]))"
            flags = f"arrayMap(f -> concat('{FLAG}', f), mapKeys(Flags))"
            names = f"arrayConcat({own}, mapKeys(Properties), {flags})"
        found = await self._source.rows(
            f"""SELECT toString(name) AS name, count() AS n, toUnixTimestamp64Nano(max(Timestamp)) AS last FROM (
                    SELECT Timestamp, CAST({names} AS Array(String)) AS names FROM {SCHEMAS[wanted.source].table}
                    WHERE {scope.where()} AND {where} ORDER BY Timestamp DESC LIMIT {ROWS_MAX})
                ARRAY JOIN names AS name GROUP BY name ORDER BY n DESC, name LIMIT {NAMES_MAX}""",
            statement.params,
        )
        return PropertyNames(properties=[_named(row) for row in found], stats=stats_since(started))

    async def values(self, scope: Scope, wanted: Wanted, name: str) -> PropertyValues:
        """Of one property, the most frequent first."""
        started = time.perf_counter()
        statement = Statement(scope)
        where, field = statement.condition(wanted), statement.field(wanted.source, name)
        found = await self._source.rows(
            f"""SELECT value, count() AS n FROM (SELECT {field} AS value FROM {SCHEMAS[wanted.source].table}
                    WHERE {scope.where()} AND {where} ORDER BY Timestamp DESC LIMIT {ROWS_MAX})
                WHERE value != '' GROUP BY value ORDER BY n DESC, value LIMIT {NAMES_MAX}""",
            statement.params,
        )
        values = [PropertyValue(value=row["value"], count=row["n"]) for row in found]
        return PropertyValues(values=values, stats=stats_since(started))

    async def _names(self, table: str, column: str, scope: Scope) -> list[NamedCount]:
        count = "uniqExact(Uuid)" if table == "product_events" else "count()"
        found = await self._source.rows(
            f"""SELECT toString({column}) AS name, {count} AS n, toUnixTimestamp64Nano(max(Timestamp)) AS last
                FROM {table} WHERE {scope.where()} AND {column} != ''
                GROUP BY name ORDER BY n DESC, name LIMIT {NAMES_MAX}""",
            scope.params,
        )
        return [_named(row) for row in found]


def _named(row: dict[str, Any]) -> NamedCount:
    return NamedCount(name=row["name"], count=row["n"], last_seen=format_time(row["last"]))
