"""`singlestat`, and the pie of before Grafana 8."""

from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys, as_number, entries, mapping, mappings
from midwatch.server.dashboards.grafana.legacy.shapes import EDITOR, alias_colors

_CALCULATIONS = {
    "avg": "mean",
    "current": "lastNotNull",
    "total": "sum",
    "min": "min",
    "max": "max",
    "first": "firstNotNull",
    "delta": "delta",
    "diff": "diff",
    "range": "range",
    "name": "lastNotNull",
}
_COLORS = ["#299c46", "rgba(237, 129, 40, 0.89)", "#d44a3a"]


def singlestat(old: Keys) -> dict[str, Any]:
    """A stat, or a gauge where it was drawn as one."""
    panel, gauge = old.raw, mapping(old.raw.get("gauge"))
    old.skip("colors", "colorPostfix", "colorPrefix", "postfixFontSize", "prefixFontSize", "valueFontSize", *EDITOR)
    calculation = _CALCULATIONS.get(old.text("valueName") or "avg")
    if calculation is None:
        old._read.discard("valueName")
    reduce = {"calcs": [calculation or "lastNotNull"], "fields": old.text("tableColumn") or "", "values": False}
    as_gauge = gauge.get("show") is True
    colored = panel.get("colorValue") or panel.get("colorBackground") or as_gauge
    defaults: dict[str, Any] = {
        "unit": _unit(old),
        "mappings": _mappings(panel),
        "thresholds": {"mode": "absolute", "steps": _steps(old) if colored else [{"value": None, "color": "text"}]},
    }
    if panel.get("decimals") is not None:
        defaults["decimals"] = panel["decimals"]
    if as_gauge:
        bounds = as_number(gauge.get("minValue")), as_number(gauge.get("maxValue"))
        defaults |= {"min": bounds[0] or 0, "max": 100 if bounds[1] is None else bounds[1]}
        options: dict[str, Any] = {
            "reduceOptions": reduce,
            "showThresholdLabels": gauge.get("thresholdLabels") is True,
            "showThresholdMarkers": gauge.get("thresholdMarkers") is not False,
        }
    else:
        options = {
            "reduceOptions": reduce,
            "graphMode": "area" if mapping(panel.get("sparkline")).get("show") is True else "none",
            "colorMode": "background" if panel.get("colorBackground") else "value" if colored else "none",
            "textMode": "name" if panel.get("valueName") == "name" else "value",
            "justifyMode": "center",
        }
    config = {"defaults": defaults, "overrides": []}
    return {"type": "gauge" if as_gauge else "stat", "options": options, "fieldConfig": config}


def _unit(old: Keys) -> str:
    unit = old.text("format") or "none"
    for name, side in (("prefix", "prefix"), ("postfix", "suffix")):
        if unit in ("none", "short") and (text := old.text(name)):
            unit = f"{side}:{text}"
    return unit


def _steps(old: Keys) -> list[dict[str, Any]]:
    written = str(old.raw.get("thresholds") or "").split(",")
    bounds = [found for one in written if (found := as_number(one.strip())) is not None]
    colors = [one for one in entries(old.raw.get("colors")) if isinstance(one, str)] or _COLORS
    return [{"value": bound, "color": color} for bound, color in zip([None, *bounds], colors, strict=False)]


def _mappings(panel: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    ranges = panel.get("mappingType") == 2
    for one in mappings(panel.get("rangeMaps" if ranges else "valueMaps")):
        if not (text := one.get("text")):
            continue
        if ranges:
            bounds = {"from": as_number(one.get("from")), "to": as_number(one.get("to"))}
            found.append({"type": "range", "options": {**bounds, "result": {"text": text}}})
        elif one.get("value") == "null":
            found.append({"type": "special", "options": {"match": "null", "result": {"text": text}}})
        else:
            found.append({"type": "value", "options": {str(one.get("value")): {"text": text}}})
    return found


def pie(old: Keys) -> dict[str, Any]:
    """It was a plugin."""
    panel = old.raw
    legend = mapping(panel.get("legend"))
    old.skip("legendType", "breakPoint", "combine", "strokeWidth", "pieType", "valueName", "format", "unit", *EDITOR)
    values = [name for name, on in (("value", legend.get("values")), ("percent", legend.get("percentage"))) if on]
    right = str(panel.get("legendType") or "").lower().startswith("right")
    calculation = _CALCULATIONS.get(str(panel.get("valueName")), "lastNotNull")
    return {
        "type": "piechart",
        "options": {
            "pieType": "donut" if panel.get("pieType") == "donut" else "pie",
            "reduceOptions": {"calcs": [calculation], "values": False, "fields": ""},
            "legend": {
                "showLegend": legend.get("show", True) is not False,
                "displayMode": "table" if values else "list",
                "placement": "right" if right else "bottom",
                "values": values,
            },
        },
        "fieldConfig": {"defaults": {"unit": panel.get("format") or "short"}, "overrides": alias_colors(panel)},
    }
