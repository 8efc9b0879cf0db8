"""A panel's transformations. One that is not known makes the panel refused: without it the picture would be another."""

from collections.abc import Callable
from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys, mapping
from midwatch.server.dashboards.report import Refused

_OPERATIONS = {"groupby": "groupby", "aggregate": "aggregate"}
_UNARY = {"abs", "exp", "ln", "log", "floor", "ceil", "round", "trunc", "percent"}
_TYPES = {"number": "number", "string": "string", "time": "time", "boolean": "boolean"}


def read_transformations(panel: Keys) -> list[dict[str, Any]]:
    """Raises Refused."""
    found = []
    for one in panel.each("transformations"):
        if one.flag("disabled") is True:
            one.skip(*one.raw)
            continue
        kind = one.text("id") or ""
        read = _READERS.get(kind)
        if read is None:
            raise Refused(f"the transformation {kind:.60} is not known here; known are {', '.join(sorted(_READERS))}")
        if one.raw.get("filter"):
            raise Refused(f"the transformation {kind} is for some of the queries alone (`filter`)")
        one.skip("topic")
        found.append(read(one.below("options")))
    return found


def _organize(options: Keys) -> dict[str, Any]:
    excluded, order = options.get("excludeByName"), options.get("indexByName")
    included, renamed = options.get("includeByName"), options.get("renameByName")
    options.skip("orderByMode")
    if options.raw.get("orderBy"):
        raise Refused("the transformation organize sorts the fields by itself (`orderBy`)")
    numbers = {name: at for name, at in mapping(order).items() if isinstance(at, int | float)}
    kept = [name for name, on in mapping(included).items() if on is True]
    return {
        "id": "organize",
        "exclude": [name for name, on in mapping(excluded).items() if on is True],
        "include": kept or None,
        "order": sorted(numbers, key=lambda name: numbers[name]),
        "rename": {name: str(new) for name, new in mapping(renamed).items() if new},
    }


def _merge(options: Keys) -> dict[str, Any]:
    options.skip("reducers")  # left behind by the editor
    return {"id": "merge"}


def _join(options: Keys) -> dict[str, Any]:
    mode = options.choice("mode", ("outer", "outerTabular", "inner")) or "outer"
    return {"id": "joinByField", "field": options.text("byField"), "mode": mode}


def _reduce(options: Keys) -> dict[str, Any]:
    mode = options.choice("mode", {"seriesToRows": "rows", "reduceFields": "fields"}) or "rows"
    fields = options.below("fields")
    if fields.raw:
        raise Refused("the transformation reduce is for some of the fields alone (`fields`)")
    return {
        "id": "reduce",
        "calculations": options.texts("reducers") or ["max"],
        "mode": mode,
        "include_time": options.flag("includeTimeField") is True,
        "labels_to_fields": options.flag("labelsToFields") is True,
    }


def _filter_names(options: Keys) -> dict[str, Any]:
    include, exclude = options.below("include"), options.below("exclude")
    options.skip("byVariable")
    if options.raw.get("byVariable") is True:
        raise Refused("the transformation filterFieldsByName takes its names from a variable (`byVariable`)")
    found: dict[str, Any] = {"id": "filterFieldsByName"}
    for name, side in (("include", include), ("exclude", exclude)):
        names = side.texts("names")
        found[name] = names or None
        found[f"{name}_regex"] = side.text("pattern")
    return found


def _filter_queries(options: Keys) -> dict[str, Any]:
    return {"id": "filterByRefId", "include": options.text("include") or ""}


def _filter_values(options: Keys) -> dict[str, Any]:
    tests = []
    for one in options.each("filters"):
        config = one.below("config")
        kind, below = config.text("id") or "", mapping(config.get("options"))
        keys = ("from", "to") if kind == "between" else ("value",)
        if kind not in _TESTS:
            raise Refused(f"the transformation filterByValue has a test {kind:.60}")
        values = [below[key] for key in keys if isinstance(below.get(key), str | int | float)]
        tests.append({"field": one.text("fieldName") or "", "test": kind, "values": values})
    return {
        "id": "filterByValue",
        "keep": options.choice("type", ("include", "exclude")) != "exclude",
        "match": options.choice("match", ("any", "all")) or "any",
        "tests": tests,
    }


_TESTS = {
    "greater", "greaterOrEqual", "lower", "lowerOrEqual", "equal", "notEqual", "between", "regex", "isNull",
    "isNotNull", "substring", "notSubstring",
}  # fmt: skip


def _group(options: Keys) -> dict[str, Any]:
    fields = []
    below = options.below("fields")
    for name in below.raw:
        one = below.below(name)
        if operation := one.choice("operation", _OPERATIONS):
            fields.append({"field": name, "operation": operation, "calculations": one.texts("aggregations")})
        one.skip("aggregations", "operation")
    return {"id": "groupBy", "fields": fields}


def _calculate(options: Keys) -> dict[str, Any]:
    modes = {"reduceRow": "row", "binary": "binary", "unary": "unary", "index": "index"}
    mode = options.choice("mode", modes)
    if mode is None:
        if options.raw.get("mode"):
            raise Refused(f"the transformation calculateField has the mode {options.raw['mode']!s:.60}")
        mode = "row"
    row, binary, unary = options.below("reduce"), options.below("binary"), options.below("unary")
    two = unary if mode == "unary" else binary
    row.skip("nullValueMode")
    options.skip("window", "cumulative", "timeSeries", "index")
    for side in (binary, unary):
        side.skip("left", "right", "operator", "reducer", "fieldName")
    include = row.texts("include")
    return {
        "id": "calculateField",
        "mode": mode,
        "alias": options.text("alias"),
        "calculation": row.text("reducer") or "sum",
        "include": include or None,
        "left": _operand(two, "fieldName" if mode == "unary" else "left"),
        "operator": two.text("operator"),
        "right": _operand(two, "right"),
        "percentile": options.below("index").flag("asPercentile") is True,
        "replace": options.flag("replaceFields") is True,
    }


def _operand(two: Keys, name: str) -> str | None:
    """A name or a number; since Grafana 11 in a matcher."""
    value = two.raw.get(name)
    if isinstance(value, dict):
        if (fixed := value.get("fixed")) not in (None, ""):
            return str(fixed)
        matcher = value.get("matcher")
        if not isinstance(matcher, dict) or matcher.get("id") != "byName":
            raise Refused("the transformation calculateField takes its fields by a rule, not by a name")
        return str(matcher.get("options"))
    return two.text(name)


def _sort(options: Keys) -> dict[str, Any]:
    options.skip("fields")
    fields = [
        {"field": name, "descending": one.flag("desc") is True}
        for one in options.each("sort")
        if (name := one.text("field"))
    ]
    return {"id": "sortBy", "sort": fields}


def _rename(options: Keys) -> dict[str, Any]:
    replacement = options.text("renamePattern") or ""
    return {"id": "renameByRegex", "regex": options.text("regex") or "", "replacement": replacement}


def _labels(options: Keys) -> dict[str, Any]:
    kept = options.texts("keepLabels")
    return {
        "id": "labelsToFields",
        "mode": options.choice("mode", ("columns", "rows")) or "columns",
        "keep": kept or None,
        "value_label": options.text("valueLabel"),
    }


def _limit(options: Keys) -> dict[str, Any]:
    rows = options.whole("limitField")
    if rows is None and options.raw.get("limitField") not in (None, ""):
        raise Refused("the transformation limit takes its number from a variable")
    return {"id": "limit", "rows": 10 if rows is None else rows}


def _concatenate(options: Keys) -> dict[str, Any]:
    mode = options.choice("frameNameMode", ("field", "label", "drop")) or "field"
    return {"id": "concatenate", "frame_names": mode, "label": options.text("frameNameLabel") or "frame"}


def _rows(_options: Keys) -> dict[str, Any]:
    return {"id": "seriesToRows"}


def _convert(options: Keys) -> dict[str, Any]:
    found = []
    for one in options.each("conversions"):
        kind = one.choice("destinationType", _TYPES)
        if kind is None or one.raw.get("dateFormat"):
            raise Refused("the transformation convertFieldType makes a kind that is not known here")
        one.skip("joinWith", "timezone")
        found.append({"field": one.text("targetField") or "", "type": kind})
    options.skip("fields")
    return {"id": "convertFieldType", "conversions": found}


_READERS: dict[str, Callable[[Keys], dict[str, Any]]] = {
    "organize": _organize,
    "merge": _merge,
    "joinByField": _join,
    "seriesToColumns": _join,
    "reduce": _reduce,
    "filterFieldsByName": _filter_names,
    "filterByRefId": _filter_queries,
    "filterByValue": _filter_values,
    "groupBy": _group,
    "calculateField": _calculate,
    "sortBy": _sort,
    "renameByRegex": _rename,
    "labelsToFields": _labels,
    "limit": _limit,
    "concatenate": _concatenate,
    "seriesToRows": _rows,
    "convertFieldType": _convert,
}
