"""Series that a selector found, as a condition over the tables of their samples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.server.promql.labels import NAME, Labels, get
from midwatch.server.query.metrics.scope import Condition, held

_NAMES_MAX = 20
IDS_MAX = 3_000
"""Up to so many stand in the statement, 40 bytes each; more are found by the store itself, by the same condition."""

_BETWEEN = (
    "Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')",
    "Timestamp <= fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """`series` are labels by id."""

    condition: Condition
    series: Mapping[int, Labels]

    def where(
        self, start_ms: int, end_ms: int, *, only: tuple[int, ...] = (), between: tuple[int, int] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Rows of these series from start to end, both included; `only` some of them, or those `between` two ids."""
        params = {**self.condition.params, "from_ms": held(start_ms), "to_ms": held(end_ms)}
        parts = ["Project = {project:UInt32}", self._names(params), *self._ids(only)]
        if between is not None:
            parts.append(f"SeriesId BETWEEN {_literal(between[0])} AND {_literal(between[1])}")
        parts.extend(_BETWEEN)
        return " AND ".join(parts), params

    def _names(self, params: dict[str, Any]) -> str:
        names = {get(labels, NAME) for labels in self.series.values()}
        if len(names) > _NAMES_MAX:
            return f"MetricName IN (SELECT MetricName FROM metric_series WHERE {self.condition.sql})"
        bound = []
        for place, name in enumerate(sorted(names)):
            params[f"name{place}"] = name
            bound.append(f"{{name{place}:String}}")
        return f"MetricName IN ({', '.join(bound)})"

    def _ids(self, only: tuple[int, ...]) -> list[str]:
        if self.condition.all_of_names and not only:
            return []
        wanted = only or tuple(self.series)
        if len(wanted) <= IDS_MAX:
            return [listed(wanted)]
        return [f"SeriesId IN (SELECT SeriesId FROM metric_series WHERE {self.condition.sql})"]


@dataclass(frozen=True, slots=True)
class Matching:
    """Series of one metric that the store finds itself while it reads their samples."""

    condition: Condition
    name: str
    whole: bool
    """Whether every series of the metric is meant: then none has to be found."""

    def where(self, start_ms: int, end_ms: int) -> tuple[str, dict[str, Any]]:
        """Rows of the metric from start to end, both included."""
        params = {**self.condition.params, "from_ms": held(start_ms), "to_ms": held(end_ms), "name": self.name}
        parts = ["Project = {project:UInt32}", "MetricName = {name:String}", *_BETWEEN]
        return " AND ".join(parts), params

    @property
    def ids(self) -> str:
        """What is said beside `where` of the series."""
        return "" if self.whole else f" AND SeriesId IN (SELECT SeriesId FROM metric_series WHERE {self.condition.sql})"


def listed(ids: Iterable[int]) -> str:
    """Series by their ids, as one text: so many literals would be parsed and folded one by one."""
    return f"SeriesId IN CAST('[{','.join(map(str, ids))}]' AS Array(UInt128))"


def _literal(series_id: int) -> str:
    return f"toUInt128('{series_id}')"
