"""Services, operations and the map between them, from the roll-up by minute; figures are weighted for sampling."""

import asyncio
import time
from typing import Any

from midwatch.server.model.errors import NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.query.logs import stats_since
from midwatch.server.query.red import COLUMNS, NOTHING, red
from midwatch.server.query.service_map import SERVICES_MAX, ServiceMapQueries, total_of
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.services import (
    Dependency,
    EnvironmentList,
    MapEdge,
    Operation,
    RedPoint,
    ServiceDetail,
    ServiceList,
    ServiceMap,
    ServiceSummary,
)

SPARK_POINTS = 24
POINTS_MAX = 120
OPERATIONS_MAX = 200
STEPS_SECONDS = (60, 300, 600, 1800, 3600, 10800, 21600, 86400)


class ServiceQueries:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._map = ServiceMapQueries(source)

    async def environments(self, project: int = 1) -> EnvironmentList:
        sql = """SELECT DISTINCT toString(Environment) AS env FROM (
                SELECT Environment FROM service_red WHERE Project = {project:UInt32} AND Minute >= now() - INTERVAL 7 DAY
                UNION DISTINCT
                SELECT Environment FROM log_volume WHERE Project = {project:UInt32} AND Minute >= now() - INTERVAL 7 DAY
            ) WHERE Environment != '' ORDER BY env LIMIT 200"""
        rows = await self._source.rows(sql, {"project": project})
        return EnvironmentList(environments=[row["env"] for row in rows])

    async def all(self, scope: Scope) -> ServiceList:
        started = time.perf_counter()
        before = Scope(scope.span.before(), scope.environments, scope.project)
        step_ns = max(1, (scope.span.end_ns - scope.span.start_ns) // SPARK_POINTS)
        now, previous, sparks, log_errors = await asyncio.gather(
            self._source.rows(self._by_service(scope), scope.params),
            self._source.rows(self._by_service(before), before.params),
            self._source.rows(
                f"""SELECT toString(ServiceName) AS service, least({SPARK_POINTS - 1}, greatest(0, intDiv(
                        toUnixTimestamp64Nano(CAST(Minute AS DateTime64(9, 'UTC'))) - {{start:Int64}}, {step_ns}))) AS slot,
                    sum(Count) AS requests, sum(Errors) AS errors
                FROM service_red WHERE {scope.where("Minute", nanos=False)} AND IsEntry GROUP BY service, slot""",
                scope.params,
            ),
            self._source.rows(
                f"""SELECT toString(ServiceName) AS service, sum(Count) AS n FROM log_volume
                WHERE {scope.where("Minute", nanos=False)} AND Level >= 'error' GROUP BY service""",
                scope.params,
            ),
        )
        older = {row["service"]: red(row, before.span) for row in previous}
        errors_logged = {row["service"]: row["n"] for row in log_errors}
        rates: dict[str, list[float]] = {}
        failures: dict[str, list[float]] = {}
        for row in sparks:
            rates.setdefault(row["service"], [0.0] * SPARK_POINTS)[row["slot"]] = row["requests"] / (step_ns / 1e9)
            failures.setdefault(row["service"], [0.0] * SPARK_POINTS)[row["slot"]] = row["errors"] / (step_ns / 1e9)
        empty = red(NOTHING, scope.span)
        services = [
            ServiceSummary(
                **red(row, scope.span).model_dump(),
                name=row["service"],
                environments=sorted(row["envs"]),
                sparkline=rates.get(row["service"], [0.0] * SPARK_POINTS),
                error_sparkline=failures.get(row["service"], [0.0] * SPARK_POINTS),
                log_errors=errors_logged.get(row["service"], 0),
                last_seen=format_time(row["last"] * 10**9),
                previous=older.get(row["service"], empty),
            )
            for row in now
        ]
        return ServiceList(services=services, total=total_of(now), stats=stats_since(started))

    async def detail(self, name: str, scope: Scope) -> ServiceDetail:
        started = time.perf_counter()
        before = Scope(scope.span.before(), scope.environments, scope.project)
        step = next((step for step in STEPS_SECONDS if scope.span.seconds / step <= POINTS_MAX), STEPS_SECONDS[-1])
        service_map_task = asyncio.ensure_future(self.map(scope))
        now, previous, points, older_points, operations, older_operations = await asyncio.gather(
            self._source.rows(self._by_service(scope, one=True), {**scope.params, "name": name}),
            self._source.rows(self._by_service(before, one=True), {**before.params, "name": name}),
            self._points(name, scope, step),
            self._points(name, before, step),
            self._operations(name, scope),
            self._operations(name, before),
        )
        service_map = await service_map_task
        if not now and not previous:
            raise NotFound(f"cannot find service {name!r} in this range")
        shift = scope.span.start_ns - before.span.start_ns
        older = {(row["name"], row["kind"]): red(row, before.span) for row in older_operations}
        nodes = {node.name: node for node in service_map.nodes}
        return ServiceDetail(
            name=name,
            environments=sorted(now[0]["envs"]) if now else [],
            summary=red(now[0] if now else NOTHING, scope.span),
            previous=red(previous[0] if previous else NOTHING, before.span),
            step_seconds=step,
            points=[_point(row, step, 0) for row in points],
            previous_points=[_point(row, step, shift) for row in older_points],
            operations=[
                Operation(
                    **red(row, scope.span).model_dump(),
                    name=row["name"],
                    kind=row["kind"],
                    previous=older.get((row["name"], row["kind"]), red(NOTHING, before.span)),
                )
                for row in operations
            ],
            operations_total=total_of(operations),
            upstream=[
                Dependency(**_figures(edge), name=edge.source, type=nodes[edge.source].type)
                for edge in service_map.edges
                if edge.target == name
            ],
            downstream=[
                Dependency(**_figures(edge), name=edge.target, type=nodes[edge.target].type)
                for edge in service_map.edges
                if edge.source == name
            ],
            stats=stats_since(started),
        )

    async def map(self, scope: Scope) -> ServiceMap:
        return await self._map.read(scope)

    def _by_service(self, scope: Scope, *, one: bool = False) -> str:
        only = " AND ServiceName = {name:String}" if one else ""
        return f"""SELECT toString(ServiceName) AS service, {COLUMNS}, arraySlice(arraySort(groupUniqArray(1000)(toString(Environment))), 1, 20) AS envs,
                toInt64(toUnixTimestamp(max(Minute))) AS last, count() OVER () AS total
            FROM service_red WHERE {scope.where("Minute", nanos=False)} AND IsEntry{only}
            GROUP BY service ORDER BY requests DESC, service LIMIT {SERVICES_MAX}"""

    async def _points(self, name: str, scope: Scope, step: int) -> list[dict[str, Any]]:
        sql = f"""SELECT toInt64(intDiv(toUnixTimestamp(Minute), {step}) * {step}) AS at, {COLUMNS}
            FROM service_red WHERE {scope.where("Minute", nanos=False)} AND IsEntry AND ServiceName = {{name:String}}
            GROUP BY at ORDER BY at"""
        return await self._source.rows(sql, {**scope.params, "name": name})

    async def _operations(self, name: str, scope: Scope) -> list[dict[str, Any]]:
        sql = f"""SELECT toString(SpanName) AS name, toString(SpanKind) AS kind, {COLUMNS}, count() OVER () AS total
            FROM service_red WHERE {scope.where("Minute", nanos=False)} AND IsEntry AND ServiceName = {{name:String}}
            GROUP BY name, kind ORDER BY requests DESC, name, kind LIMIT {OPERATIONS_MAX}"""
        return await self._source.rows(sql, {**scope.params, "name": name})


def _figures(edge: MapEdge) -> dict[str, Any]:
    return edge.model_dump(exclude={"source", "target"})


def _point(row: dict[str, Any], step: int, shift_ns: int) -> RedPoint:
    p50, p95, p99 = row["quantiles"]
    return RedPoint(
        time=format_time(row["at"] * 10**9 + shift_ns),
        rate=row["requests"] / step,
        error_rate=row["errors"] / step,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )
