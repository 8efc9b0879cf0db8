"""Which kind of data source a query asks: by what it names, or by the query's own shape."""

import re
from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys, mappings
from midwatch.server.dashboards.report import Refused
from midwatch.server.schemas.dashboards.queries import Language

MIXED, DASHBOARD, BUILT_IN = "-- Mixed --", "-- Dashboard --", "-- Grafana --"
OWN = "midwatch"
EXPRESSION = "__expr__"
ASKED = {"${DS_PROMETHEUS}": "Prometheus", "${DS_LOKI}": "Loki", "${DS_MIDWATCH}": "Midwatch"}
"""Inputs of boards that are exported from here: a source that the model does not name."""
_VARIABLE = re.compile(r"\$\{?(\w+)[^}]*\}?|\[\[(\w+)[^\]]*\]\]")
_LANGUAGES: dict[str, Language] = {
    "prometheus": "promql",
    "grafana-amazonprometheus-datasource": "promql",
    "grafana-azureprometheus-datasource": "promql",
    "victoriametrics-datasource": "promql",
    "victoriametrics-metrics-datasource": "promql",
    "loki": "logql",
    "jaeger": "traces",
    "tempo": "traces",
}
_SPECIAL = {one: one for one in (MIXED, DASHBOARD, BUILT_IN, EXPRESSION, OWN)} | {"grafana": BUILT_IN}
_NAMED = {
    "prometheus": ("prom", "mimir", "thanos", "cortex", "victoria", "metrics"),
    "loki": ("loki", "logs"),
    "tempo": ("tempo",),
    "jaeger": ("jaeger",),
    "influxdb": ("influx",),
    "elasticsearch": ("elastic",),
    "graphite": ("graphite",),
    "cloudwatch": ("cloudwatch",),
}
"""What people call a source whose kind is not said."""
_SHAPES = {
    "expr": "prometheus",
    "bucketAggs": "elasticsearch",
    "measurement": "influxdb",
    "rawSql": "sql",
    "metricName": "cloudwatch",
    "target": "graphite",
    "scenarioId": "testdata",
    "azureMonitor": "azure monitor",
}


class Sources:
    """The sources that a board speaks of: its inputs, and its variables of the kind `datasource`."""

    def __init__(self, board: dict[str, Any]) -> None:
        self._kinds: dict[str, str] = {}
        for one in mappings(board.get("__inputs")):
            if one.get("type") == "datasource":
                self._kinds[str(one.get("name"))] = str(one.get("pluginId"))
        templating = board.get("templating")
        for one in mappings(templating.get("list") if isinstance(templating, dict) else None):
            if one.get("type") == "datasource":
                self._kinds[str(one.get("name"))] = str(one.get("query"))

    def kind(self, named: Any) -> str | None:
        """`prometheus`, `loki` …, as plugins are called; None where it is not said."""
        if isinstance(named, dict):
            uid, kind = named.get("uid"), named.get("type")
            if kind == "datasource" and uid == "grafana":
                return BUILT_IN
            special = isinstance(uid, str) and uid in _SPECIAL
            plain = isinstance(kind, str) and kind and "$" not in kind and not special
            return str(kind) if plain else self.kind(uid if isinstance(uid, str) else None)
        if not isinstance(named, str) or named in ("", "default"):
            return None
        if named in _SPECIAL or named in _LANGUAGES:
            return _SPECIAL.get(named, named)
        found = _VARIABLE.fullmatch(named)
        name = (found[1] or found[2]) if found else named
        return (self._kinds.get(name) if found else None) or _by_name(name)

    def language(self, target: Keys, inherited: Any, panel: str) -> Language:
        """What a target is written in.

        Raises:
            Refused: it asks something that Midwatch does not hold.
        """
        named = target.raw.get("datasource")
        kind = self.kind(named)
        if kind in (None, MIXED):
            kind = self.kind(inherited)
        if kind in (None, MIXED):
            kind = next((shape for key, shape in _SHAPES.items() if key in target), None)
            if kind == "prometheus" and panel == "logs":
                kind = "loki"
        if kind == OWN:
            found = target.raw.get("language")
            own: dict[Any, Language] = {
                "logs": "logs",
                "traces": "traces",
                "sql": "sql",
                "promql": "promql",
                "logql": "logql",
            }
            if found in own:
                return own[found]
            raise Refused(f"language={found!s:.40}: expected one of {', '.join(own)}")
        if kind in _LANGUAGES:
            return _LANGUAGES[kind]
        raise Refused(_why_not(kind))


def label(named: Any) -> str | None:
    """What the source is called, for the export."""
    if isinstance(named, dict):
        named = named.get("uid")
    return named if isinstance(named, str) and named and named not in ASKED else None


def _why_not(kind: str | None) -> str:
    answers = "Midwatch answers PromQL, LogQL, searches of traces and logs, and SQL over its own tables"
    if kind is None:
        return f"a query names no data source, and does not look like one of a kind that is known; {answers}"
    if kind == EXPRESSION:
        return "a server-side expression of Grafana's (math, reduce, resample): write it in the query"
    if kind == BUILT_IN:
        return "asks Grafana itself (its random data, annotations or files)"
    return f"asks a data source of the kind {kind:.60}; {answers}"


def _by_name(name: str) -> str | None:
    low = name.lower()
    return next((kind for kind, parts in _NAMED.items() if any(part in low for part in parts)), None)
