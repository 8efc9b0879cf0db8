"""`templating.list` → variables. One that cannot be filled here is a text box with the value it had, and is told."""

import re
from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys
from midwatch.server.dashboards.grafana.sources import Sources, label
from midwatch.server.dashboards.report import Refused
from midwatch.server.schemas.dashboards.variables import BoardVariable, BoardVariableQuery

_HIDE = {
    0: "no",
    1: "label",
    2: "all",
    3: "all",
    "": "no",
    "dontHide": "no",
    "hideLabel": "label",
    "hideVariable": "all",
}
_SORT = {0: "none", 1: "asc", 2: "desc", 3: "numeric-asc", 4: "numeric-desc", 5: "caseless-asc", 6: "caseless-desc",
    7: "numeric-asc", 8: "numeric-desc"}  # fmt: skip
_REFRESH = {0: "once", 1: "load", 2: "time"}
_LABEL_VALUES = re.compile(r'\s*label_values\(\s*(?:(.+),)?\s*([\w:.$\[\]{}-]+|"[^"]+")\s*\)\s*', re.DOTALL)
_CALL = re.compile(r"\s*(label_names|metrics|query_result)\((.*)\)\s*", re.DOTALL)
_COMMA = re.compile(r"(?<!\\),")
_PAIR = re.compile(r"(.+?)\s:\s(.+)", re.DOTALL)
_BESIDE = (
    "definition", "skipUrlSync", "tags", "tagsQuery", "tagValuesQuery", "useTags", "allFormat", "multiFormat",
    "options", "error", "rootStateKey", "id", "index", "global", "state", "selected", "current", "hideVariable",
    "includeAll", "allowCustomValue", "refresh_on_load", "multi", "query", "datasource", "auto", "auto_count",
    "auto_min", "staticOptions", "staticOptionsOrder", "refresh", "regexApplyTo", "valuesFormat", "hide",
    "allValue", "sort", "regex",
)  # fmt: skip


def read_variable(variable: Keys, sources: Sources) -> tuple[BoardVariable, str | None]:
    """The variable, and why it is a text box where it should be more."""
    kind = variable.text("type") or "query"
    chosen = _chosen(variable)
    found: dict[str, Any] = {
        "name": variable.text("name") or "",
        "label": variable.text("label"),
        "description": variable.text("description"),
        "hide": variable.choice("hide", _HIDE) or "no",
        "regex": variable.text("regex"),
        "sort": variable.choice("sort", _SORT) or "none",
        "refresh": variable.choice("refresh", _REFRESH) or "load",
        "multi": variable.flag("multi") is True,
        "all": variable.flag("includeAll") is True,
        "all_value": variable.text("allValue"),
        "chosen": chosen,
        "datasource": label(variable.raw.get("datasource")),
    }
    why = None
    try:
        found |= {"kind": kind, **_own(kind, variable, sources)}
    except Refused as reason:
        found |= {"kind": "textbox", "chosen": chosen[:1], "datasource": None}
        why = str(reason)
    variable.skip(*_BESIDE)
    return BoardVariable.model_validate(found), why


def _own(kind: str, variable: Keys, sources: Sources) -> dict[str, Any]:
    query = variable.raw.get("query")
    if kind == "query":
        return {"query": read_query(query, variable, sources)}
    if kind == "custom":
        if variable.raw.get("valuesFormat") == "json":
            raise Refused("its values are written as JSON")
        return {"options": _custom(str(query or "")) or _listed(variable)}
    if kind == "interval":
        steps = [{"text": one.strip(), "value": one.strip()} for one in str(query or "").split(",") if one.strip()]
        return {
            "options": steps,
            "auto": variable.flag("auto") is True,
            "auto_steps": variable.whole("auto_count", least=1, most=10_000) or 30,
            "auto_min": variable.text("auto_min") or "10s",
        }
    if kind == "datasource":
        return {"datasource": str(query or "") or None}
    if kind in ("textbox", "constant"):
        chosen = _chosen(variable) or ([str(query)] if isinstance(query, str) else [])
        return {"chosen": [str(query)] if kind == "constant" and isinstance(query, str) else chosen}
    if kind == "adhoc":
        filters = []
        for one in variable.each("filters"):
            one.skip("condition", "values", "keyLabel", "valueLabels", "origin")
            operator = one.choice("operator", ("=", "!=", "=~", "!~", "<", ">", "=|", "!=|")) or "="
            filters.append({"key": one.text("key") or "", "operator": operator, "value": one.text("value") or ""})
        variable.skip("baseFilters", "defaultKeys", "applyMode")
        return {"filters": filters}
    raise Refused(f"a variable of the kind {kind:.40} is not known here")


def read_query(query: Any, variable: Keys, sources: Sources) -> BoardVariableQuery:
    """Raises Refused."""
    text, stream = query, None
    if isinstance(query, dict):
        if isinstance(wanted := query.get("label"), str) and "type" in query:  # Loki's own form
            return BoardVariableQuery(
                kind="label_values", language="logql", label=wanted, match=query.get("stream") or None
            )
        text, stream = query.get("query") or query.get("expr"), query.get("stream")
    if not isinstance(text, str) or not text.strip():
        if isinstance(query, dict) and query.get("type") == 0 and stream is None:
            return BoardVariableQuery(kind="label_names", language="logql")
        text = variable.raw.get("definition")
    if not isinstance(text, str) or not text.strip():
        raise Refused("it has no query")
    kind = sources.kind(variable.raw.get("datasource"))
    if kind not in (None, "loki") and kind not in _PROMETHEUS:
        raise Refused(f"it asks a data source of the kind {kind:.60}")
    return parse_query(text, "logql" if kind == "loki" else "promql")


_PROMETHEUS = {
    "prometheus", "grafana-amazonprometheus-datasource", "grafana-azureprometheus-datasource",
    "victoriametrics-datasource", "victoriametrics-metrics-datasource",
}  # fmt: skip


def parse_query(text: str, language: Any = "promql") -> BoardVariableQuery:
    """`label_values(up, job)` and its like, as people write them in Grafana and in our YAML."""
    if found := _LABEL_VALUES.fullmatch(text):
        match = (found[1] or "").strip() or None
        return BoardVariableQuery(kind="label_values", language=language, label=found[2].strip('"'), match=match)
    if found := _CALL.fullmatch(text):
        kinds: Any = {"label_names": "label_names", "metrics": "metrics", "query_result": "query_result"}
        return BoardVariableQuery(kind=kinds[found[1]], language=language, match=found[2].strip() or None)
    return BoardVariableQuery(kind="series", language=language, match=text.strip())


def write_query(query: BoardVariableQuery) -> str:
    """The other way round."""
    match = query.match or ""
    if query.kind == "label_values":
        return f"label_values({match}, {query.label})" if match else f"label_values({query.label})"
    return match if query.kind == "series" else f"{query.kind}({match})"


def _chosen(variable: Keys) -> list[str]:
    current = variable.below("current")
    value = current.raw.get("value", current.raw.get("text"))
    current.skip("value", "text", "selected", "tags", "isNone")
    values = value if isinstance(value, list) else [value]
    return [str(one) for one in values if isinstance(one, str | int | float) and one != ""]


def _custom(query: str) -> list[dict[str, Any]]:
    options = []
    for part in _COMMA.split(query):
        text = part.replace("\\,", ",").strip()
        if pair := _PAIR.fullmatch(text):
            options.append({"text": pair[1].strip(), "value": pair[2].strip()})
        elif text:
            options.append({"text": text, "value": text})
    return options


def _listed(variable: Keys) -> list[dict[str, Any]]:
    return [
        {"text": one.text("text") or "", "value": value}
        for one in variable.each("options")
        if isinstance(value := one.raw.get("value"), str) and value != "$__all"
    ]
