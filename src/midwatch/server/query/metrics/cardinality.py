"""Which metrics, labels and keys make the most series of a day, and how many a metric would be without a label."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.query.metrics.scope import Condition, Reader, SeriesScope, condition, held
from midwatch.server.schemas.cardinality import MetricCardinality, SeriesCount, SeriesLabel
from midwatch.server.store.series_limits import SeriesMax

_DAY_MS = 86_400_000
LISTED_MAX = 500
LOOKED_MAX = 250_000
"""Series whose labels are counted: more than a metric may have by default. Of more it is every second, third …"""
WITHOUT_MAX = 20
"""Labels that a metric is tried without: each costs a hash a series."""


class Cardinality:
    def __init__(self, reader: Reader, key_names: Callable[[], dict[str, str]], limits: SeriesMax) -> None:
        self._reader, self._key_names, self._limits = reader, key_names, limits

    async def report(self, scope: SeriesScope, metric: str | None, time_ms: int, top: int) -> MetricCardinality:
        """Of the UTC day of the time, beside the day before; of one metric or all, `top` of each list."""
        only = (Matcher(NAME, MatchType.EQUAL, metric),) if metric else ()
        time_ms = held(time_ms)
        both = condition(scope, only, time_ms - _DAY_MS, time_ms)
        metrics = await self._counted("toString(MetricName)", both, top)
        keys = await self._counted("any(KeyId)", both, top)
        total = metrics[0] if metrics else _NOTHING
        day, series = condition(scope, only, time_ms, time_ms), int(total["all_series"])
        every = max(1, -(-series // LOOKED_MAX))
        labels = await self._labels(day, every, top)
        without = await self._without(day, labels) if metric and every == 1 else {}
        names = self._key_names()
        return MetricCardinality(
            day=f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d}",
            series=series,
            series_before=int(total["all_before"]),
            series_new=int(total["all_new"]),
            looked_at_every=every,
            metrics=[_count(row, row["name"]) for row in metrics if int(row["series"])],
            metrics_total=int(total["found"]),
            labels=[
                SeriesLabel(
                    name=row["name"],
                    values=int(row["values"]),
                    series=int(row["series"]),
                    series_without=without.get(row["name"]),
                )
                for row in labels
            ],
            labels_total=int(labels[0]["found"]) if labels else 0,
            keys=[_count(row, names.get(row["name"], row["name"])) for row in keys if int(row["series"])],
            keys_total=int(keys[0]["found"]) if keys else 0,
            series_per_metric_max=self._limits.per_metric,
            series_per_key_max=self._limits.per_key,
        )

    async def _counted(self, owner: str, both: Condition, top: int) -> list[dict[str, Any]]:
        """Series by owner on both days; what has none on the later one comes last, and counts in the totals."""
        sql = f"""SELECT owner AS name, countIf(now) AS series, countIf(before) AS series_before,
                countIf(now AND NOT before) AS series_new, sum(series) OVER () AS all_series,
                sum(series_before) OVER () AS all_before, sum(series_new) OVER () AS all_new,
                countIf(series > 0) OVER () AS found
            FROM (SELECT {owner} AS owner, max(Day = {{to_day:UInt32}}) AS now, max(Day < {{to_day:UInt32}}) AS before
                FROM metric_series WHERE {both.sql} GROUP BY MetricName, SeriesId)
            GROUP BY name ORDER BY series DESC, name LIMIT {top}"""
        return await self._reader.rows(sql, both.params)

    async def _labels(self, day: Condition, every: int, top: int) -> list[dict[str, Any]]:
        sql = f"""SELECT label AS name, uniqExact(text) AS values, count() AS series, count() OVER () AS found
            FROM (SELECT pair.1 AS label, pair.2 AS text FROM ({_looked_at(day, every)})
                ARRAY JOIN CAST(labels, 'Array(Tuple(String, String))') AS pair)
            GROUP BY label ORDER BY values DESC, series DESC, name LIMIT {top}"""
        return await self._reader.rows(sql, day.params)

    async def _without(self, day: Condition, labels: list[dict[str, Any]]) -> dict[str, int]:
        """Series that are left where a label is taken out: a series' hash is that of its pairs, and loses one."""
        sql = f"""SELECT label AS name, uniqExact(rest) AS series FROM (
                SELECT arrayJoin({{labels:Array(String)}}) AS label,
                    if(mapContains(labels, label), bitXor(whole, sipHash64(label, labels[label])), whole) AS rest
                FROM (SELECT labels, arrayReduce('groupBitXor', arrayMap((name, text) -> sipHash64(name, text),
                    mapKeys(labels), mapValues(labels))) AS whole FROM ({_looked_at(day)})))
            GROUP BY name"""
        tried = [row["name"] for row in labels[:WITHOUT_MAX]]
        rows = await self._reader.rows(sql, {**day.params, "labels": tried})
        return {row["name"]: int(row["series"]) for row in rows}


_NOTHING = {"all_series": 0, "all_before": 0, "all_new": 0, "found": 0}


def _looked_at(day: Condition, every: int = 1) -> str:
    """Labels of the day's series. Ids are hashes, so that every n-th is an even choice."""
    chosen = f" AND SeriesId % {every} = 0" if every > 1 else ""
    return f"SELECT any(Labels) AS labels FROM metric_series WHERE {day.sql}{chosen} GROUP BY SeriesId"


def _count(row: dict[str, Any], name: str) -> SeriesCount:
    return SeriesCount(
        name=name,
        series=int(row["series"]),
        series_before=int(row["series_before"]),
        series_new=int(row["series_new"]),
    )
