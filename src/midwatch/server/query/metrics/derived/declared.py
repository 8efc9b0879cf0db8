"""Metrics that the plan declares, as SQL."""

from collections.abc import Iterable, Mapping
from typing import Any

from midwatch.contract.plan.document import Path
from midwatch.contract.plan.sections import derived_metrics
from midwatch.contract.plan.sections.derived_metrics import DerivedMetric, label_of
from midwatch.server.model.errors import BadQuery
from midwatch.server.query.metrics.derived.metric import Derived
from midwatch.server.query.search.fields import LOGS, SPANS, Kind, Schema
from midwatch.server.query.search.language import bind, compile_search

_SCHEMAS = {"logs": LOGS, "spans": SPANS}


def check_searches(sections: Mapping[str, Any]) -> Iterable[tuple[Path, str]]:
    """What is wrong with the searches and fields of a plan's declarations, and where."""
    for index, metric in enumerate(sections.get(derived_metrics.SECTION.name, ())):
        schema = _SCHEMAS[metric.from_]
        at = (derived_metrics.SECTION.name, index)
        try:
            compile_search(metric.search, schema)
        except BadQuery as error:
            yield (*at, "search"), f"search: {error.message}"
        for path, field in [*((("by", place), one) for place, one in enumerate(metric.by)), (("value",), metric.value)]:
            try:
                if field is not None:
                    schema.field(field, lambda _: "''")
            except BadQuery as error:
                yield (*at, *path), error.message


def declared(metric: DerivedMetric) -> Derived:
    """A declaration that `check_searches` has nothing against."""
    schema = _SCHEMAS[metric.from_]
    condition = compile_search(metric.search, schema)
    params = condition.params

    def bound(value: str | float) -> str:
        return bind(params, value)

    by = tuple((label_of(field), schema.field(field, bound).text) for field in metric.by)
    return Derived(
        metric.name,
        metric.type,
        metric.help,
        "logs" if metric.from_ == "logs" else "spans",
        (("job", "ServiceName"), ("env", "Environment"), *by),
        metric.series_max,
        where=condition.sql,
        params=params,
        value=None if metric.value is None else _number(metric.value, schema, bound),
        bounds=metric.buckets if metric.type == "histogram" else (),
    )


def _number(name: str, schema: Schema, bound: Any) -> str:
    field = schema.field(name, bound)
    # Searches compare durations in nanoseconds; a metric has seconds.
    return "(Duration / 1e9)" if field.kind is Kind.DURATION else f"({field.number})"
