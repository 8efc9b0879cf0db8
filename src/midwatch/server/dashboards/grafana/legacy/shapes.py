"""What several of the old panels have alike."""

from typing import Any

from midwatch.server.dashboards.grafana.keys import mapping

CALCULATIONS = {"min": "min", "max": "max", "avg": "mean", "current": "lastNotNull", "total": "sum"}
EDITOR = (
    "editable", "error", "span", "height", "isNew", "minSpan", "scopedVars", "hideTimeOverride", "renderer",
    "fieldConfig", "options", "version", "style", "timeFrom", "timeShift", "cacheTimeout", "alert", "decimals",
    "nullPointMode", "percentage", "styles", "columns", "transform", "legend", "tooltip", "xaxis", "yaxes",
    "yaxis", "aliasColors", "seriesOverrides", "thresholds", "fontSize", "pageSize", "showHeader", "sort",
    "scroll", "timeRegions", "valueMaps", "mappingType", "mappingTypes", "rangeMaps", "nullText",
    "colorBackground", "colorValue", "sparkline", "gauge",
)  # fmt: skip
"""Looked at by each reader where it means something there; else left over from a type that the panel had before."""


def fixed_color(color: Any) -> dict[str, Any]:
    return {"id": "color", "value": {"mode": "fixed", "fixedColor": color}}


def alias_colors(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """Colours by series, as overrides."""
    colors = mapping(panel.get("aliasColors"))
    return [
        {"matcher": {"id": "byName", "options": name}, "properties": [fixed_color(color)]}
        for name, color in colors.items()
    ]
