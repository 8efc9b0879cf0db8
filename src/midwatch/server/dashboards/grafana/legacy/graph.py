"""`graph`, the chart of before Grafana 7.4."""

from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys, as_number, entries, mapping, mappings
from midwatch.server.dashboards.grafana.legacy.shapes import CALCULATIONS, EDITOR, alias_colors

_LEVELS = {"critical": "red", "warning": "orange", "ok": "green"}
_LOOKED_AT = (
    "bars", "lines", "points", "linewidth", "fill", "fillGradient", "steppedLine", "pointradius", "stack",
    "dashes", "dashLength", "spaceLength", "y_formats", "hiddenSeries", "grid", "leftYAxisLabel", "x-axis",
    "y-axis", "zerofill", "interactive", "resolution", "annotate", "scale", "spyable", "sharedCrosshair",
    "timezone", "alerting",
)  # fmt: skip


def graph(old: Keys) -> dict[str, Any]:
    """A time series; with another axis than time, a histogram or one bar a series."""
    panel = old.raw
    old.skip(*_LOOKED_AT, *EDITOR)
    axis = mapping(panel.get("xaxis"))
    left, right = _axes(panel)
    if axis.get("mode") == "series":
        return _by_series(axis, left)
    custom = _custom(panel, left)
    defaults: dict[str, Any] = {"custom": custom, **_values(left), "color": {"mode": "palette-classic"}}
    if panel.get("decimals") is not None:
        defaults["decimals"] = panel["decimals"]
    if steps := _thresholds(panel, custom):
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    options: dict[str, Any] = {"legend": _legend(panel), "tooltip": _tooltip(panel)}
    histogram = axis.get("mode") == "histogram"
    if histogram:
        options["bucketCount"] = axis.get("buckets")
    return {
        "type": "histogram" if histogram else "timeseries",
        "options": options,
        "fieldConfig": {"defaults": defaults, "overrides": [*alias_colors(panel), *_overrides(panel, right)]},
    }


def _by_series(axis: dict[str, Any], left: dict[str, Any]) -> dict[str, Any]:
    wanted = [one for one in entries(axis.get("values")) if str(one) in CALCULATIONS]
    calculation = CALCULATIONS[str(wanted[0])] if wanted else "sum"
    return {
        "type": "bargauge",
        "options": {
            "reduceOptions": {"calcs": [calculation], "values": False, "fields": ""},
            "orientation": "vertical",
            "displayMode": "basic",
        },
        "fieldConfig": {"defaults": {**_values(left), "color": {"mode": "palette-classic"}}, "overrides": []},
    }


def _custom(panel: dict[str, Any], left: dict[str, Any]) -> dict[str, Any]:
    mode = "none"
    if panel.get("stack"):
        mode = "percent" if panel.get("percentage") else "normal"
    custom: dict[str, Any] = {
        "drawStyle": _style(panel),
        "lineWidth": _number(panel, "linewidth", 1),
        "fillOpacity": _number(panel, "fill", 0) * 10,
        "gradientMode": "opacity" if _number(panel, "fillGradient", 0) else "none",
        "lineInterpolation": "stepAfter" if panel.get("steppedLine") else "linear",
        "showPoints": "always" if panel.get("points") else "never",
        "pointSize": _number(panel, "pointradius", 2) * 2,
        "spanNulls": panel.get("nullPointMode") == "connected",
        "stacking": {"mode": mode, "group": "A"},
        "thresholdsStyle": {"mode": "off"},
        **_axis(left),
    }
    if panel.get("dashes"):
        dash = [_number(panel, "dashLength", 10), _number(panel, "spaceLength", 10)]
        custom["lineStyle"] = {"fill": "dash", "dash": dash}
    return custom


def _style(panel: dict[str, Any]) -> str:
    if panel.get("bars"):
        return "bars"
    return "points" if panel.get("points") and panel.get("lines") is False else "line"


def _number(panel: dict[str, Any], name: str, default: float) -> float:
    found = as_number(panel.get(name))
    return default if found is None else found


def _axes(panel: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    axes = mappings(panel.get("yaxes")) or [{"format": one} for one in entries(panel.get("y_formats"))]
    return (axes[0] if axes else {}), (axes[1] if len(axes) > 1 else {})


def _axis(axis: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if axis.get("label"):
        found["axisLabel"] = axis["label"]
    if axis.get("show") is False:
        found["axisPlacement"] = "hidden"
    if (base := as_number(axis.get("logBase"))) not in (None, 1.0):
        found["scaleDistribution"] = {"type": "log", "log": base}
    return found


def _values(axis: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"unit": axis.get("format") or "short"}
    for name in ("min", "max", "decimals"):
        if (value := as_number(axis.get(name))) is not None:
            found[name] = value
    return found


def _legend(panel: dict[str, Any]) -> dict[str, Any]:
    legend = mapping(panel.get("legend"))
    shown = [calculation for name, calculation in CALCULATIONS.items() if legend.get(name) is True]
    found: dict[str, Any] = {
        "showLegend": legend.get("show", True) is not False,
        "displayMode": "table" if legend.get("alignAsTable") else "list",
        "placement": "right" if legend.get("rightSide") else "bottom",
        "calcs": shown if legend.get("values", True) else [],
    }
    if legend.get("sort"):
        found |= {"sortBy": legend["sort"], "sortDesc": legend.get("sortDesc") is True}
    if legend.get("sideWidth"):
        found["width"] = legend["sideWidth"]
    return found


def _tooltip(panel: dict[str, Any]) -> dict[str, Any]:
    tooltip = mapping(panel.get("tooltip"))
    sort = {"1": "asc", "2": "desc"}.get(str(tooltip.get("sort")), "none")
    return {"mode": "multi" if tooltip.get("shared", True) else "single", "sort": sort}


def _thresholds(panel: dict[str, Any], custom: dict[str, Any]) -> list[dict[str, Any]]:
    """Lines and areas above or below a value, as steps from minus infinity up."""
    found = [one for one in mappings(panel.get("thresholds")) if as_number(one.get("value")) is not None]
    if not found:
        return []
    found.sort(key=lambda one: as_number(one.get("value")) or 0.0)
    filled, lined = any(one.get("fill") for one in found), any(one.get("line") for one in found)
    custom["thresholdsStyle"] = {"mode": "line+area" if filled and lined else "area" if filled else "line"}
    colors = [_LEVELS.get(str(one.get("colorMode"))) or one.get("lineColor") or "red" for one in found]
    below = all(one.get("op") == "lt" for one in found)
    colors = [*colors, "transparent"] if below else ["transparent", *colors]
    bounds = [None, *(one["value"] for one in found)]
    return [{"value": bound, "color": color} for bound, color in zip(bounds, colors, strict=True)]


def _overrides(panel: dict[str, Any], right: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for one in mappings(panel.get("seriesOverrides")):
        if isinstance(alias := one.get("alias"), str):
            regex = len(alias) > 1 and alias.startswith("/")
            properties = [{"id": name, "value": value} for name, value in _changed(one, right).items()]
            found.append(
                {"matcher": {"id": "byRegexp" if regex else "byName", "options": alias}, "properties": properties}
            )
    return found


def _changed(one: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if one.get("lines") is False and not one.get("bars") and not one.get("points"):
        found["custom.lineWidth"] = 0
    if one.get("bars") or one.get("points") or one.get("lines"):
        found["custom.drawStyle"] = _style(one)
    if (fill := as_number(one.get("fill"))) is not None:
        found["custom.fillOpacity"] = fill * 10
    if (width := as_number(one.get("linewidth"))) is not None:
        found["custom.lineWidth"] = width
    if isinstance(one.get("fillBelowTo"), str):
        found["custom.fillBelowTo"] = one["fillBelowTo"]
    if one.get("dashes") is True:
        found["custom.lineStyle"] = {"fill": "dash", "dash": [10, 10]}
    if one.get("transform") == "negative-Y":
        found["custom.transform"] = "negative-Y"
    if (stack := one.get("stack")) is not None:
        group = stack if isinstance(stack, str) else "A"
        found["custom.stacking"] = {"mode": "none" if stack is False else "normal", "group": group}
    if one.get("color"):
        found["color"] = {"mode": "fixed", "fixedColor": one["color"]}
    if one.get("hiddenSeries") is True:
        found["custom.hideFrom"] = {"viz": True, "legend": False, "tooltip": False}
    if one.get("legend") is False:
        found["custom.hideFrom"] = {"viz": False, "legend": True, "tooltip": False}
    if one.get("yaxis") == 2:
        axis = {f"custom.{name}": value for name, value in _axis(right).items()}
        found |= {"custom.axisPlacement": "right", **_values(right), **axis}
    return found
