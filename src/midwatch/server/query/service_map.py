"""Who calls whom: settled blocks from the roll-up `service_edges`, what is newer from the spans themselves."""

import asyncio
import time
from typing import Any

from midwatch.server.query.logs import stats_since
from midwatch.server.query.red import COLUMNS, NOTHING, red
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.services import MapEdge, MapNode, ServiceMap
from midwatch.server.store import edges

LIVE_SPANS_MAX = 500_000
"""Spans newer than the roll-up that a map reads. Where there are more, the newest stand for all of them."""
SERVICES_MAX = 500
"""Of more services the busiest are listed, and are on the map."""
EDGES_MAX = 2000
NS_A_SECOND = 1_000_000_000


class ServiceMapQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def read(self, scope: Scope) -> ServiceMap:
        """Edges, and nodes whose figures are all that they were asked, by whomever."""
        started = time.perf_counter()
        services = f"""SELECT toString(ServiceName) AS name, 'service' AS type, {COLUMNS}, count() OVER () AS total
            FROM service_red
            WHERE {scope.where("Minute", nanos=False)} AND IsEntry
            GROUP BY name ORDER BY requests DESC, name LIMIT {SERVICES_MAX}"""
        called, asked = await asyncio.gather(self._edges(scope), self._source.rows(services, scope.params))
        pairs = [row for row in called if not row["is_node"]]
        nodes = {row["name"]: _node(row, scope) for row in asked}
        for row in called:
            if row["is_node"] and row["name"] not in nodes:
                nodes[row["name"]] = _node(row, scope)
        for row in pairs:
            if row["source"] not in nodes:  # calls others and is itself called by nobody: a browser, a script
                nodes[row["source"]] = _node({**NOTHING, "name": row["source"], "type": "service"}, scope)
        found = [
            MapEdge(**red(row, scope.span).model_dump(), source=row["source"], target=row["name"])
            for row in pairs[:EDGES_MAX]
        ]
        return ServiceMap(
            nodes=list(nodes.values()),
            edges=found,
            services_total=total_of(asked),
            edges_total=len(pairs),
            stats=stats_since(started),
        )

    async def _edges(self, scope: Scope) -> list[dict[str, Any]]:
        """A row an edge, and one more for each target with the figures of all its callers."""
        settled_until = await self._settled_until(scope)
        start = scope.span.start_ns // NS_A_SECOND
        params = scope.params | {
            "settled_from": start // edges.BLOCK_SECONDS * edges.BLOCK_SECONDS,
            "settled_until": settled_until,
            **await self._live(scope, max(start // 60 * 60, settled_until), -(-scope.span.end_ns // NS_A_SECOND)),
        }
        live = edges.edges_select(condition="Project = {project:UInt32}")
        sql = f"""SELECT grouping(Source) AS is_node, Source AS source, Target AS name,
                toString(min(TargetType)) AS type, {COLUMNS}
            FROM (SELECT {edges.COLUMNS} FROM ({edges.SETTLED}) UNION ALL SELECT {edges.COLUMNS} FROM ({live}))
            WHERE {scope.where("Minute", nanos=False)}
            GROUP BY GROUPING SETS ((Source, Target), (Target)) ORDER BY requests DESC, source, name"""
        return await self._source.rows(sql, params)

    async def _live(self, scope: Scope, start: int, end: int) -> dict[str, float]:
        """Which seconds are read from the spans, and what one of them stands for."""
        sql = f"""SELECT minIf(second, newer - n < {LIVE_SPANS_MAX}) AS from,
                sumIf(n, newer - n < {LIVE_SPANS_MAX}) AS part, sum(n) AS whole
            FROM (SELECT second, n, sum(n) OVER (ORDER BY second DESC) AS newer FROM (
                SELECT toInt64(toUnixTimestamp64Second(Timestamp)) AS second, count() AS n FROM spans
                WHERE Project = {{project:UInt32}} AND Timestamp >= CAST({{from:Int64}} AS DateTime64(9, 'UTC'))
                    AND Timestamp < CAST({{to:Int64}} AS DateTime64(9, 'UTC')) GROUP BY second))"""
        (found,) = await self._source.rows(sql, {"project": scope.project, "from": start, "to": end})
        if found["part"] == found["whole"]:
            return {"from": start, "to": end, "scale": 1.0}
        return {"from": found["from"], "to": end, "scale": found["whole"] / found["part"]}

    async def _settled_until(self, scope: Scope) -> int:
        """Seconds since the epoch up to which the roll-up goes, as far as the range is concerned."""
        sql = """SELECT toInt64(toUnixTimestamp64Second(max(Block))) AS newest, count() AS n FROM service_edge_blocks
            WHERE Block < fromUnixTimestamp64Nano({end:Int64}, 'UTC')"""
        found = await self._source.rows(sql, {"end": scope.span.end_ns})
        return found[0]["newest"] + edges.BLOCK_SECONDS if found[0]["n"] else scope.span.start_ns // NS_A_SECOND


def total_of(rows: list[dict[str, Any]]) -> int:
    """How many groups there were before the LIMIT, from the column that each row of them has."""
    return int(rows[0]["total"]) if rows else 0


def _node(row: dict[str, Any], scope: Scope) -> MapNode:
    return MapNode(**red(row, scope.span).model_dump(), name=row["name"], type=row["type"])
