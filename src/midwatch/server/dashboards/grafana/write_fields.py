"""How fields look → `fieldConfig`."""

from typing import Any

from midwatch.server.schemas.dashboards.fields import (
    BoardCell,
    BoardDrawing,
    BoardField,
    BoardFields,
    BoardLink,
    BoardMapping,
    BoardMatcher,
)

_MATCHERS = {"name": "byName", "regex": "byRegexp", "type": "byType", "query": "byFrameRefID"}
_CELLS = {"text": "auto", "json": "json-view", "links": "data-links"}


def written_fields(fields: BoardFields) -> dict[str, Any]:
    overrides = []
    for one in fields.overrides:
        values = written_field(one.field)
        custom = values.pop("custom", {})
        values |= {f"custom.{name}": value for name, value in custom.items()}
        properties = [{"id": name, "value": value} for name, value in values.items()]
        overrides.append({"matcher": _matcher(one.matcher), "properties": properties})
    return {"defaults": written_field(fields.defaults), "overrides": overrides}


def _matcher(matcher: BoardMatcher) -> dict[str, Any]:
    if matcher.by in ("names", "names_but"):
        mode = "exclude" if matcher.by == "names_but" else "include"
        return {
            "id": "byNames",
            "options": {"mode": mode, "names": matcher.match, "prefix": "All except:", "readOnly": False},
        }
    if matcher.by == "value":
        reducer, op, value = [*matcher.match, "0", "0", "0"][:3]
        return {"id": "byValue", "options": {"reducer": reducer, "op": op, "value": float(value)}}
    return {"id": _MATCHERS[matcher.by], "options": matcher.match[0] if matcher.match else ""}


def written_field(field: BoardField) -> dict[str, Any]:
    custom = {**_drawing(field.drawing or BoardDrawing()), **_cell(field.cell or BoardCell())}
    found: dict[str, Any] = {
        "displayName": field.title,
        "description": field.description,
        "unit": field.unit,
        "decimals": field.decimals,
        "min": field.min,
        "max": field.max,
        "noValue": field.no_value,
        "custom": custom or None,
        "links": None if field.links is None else [written_link(one) for one in field.links],
        "mappings": None if field.mappings is None else [_mapping(one) for one in field.mappings],
    }
    if field.color is not None:
        found["color"] = without_none(
            {"mode": field.color.mode, "fixedColor": field.color.fixed, "seriesBy": field.color.by}
        )
    if field.thresholds is not None:
        steps = [{"value": one.from_value, "color": one.color} for one in field.thresholds.steps]
        found["thresholds"] = {"mode": field.thresholds.mode, "steps": steps}
    return without_none(found)


def _mapping(one: BoardMapping) -> dict[str, Any]:
    result = without_none({"text": one.text, "color": one.color})
    if one.kind == "value":
        return {"type": "value", "options": {one.match or "": result}}
    if one.kind == "range":
        return {"type": "range", "options": {"from": one.from_value, "to": one.to_value, "result": result}}
    name = "pattern" if one.kind == "regex" else "match"
    return {"type": one.kind, "options": {name: one.match, "result": result}}


def written_link(link: BoardLink) -> dict[str, Any]:
    return {
        "title": link.title,
        "url": link.url,
        "type": link.kind,
        "tags": link.tags,
        "asDropdown": link.dropdown,
        "targetBlank": link.new_tab,
        "keepTime": link.keep_time,
        "includeVars": link.keep_variables,
        "tooltip": link.tooltip,
        "icon": "external link",
    }


def _drawing(one: BoardDrawing) -> dict[str, Any]:
    hide = {"legend": one.hide_in_legend, "tooltip": one.hide_in_tooltip, "viz": one.hide_in_graph}
    stacking = {"off": "none"}.get(one.stack or "", one.stack)
    scale = None
    if one.axis_log_base is not None:
        kind = "symlog" if one.axis_symlog_threshold is not None else "log"
        scale = without_none({"type": kind, "log": one.axis_log_base, "linearThreshold": one.axis_symlog_threshold})
    return without_none(
        {
            "drawStyle": one.style,
            "lineWidth": one.line_width,
            "lineStyle": None
            if one.line_dash is None
            else {"fill": "dash" if one.line_dash else "solid", "dash": one.line_dash},
            "lineInterpolation": one.interpolation,
            "fillOpacity": one.fill_opacity,
            "fillBelowTo": one.fill_below_to,
            "gradientMode": one.gradient,
            "showPoints": one.show_points,
            "pointSize": one.point_size,
            "barAlignment": one.bar_alignment,
            "barWidthFactor": one.bar_width,
            "spanNulls": one.span_nulls,
            "stacking": without_none({"mode": stacking, "group": one.stack_group}) if stacking else None,
            "transform": "negative-Y" if one.negative_y else None,
            "axisPlacement": one.axis,
            "axisLabel": one.axis_label,
            "axisWidth": one.axis_width,
            "axisSoftMin": one.axis_soft_min,
            "axisSoftMax": one.axis_soft_max,
            "scaleDistribution": scale,
            "axisCenteredZero": one.axis_centered_zero,
            "axisGridShow": one.grid_lines,
            "thresholdsStyle": {"mode": one.thresholds} if one.thresholds else None,
            "hideFrom": without_none(hide) or None,
        }
    )


def _cell(one: BoardCell) -> dict[str, Any]:
    options = {
        "type": _CELLS.get(one.kind or "", one.kind),
        "mode": one.mode,
        "applyToRow": one.whole_row,
        "wrapText": one.wrap,
    }
    return without_none(
        {
            "width": one.width,
            "minWidth": one.min_width,
            "align": one.align,
            "hidden": one.hidden,
            "filterable": one.filterable,
            "inspect": one.inspect,
            "cellOptions": without_none(options) or None,
        }
    )


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
