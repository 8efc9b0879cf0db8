"""Funnels: ordered steps of persons, sessions or anything that has an id, within a window."""

import asyncio
import time
from dataclasses import dataclass

import numpy as np

from midwatch.server.model.errors import BadRequest
from midwatch.server.query.analytics.attempts import Attempts, Occurrences, best_attempts, quantiles, seconds_between
from midwatch.server.query.analytics.people import People
from midwatch.server.query.analytics.rows import Persons, Statement, Wanted, require_unit
from midwatch.server.query.logs import stats_since
from midwatch.server.query.metrics.scope import Reader
from midwatch.server.query.source import Scope
from midwatch.server.schemas.analytics import (
    Funnel,
    FunnelGroup,
    FunnelPeopleQuery,
    FunnelResult,
    FunnelStepResult,
    PersonList,
)

GROUPS_MAX = 10
"""Values of a breakdown that are shown apart."""
ANSWER_BYTES_MAX = 80 << 20
"""Four million occurrences of steps; what has more is refused, and a narrower range asked for."""
_RECORD = np.dtype([("unit", "<u8"), ("time", "<i8"), ("steps", "<u2"), ("group", "<u2")])
_REST = 0


@dataclass(frozen=True, slots=True)
class _Run:
    attempts: Attempts
    values: list[str]
    """Of the breakdown; group n is the nth of these, group 0 the rest."""


class Funnels:
    def __init__(self, reader: Reader, persons: Persons, people: People) -> None:
        self._reader, self._persons, self._people = reader, persons, people

    async def result(self, funnel: Funnel, scope: Scope) -> FunnelResult:
        """
        Raises:
            BadRequest: a search or a name cannot be read.
            StoreError: also where there are too many occurrences.
        """
        started = time.perf_counter()
        run = await self._run(funnel, scope)
        return await asyncio.to_thread(_result, funnel, run, started)

    async def people(self, asked: FunnelPeopleQuery, scope: Scope) -> PersonList:
        """Who took a step, or who left before it: the latest first."""
        if asked.step > len(asked.steps) or (asked.step == 1 and asked.outcome == "left"):
            raise BadRequest(f"step={asked.step}: expected a step of the funnel; nobody leaves before the first")
        started = time.perf_counter()
        run = await self._run(asked, scope)
        if asked.value is not None and asked.value not in run.values:
            raise BadRequest(f"value={asked.value[:40]!r}: expected a value that the funnel shows apart")
        chosen, total = await asyncio.to_thread(_latest, asked, run)
        behind = await self._behind(asked, scope, chosen)
        return PersonList(
            unit=asked.unit,
            people=await self._people.rows(behind, scope, asked.unit),
            total=total,
            stats=stats_since(started),
        )

    async def _run(self, funnel: Funnel, scope: Scope) -> _Run:
        require_unit(funnel.unit)
        await self._persons.refresh(scope.project)
        values = await self._values(funnel, scope) if funnel.breakdown else []
        statement = Statement(scope)
        source = _occurrences(statement, funnel, values)
        sql = f"SELECT sipHash64(Key), toUnixTimestamp64Nano(At), steps, grp FROM ({source}) FORMAT RowBinary"
        data = await self._reader.binary(sql, statement.params, bytes_max=ANSWER_BYTES_MAX)
        rows = np.frombuffer(data, dtype=_RECORD)
        occurrences = Occurrences(rows["unit"], rows["time"], rows["steps"], rows["group"])
        window_ns = int(funnel.window_seconds * 1e9)
        return _Run(await asyncio.to_thread(best_attempts, occurrences, len(funnel.steps), window_ns), values)

    async def _values(self, funnel: Funnel, scope: Scope) -> list[str]:
        """The breakdown's most frequent values among those who took the first step."""
        statement, first = Statement(scope), funnel.steps[0]
        where = statement.condition(Wanted(first.source, first.event, first.query))
        columns = {"value": statement.field(first.source, funnel.breakdown)}
        rows = statement.rows(first.source, where, funnel.unit, columns)
        found = await self._reader.rows(
            f"SELECT value, uniqExact(Key) AS n FROM {rows} GROUP BY value ORDER BY n DESC, value LIMIT {GROUPS_MAX}",
            statement.params,
        )
        return [row["value"] for row in found]

    async def _behind(self, funnel: Funnel, scope: Scope, units: list[int]) -> list[str]:
        """The keys of units, in their order."""
        if not units:
            return []
        statement = Statement(scope)
        source = _occurrences(statement, funnel, [])
        statement.params["units"] = units
        found = await self._reader.rows(
            f"""SELECT sipHash64(Key) AS unit, any(Key) AS key FROM ({source})
                WHERE unit IN {{units:Array(UInt64)}} GROUP BY unit""",
            statement.params,
        )
        keys = {int(row["unit"]): row["key"] for row in found}
        return [keys[unit] for unit in units if unit in keys]


def _occurrences(statement: Statement, funnel: Funnel, values: list[str]) -> str:
    """Every row that is a step: `Key`, `At`, `steps` as bits, and the group `grp` that it would put its unit into."""
    parts = []
    for source in sorted({step.source for step in funnel.steps}):
        bits, conditions = [], []
        for place, step in enumerate(funnel.steps):
            if step.source != source:
                continue
            condition = statement.condition(Wanted(source, step.event, step.query))
            conditions.append(condition)
            bits.append(f"toUInt16({condition}) * {1 << place}")
        group = "toUInt16(0)"
        if values and funnel.steps[0].source == source:
            field = statement.field(source, funnel.breakdown)
            group = f"toUInt16(indexOf({statement.bind(values)}, {field}))"
        columns = {"steps": f"toUInt16({' + '.join(bits)})", "grp": group}
        rows = statement.rows(source, f"({' OR '.join(conditions)})", funnel.unit, columns)
        parts.append(f"SELECT Key, At, steps, grp FROM {rows}")
    return " UNION ALL ".join(parts)


def _result(funnel: Funnel, run: _Run, started: float) -> FunnelResult:
    """For a thread: two million attempts take 1.7 s."""
    whole = run.attempts
    last = len(funnel.steps) - 1
    through = whole.reached > last
    overall = (whole.times[through, last] - whole.times[through, 0]) / 1e9 if last else np.zeros(0)
    median, p90 = quantiles(overall, (0.5, 0.9))
    return FunnelResult(
        unit=funnel.unit,
        steps=_steps(funnel, whole),
        groups=_groups(funnel, run) if funnel.breakdown else [],
        median_seconds=median,
        p90_seconds=p90,
        stats=stats_since(started),
    )


def _latest(asked: FunnelPeopleQuery, run: _Run) -> tuple[list[int], int]:
    """Units that took a step or left before it, the latest first; and how many there are beyond the limit, too."""
    found = run.attempts
    chosen = found.reached == asked.step - 1 if asked.outcome == "left" else found.reached >= asked.step
    if asked.value is not None:
        chosen &= found.groups == run.values.index(asked.value) + 1
    units = found.units[chosen]
    latest = np.argsort(-found.times[chosen].max(axis=1, initial=0), kind="stable")[: asked.limit]
    return [int(one) for one in units[latest]], len(units)


def _steps(funnel: Funnel, attempts: Attempts) -> list[FunnelStepResult]:
    found: list[FunnelStepResult] = []
    for place, step in enumerate(funnel.steps):
        count = int((attempts.reached > place).sum())
        first, previous = (found[0].count, found[-1].count) if found else (count, count)
        median, p90 = quantiles(seconds_between(attempts, place), (0.5, 0.9)) if place else (None, None)
        found.append(
            FunnelStepResult(
                name=step.name or step.event,
                event=step.event,
                source=step.source,
                count=count,
                of_first=count / first if first else None,
                of_previous=count / previous if previous else None,
                median_seconds=median,
                p90_seconds=p90,
            )
        )
    return found


def _groups(funnel: Funnel, run: _Run) -> list[FunnelGroup]:
    found = []
    for number, value in [*enumerate(run.values, 1), (_REST, "")]:
        those = run.attempts.groups == number
        if number == _REST and not those.any():
            continue
        attempts = Attempts(
            run.attempts.units[those],
            run.attempts.groups[those],
            run.attempts.reached[those],
            run.attempts.times[those],
        )
        found.append(FunnelGroup(value=value, rest=number == _REST, steps=_steps(funnel, attempts)))
    return found
