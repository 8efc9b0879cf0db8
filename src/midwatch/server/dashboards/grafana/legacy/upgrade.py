"""Panels of older Grafanas as panels of today: `graph`, `singlestat`, `table-old`, and what came before `options`.

Each takes the old panel and returns the JSON that a Grafana 12 would have of it; what it did not look at is told.
"""

from collections.abc import Callable
from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys
from midwatch.server.dashboards.grafana.legacy.graph import graph
from midwatch.server.dashboards.grafana.legacy.heatmap import heatmap
from midwatch.server.dashboards.grafana.legacy.shapes import EDITOR
from midwatch.server.dashboards.grafana.legacy.stat import pie, singlestat
from midwatch.server.dashboards.grafana.legacy.table import table

_SHARED = {
    "id", "title", "description", "gridPos", "transparent", "datasource", "targets", "transformations", "links",
    "repeat", "repeatDirection", "maxPerRow", "timeFrom", "timeShift", "interval", "maxDataPoints",
    "libraryPanel", "pluginVersion", "repeatPanelId", "repeatIteration", "repeatedByRow", "cacheTimeout",
    "type",
}  # fmt: skip
"""Of every panel, old or new, and read as of today's."""


def upgraded(panel: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The panel as of today, and what was not looked at. One that needs nothing comes back as it is.

    Raises:
        Refused: it shows something that no panel of today does.
    """
    convert = _CONVERTERS.get(_old_type(panel))
    if convert is None:
        return panel, []
    old = Keys(panel)
    changed = convert(old)
    old.skip(*_SHARED)
    return {**{key: value for key, value in panel.items() if key in _SHARED}, **changed}, list(old.unread())


def _old_type(panel: dict[str, Any]) -> str:
    """Some kept their name when they changed."""
    kind, plain = str(panel.get("type")), not panel.get("options")
    if kind == "table" and isinstance(panel.get("styles"), list) and plain:
        return "table-old"
    if kind in ("heatmap", "text") and plain and ("content" in panel or "dataFormat" in panel):
        return f"{kind}-old"
    return kind


def _text(old: Keys) -> dict[str, Any]:
    old.skip(*EDITOR)
    return {"type": "text", "options": {"mode": old.text("mode") or "markdown", "content": old.text("content") or ""}}


_CONVERTERS: dict[str, Callable[[Keys], dict[str, Any]]] = {
    "graph": graph,
    "singlestat": singlestat,
    "grafana-singlestat-panel": singlestat,
    "table-old": table,
    "heatmap-old": heatmap,
    "text-old": _text,
    "grafana-piechart-panel": pie,
}
