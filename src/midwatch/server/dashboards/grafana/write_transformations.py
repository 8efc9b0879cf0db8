"""Transformations → Grafana's."""

from collections.abc import Callable
from typing import Any

from midwatch.server.dashboards.grafana.write_fields import without_none
from midwatch.server.schemas.dashboards import transformations as t


def written_transformation(one: t.BoardTransformation) -> dict[str, Any]:
    write = _WRITERS.get(type(one))
    return {"id": one.id, "options": write(one) if write else {}}


def _organize(one: t.BoardOrganize) -> dict[str, Any]:
    found: dict[str, Any] = {
        "excludeByName": dict.fromkeys(one.exclude, True),
        "indexByName": {name: index for index, name in enumerate(one.order)},
        "renameByName": one.rename,
    }
    return found if one.include is None else {**found, "includeByName": dict.fromkeys(one.include, True)}


def _reduce(one: t.BoardReduceRows) -> dict[str, Any]:
    return {
        "reducers": one.calculations,
        "mode": "seriesToRows" if one.mode == "rows" else "reduceFields",
        "includeTimeField": one.include_time,
        "labelsToFields": one.labels_to_fields,
    }


def _filter_names(one: t.BoardFilterNames) -> dict[str, Any]:
    include = without_none({"names": one.include, "pattern": one.include_regex})
    exclude = without_none({"names": one.exclude, "pattern": one.exclude_regex})
    return without_none({"include": include or None, "exclude": exclude or None})


def _filter_values(one: t.BoardFilterValues) -> dict[str, Any]:
    filters = []
    for test in one.tests:
        names = ("from", "to") if test.test == "between" else ("value",)
        options = dict(zip(names, test.values, strict=False))
        filters.append({"fieldName": test.field, "config": {"id": test.test, "options": options}})
    return {"filters": filters, "match": one.match, "type": "include" if one.keep else "exclude"}


def _group(one: t.BoardGroupBy) -> dict[str, Any]:
    fields = {each.field: {"operation": each.operation, "aggregations": each.calculations} for each in one.fields}
    return {"fields": fields}


def _calculate(one: t.BoardCalculate) -> dict[str, Any]:
    found: dict[str, Any] = {"mode": "reduceRow" if one.mode == "row" else one.mode, "replaceFields": one.replace}
    if one.alias is not None:
        found["alias"] = one.alias
    if one.mode == "row":
        found["reduce"] = without_none({"reducer": one.calculation, "include": one.include})
    elif one.mode == "binary":
        found["binary"] = {"left": one.left, "operator": one.operator, "right": one.right}
    elif one.mode == "unary":
        found["unary"] = {"fieldName": one.left, "operator": one.operator}
    else:
        found["index"] = {"asPercentile": one.percentile}
    return found


_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    t.BoardOrganize: _organize,
    t.BoardJoin: lambda one: without_none({"byField": one.field, "mode": one.mode}),
    t.BoardReduceRows: _reduce,
    t.BoardFilterNames: _filter_names,
    t.BoardFilterQueries: lambda one: {"include": one.include},
    t.BoardFilterValues: _filter_values,
    t.BoardGroupBy: _group,
    t.BoardCalculate: _calculate,
    t.BoardSortBy: lambda one: {"sort": [{"field": each.field, "desc": each.descending} for each in one.sort]},
    t.BoardRenameByRegex: lambda one: {"regex": one.regex, "renamePattern": one.replacement},
    t.BoardLabelsToFields: lambda one: without_none(
        {"mode": one.mode, "keepLabels": one.keep, "valueLabel": one.value_label}
    ),
    t.BoardLimit: lambda one: {"limitField": one.rows},
    t.BoardConcatenate: lambda one: {"frameNameMode": one.frame_names, "frameNameLabel": one.label},
    t.BoardConvert: lambda one: {
        "conversions": [{"targetField": each.field, "destinationType": each.type} for each in one.conversions]
    },
}
