"""Web vitals of a range: p75, shares, over time, by route, and what they can be narrowed to."""

import asyncio
import time
from typing import Any, get_args

from midwatch.server.model.timerange import format_time
from midwatch.server.model.web_vital import BOUNDS, rating
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.vitals import columns
from midwatch.server.query.vitals.records import Filters, Records, rated, records
from midwatch.server.query.vitals.sessions import SessionQueries
from midwatch.server.schemas.vitals import (
    RouteVitals,
    Vital,
    VitalChoice,
    VitalFigures,
    VitalName,
    VitalPoint,
    VitalsReport,
)

ROUTES_MAX = 200
CHOICES_MAX = 50
"""Values a filter is offered."""
POINTS_MAX = 120
STEPS_SECONDS = (60, 300, 600, 1800, 3600, 10_800, 21_600, 86_400)
P75 = "quantileExactInclusive(0.75)(assumeNotNull(value)) AS p75"
_FIGURES = f"{P75}, count() AS n, {rated()}"


class VitalQueries:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._sessions = SessionQueries(source)

    async def report(self, scope: Scope, filters: Filters) -> VitalsReport:
        started = time.perf_counter()
        before = Scope(scope.span.before(), scope.environments, scope.project)
        step = next((one for one in STEPS_SECONDS if scope.span.seconds / one <= POINTS_MAX), STEPS_SECONDS[-1])
        found, older = await asyncio.gather(
            records(self._source, scope, filters), records(self._source, before, filters)
        )
        whole, points, routes, choices, previous, sessions = await asyncio.gather(
            self._asked(found, f"SELECT name, {_FIGURES} FROM ({found.sql}) GROUP BY name"),
            self._asked(found, _over_time(found, step)),
            self._asked(found, _by_route(found)),
            self._asked(found, _choices(found)),
            self._asked(older, f"SELECT name, {P75} FROM ({older.sql}) GROUP BY name"),
            self._sessions.report(scope, filters, step),
        )
        by_name = {row["name"]: row for row in whole}
        p75_before = {row["name"]: row["p75"] for row in previous}
        return VitalsReport(
            vitals=[
                _vital(name, by_name.get(name), p75_before.get(name), points, found.every)
                for name in get_args(VitalName)
            ],
            routes=_routes(routes, found.every),
            routes_total=routes[0]["total"] if routes else 0,
            choices=_offered(choices, found.every),
            sessions=sessions,
            step_seconds=step,
            counted_every=found.every,
            stats=stats_since(started),
        )

    async def _asked(self, found: Records, sql: str) -> list[dict[str, Any]]:
        return await self._source.rows(sql, found.params)


def _over_time(found: Records, step: int) -> str:
    return f"""SELECT name, toInt64(intDiv(toUnixTimestamp(ts), {step}) * {step}) AS at, {P75}, count() AS n
        FROM ({found.sql}) GROUP BY name, at ORDER BY at"""


def _by_route(found: Records) -> str:
    """A row a route and vital, for as many routes as are listed."""
    core = ", ".join(f"'{one}'" for one in columns.CORE)
    return f"""SELECT route, name, {_FIGURES}, any(place) AS place, any(total) AS total
        FROM ({found.sql}) AS measured INNER JOIN (
            SELECT route, row_number() OVER (ORDER BY worst DESC, middling DESC, most DESC, route) AS place, count() OVER () AS total
            FROM (SELECT route, sumIf(poor, name IN ({core})) AS worst, sumIf(needs_improvement, name IN ({core})) AS middling,
                    max(n) AS most
                FROM (SELECT route, name, count() AS n, {rated()} FROM ({found.sql}) GROUP BY route, name)
                GROUP BY route)
            ORDER BY place LIMIT {ROUTES_MAX}
        ) AS ranked USING (route)
        GROUP BY route, name ORDER BY place, name"""


def _choices(found: Records) -> str:
    pairs = ", ".join(f"('{name}', {name})" for name in columns.FILTERS)
    return f"""SELECT told.1 AS filter, told.2 AS choice, count() AS n
        FROM ({found.sql}) ARRAY JOIN [{pairs}] AS told
        WHERE choice != '' GROUP BY filter, choice ORDER BY n DESC, choice LIMIT {CHOICES_MAX} BY filter"""


def _vital(
    name: VitalName, row: dict[str, Any] | None, before: float | None, points: list[dict[str, Any]], every: int
) -> Vital:
    good, poor = BOUNDS[name]
    return Vital(
        name=name,
        good_to=good,
        poor_above=poor,
        figures=None if row is None else _figures(row, every),
        previous_p75=before,
        points=[
            VitalPoint(time=format_time(one["at"] * 10**9), p75=one["p75"], count=one["n"] * every)
            for one in points
            if one["name"] == name
        ],
    )


def _figures(row: dict[str, Any], every: int) -> VitalFigures:
    return VitalFigures(
        p75=row["p75"],
        count=row["n"] * every,
        good=row["good"] * every,
        needs_improvement=row["needs_improvement"] * every,
        poor=row["poor"] * every,
        rating=rating(row["name"], row["p75"]),
    )


def _routes(rows: list[dict[str, Any]], every: int) -> list[RouteVitals]:
    by_route: dict[str, dict[VitalName, VitalFigures]] = {}
    for row in rows:
        by_route.setdefault(row["route"], {})[row["name"]] = _figures(row, every)
    return [
        RouteVitals(route=route, count=max(one.count for one in vitals.values()), vitals=vitals)
        for route, vitals in by_route.items()
    ]


def _offered(rows: list[dict[str, Any]], every: int) -> dict[Any, list[VitalChoice]]:
    found: dict[Any, list[VitalChoice]] = {name: [] for name in columns.FILTERS}
    for row in rows:
        found[row["filter"]].append(VitalChoice(value=row["choice"], count=row["n"] * every))
    return found
