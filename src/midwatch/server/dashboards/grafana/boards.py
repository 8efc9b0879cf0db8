"""The outer forms of Grafana's JSON, brought to one: its API's answers, old rows, resources of Grafana 12."""

import math
from typing import Any

from midwatch.server.dashboards.grafana.keys import as_number, entries, mapping
from midwatch.server.dashboards.grafana.resource import from_resource
from midwatch.server.dashboards.report import Refused

_ROW_HEIGHT_PX, _UNIT_PX = 250.0, 38.0


def classic(source: Any) -> dict[str, Any]:
    """The board with `panels` and `gridPos`, as Grafana 7 to 11 write it; the source itself is not changed.

    Raises:
        Refused: this is no dashboard; the message says what it looks like.
    """
    if not isinstance(source, dict):
        raise Refused("expected a JSON object with `panels`: a dashboard as Grafana exports it")
    board = source
    if isinstance(source.get("dashboard"), dict) and "panels" not in source:
        board = source["dashboard"]
    if isinstance(spec := board.get("spec"), dict) and "apiVersion" in board:
        name = mapping(board.get("metadata")).get("name")
        named = {"uid": name} if isinstance(name, str) else {}
        board = from_resource(spec, name) if "elements" in spec else {**named, **spec}
    elif isinstance(board.get("elements"), dict) and isinstance(board.get("layout"), dict):
        board = from_resource(board, None)
    if isinstance(board.get("rows"), list) and not board.get("panels"):
        board = _from_rows(board)
    if not isinstance(board.get("panels"), list):
        if "panels" not in board and isinstance(board.get("title"), str) and "schemaVersion" in board:
            return {**board, "panels": []}
        raise Refused(
            f"expected a dashboard with a list of `panels`; its keys are {', '.join(list(board)[:8]) or 'none'}"
        )
    return board


def _from_rows(board: dict[str, Any]) -> dict[str, Any]:
    panels: list[Any] = []
    y = 0
    rows = [row for row in board["rows"] if isinstance(row, dict)]
    headed = any(row.get("showTitle") or row.get("collapse") or row.get("repeat") for row in rows)
    number = 1 + max(
        (int(_number(one.get("id"), 0)) for row in rows for one in entries(row.get("panels")) if isinstance(one, dict)),
        default=0,
    )
    for row in rows:
        placed, height = _placed(row, y + int(headed))
        if headed:
            collapsed = row.get("collapse") is True
            head = {"type": "row", "id": number, "title": row.get("title") or "", "collapsed": collapsed}
            head |= {"gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "panels": placed if collapsed else []}
            number += 1
            if row.get("repeat"):
                head["repeat"] = row["repeat"]
            panels.append(head)
            y += 1
            if not collapsed:
                panels += placed
        else:
            panels += placed
        y += height
    return {**{key: value for key, value in board.items() if key != "rows"}, "panels": panels}


def _placed(row: dict[str, Any], top: int) -> tuple[list[dict[str, Any]], int]:
    """Panels of a row of twelfths, beside each other and then below."""
    found, x, y, tallest = [], 0, 0, 0
    for panel in entries(row.get("panels")):
        if not isinstance(panel, dict):
            continue
        width = int(min(max(_number(panel.get("span"), 4), 1), 12)) * 2
        height = max(1, math.ceil(_pixels(panel.get("height") or row.get("height")) / _UNIT_PX))
        if x + width > 24:
            x, y, tallest = 0, y + tallest, 0
        found.append({**panel, "gridPos": {"x": x, "y": top + y, "w": width, "h": height}})
        x, tallest = x + width, max(tallest, height)
    return found, y + tallest


def _number(value: Any, default: float) -> float:
    found = as_number(value)
    return default if found is None else found


def _pixels(value: Any) -> float:
    return _number(value.removesuffix("px") if isinstance(value, str) else value, _ROW_HEIGHT_PX)
