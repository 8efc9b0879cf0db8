"""A panel's targets → queries."""

from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys
from midwatch.server.dashboards.grafana.sources import Sources, label
from midwatch.server.dashboards.report import Refused
from midwatch.server.schemas.dashboards.queries import BoardQuery, Language

_FORMATS = {"time_series": "series", "table": "table", "heatmap": "heatmap", "logs": "series", "": "series"}
_BESIDE = (
    "datasource", "editorMode", "intervalFactor", "step", "metric", "adhocFilters", "useBackend", "builder",
    "disableTextWrap", "fullMetaSearch", "includeNullMetadata", "requestId", "key", "queryType", "hide",
    "refId", "target", "policy", "resultFormat", "orderByTime", "dsType", "groupBy", "select", "tags",
    "measurement", "legendLink", "textEditor", "resolution", "application", "functions", "group", "host",
    "item", "mode", "options", "calculatedInterval", "datasourceErrors", "errors", "hideTimeOverride", "rawSql",
    "type", "rawQuery", "bucketAggs", "metrics", "alias", "timeField", "dimensions", "metricName", "namespace",
    "period", "region", "statistics", "direction", "__auto", "custom", "exemplarQuery", "azureMonitor",
    "azureLogAnalytics", "prometheusVariant",
)  # fmt: skip
"""What Grafana's editors leave in a target, for themselves and for sources that the panel had before."""


def read_targets(panel: Keys, sources: Sources, kind: str) -> list[BoardQuery]:
    """Raises Refused where a query that is shown cannot be answered; hidden ones that cannot are left out."""
    inherited = panel.get("datasource")
    found: list[BoardQuery] = []
    for index, target in enumerate(panel.each("targets")):
        ref = target.text("refId") or _ref(index)
        hidden = target.flag("hide") is True
        try:
            query = _read(target, sources, inherited, kind, ref, hidden=hidden)
        except Refused as reason:
            if hidden:
                target.skip(*target.raw)
                continue
            raise Refused(f"query {ref}: {reason}") from None
        target.skip(*_BESIDE)
        if query is not None:
            found.append(query)
    return _with_own_refs(found)


def _read(target: Keys, sources: Sources, inherited: Any, kind: str, ref: str, *, hidden: bool) -> BoardQuery | None:
    if not any(isinstance(target.raw.get(key), str) and target.raw[key] for key in _TEXTS) and not _is_search(target):
        return None  # nothing was written yet
    language = sources.language(target, inherited, kind)
    text, mode = _READERS[language](target), "range"
    instant, ranged = target.flag("instant"), target.flag("range")
    if language in ("promql", "logql"):
        if target.choice("queryType", ("instant", "range")) == "instant" or (instant and not ranged):
            mode = "instant"
        elif instant and ranged:
            mode = "both"
    legend = target.text("legendFormat")
    return BoardQuery.model_validate(
        {
            "ref": ref,
            "language": language,
            "text": text,
            "legend": None if legend == "__auto" else legend,
            "mode": mode,
            "format": target.choice("format", _FORMATS) or "series",
            "hidden": hidden,
            "exemplars": target.flag("exemplar") is True,
            "step": target.text("interval"),
            "limit": target.whole("maxLines", least=1, most=100_000) or target.whole("limit", least=1, most=100_000),
            "datasource": label(target.raw.get("datasource")) or label(inherited),
        }
    )


_TEXTS = ("expr", "query", "rawSql", "measurement", "target", "metricName", "scenarioId", "expression")


def _is_search(target: Keys) -> bool:
    if target.raw.get("language") in ("traces", "logs"):
        return True  # a search of ours for everything
    return target.raw.get("queryType") in ("search", "serviceMap", "dependencyGraph", "nativeSearch") or any(
        key in target for key in ("bucketAggs", "azureMonitor")
    )


def _expr(target: Keys) -> str:
    return target.text("expr") or ""


def _own(target: Keys) -> str:
    target.skip("language")
    return target.text("query") or target.text("expr") or target.text("rawSql") or ""


def _traces(target: Keys) -> str:
    """A search of Jaeger's, or a trace's id, as a search of ours."""
    if "language" in target:
        return _own(target)
    how = target.raw.get("queryType")
    if how in ("serviceMap", "dependencyGraph"):
        target.skip("query", "serviceMapQuery")
        return ""
    if how in ("traceql", "traceqlSearch", "nativeSearch", "traceqlMetrics") and not _is_id(target.raw.get("query")):
        raise Refused("is written in TraceQL: write it as a search (`service:checkout status:error`)")
    if how != "search" and (found := target.text("query")):
        return f"trace_id:{found}"
    parts = []
    for key, name in (("service", "service"), ("operation", "name")):
        if (value := target.text(key)) and value != "All":
            parts.append(f"{name}:{quoted(value)}")
    for pair in (target.text("tags") or "").split():
        key, _, value = pair.partition("=")
        parts.append(f"{key}:{quoted(value)}")
    for key, sign in (("minDuration", ">="), ("maxDuration", "<=")):
        if value := target.text(key):
            parts.append(f"duration:{sign}{value}")
    return " ".join(parts)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and (value.startswith("$") or all(one in "0123456789abcdefABCDEF" for one in value))


def quoted(value: str) -> str:
    if value.startswith("$") or value.replace("_", "").replace("-", "").isalnum():
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_READERS: dict[Language, Any] = {"promql": _expr, "logql": _expr, "traces": _traces, "logs": _own, "sql": _own}


def _ref(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else f"Q{index}"


def _with_own_refs(queries: list[BoardQuery]) -> list[BoardQuery]:
    """Old boards have the same ref twice."""
    found: dict[str, BoardQuery] = {}
    for query in queries:
        ref, more = query.ref, 1
        while ref in found:
            ref, more = f"{query.ref}{more}", more + 1
        found[ref] = query.model_copy(update={"ref": ref})
    return list(found.values())
