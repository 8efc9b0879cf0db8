"""Lists about series: their label sets, label names, the values of a label; metadata and exemplars."""

from collections.abc import Iterable, Sequence
from typing import Any

from midwatch.server.promql.labels import NAME, Labels
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import Expr, VectorSelector, children
from midwatch.server.query.metrics.catalogue import lines, series_of
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.derived.lists import DerivedLists
from midwatch.server.query.metrics.other_names import as_stored
from midwatch.server.query.metrics.scope import Condition, Reader, SeriesScope, condition, union

LIST_MAX = 100_000
"""Entries of one list; what is more is cut, and the answer says so."""
EXEMPLARS_MAX = 10_000
_BYTES_MAX = 256 << 20
Matchers = Sequence[Matcher]


class MetricLists:
    """Questions that need no engine. `selectors` are what `match[]` says: series that fit any of them; none: all."""

    def __init__(self, reader: Reader, series_max: int, derived: DerivedLists) -> None:
        self._reader, self._series_max, self._derived = reader, series_max, derived

    async def series(
        self, scope: SeriesScope, selectors: Sequence[Matchers], start_ms: int, end_ms: int
    ) -> list[Labels]:
        """Label sets, sorted.

        Raises:
            LimitError: more series than a query may find.
        """
        where = await self._fits(scope, selectors, start_ms, end_ms)
        stored = (await series_of(self._reader, where, self._series_max)).values()
        return sorted({*stored, *await self._derived.series(scope, selectors, start_ms, end_ms)})

    async def names(
        self, scope: SeriesScope, selectors: Sequence[Matchers], start_ms: int, end_ms: int, limit: int
    ) -> list[str]:
        """Label names, sorted; at most `limit`."""
        where = await self._fits(scope, selectors, start_ms, end_ms)
        sql = f"""SELECT DISTINCT arrayJoin(arrayPushFront(mapKeys(Labels), '{NAME}')) AS v FROM metric_series
            WHERE {where.sql} ORDER BY v LIMIT {limit}"""
        stored = await self._values(sql, where.params)
        return _joined(stored, await self._derived.names(scope, selectors, start_ms, end_ms), limit)

    async def values(
        self, scope: SeriesScope, label: str, selectors: Sequence[Matchers], start_ms: int, end_ms: int, limit: int
    ) -> list[str]:
        """The values of a label, sorted; at most `limit`."""
        where = await self._fits(scope, selectors, start_ms, end_ms)
        column = "MetricName" if label == NAME else "Labels[{label:String}]"
        sql = f"""SELECT DISTINCT toString({column}) AS v FROM metric_series WHERE {where.sql} AND v != ''
            ORDER BY v LIMIT {limit}"""
        stored = await self._values(sql, {**where.params, "label": label})
        derived = await self._derived.values(scope, label, selectors, start_ms, end_ms, limit)
        return _joined(stored, derived, limit)

    async def _fits(self, scope: SeriesScope, selectors: Sequence[Matchers], start_ms: int, end_ms: int) -> Condition:
        stored = [await as_stored(self._reader, scope, one, start_ms, end_ms) for one in selectors or ((),)]
        return union([condition(scope, one, start_ms, end_ms) for one in stored])

    async def _values(self, sql: str, params: dict[str, Any]) -> list[str]:
        """The texts of a statement's column `v`: a third of the time that rows with a name in each would take."""
        texts = f"SELECT toJSONString(v) FROM ({sql}) FORMAT TabSeparatedRaw"
        return lines(await self._reader.binary(texts, params, bytes_max=_BYTES_MAX))

    async def metadata(self, scope: SeriesScope, metric: str, limit: int, per_metric: int) -> dict[str, list[Any]]:
        """Type, help and unit by metric; the ones seen last first. `limit` and `per_metric` 0: all."""
        rows = await self._reader.rows(
            f"""SELECT MetricName AS name, toString(Type) AS type, Unit AS unit, Help AS help, max(LastSeen) AS seen
            FROM metric_metadata WHERE Project = {{project:UInt32}} AND ({{metric:String}} IN ('', MetricName))
            GROUP BY name, type, unit, help ORDER BY name, seen DESC LIMIT {LIST_MAX}""",
            {"project": scope.project, "metric": metric},
        )
        found: dict[str, list[Any]] = {}
        for row in rows:
            entries = found.setdefault(row["name"], [])
            if not per_metric or len(entries) < per_metric:
                entries.append({name: row[name] for name in ("type", "help", "unit")})
        for name, entry in self._derived.metadata(metric).items():
            found.setdefault(name, []).append(entry)
        return dict(list(found.items())[:limit]) if limit else found

    async def exemplars(self, scope: SeriesScope, expr: Expr, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
        """Exemplars of all series that a query selects, by series.

        Raises:
            LimitError: more series than a query may find.
        """
        selectors = [one.matchers for one in _selectors(expr)]
        if not selectors:
            return []
        where = await self._fits(scope, selectors, start_ms, end_ms)
        labels = await series_of(self._reader, where, self._series_max)
        if not labels:
            return []
        chosen, params = Chosen(where, labels).where(start_ms, end_ms)
        sql = f"""SELECT toString(SeriesId) AS i, toUnixTimestamp64Milli(metric_exemplars.Timestamp) AS time,
                toString(Value) AS value, TraceId AS trace, SpanId AS span, Labels AS labels
            FROM metric_exemplars WHERE {chosen} ORDER BY i, time
            LIMIT 1 BY i, time, trace, span, value LIMIT {EXEMPLARS_MAX} FORMAT JSONEachRow"""
        found: dict[int, list[dict[str, Any]]] = {}
        for row in lines(await self._reader.binary(sql, params, bytes_max=_BYTES_MAX)):
            if (series_id := int(row["i"])) in labels:
                found.setdefault(series_id, []).append(_exemplar(row))
        return [{"seriesLabels": dict(labels[one]), "exemplars": exemplars} for one, exemplars in found.items()]


def _joined(stored: list[str], derived: Iterable[str], limit: int) -> list[str]:
    """Sorted; what is stored is different texts already, and by bytes, in the order that characters have."""
    found = set(derived)
    return sorted(found.union(stored) if found else stored)[:limit]


def _exemplar(row: dict[str, Any]) -> dict[str, Any]:
    trace = {"trace_id": row["trace"], "span_id": row["span"]}
    labels = {**row["labels"], **{name: value for name, value in trace.items() if value}}
    return {"labels": labels, "value": row["value"], "timestamp": int(row["time"]) / 1000}


def _selectors(expr: Expr) -> list[VectorSelector]:
    if isinstance(expr, VectorSelector):
        return [expr]
    return [found for child in children(expr) for found in _selectors(child)]
