"""The table of before Grafana 7: styles by column become overrides, its own ways to make rows transformations."""

from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys, as_number, entries, mappings
from midwatch.server.dashboards.grafana.legacy.shapes import CALCULATIONS, EDITOR
from midwatch.server.dashboards.report import Refused


def table(old: Keys) -> dict[str, Any]:
    """Raises Refused for a way to make rows that is not known."""
    panel = old.raw
    old.skip(*EDITOR)
    overrides: list[dict[str, Any]] = []
    renamed: dict[str, str] = {}
    hidden: dict[str, bool] = {}
    for style in mappings(panel.get("styles")):
        if not isinstance(pattern := style.get("pattern"), str):
            continue
        regex = pattern.startswith("/")
        if style.get("alias") and not regex:
            renamed[pattern] = str(style["alias"])
        if style.get("type") == "hidden" and not regex:
            hidden[pattern] = True
        if properties := _column(style):
            matcher = {"id": "byRegexp" if regex else "byName", "options": renamed.get(pattern, pattern)}
            overrides.append({"matcher": matcher, "properties": properties})
    transformations = [*mappings(panel.get("transformations")), *_made(panel)]
    if renamed or hidden:
        named = {"excludeByName": hidden, "renameByName": renamed}
        transformations.append({"id": "organize", "options": named})
    return {
        "type": "table",
        "options": {"showHeader": panel.get("showHeader") is not False},
        "fieldConfig": {"defaults": {"custom": {}}, "overrides": overrides},
        "transformations": transformations,
    }


def _made(panel: dict[str, Any]) -> list[dict[str, Any]]:
    how = panel.get("transform")
    if how in (None, ""):
        return []
    if how == "timeseries_to_columns":
        return [{"id": "joinByField", "options": {}}]
    if how == "timeseries_to_rows":
        return [{"id": "seriesToRows", "options": {}}]
    if how == "timeseries_aggregations":
        wanted = [CALCULATIONS.get(str(one.get("value")), "mean") for one in mappings(panel.get("columns"))]
        return [{"id": "reduce", "options": {"reducers": wanted or ["mean"]}}]
    if how == "table":
        return [{"id": "merge", "options": {}}]
    raise Refused(f"the old table's way to make rows, {how!s:.40}, is not known here")


def _column(style: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if style.get("type") == "hidden" and str(style.get("pattern")).startswith("/"):
        found.append({"id": "custom.hidden", "value": True})
    if style.get("type") == "number":
        if style.get("unit"):
            found.append({"id": "unit", "value": style["unit"]})
        if as_number(style.get("decimals")) is not None:
            found.append({"id": "decimals", "value": style["decimals"]})
    if style.get("link") and style.get("linkUrl"):
        new_tab = style.get("linkTargetBlank") is True
        link = {"title": style.get("linkTooltip") or "", "url": style["linkUrl"], "targetBlank": new_tab}
        found.append({"id": "links", "value": [link]})
    if (colored := style.get("colorMode")) in ("cell", "row", "value"):
        kind = "color-text" if colored == "value" else "color-background"
        found.append({"id": "custom.cellOptions", "value": {"type": kind, "applyToRow": colored == "row"}})
        bounds = [bound for one in entries(style.get("thresholds")) if (bound := as_number(one)) is not None]
        pairs = zip([None, *bounds], entries(style.get("colors")), strict=False)
        steps = [{"value": bound, "color": color} for bound, color in pairs]
        found.append({"id": "thresholds", "value": {"mode": "absolute", "steps": steps}})
    if style.get("align") in ("left", "center", "right"):
        found.append({"id": "custom.align", "value": style["align"]})
    return found
