"""A statement whose tables hold only what is asked for: a range of time, and some environments."""

from sqlglot import exp, parse_one

from midwatch.server.model.errors import BadQuery
from midwatch.server.model.timerange import TimeRange

TIMES = {
    "spans": "Timestamp >= {start} AND Timestamp < {end}",
    "logs": "Timestamp >= {start} AND Timestamp < {end}",
    "product_events": "Timestamp >= {start} AND Timestamp < {end}",
    "domain_events": "Timestamp >= {start} AND Timestamp < {end}",
    "error_events": "Timestamp >= {start} AND Timestamp < {end}",
    "error_volume": "Minute >= toStartOfMinute({start}) AND Minute < {end}",
    "metric_points": "Timestamp >= {start} AND Timestamp < {end}",
    "metric_series": "LastTime >= {start} AND FirstTime < {end}",
    "metric_samples": "Timestamp >= {start} AND Timestamp < {end}",
    "metric_histograms": "Timestamp >= {start} AND Timestamp < {end}",
    "metric_exemplars": "Timestamp >= {start} AND Timestamp < {end}",
    "metric_metadata": "LastSeen >= {start}",
    "metric_names": "LastSeen >= {start}",
    "service_red": "Minute >= toStartOfMinute({start}) AND Minute < {end}",
    "log_volume": "Minute >= toStartOfMinute({start}) AND Minute < {end}",
    "limits_hit": "Minute >= toStartOfMinute({start}) AND Minute < {end}",
    "set_aside": "ReceivedAt >= {start} AND ReceivedAt < {end}",
    "trace_index": "End >= {start} AND Start < {end}",
    "usage": "Timestamp >= {start} AND Timestamp < {end}",
    "sent_bytes": "Day >= toYYYYMMDD({start}) AND Day <= toYYYYMMDD({end})",
    "id_index": "End >= {start} AND Start < {end}",
}
"""By table: what lies in a range. Minutes count when they begin in it, the first one also when cut; of descriptions and
names it is known only when they came last."""
WITHOUT_ENVIRONMENT = frozenset(
    {"limits_hit", "set_aside", "trace_index", "id_index", "metric_metadata", "metric_names"}
)
_OF_SERIES = frozenset({"metric_samples", "metric_histograms", "metric_exemplars"})
"""Have their environment by their series, whose label `env` it is."""


def narrowed(tree: exp.Expr, span: TimeRange | None, environments: tuple[str, ...]) -> exp.Expr:
    """The statement over those rows of our tables alone; names and aliases stay as they were written.

    Raises:
        BadQuery: environments are asked for, and a table has none.
    """
    if span is None and not environments:
        return tree

    # What stands in the place of a table names that table again, and is not looked at once more.
    for table in [*tree.find_all(exp.Table)]:
        if table.name not in TIMES:
            continue
        whole: exp.Expr = exp.to_table(table.name)
        place: exp.Expr = table
        if isinstance(table.parent, exp.Final):
            place, whole = table.parent, exp.Final(this=whole)
        rows = exp.Select(expressions=[exp.Star()]).from_(whole)
        for condition in _conditions(table.name, span, environments):
            rows = rows.where(condition)
        place.replace(rows.subquery(table.alias or table.name))
    return tree


def _conditions(table: str, span: TimeRange | None, environments: tuple[str, ...]) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    if span is not None:
        start, end = (f"fromUnixTimestamp64Nano({at}, 'UTC')" for at in (span.start_ns, span.end_ns))
        found.append(parse_one(TIMES[table].format(start=start, end=end), read="clickhouse"))
    if environments:
        if table in WITHOUT_ENVIRONMENT:
            raise BadQuery(f"env: the table {table} has no environment; ask without env, or another table")
        found.append(_environment(table, environments))
    return found


def _environment(table: str, environments: tuple[str, ...]) -> exp.Expr:
    if table == "metric_series":
        return exp.Bracket(this=exp.column("Labels"), expressions=[exp.Literal.string("env")]).isin(*environments)
    if table in _OF_SERIES:
        series = exp.select("SeriesId").from_("metric_series").where(_environment("metric_series", environments))
        # A cluster denies a plain IN between two sharded tables.
        return exp.In(this=exp.column("SeriesId"), query=series.subquery(), is_global=True)
    return exp.column("Environment").isin(*environments)
