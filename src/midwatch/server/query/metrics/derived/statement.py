"""Derived series as statements over the tables of their items."""

from collections.abc import Sequence
from typing import Any

from midwatch.server.promql.labels import BUCKET, NAME
from midwatch.server.promql.matchers import Matcher
from midwatch.server.query.metrics.derived.catalogue import Wanted
from midwatch.server.query.metrics.derived.cells import DAY_MS, Cut
from midwatch.server.query.metrics.derived.metric import Part
from midwatch.server.query.metrics.scope import SeriesScope, bound, held, matched

_NS = 1_000_000


def counting(wanted: Wanted, matchers: Sequence[Matcher], scope: SeriesScope, cut: Cut) -> tuple[str, dict[str, Any]]:
    """A row a series and bucket: labels as `l0` …, what was counted by cell."""
    where, params = _where(wanted, matchers, scope, cut.from_ms, cut.to_ms)
    params |= {"zero": cut.zero_ms * _NS, "width": cut.width_ms * _NS}
    metric, names = wanted.metric, _columns(wanted)
    labels = [f"{expression} AS l{place}" for place, (_, expression) in enumerate(metric.labels)]
    if wanted.part is Part.BUCKET:
        labels.append(f"toUInt8({metric.bucket}) AS bucket")
    time = "toUnixTimestamp64Nano(Timestamp)"
    # An end belongs to its cell.
    cell = f"greatest(0, intDiv({time} - {{zero:Int64}} + {{width:Int64}} - 1, {{width:Int64}}))"
    day = DAY_MS * _NS
    end = "({zero:Int64} + cell * {width:Int64})"
    same = f"{time} - positiveModulo({time}, {day}) = {end} - positiveModulo({end}, {day})"
    sql = f"""SELECT {names}, groupArray(toFloat64(cell)) AS cells, groupArray(counted) AS counts,
            groupArray(of_day) AS today, maxOrNullIf(last, cell = 0) AS before
        FROM (SELECT {", ".join(labels)}, {cell} AS cell, {metric.summed(wanted.part)} AS counted,
                {metric.summed(wanted.part, same)} AS of_day, toFloat64(intDiv(max({time}), {_NS})) AS last
            FROM {metric.table} WHERE {where} GROUP BY {names}, cell)
        GROUP BY {names} FORMAT JSONEachRow"""
    return sql, params


def listing(
    wanted: Wanted, matchers: Sequence[Matcher], scope: SeriesScope, start_ms: int, end_ms: int, *, limit: int
) -> tuple[str, dict[str, Any]]:
    """A row a label set, `bucket` left out."""
    where, params = _where(wanted, matchers, scope, start_ms - 1, end_ms)
    labels = ", ".join(f"{expression} AS l{place}" for place, (_, expression) in enumerate(wanted.metric.labels))
    return f"SELECT DISTINCT {labels} FROM {wanted.metric.table} WHERE {where} LIMIT {limit} FORMAT JSONEachRow", params


def one_label(
    wanted: Wanted, label: str, matchers: Sequence[Matcher], scope: SeriesScope, start_ms: int, end_ms: int, limit: int
) -> tuple[str, dict[str, Any]]:
    """The values of one label; the label `__name__` is there where any row is."""
    where, params = _where(wanted, matchers, scope, start_ms - 1, end_ms)
    if label == NAME:
        return (
            f"SELECT '{wanted.name}' AS v FROM {wanted.metric.table} WHERE {where} LIMIT 1 FORMAT JSONEachRow",
            params,
        )
    expression = dict(wanted.metric.labels)[label]
    sql = f"SELECT DISTINCT toString({expression}) AS v FROM {wanted.metric.table} WHERE {where} AND v != ''"
    return f"{sql} ORDER BY v LIMIT {limit} FORMAT JSONEachRow", params


def _columns(wanted: Wanted) -> str:
    labels = [f"l{place}" for place in range(len(wanted.metric.labels))]
    return ", ".join([*labels, *(["bucket"] if wanted.part is Part.BUCKET else [])])


def _where(
    wanted: Wanted, matchers: Sequence[Matcher], scope: SeriesScope, after_ms: int, until_ms: int
) -> tuple[str, dict[str, Any]]:
    """Rows in (after, until]. Matchers of the name, of `le` and of labels that the metric does not have are not SQL."""
    metric = wanted.metric
    params: dict[str, Any] = {**metric.params, "project": scope.project}
    params |= {"after": held(after_ms) * _NS, "until": held(until_ms) * _NS}
    parts = [
        "Project = {project:UInt32}",
        "Timestamp > fromUnixTimestamp64Nano({after:Int64}, 'UTC')",
        "Timestamp <= fromUnixTimestamp64Nano({until:Int64}, 'UTC')",
    ]
    if scope.environments:
        parts.append(f"Environment IN ({', '.join(bound(name, params) for name in scope.environments)})")
    columns = dict(metric.labels)
    told = [one for one in matchers if one.name not in (NAME, BUCKET) and one.name in columns]
    parts += [matched(one, columns[one.name], params) for one in told]
    parts.append(f"({metric.counts})")
    return " AND ".join(parts), params
