"""A dashboard → Grafana's JSON, from the model alone. What an original had besides comes back in export.py."""

from typing import Any

from midwatch.server.dashboards.grafana.sources import ASKED, OWN
from midwatch.server.dashboards.grafana.variables import write_query
from midwatch.server.dashboards.grafana.write_fields import without_none, written_fields, written_link
from midwatch.server.dashboards.grafana.write_options import written_options
from midwatch.server.dashboards.grafana.write_transformations import written_transformation
from midwatch.server.schemas.dashboards.board import BoardAnnotation, BoardPanel, BoardRow, Dashboard
from midwatch.server.schemas.dashboards.queries import BoardQuery, Language
from midwatch.server.schemas.dashboards.variables import BoardVariable

SCHEMA_VERSION = 39
"""Grafana 11's; every later one takes it."""
_PLUGINS: dict[Language, tuple[str, str]] = {
    "promql": ("prometheus", "${DS_PROMETHEUS}"),
    "logql": ("loki", "${DS_LOKI}"),
}
_OWN = (OWN, "${DS_MIDWATCH}")
_CROSSHAIR = {"none": 0, "crosshair": 1, "tooltip": 2}
_FORMATS = {"series": "time_series", "table": "table", "heatmap": "heatmap"}
_SORT = {"none": 0, "asc": 1, "desc": 2, "numeric-asc": 3, "numeric-desc": 4, "caseless-asc": 5, "caseless-desc": 6}


def written(dashboard: Dashboard) -> dict[str, Any]:
    """The whole board; sources that it does not name are inputs that Grafana asks for."""
    board: dict[str, Any] = {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": dashboard.tags,
        "time": {"from": dashboard.time.start, "to": dashboard.time.end},
        "refresh": dashboard.refresh or "",
        "timezone": dashboard.timezone,
        "graphTooltip": _CROSSHAIR[dashboard.crosshair],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "links": [written_link(one) for one in dashboard.links],
        "templating": {"list": [_variable(one) for one in dashboard.variables]},
        "annotations": {"list": [_annotation(one) for one in dashboard.annotations]},
        "panels": _panels(dashboard.rows),
    }
    if inputs := _inputs(dashboard):
        board["__inputs"] = inputs
    return board


def source(language: Language, named: str | None) -> dict[str, Any]:
    plugin, asked = _PLUGINS.get(language, _OWN)
    return {"type": plugin, "uid": named or asked}


def _inputs(dashboard: Dashboard) -> list[dict[str, Any]]:
    asking: list[BoardQuery | BoardAnnotation] = [query for panel in dashboard.panels for query in panel.queries]
    asking += dashboard.annotations
    wanted = {one.language for one in asking if one.datasource is None}
    wanted |= {one.query.language for one in dashboard.variables if one.query and one.datasource is None}
    found: dict[str, dict[str, Any]] = {}
    for language in sorted(wanted):
        plugin, name = _PLUGINS.get(language, _OWN)
        found[name] = {"name": name.strip("${}"), "label": ASKED[name], "type": "datasource", "pluginId": plugin}
    return list(found.values())


def _panels(rows: list[BoardRow]) -> list[dict[str, Any]]:
    """Rows under each other; `y` from the top of the board."""
    found: list[dict[str, Any]] = []
    numbers = [panel.id for row in rows for panel in row.panels] + [row.id for row in rows if row.id]
    spare = max(numbers, default=0)
    y = 0
    for row in rows:
        inside = y + int(row.title is not None)
        panels = [written_panel(one, inside) for one in row.panels]
        if row.title is not None:
            spare += int(row.id is None)
            head: dict[str, Any] = {
                "type": "row",
                "id": row.id or spare,
                "title": row.title,
                "collapsed": row.collapsed,
                "gridPos": {"x": 0, "y": y, "w": 24, "h": 1},
                "panels": panels if row.collapsed else [],
            }
            found.append(head | ({"repeat": row.repeat} if row.repeat else {}))
            y += 1
        if row.title is None or not row.collapsed:
            found += panels
            y += max((one.grid.y + one.grid.h for one in row.panels), default=0)
    return found


def written_panel(panel: BoardPanel, top: int = 0) -> dict[str, Any]:
    kind, options = written_options(panel.options)
    grid = panel.grid
    found: dict[str, Any] = {
        "id": panel.id,
        "type": kind,
        "title": panel.title,
        "description": panel.description,
        "gridPos": {"x": grid.x, "y": grid.y + top, "w": grid.w, "h": grid.h},
        "transparent": panel.transparent,
        "options": options,
        "fieldConfig": written_fields(panel.fields),
        "targets": [written_query(one) for one in panel.queries],
        "transformations": [written_transformation(one) for one in panel.transformations],
        "links": [written_link(one) for one in panel.links],
        "timeFrom": panel.range,
        "timeShift": panel.shift,
        "interval": panel.step_min,
        "maxDataPoints": panel.points_max,
    }
    if panel.queries:
        found["datasource"] = source(panel.queries[0].language, panel.queries[0].datasource)
    if panel.repeat is not None:
        direction = "h" if panel.repeat.direction == "horizontal" else "v"
        found |= {"repeat": panel.repeat.variable, "repeatDirection": direction, "maxPerRow": panel.repeat.per_row_max}
    return without_none(found)


def written_query(query: BoardQuery) -> dict[str, Any]:
    own = query.language not in _PLUGINS
    return without_none(
        {
            "refId": query.ref,
            "datasource": source(query.language, query.datasource),
            "language": query.language if own else None,
            "query" if own else "expr": query.text,
            "legendFormat": query.legend,
            "instant": query.mode in ("instant", "both"),
            "range": query.mode in ("range", "both"),
            "format": _FORMATS[query.format],
            "hide": query.hidden,
            "exemplar": query.exemplars,
            "interval": query.step,
            "maxLines" if query.language == "logql" else "limit": query.limit,
        }
    )


def _variable(one: BoardVariable) -> dict[str, Any]:
    many = one.multi or len(one.chosen) > 1
    value: Any = one.chosen if many else (one.chosen[0] if one.chosen else "")
    current = {"text": ["All" if each == "$__all" else each for each in one.chosen] if many else value, "value": value}
    if value == "$__all":
        current["text"] = "All"
    found: dict[str, Any] = {
        "name": one.name,
        "type": one.kind,
        "label": one.label,
        "description": one.description,
        "hide": {"no": 0, "label": 1, "all": 2}[one.hide],
        "current": current if one.chosen else {},
        "multi": one.multi,
        "includeAll": one.all,
        "allValue": one.all_value,
        "regex": one.regex or "",
        "sort": _SORT[one.sort],
        "refresh": {"once": 0, "load": 1, "time": 2}[one.refresh],
    }
    if one.query is not None:
        text = write_query(one.query)
        found |= {"query": text, "definition": text, "datasource": source(one.query.language, one.datasource)}
    elif one.kind == "custom":
        found["query"] = ",".join(_option(each.text, each.value) for each in one.options)
        found["options"] = [
            {"text": each.text, "value": each.value, "selected": each.value in one.chosen} for each in one.options
        ]
    elif one.kind == "interval":
        found["query"] = ",".join(each.value for each in one.options)
        found |= {"auto": one.auto, "auto_count": one.auto_steps, "auto_min": one.auto_min}
    elif one.kind == "datasource":
        found["query"] = one.datasource or "prometheus"
    elif one.kind == "adhoc":
        found["filters"] = [each.model_dump() for each in one.filters]
        found["datasource"] = source("promql", one.datasource)
    else:
        found["query"] = one.chosen[0] if one.chosen else ""
    return without_none(found)


def _option(text: str, value: str) -> str:
    escaped = [part.replace(",", "\\,") for part in (text, value)]
    return escaped[1] if text == value else " : ".join(escaped)


def _annotation(one: BoardAnnotation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": one.name,
        "enable": one.enabled,
        "hide": one.hidden,
        "iconColor": one.color,
        "datasource": source(one.language, one.datasource),
        "expr" if one.language in _PLUGINS else "query": one.text,
        "language": None if one.language in _PLUGINS else one.language,
        "titleFormat": one.title or None,
        "textFormat": one.body or None,
        "tagKeys": one.tags or None,
        "step": one.step,
    }
    if one.panels is not None:
        found["filter"] = {"exclude": False, "ids": one.panels}
    return without_none(found)
