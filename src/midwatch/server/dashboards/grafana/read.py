"""Grafana's JSON → a dashboard and a report. Never raises but for what is no dashboard at all."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from midwatch.server.dashboards.grafana.boards import classic
from midwatch.server.dashboards.grafana.fields import read_link
from midwatch.server.dashboards.grafana.keys import Keys, as_number, entries
from midwatch.server.dashboards.grafana.panels import PanelReader, first_reason
from midwatch.server.dashboards.grafana.sources import Sources, label
from midwatch.server.dashboards.grafana.variables import read_variable
from midwatch.server.dashboards.report import Refused, Report
from midwatch.server.schemas.dashboards.board import PANELS_MAX, BoardAnnotation, BoardPanel, BoardRow, Dashboard
from midwatch.server.schemas.dashboards.variables import BoardVariable

_BESIDE = (
    "__inputs", "__requires", "__elements", "id", "version", "iteration", "gnetId", "schemaVersion", "editable",
    "style", "liveNow", "weekStart", "fiscalYearStartMonth", "timepicker", "preload", "hideControls",
    "sharedCrosshair", "scopedMeta", "originalTitle", "isStarred", "slug", "nav", "meta", "overwrite",
    "folderId", "revision", "_comment", "kind", "apiVersion", "metadata", "message", "time_options",
    "autoUpdate", "graphite",
)  # fmt: skip
"""Of a board: what Grafana's database and editor keep there."""


@dataclass(frozen=True, slots=True)
class Imported:
    dashboard: Dashboard
    report: Report


def read_grafana(source: Any, *, uid: str | None = None) -> Imported:
    """Read a board as Grafana exports it, or as its API answers. `uid` replaces the board's own.

    Raises:
        Refused: this is no dashboard; the message says why.
    """
    board = Keys(classic(source))
    report = Report()
    sources = Sources(board.raw)
    reader = PanelReader(board.raw, sources, report)
    title = board.text("title") or "Untitled"
    own = board.text("uid")
    times = board.below("time")
    timezone = board.text("timezone")
    values = {
        "uid": uid or own_uid(own, title),
        "title": title,
        "description": board.text("description") or "",
        "tags": board.texts("tags"),
        "time": {"start": times.text("from") or "now-1h", "end": times.text("to") or "now"},
        "refresh": board.text("refresh"),
        "timezone": "browser" if timezone in (None, "browser") else timezone,
        "crosshair": board.choice("graphTooltip", {0: "none", 1: "crosshair", 2: "tooltip"}) or "none",
        "variables": _variables(board, sources, report),
        "annotations": _annotations(board, sources, report),
        "links": [read_link(one) for one in board.each("links")],
        "rows": _rows(board, reader),
    }
    board.skip("panels", *_BESIDE)
    for path in board.unread():
        report.ignore(None, title, path)
    try:
        return Imported(Dashboard.model_validate(values), report)
    except ValidationError as error:
        raise Refused(f"cannot read the dashboard {title:.60}: {first_reason(error)}") from None


def own_uid(uid: str | None, title: str) -> str:
    """The board's own where it is one, else one made from its title."""
    wanted = uid or title.lower()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-")[:80] or "dashboard"


def _variables(board: Keys, sources: Sources, report: Report) -> list[BoardVariable]:
    found: list[BoardVariable] = []
    for one in board.below("templating").each("list"):
        name = one.text("name") or ""
        try:
            variable, why = read_variable(one, sources)
        except ValidationError as error:
            report.ignore(None, f"${name:.60}", f"left out: {first_reason(error)}")
            one.skip(*one.raw)
            continue
        if any(other.name == variable.name for other in found):
            report.ignore(None, f"${name}", "left out: it stands in the board a second time")
            continue
        if why is not None:
            report.ignore(None, f"${name}", f"is a text box here: {why}")
        found.append(variable)
    return found


def _annotations(board: Keys, sources: Sources, report: Report) -> list[BoardAnnotation]:
    found = []
    for one in board.below("annotations").each("list"):
        name = one.text("name") or "annotation"
        if one.raw.get("builtIn") or one.raw.get("type") == "dashboard":
            one.skip(*one.raw)
            continue
        try:
            found.append(_annotation(one, name, sources))
        except Refused as reason:
            report.ignore(None, name, f"annotation left out: {reason}")
        except ValidationError as error:
            report.ignore(None, name, f"annotation left out: {first_reason(error)}")
        one.skip(*one.raw)
    return found


def _annotation(one: Keys, name: str, sources: Sources) -> BoardAnnotation:
    target = one.below("target") if isinstance(one.raw.get("target"), dict) and "expr" in one.raw["target"] else one
    text = target.text("expr") or target.text("query")
    if text is None:
        raise Refused("it has no query that could be answered here")
    only = one.below("filter")
    panels = [found for found in entries(only.raw.get("ids")) if isinstance(found, int)]
    return BoardAnnotation(
        name=name,
        enabled=one.flag("enable", default=True) is not False,
        hidden=one.flag("hide") is True,
        color=one.text("iconColor") or "red",
        language=sources.language(target, one.raw.get("datasource"), "annotation"),
        text=text,
        title=one.text("titleFormat") or "",
        body=one.text("textFormat") or "",
        tags=one.text("tagKeys") or "",
        step=one.text("step"),
        panels=panels if panels and only.raw.get("exclude") is not True else None,
        datasource=label(one.raw.get("datasource")),
    )


def _rows(board: Keys, reader: PanelReader) -> list[BoardRow]:
    """Panels by the row that they lie under, with `y` from its top."""
    rows: list[BoardRow] = [BoardRow()]
    for panel in _in_order(board.raw["panels"]):
        if panel.get("type") != "row":
            rows[-1].panels.append(reader.read(panel))
            continue
        repeat = panel.get("repeat")
        rows.append(
            BoardRow(
                id=reader.number(panel),
                title=str(panel.get("title") or "")[:500],
                collapsed=panel.get("collapsed") is True,
                repeat=repeat if isinstance(repeat, str) and re.fullmatch(r"\w{1,100}", repeat) else None,
                panels=[reader.read(one) for one in _in_order(panel.get("panels"))],
            )
        )
    if sum(len(row.panels) for row in rows) > PANELS_MAX:
        raise Refused(f"expected at most {PANELS_MAX} panels, found {sum(len(row.panels) for row in rows)}")
    return [_from_top(row) for row in rows if row.panels or row.title is not None]


def _in_order(panels: Any) -> list[dict[str, Any]]:
    found = [one for one in panels if isinstance(one, dict)] if isinstance(panels, list) else []
    if all(isinstance(place := one.get("gridPos"), dict) and isinstance(place.get("y"), int) for one in found):
        return sorted(found, key=lambda one: (one["gridPos"]["y"], as_number(one["gridPos"].get("x")) or 0))
    return found


def _from_top(row: BoardRow) -> BoardRow:
    top = min((panel.grid.y for panel in row.panels), default=0)
    return row.model_copy(update={"panels": [_moved(panel, -top) for panel in row.panels]})


def _moved(panel: BoardPanel, by: int) -> BoardPanel:
    return panel.model_copy(update={"grid": panel.grid.model_copy(update={"y": panel.grid.y + by})})
