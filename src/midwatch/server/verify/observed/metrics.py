"""The metrics that came: series, labels, type and unit; and the values of labels that are judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.server.query.metrics.scope import day_of
from midwatch.server.verify.asked import Asked

METRICS_MAX = 5000
NAMES_MAX = 50
"""Metrics that answer to one declared name."""
VALUES_MAX = 500
"""Of one label."""
_SERIES_PARTS = ("", "_total", "_bucket", "_count")
"""By which a declared name is looked for: `_sum` alone is no metric."""
PARTS = ("_bucket", "_count", "_sum", "_total", "_created", "_info")
"""What names of a family's series end in, beside the family's."""


@dataclass(frozen=True, slots=True)
class SeenMetric:
    """`name` is that of its series."""

    name: str
    series: int
    first_ns: int
    last_ns: int
    labels: frozenset[str]
    services: tuple[str, ...]
    """Values of `job`."""
    type: str = ""
    unit: str = ""
    given: str = ""
    """The name that it was sent under."""


async def seen_metrics(asked: Asked) -> dict[str, SeenMetric]:
    """By the name of their series. Days are what series are known by: one that came on a day of the range is in it."""
    where, params = _where(asked, before=False)
    sql = f"""SELECT MetricName AS name, uniq(SeriesId) AS n, min(toUnixTimestamp64Milli(FirstTime)) AS first,
            max(toUnixTimestamp64Milli(LastTime)) AS last, groupUniqArrayArray(200)(mapKeys(Labels)) AS labels,
            groupUniqArray(50)(Labels['job']) AS jobs
        FROM metric_series WHERE {where} GROUP BY name HAVING last >= {{start_ms:Int64}}
        ORDER BY name LIMIT {METRICS_MAX}"""
    rows = await asked.source.rows(sql, params)
    metadata = await _metadata(asked)
    given = await _given(asked)
    found = {}
    for row in rows:
        name = row["name"]
        kind, unit = metadata.get(name) or metadata.get(family_of(name)) or ("", "")
        jobs = tuple(sorted(filter(None, row["jobs"])))
        found[name] = SeenMetric(
            name,
            row["n"],
            max(row["first"] * 10**6, asked.scope.span.start_ns),
            row["last"] * 10**6,
            frozenset(row["labels"]),
            jobs,
            kind,
            unit,
            given.get(name, ""),
        )
    return found


async def seen_before(asked: Asked, names: Sequence[str]) -> dict[str, int]:
    """When each came last before the range."""
    if not names or not asked.looks_back:
        return {}
    where, params = _where(asked, before=True)
    sql = f"""SELECT MetricName AS name, max(toUnixTimestamp64Milli(LastTime)) AS last FROM metric_series
        WHERE {where} AND MetricName IN {{names:Array(String)}} GROUP BY name"""
    rows = await asked.source.rows(sql, {**params, "names": list(names)})
    return {row["name"]: row["last"] * 10**6 for row in rows}


async def stored_names(asked: Asked, declared: Sequence[str]) -> dict[str, list[str]]:
    """Under which names of series each declared metric may be stored, its own first."""
    aliases = {
        name: list(dict.fromkeys(f"{one}{part}" for one in (name, name.replace(".", "_")) for part in _SERIES_PARTS))
        for name in declared
    }
    wanted = [alias for names in aliases.values() for alias in names]
    sql = """SELECT Alias AS alias, groupUniqArray(50)(MetricName) AS names FROM metric_names
        WHERE Project = {project:UInt32} AND Alias IN {aliases:Array(String)} GROUP BY alias"""
    rows = await asked.source.rows(sql, {"project": asked.scope.project, "aliases": wanted})
    leads = {row["alias"]: sorted(row["names"]) for row in rows}
    found = {}
    for name, own in aliases.items():
        found[name] = list(dict.fromkeys(one for alias in own for one in (alias, *leads.get(alias, ()))))
    return found


async def label_values(asked: Asked, wanted: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], dict[str, int]]:
    """Of metrics and their labels: each value and how many series have it."""
    pairs = [(name, label) for name, labels in wanted.items() for label in labels]
    if not pairs:
        return {}
    where, params = _where(asked, before=False)
    sql = f"""SELECT MetricName AS name, pair.1 AS label, pair.2 AS value, uniq(SeriesId) AS n
        FROM metric_series ARRAY JOIN CAST(Labels AS Array(Tuple(String, String))) AS pair
        WHERE {where} AND MetricName IN {{names:Array(String)}} AND pair.1 IN {{labels:Array(String)}}
            AND LastTime >= fromUnixTimestamp64Milli({{start_ms:Int64}}, 'UTC')
        GROUP BY name, label, value ORDER BY n DESC, value LIMIT {VALUES_MAX} BY name, label"""
    params |= {"names": list(wanted), "labels": sorted({label for _, label in pairs})}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in await asked.source.rows(sql, params):
        found.setdefault((row["name"], row["label"]), {})[row["value"]] = row["n"]
    return found


async def histogram_bounds(asked: Asked, names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Bounds of the histograms among these names of series: of `le`, or of the newest that is stored as a whole."""
    if not names:
        return {}
    classic = await label_values(asked, {name: ["le"] for name in names if name.endswith("_bucket")})
    by_label = {
        name: tuple(sorted(float(value) for value in values if value != "+Inf"))
        for (name, _), values in classic.items()
    }
    sql = f"""SELECT MetricName AS name, argMax(CustomValues, Timestamp) AS bounds FROM metric_histograms
        WHERE {asked.scope.where().replace("Environment IN {environments:Array(String)}", "1")}
            AND MetricName IN {{names:Array(String)}} AND notEmpty(CustomValues) GROUP BY name"""
    whole = {row["name"]: tuple(row["bounds"]) for row in await asked.rows(sql, {"names": list(names)})}
    return by_label | whole


def family_of(name: str) -> str:
    """The family's name of a series' name."""
    return next((name.removesuffix(part) for part in PARTS if name.endswith(part)), name)


async def _metadata(asked: Asked) -> dict[str, tuple[str, str]]:
    """Type and unit, as they were told last."""
    sql = f"""SELECT MetricName AS name, argMax(toString(Type), LastSeen) AS type, argMax(Unit, LastSeen) AS unit
        FROM metric_metadata WHERE Project = {{project:UInt32}} GROUP BY name LIMIT {METRICS_MAX * 4}"""
    rows = await asked.source.rows(sql, {"project": asked.scope.project})
    return {row["name"]: (row["type"], row["unit"]) for row in rows}


async def _given(asked: Asked) -> dict[str, str]:
    """Of names of series: the name with dots that OpenTelemetry's SDKs gave."""
    sql = f"""SELECT MetricName AS name, argMax(Alias, LastSeen) AS alias FROM metric_names
        WHERE Project = {{project:UInt32}} AND position(Alias, '.') > 0 GROUP BY name LIMIT {METRICS_MAX}"""
    return {row["name"]: row["alias"] for row in await asked.source.rows(sql, {"project": asked.scope.project})}


def _where(asked: Asked, *, before: bool) -> tuple[str, dict[str, Any]]:
    scope = asked.before if before else asked.scope
    start_ms, end_ms = scope.span.start_ns // 10**6, scope.span.end_ns // 10**6
    params: dict[str, Any] = {
        "project": scope.project,
        "from_day": day_of(start_ms),
        "to_day": day_of(end_ms),
        "start_ms": start_ms,
    }
    where = "Project = {project:UInt32} AND Day BETWEEN {from_day:UInt32} AND {to_day:UInt32}"
    if scope.environments:
        where += " AND Labels['env'] IN {environments:Array(String)}"
        params["environments"] = list(scope.environments)
    return where, params
