"""A board → our short form, for people who go on by hand; and what of it that form cannot say."""

from typing import Any

import yaml
from pydantic import BaseModel

from midwatch.server.dashboards.interpolation import ALL
from midwatch.server.dashboards.short.fields import BASE
from midwatch.server.schemas.dashboards.board import BoardPanel, BoardRow, Dashboard
from midwatch.server.schemas.dashboards.fields import BoardField, BoardMapping
from midwatch.server.schemas.dashboards.options import BoardText
from midwatch.server.schemas.dashboards.queries import BoardQuery
from midwatch.server.schemas.dashboards.variables import BoardVariable

_LINK = ("title", "url", "new_tab", "keep_time", "keep_variables")


def short_text(board: Dashboard) -> str:
    """As a file for the plan. What the short form has no word for stands in comments at its top."""
    writer = _Writer()
    text: str = yaml.safe_dump(writer.board(board), sort_keys=False, allow_unicode=True, width=120)
    left = "".join(f"# Not in this form: {one}\n" for one in writer.left)
    return left + text


class _Writer:
    def __init__(self) -> None:
        self.left: list[str] = []

    def board(self, board: Dashboard) -> dict[str, Any]:
        start = board.time.start
        if board.time.end != "now":
            self.left.append(f"the end of its time, {board.time.end}")
        found = {
            **_said(board, "title", "uid", "description", "tags", "refresh", "timezone", "crosshair"),
            "range": start.removeprefix("now-"),
            "variables": {one.name: self._variable(one) for one in board.variables},
            "annotations": [
                {"name": one.name, one.language: one.text, **_said(one, "color", "title")}
                for one in board.annotations
                if one.language in ("promql", "logql", "logs")
            ],
            "links": [_said(one, *_LINK) for one in board.links if one.kind == "link"],
        }
        rows = [row for row in board.rows if row.panels or row.title is not None]
        if len(rows) == 1 and rows[0].title is None:
            found["panels"] = self._panels(rows[0])
        else:
            found["rows"] = [
                {**_said(row, "title", "collapsed", "repeat"), "panels": self._panels(row)} for row in rows
            ]
        return {key: value for key, value in found.items() if value not in ({}, [])}

    def _variable(self, one: BoardVariable) -> Any:
        found = _said(one, "label", "multi", "all", "all_value", "regex", "hide")
        if one.chosen and one.kind not in ("textbox", "constant"):
            chosen = ["all" if value == ALL else value for value in one.chosen]
            found["default"] = chosen[0] if len(chosen) == 1 else chosen
        if one.kind == "query" and one.query is not None:
            query = one.query
            written = {
                "label_values": f"label_values({f'{query.match}, ' if query.match else ''}{query.label})",
                "label_names": f"label_names({query.match or ''})",
                "metrics": f"metrics({query.match or ''})",
                "query_result": f"query_result({query.match or ''})",
                "series": query.match or "",
            }[query.kind]
            language = {} if query.language == "promql" else {"language": query.language}
            return {"query": written, **language, "sort": one.sort.removeprefix("caseless-"), **found}
        if one.kind == "custom":
            values = {option.text: option.value for option in one.options}
            plain = all(text == value for text, value in values.items())
            return {"values": list(values) if plain else values, "sort": one.sort.removeprefix("caseless-"), **found}
        if one.kind == "interval":
            return {"interval": [option.value for option in one.options] + ["auto"] * one.auto, **found}
        if one.kind == "datasource":
            return {"datasource": one.datasource or "prometheus", **found}
        if one.kind == "adhoc":
            if one.filters:
                self.left.append(f"the filters that ${one.name} has at first")
            return {"filters": True, **found}
        return {"text" if one.kind == "textbox" else "constant": (one.chosen or [""])[0], **found}

    def _panels(self, row: BoardRow) -> list[dict[str, Any]]:
        return [
            self._panel(panel)
            for panel in sorted(row.panels, key=lambda one: (one.grid.y, one.grid.x))
            if self._has_word(panel)
        ]

    def _has_word(self, panel: BoardPanel) -> bool:
        if panel.options.kind == "refused":
            self.left.append(f"panel {panel.title!r}, which is of another product: {panel.options.type}")
        elif not panel.queries and panel.options.kind != "text":
            self.left.append(f"panel {panel.title!r}, which asks nothing")
        else:
            return True
        return False

    def _panel(self, panel: BoardPanel) -> dict[str, Any]:
        options = panel.options.model_dump(exclude_defaults=True, exclude={"kind"})
        text = {"text": options.pop("content", "")} if isinstance(panel.options, BoardText) else {}
        shown, left = self._field(panel.fields.defaults, panel)
        overrides = {}
        for one in panel.fields.overrides:
            name = one.matcher.match[0] if one.matcher.match else ""
            by_name = one.matcher.by in ("name", "regex") and len(one.matcher.match) == 1
            if by_name and name not in overrides:
                overrides[name], more = self._field(one.field, panel)
                left |= more
            else:
                left.add(f"an override by {one.matcher.by}")
        if left:
            self.left.append(f"of panel {panel.title!r}: {', '.join(sorted(left))}")
        found = {
            **_said(panel, "title", "description"),
            "kind": panel.options.kind,
            "width": panel.grid.w,
            "height": panel.grid.h,
            "queries": [_query(one) for one in panel.queries],
            **text,
            **shown,
            "overrides": overrides,
            "repeat": panel.repeat.variable if panel.repeat else None,
            **_said(panel, "range", "shift"),
            "step": panel.step_min,
            "links": [_said(one, *_LINK) for one in panel.links if one.url],
            "transformations": [
                {"id": one.id, **one.model_dump(exclude_defaults=True)} for one in panel.transformations
            ],
            "options": options,
        }
        return {key: value for key, value in found.items() if value is not None and value not in ({}, [])}

    def _field(self, field: BoardField, panel: BoardPanel) -> tuple[dict[str, Any], set[str]]:
        """What of it the form has words for, and the names of the rest."""
        found = {"label": field.title, **_said(field, "unit", "decimals", "min", "max", "no_value")}
        left = {name for name in ("description", "links") if getattr(field, name)}
        if field.color is not None:
            if field.color.mode == "fixed":
                found["color"] = field.color.fixed
            elif field.color.mode not in ("palette-classic", "thresholds"):
                left.add(f"colours by {field.color.mode}")
        if field.thresholds is not None:
            found["thresholds"] = {
                BASE if step.from_value is None else f"{step.from_value:g}": step.color
                for step in field.thresholds.steps
            }
            if field.thresholds.mode == "percentage":
                left.add("thresholds as shares")
        if field.mappings:
            found["mappings"] = {_mapped(one): _shown(one) for one in field.mappings if one.kind != "regex"}
            if any(one.kind == "regex" for one in field.mappings):
                left.add("mappings by regular expression")
        drawing = field.drawing.model_dump(exclude_none=True) if field.drawing else {}
        words = {"style": "style", "fill_opacity": "fill", "axis": "axis", "hide_in_graph": "hidden"}
        for name, word in words.items():
            if name in drawing and not (name == "axis" and drawing[name] not in ("left", "right", "hidden")):
                found[word] = drawing.pop(name)
        stack = drawing.pop("stack", None)
        if stack is not None:
            found["stack"] = {"off": False, "normal": True}.get(stack, stack)
        left |= {f"drawing.{name}" for name in drawing}
        cell = field.cell.model_dump(exclude_none=True) if field.cell else {}
        if "hidden" in cell and panel.options.kind == "table":
            found["hidden"] = cell.pop("hidden")
        left |= {f"cell.{name}" for name in cell}
        return {key: value for key, value in found.items() if value is not None}, left


def _query(query: BoardQuery) -> dict[str, Any]:
    found = {
        query.language: query.text,
        **_said(query, "ref", "legend", "format", "hidden", "exemplars", "step", "limit"),
    }
    return {**found, "instant": True} if query.mode != "range" else found


def _mapped(one: BoardMapping) -> str:
    if one.kind != "range":
        return one.match or ""
    low, high = ("" if value is None else f"{value:g}" for value in (one.from_value, one.to_value))
    return f"{low}..{high}"


def _shown(one: BoardMapping) -> Any:
    return (one.text or "") if one.color is None else _said(one, "text", "color")


def _said(of: BaseModel, *names: str) -> dict[str, Any]:
    """What is not as it is by default, in the order of the names."""
    said = of.model_dump(exclude_defaults=True)
    return {name: said[name] for name in names if name in said}
