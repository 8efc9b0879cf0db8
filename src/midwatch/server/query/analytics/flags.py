"""Features by flag: who had which value, and how many of them used what it switches."""

import time
from typing import Any

from midwatch.server.query.analytics.rows import PERSON, Persons, Statement, Wanted
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.analytics import FlagList, FlagResult, FlagSummary, FlagUsage

FLAGS_MAX = 200
VALUES_MAX = 20


class FlagQueries:
    def __init__(self, source: Source, persons: Persons) -> None:
        self._source, self._persons = source, persons

    async def all(self, scope: Scope) -> FlagList:
        """Flags that events carried, those of the most persons first."""
        started = time.perf_counter()
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        rows = statement.rows(
            "events", "notEmpty(Flags)", PERSON, {"names": "mapKeys(Flags)", "of": "mapValues(Flags)"}
        )
        found = await self._source.rows(
            f"""SELECT name, groupUniqArray({VALUES_MAX})(value) AS values, uniqExact(Key) AS persons, count() AS events
                FROM {rows} ARRAY JOIN names AS name, of AS value
                GROUP BY name ORDER BY persons DESC, name LIMIT {FLAGS_MAX + 1}""",
            statement.params,
        )
        flags = [
            FlagSummary(name=row["name"], values=sorted(row["values"]), persons=row["persons"], events=row["events"])
            for row in found[:FLAGS_MAX]
        ]
        return FlagList(flags=flags, more=len(found) > FLAGS_MAX, stats=stats_since(started))

    async def usage(self, scope: Scope, flag: str, wanted: Wanted) -> FlagResult:
        """By value of a flag: who had it, and who of them did what is asked about.

        An event counts for the value that it carries; one that carries none, as a server sends it, for the value that
        its person had by the last event that said so.
        """
        started = time.perf_counter()
        await self._persons.refresh(scope.project)
        statement = Statement(scope)
        name = statement.bind(flag)
        had = statement.rows("events", f"mapContains(Flags, {name})", PERSON, {"said": f"Flags[{name}]"})
        own = f"if(mapContains(Flags, {name}), Flags[{name}], '')" if wanted.source == "events" else "''"
        says = f"mapContains(Flags, {name})" if wanted.source == "events" else "false"
        uses = statement.rows(wanted.source, statement.condition(wanted), PERSON, {"own": own, "says": says})
        whose = f"(SELECT Key, argMax(said, At) AS value, uniqExact(said) AS n FROM {had} GROUP BY Key)"
        found = await self._source.rows(
            f"""SELECT value, sum(persons) AS persons, sum(used) AS used, sum(uses) AS uses, sum(changed) AS changed
                FROM (
                SELECT value, count() AS persons, 0 AS used, 0 AS uses, countIf(n > 1) AS changed
                FROM {whose} GROUP BY value
                UNION ALL
                SELECT if(u.says, u.own, w.value) AS value, 0 AS persons, uniqExact(u.Key) AS used, count() AS uses,
                    0 AS changed
                FROM {uses} AS u INNER JOIN {whose} AS w ON u.Key = w.Key GROUP BY value)
                GROUP BY value ORDER BY persons DESC, value LIMIT {VALUES_MAX}""",
            statement.params,
        )
        return FlagResult(
            flag=flag,
            event=wanted.event,
            values=[_usage(row) for row in found],
            changed=sum(int(row["changed"]) for row in found),
            stats=stats_since(started),
        )


def _usage(row: dict[str, Any]) -> FlagUsage:
    persons, used = int(row["persons"]), int(row["used"])
    share = min(used / persons, 1.0) if persons else None
    return FlagUsage(value=row["value"], persons=persons, used=used, uses=int(row["uses"]), share=share)
