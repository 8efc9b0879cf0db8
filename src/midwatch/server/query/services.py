"""Services, operations and the map between them, from the roll-up by minute; figures are weighted for sampling."""

import asyncio
import math
import time
from typing import Any, Literal

from midwatch.server.http.schemas.services import (
    Dependency,
    EnvironmentList,
    MapEdge,
    MapNode,
    Operation,
    Red,
    RedPoint,
    ServiceDetail,
    ServiceList,
    ServiceMap,
    ServiceSummary,
)
from midwatch.server.model.errors import NotFound
from midwatch.server.model.timerange import TimeRange, format_time
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope, Source

SPARK_POINTS = 24
POINTS_MAX = 120
STEPS_SECONDS = (60, 300, 600, 1800, 3600, 10800, 21600, 86400)
MAP_SPANS_MAX = 500_000
"""Spans that the map's edges between services are read from: the newest ones of the range."""

NodeType = Literal["service", "database", "cache", "queue", "external"]
_CACHES = ("redis", "memcached", "valkey")
_RED = """sum(Count) AS requests, sum(Errors) AS errors,
    quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)(Durations) AS quantiles"""


class ServiceQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

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
        older = {row["service"]: _red(row, before.span) for row in previous}
        errors_logged = {row["service"]: row["n"] for row in log_errors}
        rates: dict[str, list[float]] = {}
        failures: dict[str, list[float]] = {}
        for row in sparks:
            rates.setdefault(row["service"], [0.0] * SPARK_POINTS)[row["slot"]] = row["requests"] / (step_ns / 1e9)
            failures.setdefault(row["service"], [0.0] * SPARK_POINTS)[row["slot"]] = row["errors"] / (step_ns / 1e9)
        empty = _red({"requests": 0, "errors": 0, "quantiles": []}, scope.span)
        services = [
            ServiceSummary(
                **_red(row, scope.span).model_dump(),
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
        return ServiceList(services=services, stats=stats_since(started))

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
        empty = {"requests": 0, "errors": 0, "quantiles": []}
        shift = scope.span.start_ns - before.span.start_ns
        older = {(row["name"], row["kind"]): _red(row, before.span) for row in older_operations}
        nodes = {node.name: node for node in service_map.nodes}
        return ServiceDetail(
            name=name,
            environments=sorted(now[0]["envs"]) if now else [],
            summary=_red(now[0] if now else empty, scope.span),
            previous=_red(previous[0] if previous else empty, before.span),
            step_seconds=step,
            points=[_point(row, step, 0) for row in points],
            previous_points=[_point(row, step, shift) for row in older_points],
            operations=[
                Operation(
                    **_red(row, scope.span).model_dump(),
                    name=row["name"],
                    kind=row["kind"],
                    previous=older.get((row["name"], row["kind"]), _red(empty, before.span)),
                )
                for row in operations
            ],
            upstream=[
                Dependency(**_red_of(edge), name=edge.source, type=nodes[edge.source].type)
                for edge in service_map.edges
                if edge.target == name
            ],
            downstream=[
                Dependency(**_red_of(edge), name=edge.target, type=nodes[edge.target].type)
                for edge in service_map.edges
                if edge.source == name
            ],
            stats=stats_since(started),
        )

    async def map(self, scope: Scope) -> ServiceMap:
        """Who calls whom: from parents and children across services, and from what client spans say of their peers."""
        started = time.perf_counter()
        recent = f"""SELECT TraceId, SpanId, ParentSpanId, ServiceName, SpanKind, StatusCode, Duration, Weight, SpanAttributes
            FROM spans WHERE {scope.where()} ORDER BY Timestamp DESC LIMIT {MAP_SPANS_MAX}"""
        figures = """sum(child.Weight) AS requests, sumIf(child.Weight, child.StatusCode = 'error') AS errors,
            quantilesTDigest(0.5, 0.95, 0.99)(toFloat32(child.Duration / 1e6)) AS quantiles"""
        between = f"""SELECT toString(parent.ServiceName) AS source, toString(child.ServiceName) AS target, {figures}
            FROM ({recent}) AS child INNER JOIN (SELECT TraceId, SpanId, ServiceName FROM ({recent})) AS parent
                ON child.TraceId = parent.TraceId AND child.ParentSpanId = parent.SpanId
            WHERE child.ServiceName != parent.ServiceName GROUP BY source, target LIMIT 1000"""
        peers = f"""SELECT toString(child.ServiceName) AS source,
                if(child.SpanAttributes['db.system.name'] != '', child.SpanAttributes['db.system.name'],
                    child.SpanAttributes['db.system']) AS db,
                child.SpanAttributes['messaging.system'] AS messaging,
                multiIf(db != '', db, messaging != '', concat(messaging, if(
                        child.SpanAttributes['messaging.destination.name'] != '', ' ', ''),
                        child.SpanAttributes['messaging.destination.name']),
                    child.SpanAttributes['peer.service'] != '', child.SpanAttributes['peer.service'],
                    child.SpanAttributes['server.address']) AS target, grouping(source) AS of_all, {figures}
            FROM ({recent}) AS child
            WHERE child.SpanKind IN ('client', 'producer') AND target != ''
                AND (child.TraceId, child.SpanId) NOT IN (
                    SELECT TraceId, ParentSpanId FROM ({recent}) WHERE SpanKind IN ('server', 'consumer'))
            GROUP BY GROUPING SETS ((source, db, messaging, target), (db, messaging, target)) LIMIT 2000"""
        calls, outward, services = await asyncio.gather(
            self._source.rows(between, scope.params),
            self._source.rows(peers, scope.params),
            self._source.rows(self._by_service(scope), scope.params),
        )
        nodes = {
            row["service"]: MapNode(**_red(row, scope.span).model_dump(), name=row["service"], type="service")
            for row in services
        }
        for row in outward:  # what all callers of it together see
            if row["of_all"]:
                red = _red(row, scope.span).model_dump()
                nodes.setdefault(row["target"], MapNode(**red, name=row["target"], type=_type_of(row)))
        edges = []
        for row in [*calls, *(row for row in outward if not row["of_all"])]:
            red = _red(row, scope.span).model_dump()
            if row["source"] == row["target"]:
                continue
            edges.append(MapEdge(**red, source=row["source"], target=row["target"]))
            for name in (row["source"], row["target"]):
                nodes.setdefault(name, MapNode(**red, name=name, type="service"))
        return ServiceMap(nodes=list(nodes.values()), edges=edges, stats=stats_since(started))

    def _by_service(self, scope: Scope, *, one: bool = False) -> str:
        only = " AND ServiceName = {name:String}" if one else ""
        return f"""SELECT toString(ServiceName) AS service, {_RED}, groupUniqArray(20)(toString(Environment)) AS envs,
                toInt64(toUnixTimestamp(max(Minute))) AS last
            FROM service_red WHERE {scope.where("Minute", nanos=False)} AND IsEntry{only}
            GROUP BY service ORDER BY requests DESC LIMIT 500"""

    async def _points(self, name: str, scope: Scope, step: int) -> list[dict[str, Any]]:
        sql = f"""SELECT toInt64(intDiv(toUnixTimestamp(Minute), {step}) * {step}) AS at, {_RED}
            FROM service_red WHERE {scope.where("Minute", nanos=False)} AND IsEntry AND ServiceName = {{name:String}}
            GROUP BY at ORDER BY at"""
        return await self._source.rows(sql, {**scope.params, "name": name})

    async def _operations(self, name: str, scope: Scope) -> list[dict[str, Any]]:
        sql = f"""SELECT toString(SpanName) AS name, toString(SpanKind) AS kind, {_RED}
            FROM service_red WHERE {scope.where("Minute", nanos=False)} AND IsEntry AND ServiceName = {{name:String}}
            GROUP BY name, kind ORDER BY requests DESC LIMIT 200"""
        return await self._source.rows(sql, {**scope.params, "name": name})


def _red(row: dict[str, Any], span: TimeRange) -> Red:
    quantiles = [None if math.isnan(value) else value for value in row["quantiles"]] if row["requests"] else []
    p50, p95, p99 = quantiles or (None, None, None)
    requests, errors = float(row["requests"]), float(row["errors"])
    return Red(
        requests=requests,
        errors=errors,
        rate=requests / span.seconds,
        error_ratio=errors / requests if requests else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def _red_of(edge: MapEdge) -> dict[str, Any]:
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


def _type_of(row: dict[str, Any]) -> NodeType:
    if row["db"]:
        return "cache" if row["db"] in _CACHES else "database"
    return "queue" if row["messaging"] else "external"
