"""`fieldConfig` → how fields look. An override's properties are read as defaults are."""

from typing import Any

from midwatch.server.dashboards.grafana.keys import Keys, as_number, entries
from midwatch.server.schemas.dashboards.fields import BoardField, BoardFields

_MATCHERS = {
    "byName": "name",
    "byRegexp": "regex",
    "byType": "type",
    "byFrameRefID": "query",
    "byNames": "names",
    "byValue": "value",
}
_CELLS = {
    "auto": "auto",
    "json-view": "json",
    "color-text": "color-text",
    "color-background": "color-background",
    "color-background-solid": "color-background",
    "gauge": "gauge",
    "basic": "gauge",
    "gradient-gauge": "gauge",
    "lcd-gauge": "gauge",
    "sparkline": "sparkline",
    "image": "image",
    "data-links": "links",
    "pill": "pill",
    "markdown": "markdown",
}
_CELL_MODES = {"gradient-gauge": "gradient", "lcd-gauge": "lcd", "basic": "basic", "color-background-solid": "basic"}
_STYLES = {"line": "line", "bars": "bars", "points": "points"}
_PLACES = ("auto", "left", "right", "top", "bottom", "hidden")


def read_fields(config: Keys, kind: str) -> BoardFields:
    """Of a whole panel."""
    overrides = []
    for one in config.each("overrides"):
        if (matcher := _matcher(one.below("matcher"))) is None:
            continue
        properties: dict[str, Any] = {}
        for entry in one.each("properties"):
            if isinstance(name := entry.get("id"), str):
                _put(properties, name, entry.get("value"))
        one.skip("properties", "__systemRef")
        nested = one.derived("properties", properties)
        overrides.append({"matcher": matcher, "field": read_field(nested, kind)})
    defaults = read_field(config.below("defaults"), kind)
    return BoardFields.model_validate({"defaults": defaults, "overrides": overrides})


def _put(properties: dict[str, Any], name: str, value: Any) -> None:
    if not name.startswith("custom."):
        properties[name] = value
        return
    custom = properties.setdefault("custom", {})
    for part in name.split(".")[1:-1]:
        custom = custom.setdefault(part, {}) if isinstance(custom, dict) else {}
    if isinstance(custom, dict):
        custom[name.rsplit(".", 1)[-1]] = value


def _matcher(matcher: Keys) -> dict[str, Any] | None:
    by = matcher.choice("id", _MATCHERS)
    options = matcher.raw.get("options")
    if by is None:
        return None
    if by == "names":
        below = matcher.below("options")
        names = below.texts("names")
        below.skip("prefix", "readOnly")
        return {
            "by": "names_but" if below.choice("mode", ("include", "exclude")) == "exclude" else "names",
            "match": names,
        }
    if by == "value":
        below = matcher.below("options")
        bound = [below.text("reducer") or "lastNotNull", below.text("op") or "gte", str(below.number("value") or 0)]
        return {"by": by, "match": bound}
    matcher.skip("options")
    return {"by": by, "match": [str(options)]} if isinstance(options, str | int | float) else None


def read_field(field: Keys, kind: str) -> BoardField:
    custom = field.below("custom")
    field.skip("mappingType", "nullValueMode", "unitScale", "fieldMinMax", "nameAlias")
    return BoardField.model_validate(
        {
            "title": field.text("displayName") or field.text("title"),
            "description": field.text("description"),
            "unit": field.text("unit"),
            "decimals": field.whole("decimals", most=20),
            "min": field.number("min"),
            "max": field.number("max"),
            "no_value": field.text("noValue"),
            "color": read_color(field.below("color")),
            "thresholds": read_thresholds(field.below("thresholds")),
            "mappings": read_mappings(field) if field.raw.get("mappings") else None,
            "links": [read_link(one) for one in field.each("links")] or None,
            "cell": _cell(custom) if kind == "table" else None,
            "drawing": _drawing(custom) if kind != "table" else None,
        }
    )


def read_color(color: Keys) -> dict[str, Any] | None:
    mode = color.text("mode")
    fixed, by = color.text("fixedColor"), color.choice("seriesBy", ("last", "min", "max"))
    return {"mode": mode, "fixed": fixed, "by": by or "last"} if mode else None


def read_thresholds(thresholds: Keys) -> dict[str, Any] | None:
    steps = []
    for index, step in enumerate(thresholds.each("steps")):
        value = step.number("value")
        step.skip("value", "index", "line", "op", "yaxis", "state")
        # The first step reaches down without an end, whatever is written there.
        steps.append({"from_value": None if index == 0 else (value or 0.0), "color": step.text("color") or "green"})
    mode = thresholds.choice("mode", ("absolute", "percentage"))
    return {"mode": mode or "absolute", "steps": steps} if steps else None


def read_link(link: Keys) -> dict[str, Any]:
    link.skip("icon", "type", "sort", "onClick", "origin", "oneClick", "internal", "dashUri", "dashboard")
    tags = link.texts("tags")
    return {
        "title": link.text("title") or "",
        "url": link.text("url") or "",
        "kind": "dashboards" if link.raw.get("type") == "dashboards" else "link",
        "tags": tags,
        "dropdown": link.flag("asDropdown") is True,
        "new_tab": link.flag("targetBlank") is True,
        "keep_time": link.flag("keepTime") is True,
        "keep_variables": link.flag("includeVars") is True,
        "tooltip": link.text("tooltip") or "",
    }


def read_mappings(field: Keys) -> list[dict[str, Any]]:
    """Of both forms: by `type` and `options`, and of Grafana 7 with one entry a value."""
    found: list[dict[str, Any]] = []
    for one in field.each("mappings"):
        kind = one.get("type")
        options = one.below("options")
        if kind == "value" and "options" in one:
            found += [{"kind": "value", "match": value, **_shown(options.below(value))} for value in options.raw]
        elif kind == "range":
            bounds = {"from_value": options.number("from"), "to_value": options.number("to")}
            options.skip("from", "to")
            found.append({"kind": "range", **bounds, **_shown(options.below("result"))})
        elif kind == "regex":
            found.append({"kind": "regex", "match": options.text("pattern"), **_shown(options.below("result"))})
        elif kind == "special":
            found.append({"kind": "special", "match": options.text("match"), **_shown(options.below("result"))})
        elif kind == 2:
            bounds = {"from_value": as_number(one.get("from")), "to_value": as_number(one.get("to"))}
            found.append({"kind": "range", **bounds, "text": one.text("text")})
        else:
            written = one.text("value")
            special = written in (None, "null", "N/A")
            found.append(
                {
                    "kind": "special" if special else "value",
                    "match": "null" if special else written,
                    "text": one.text("text"),
                }
            )
        one.skip("id", "op", "operator", "value", "from", "to", "text", "options")
    return found


def _shown(result: Keys) -> dict[str, Any]:
    result.skip("index", "icon")
    return {"text": result.text("text"), "color": result.text("color")}


def _stack_group(stacking: Keys) -> str | None:
    """False, where Grafana's page takes a field out of the group of the others, is a group too: the nameless one."""
    if stacking.raw.get("group") is False:
        stacking.skip("group")
        return ""
    return stacking.text("group")


def _drawing(custom: Keys) -> dict[str, Any] | None:
    stacking, scale, hide = custom.below("stacking"), custom.below("scaleDistribution"), custom.below("hideFrom")
    dash = custom.below("lineStyle")
    hide.skip("graph")
    custom.skip("lineColor", "axisBorderShow", "insertNulls", "pointSymbol", "pathOptions", "axisColorMode", "type")
    fill = dash.choice("fill", {"solid": [], "dash": [10, 10], "dot": [0, 10], "square": [10, 10]})
    pattern = [float(one) for one in entries(dash.get("dash")) if isinstance(one, int | float)] if fill else fill
    span = custom.raw.get("spanNulls")
    if isinstance(span, bool | int | float):
        custom.skip("spanNulls")
    found: dict[str, Any] = {
        "style": custom.choice("drawStyle", _STYLES),
        "line_width": custom.number("lineWidth"),
        "line_dash": pattern or fill,
        "interpolation": custom.choice("lineInterpolation", ("linear", "smooth", "stepBefore", "stepAfter")),
        "fill_opacity": custom.number("fillOpacity"),
        "fill_below_to": custom.text("fillBelowTo"),
        "gradient": custom.choice("gradientMode", ("none", "opacity", "hue", "scheme")),
        "show_points": custom.choice("showPoints", ("auto", "never", "always")),
        "point_size": custom.number("pointSize"),
        "bar_alignment": custom.choice("barAlignment", {-1: -1, 0: 0, 1: 1}),
        "bar_width": custom.number("barWidthFactor"),
        "span_nulls": span if isinstance(span, bool | int | float) else None,
        "stack": stacking.choice("mode", {"none": "off", "normal": "normal", "percent": "percent"})
        or stacking.choice("mode", {False: "off", True: "normal"}),
        "stack_group": _stack_group(stacking),
        "negative_y": custom.choice("transform", {"negative-Y": True}),
        "axis": custom.choice("axisPlacement", _PLACES),
        "axis_label": custom.text("axisLabel"),
        "axis_width": custom.number("axisWidth"),
        "axis_soft_min": custom.number("axisSoftMin"),
        "axis_soft_max": custom.number("axisSoftMax"),
        "axis_log_base": _log_base(scale),
        "axis_symlog_threshold": scale.number("linearThreshold") if scale.raw.get("type") == "symlog" else None,
        "axis_centered_zero": custom.flag("axisCenteredZero"),
        "grid_lines": custom.flag("axisGridShow"),
        "thresholds": custom.below("thresholdsStyle").choice(
            "mode", ("off", "line", "dashed", "area", "line+area", "dashed+area", "series")
        ),
        "hide_in_legend": hide.flag("legend"),
        "hide_in_tooltip": hide.flag("tooltip"),
        "hide_in_graph": hide.flag("viz"),
    }
    return found if any(value is not None for value in found.values()) else None


def _log_base(scale: Keys) -> int | None:
    kind, base = scale.choice("type", ("linear", "log", "symlog")), scale.number("log")
    return (2 if base == 2 else 10) if kind in ("log", "symlog") else None


def _cell(custom: Keys) -> dict[str, Any] | None:
    options = custom.below("cellOptions")
    old = custom.raw.get("displayMode")
    kind = options.choice("type", _CELLS) or custom.choice("displayMode", _CELLS)
    mode = options.choice("mode", ("basic", "gradient", "lcd")) or _CELL_MODES.get(str(old))
    options.skip("valueDisplayMode", "hideValue", "tooltipField")
    align = custom.raw.get("align")
    custom.skip("align", "displayMode", "headerComponent")
    found: dict[str, Any] = {
        "kind": kind,
        "mode": mode,
        "whole_row": options.flag("applyToRow"),
        "width": custom.number("width"),
        "min_width": custom.number("minWidth"),
        "align": align if align in ("auto", "left", "center", "right") else None,
        "hidden": custom.flag("hidden") if "hidden" in custom else custom.below("hideFrom").flag("viz"),
        "filterable": custom.flag("filterable"),
        "inspect": custom.flag("inspect"),
        "wrap": options.flag("wrapText") if "wrapText" in options else custom.flag("wrapText"),
    }
    return found if any(value is not None for value in found.values()) else None
