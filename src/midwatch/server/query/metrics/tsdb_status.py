"""Where the series come from, in the words of Prometheus's `status/tsdb`."""

from typing import Any

from midwatch.server.query.metrics.scope import Reader, SeriesScope, condition

TOP_MAX = 500


class TsdbStatus:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def report(self, scope: SeriesScope, start_ms: int, end_ms: int, top: int) -> dict[str, Any]:
        """Series of the days from start to end, in the shape of Prometheus's `status/tsdb`; `top` of each list."""
        where = condition(scope, (), start_ms, end_ms)
        distinct = f"""SELECT SeriesId, any(MetricName) AS name, any(Labels) AS labels, min(FirstTime) AS first,
                max(LastTime) AS last
            FROM metric_series WHERE {where.sql} GROUP BY SeriesId"""
        total = await self._reader.rows(
            f"""SELECT count() AS series, sum(length(labels)) AS pairs,
                toUnixTimestamp64Milli(min(first)) AS begin, toUnixTimestamp64Milli(max(last)) AS end
            FROM ({distinct})""",
            where.params,
        )
        by_name = f"SELECT toString(name) AS name, count() AS value FROM ({distinct}) GROUP BY name"
        pairs = f"""SELECT tupleElement(pair, 1) AS label, tupleElement(pair, 2) AS text
            FROM ({distinct}) ARRAY JOIN CAST(labels, 'Array(Tuple(String, String))') AS pair"""
        by_label = f"SELECT label AS name, uniqExact(text) AS value FROM ({pairs}) GROUP BY label"
        by_pair = f"SELECT concat(label, '=', text) AS name, count() AS value FROM ({pairs}) GROUP BY label, text"
        row = total[0]
        return {
            "headStats": {
                "numSeries": int(row["series"]),
                "numLabelPairs": int(row["pairs"] or 0),
                "minTime": int(row["begin"]) if row["series"] else 0,
                "maxTime": int(row["end"]) if row["series"] else 0,
            },
            "seriesCountByMetricName": await self._top(by_name, where.params, top),
            "labelValueCountByLabelName": await self._top(by_label, where.params, top),
            "seriesCountByLabelValuePair": await self._top(by_pair, where.params, top),
        }

    async def _top(self, sql: str, params: dict[str, Any], top: int) -> list[dict[str, Any]]:
        rows = await self._reader.rows(f"{sql} ORDER BY value DESC, name LIMIT {top}", params)
        return [{"name": row["name"], "value": int(row["value"])} for row in rows]
