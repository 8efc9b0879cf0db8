"""One panel of Grafana's JSON → a panel of ours, or one that says why it is not drawn."""

from typing import Any

from pydantic import ValidationError

from midwatch.server.dashboards.grafana.fields import read_fields, read_link
from midwatch.server.dashboards.grafana.keys import Keys
from midwatch.server.dashboards.grafana.legacy.upgrade import upgraded
from midwatch.server.dashboards.grafana.options import READERS
from midwatch.server.dashboards.grafana.queries import read_targets
from midwatch.server.dashboards.grafana.sources import DASHBOARD, Sources
from midwatch.server.dashboards.grafana.transformations import read_transformations
from midwatch.server.dashboards.report import Refused, Remark, Report
from midwatch.server.schemas.dashboards.board import COLUMNS, BoardGrid, BoardPanel
from midwatch.server.schemas.dashboards.options import BoardRefused
from midwatch.server.schemas.dashboards.queries import BoardQuery

_BESIDE = (
    "id", "gridPos", "pluginVersion", "type", "datasource", "libraryPanel", "cacheTimeout", "queryCachingTTL",
    "repeatPanelId", "repeatedByRow", "scopedVars", "editable", "error", "isNew", "span", "height", "minSpan",
    "alert", "hideTimeOverride", "renderer", "version", "fieldConfig", "options", "targets", "transformations",
    "links", "legend", "tooltip", "xaxis", "yaxes", "yaxis", "key", "timeRegions", "aliasColors",
    "seriesOverrides", "thresholds", "percentage", "stack", "fill", "repeatIteration", "repeatDirection",
    "maxPerRow", "collapsed", "panels", "tags", "fontSize", "styles", "columns", "dashLength", "dashes",
    "linewidth", "lines", "points", "pointradius", "spaceLength", "nullPointMode", "steppedLine", "bars",
    "fillGradient", "hiddenSeries", "grid", "leftYAxisLabel", "flipTime", "fontFormat", "colors", "colorMode",
    "gauge", "sparkline", "yBucketBound", "reverseYBuckets", "hideZeroBuckets", "pieType", "legendType",
    "interval", "h", "w", "heatmap", "cards", "color", "yAxis", "xAxis", "dataFormat", "highlightCards",
    "content", "mode", "valueName",
)  # fmt: skip
"""What Grafana's database and editor keep in a panel, and what a panel keeps of a type that it had before."""
_NO_QUERIES = {"text"}


class PanelReader:
    """For one board: gives each panel a number of its own, and notes what came of it."""

    def __init__(self, board: dict[str, Any], sources: Sources, report: Report) -> None:
        elements = board.get("__elements")
        self._library = elements if isinstance(elements, dict) else {}
        self._sources = sources
        self._report = report
        self._all = {int(one["id"]): one for one in _every(board.get("panels")) if isinstance(one.get("id"), int)}
        self._taken: set[int] = set()
        self._next = max((number for number in self._all if number < 2**52), default=0) + 1

    def number(self, panel: dict[str, Any]) -> int:
        """The panel's own where no other has it."""
        found = panel.get("id")
        if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= 2**53 or found in self._taken:
            found, self._next = self._next, self._next + 1
        self._taken.add(found)
        return found

    def read(self, panel: dict[str, Any]) -> BoardPanel:
        number = self.number(panel)
        self._report.panels += 1
        kind = str(panel.get("type") or "")
        try:
            inner = self._from_library(panel)
            kind = str(inner.get("type") or "")
            return self._drawn(inner, number)
        except Refused as reason:
            return self._refused(panel, number, kind, str(reason))
        except ValidationError as error:
            return self._refused(panel, number, kind, first_reason(error))

    def _from_library(self, panel: dict[str, Any]) -> dict[str, Any]:
        library = panel.get("libraryPanel")
        if not isinstance(library, dict):
            return panel
        model = library.get("model")
        if not isinstance(model, dict):
            element = self._library.get(str(library.get("uid")))
            model = element.get("model") if isinstance(element, dict) else None
        if isinstance(model, dict):
            return {**model, **{key: panel[key] for key in ("id", "gridPos", "title") if panel.get(key)}}
        if panel.get("type"):
            return panel
        raise Refused(
            "a library panel that is not in the file: export the board for sharing externally, which puts it there"
        )

    def _drawn(self, panel: dict[str, Any], number: int) -> BoardPanel:
        if (instead := _INSTEAD.get(str(panel.get("type")))) is not None:
            raise Refused(instead)
        today, unread = upgraded(panel)
        if str(today.get("type")) not in READERS:
            raise Refused(f"{today.get('type') or 'nothing'!s:.60} is not a type of panel that is drawn here")
        keys = Keys(today)
        kind, read_options = READERS[str(today["type"])]
        transformations = read_transformations(keys)
        queries = [] if kind in _NO_QUERIES else self._queries(keys, kind)
        if not queries and kind not in _NO_QUERIES:
            raise Refused("it has no query")
        options = {"kind": kind, **read_options(keys.below("options"))}
        fields = read_fields(keys.below("fieldConfig"), kind)
        title = keys.text("title") or ""
        found = BoardPanel.model_validate(
            {
                "id": number,
                "title": title,
                "description": keys.text("description") or "",
                "grid": read_grid(panel.get("gridPos")),
                "transparent": keys.flag("transparent") is True,
                "options": options,
                "queries": queries,
                "transformations": transformations,
                "fields": fields,
                "links": [read_link(one) for one in keys.each("links")],
                "repeat": _repeat(keys),
                "range": keys.text("timeFrom"),
                "shift": keys.text("timeShift"),
                "step_min": keys.text("interval"),
                "points_max": keys.whole("maxDataPoints", least=1, most=100_000),
            }
        )
        keys.skip(*(name for name in _BESIDE if name not in ("fieldConfig", "options")))
        for path in [*unread, *keys.unread()]:
            self._report.ignore(number, title, path)
        return found

    def _queries(self, keys: Keys, kind: str) -> list[BoardQuery]:
        """Its own, or those of the panel whose answers it shows."""
        if self._sources.kind(keys.raw.get("datasource")) != DASHBOARD:
            return read_targets(keys, self._sources, kind)
        wanted = []
        for target in keys.each("targets"):
            wanted.append(target.whole("panelId"))
            target.skip(*target.raw)
        shown = self._all.get(wanted[0] or 0) if len(wanted) == 1 else None
        if shown is None:
            raise Refused("shows the answers of another panel that is not there")
        if shown.get("transformations"):
            raise Refused("shows the answers of another panel after that one's transformations")
        return read_targets(Keys(shown), self._sources, kind)

    def _refused(self, panel: dict[str, Any], number: int, kind: str, reason: str) -> BoardPanel:
        title = str(panel.get("title") or "")[:500]
        self._report.refused.append(Remark(number, title, reason))
        description = panel.get("description")
        return BoardPanel(
            id=number,
            title=title,
            description=description[:10_000] if isinstance(description, str) else "",
            grid=BoardGrid.model_validate(read_grid(panel.get("gridPos"))),
            options=BoardRefused(kind="refused", type=kind[:500], reason=reason[:2000]),
        )


def read_grid(place: Any) -> dict[str, int]:
    """Within the grid, whatever is written."""
    found = place if isinstance(place, dict) else {}

    def whole(name: str, default: int, least: int, most: int) -> int:
        value = found.get(name)
        usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
        return min(max(int(value) if usable and value is not None else default, least), most)

    x = whole("x", 0, 0, COLUMNS - 1)
    return {"x": x, "y": whole("y", 0, 0, 50_000), "w": whole("w", 12, 1, COLUMNS - x), "h": whole("h", 8, 1, 1000)}


def first_reason(error: ValidationError) -> str:
    """Where, and what was expected there."""
    found = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in found["loc"])
    return f"{where}={found['input']!s:.60}: {str(found['msg']).removeprefix('Value error, ')}"


def _repeat(keys: Keys) -> dict[str, Any] | None:
    variable = keys.text("repeat")
    if variable is None:
        return None
    direction = keys.choice("repeatDirection", {"h": "horizontal", "v": "vertical"}) or "horizontal"
    return {
        "variable": variable,
        "direction": direction,
        "per_row_max": keys.whole("maxPerRow", least=1, most=COLUMNS) or 4,
    }


def _every(panels: Any) -> list[dict[str, Any]]:
    found = []
    for one in panels if isinstance(panels, list) else []:
        if isinstance(one, dict):
            found += [one, *_every(one.get("panels"))]
    return found


_INSTEAD = {
    "alertlist": "a list of alerts is not a panel here: see Alerts",
    "dashlist": "a list of dashboards is not a panel here: link them by tag (`links`)",
    "news": "news are not drawn here",
    "welcome": "Grafana's welcome is not drawn here",
    "gettingstarted": "Grafana's welcome is not drawn here",
}
