"""Dashboards of Grafana 12's schema v2 (`elements` and `layout`) as boards with `panels`."""

import math
from typing import Any

from midwatch.server.dashboards.grafana.keys import mapping, mappings

_HIDE = {"dontHide": 0, "hideLabel": 1, "hideVariable": 2, "inControlsMenu": 3}
_REFRESH = {"never": 0, "onDashboardLoad": 1, "onTimeRangeChanged": 2}
_SORT = {
    "disabled": 0,
    "alphabeticalAsc": 1,
    "alphabeticalDesc": 2,
    "numericalAsc": 3,
    "numericalDesc": 4,
    "alphabeticalCaseInsensitiveAsc": 5,
    "alphabeticalCaseInsensitiveDesc": 6,
    "naturalAsc": 7,
    "naturalDesc": 8,
}
_KINDS = {
    "QueryVariable": "query",
    "CustomVariable": "custom",
    "IntervalVariable": "interval",
    "TextVariable": "textbox",
    "DatasourceVariable": "datasource",
    "ConstantVariable": "constant",
    "AdhocVariable": "adhoc",
}
_CURSOR = {"Off": 0, "Crosshair": 1, "Tooltip": 2}
_AUTO_HEIGHT = {"short": 5, "standard": 9, "tall": 14}


def from_resource(spec: dict[str, Any], name: Any) -> dict[str, Any]:
    """The same board as Grafana 11 would write it."""
    times = mapping(spec.get("timeSettings"))
    elements = mapping(spec.get("elements"))
    board = {
        "uid": name if isinstance(name, str) else spec.get("uid"),
        "title": spec.get("title"),
        "description": spec.get("description"),
        "tags": spec.get("tags"),
        "links": spec.get("links"),
        "graphTooltip": _CURSOR.get(str(spec.get("cursorSync")), 0),
        "time": {"from": times.get("from"), "to": times.get("to")},
        "refresh": times.get("autoRefresh"),
        "timezone": times.get("timezone"),
        "schemaVersion": 41,
        "templating": {"list": [_variable(one) for one in mappings(spec.get("variables"))]},
        "annotations": {"list": [_annotation(one) for one in mappings(spec.get("annotations"))]},
    }
    placer = _Placer(elements)
    placer.put(mapping(spec.get("layout")))
    return {**{key: value for key, value in board.items() if value is not None}, "panels": placer.panels}


class _Placer:
    """Lays out elements from the top down."""

    def __init__(self, elements: dict[str, Any]) -> None:
        self._elements = elements
        self._ids = max((int(one["spec"]["id"]) for one in elements.values() if _has_id(one)), default=0)
        self.panels: list[dict[str, Any]] = []
        self._y = 0

    def put(self, layout: dict[str, Any], *, title: str = "") -> None:
        spec = mapping(layout.get("spec"))
        kind = layout.get("kind")
        if kind == "RowsLayout":
            for row in mappings(spec.get("rows")):
                self._row(mapping(row.get("spec")))
        elif kind == "TabsLayout":
            for tab in mappings(spec.get("tabs")):
                self._row(mapping(tab.get("spec")))
        elif kind == "AutoGridLayout":
            self._auto(spec)
        else:
            self._grid(mappings(spec.get("items")))

    def _row(self, row: dict[str, Any]) -> None:
        """Tabs are rows here."""
        inner = mapping(row.get("layout"))
        if inner.get("kind") in ("RowsLayout", "TabsLayout") or row.get("hideHeader") is True:
            self.put(inner)
            return
        self._ids += 1
        head = {
            "type": "row",
            "id": self._ids,
            "title": row.get("title") or "",
            "collapsed": row.get("collapse") is True,
        }
        head["gridPos"] = {"x": 0, "y": self._y, "w": 24, "h": 1}
        if repeat := mapping(row.get("repeat")).get("value"):
            head["repeat"] = repeat
        self._y += 1
        before = len(self.panels)
        self.put(inner)
        inside = self.panels[before:]
        del self.panels[before:]
        head["panels"] = inside if head["collapsed"] else []
        self.panels += [head, *([] if head["collapsed"] else inside)]

    def _grid(self, items: list[dict[str, Any]]) -> None:
        bottom = 0
        for item in items:
            spec = mapping(item.get("spec"))
            if item.get("kind") == "GridLayoutRow":
                self._y += bottom
                bottom = 0
                self._row(
                    {
                        **spec,
                        "collapse": spec.get("collapsed"),
                        "layout": {"kind": "GridLayout", "spec": {"items": spec.get("elements")}},
                    }
                )
                continue
            x, y, w, h = (
                spec.get(name) if isinstance(spec.get(name), int) else 0 for name in ("x", "y", "width", "height")
            )
            self._element(spec, {"x": x, "y": self._y + (y or 0), "w": w or 12, "h": h or 8})
            bottom = max(bottom, (y or 0) + (h or 8))
        self._y += bottom

    def _auto(self, spec: dict[str, Any]) -> None:
        columns = spec.get("maxColumnCount") if isinstance(spec.get("maxColumnCount"), int) else 3
        width = max(1, 24 // max(1, min(columns or 3, 24)))
        height = _AUTO_HEIGHT.get(str(spec.get("rowHeightMode")), 9)
        items = mappings(spec.get("items"))
        across = 24 // width
        for index, item in enumerate(items):
            place = {"x": index % across * width, "y": self._y + index // across * height, "w": width, "h": height}
            self._element(mapping(item.get("spec")), place)
        self._y += math.ceil(len(items) / across) * height

    def _element(self, item: dict[str, Any], place: dict[str, Any]) -> None:
        name = mapping(item.get("element")).get("name")
        element = mapping(self._elements.get(str(name)))
        panel = _panel(element)
        repeat = mapping(item.get("repeat"))
        if repeat.get("value"):
            panel |= {"repeat": repeat["value"], "repeatDirection": repeat.get("direction") or "h"}
            panel |= {"maxPerRow": repeat["maxPerRow"]} if repeat.get("maxPerRow") else {}
        self.panels.append({**panel, "gridPos": place})


def _panel(element: dict[str, Any]) -> dict[str, Any]:
    spec = mapping(element.get("spec"))
    common: dict[str, Any] = {
        key: spec[key] for key in ("id", "title", "description", "links", "transparent") if key in spec
    }
    if element.get("kind") == "LibraryPanel":
        return {**common, "libraryPanel": spec.get("libraryPanel")}
    group = mapping(mapping(spec.get("data")).get("spec"))
    config = mapping(spec.get("vizConfig"))
    shown = mapping(config.get("spec"))
    options = mapping(group.get("queryOptions"))
    return {
        **common,
        "type": config.get("group") or config.get("kind"),
        "options": shown.get("options") or {},
        "fieldConfig": shown.get("fieldConfig") or {},
        "targets": [_target(mapping(one.get("spec"))) for one in mappings(group.get("queries"))],
        "transformations": [_transformation(one) for one in mappings(group.get("transformations"))],
        **{key: options[key] for key in ("timeFrom", "timeShift", "maxDataPoints", "interval") if options.get(key)},
    }


def _target(query: dict[str, Any]) -> dict[str, Any]:
    inner = mapping(query.get("query"))
    kind = inner.get("group") if inner.get("kind") == "DataQuery" else inner.get("kind")
    named = mapping(query.get("datasource")) or mapping(inner.get("datasource"))
    source = {"type": named.get("type") or kind, "uid": named.get("uid") or named.get("name")}
    spec = mapping(inner.get("spec"))
    return {**spec, "refId": query.get("refId"), "hide": query.get("hidden") is True, "datasource": source}


def _transformation(one: dict[str, Any]) -> dict[str, Any]:
    spec = mapping(one.get("spec"))
    kind = one.get("group") or spec.get("id") or one.get("kind")
    return {"id": kind, **{key: value for key, value in spec.items() if key != "id"}}


def _variable(one: dict[str, Any]) -> dict[str, Any]:
    spec = dict(mapping(one.get("spec")))
    found = {**spec, "type": _KINDS.get(str(one.get("kind")), str(one.get("kind")))}
    for name, table in (("hide", _HIDE), ("refresh", _REFRESH), ("sort", _SORT)):
        if isinstance(spec.get(name), str):
            found[name] = table.get(spec[name], 0)
    query = mapping(spec.get("query"))
    if inner := query.get("spec"):
        named = mapping(query.get("datasource")) or mapping(spec.get("datasource"))
        kind = query.get("group") if query.get("kind") == "DataQuery" else query.get("kind")
        source = {"type": named.get("type") or kind, "uid": named.get("uid") or named.get("name")}
        found |= {"query": mapping(inner).get("__legacyStringValue") or inner, "datasource": source}
    if found["type"] == "datasource":
        found["query"] = spec.get("pluginId")
    if found["type"] == "adhoc":
        found["filters"] = spec.get("filters") or []
    return found


def _annotation(one: dict[str, Any]) -> dict[str, Any]:
    spec = mapping(one.get("spec"))
    query = mapping(spec.get("query"))
    kind = query.get("group") if query.get("kind") == "DataQuery" else query.get("kind")
    named = mapping(query.get("datasource")) or mapping(spec.get("datasource"))
    source = {"type": named.get("type") or kind, "uid": named.get("uid") or named.get("name")}
    kept = {key: value for key, value in spec.items() if key not in ("query", "legacyOptions")}
    return {**kept, **mapping(spec.get("legacyOptions")), **mapping(query.get("spec")), "datasource": source,
        "builtIn": int(spec.get("builtIn") is True)}  # fmt: skip


def _has_id(one: Any) -> bool:
    return isinstance(mapping(mapping(one).get("spec")).get("id"), int)
