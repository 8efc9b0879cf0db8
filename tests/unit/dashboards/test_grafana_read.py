"""Grafana's JSON → the model, and the report of what cannot be drawn."""

from typing import Any

import pytest

from midwatch.server.dashboards.grafana.read import read_grafana
from midwatch.server.dashboards.grafana.variables import parse_query
from midwatch.server.dashboards.report import Refused
from midwatch.server.schemas.dashboards.board import BoardPanel, Dashboard
from tests.unit.dashboards.reading import board, with_panel


def only(source: dict[str, Any]) -> BoardPanel:
    return read_grafana(source).dashboard.panels[0]


def by_number(dashboard: Dashboard) -> dict[int, BoardPanel]:
    return {panel.id: panel for panel in dashboard.panels}


def test_every_kind_of_panel_is_read() -> None:
    """All fifteen kinds of one board, none refused; what changes nothing is told, and not dropped in silence."""
    found = read_grafana(board("modern"))
    kinds = {panel.options.kind for panel in found.dashboard.panels}
    assert len(kinds) == 15
    assert "refused" not in kinds
    assert (found.report.panels, found.report.drawable) == (16, 16)
    assert [one.reason.split(":")[0] for one in found.report.ignored] == ["is a text box here", "ourOwn"]


def test_a_chart_keeps_what_it_looks_like() -> None:
    """Units, drawing, thresholds, links, overrides, legend, repeat and times of its own."""
    panel = by_number(read_grafana(board("modern")).dashboard)[1]
    defaults = panel.fields.defaults
    assert defaults.drawing is not None
    assert (defaults.unit, defaults.decimals, defaults.drawing.stack, defaults.drawing.axis_log_base) == (
        "reqps",
        1,
        "normal",
        2,
    )
    assert defaults.drawing.span_nulls == 60000
    assert defaults.thresholds is not None
    assert [(step.from_value, step.color) for step in defaults.thresholds.steps] == [(None, "green"), (80, "red")]
    assert [one.matcher.by for one in panel.fields.overrides] == ["regex", "names_but"]
    dashed = panel.fields.overrides[0].field.drawing
    assert dashed is not None
    assert (dashed.line_dash, dashed.axis) == ([10, 10], "right")
    assert panel.options.kind == "timeseries"
    assert (panel.options.legend.calculations, panel.options.tooltip.sort) == (["mean", "max"], "desc")
    assert panel.repeat is not None
    assert (panel.repeat.variable, panel.repeat.direction, panel.repeat.per_row_max) == ("job", "vertical", 3)
    assert (panel.range, panel.shift, panel.step_min, panel.points_max) == ("2h", "1d", "15s", 500)
    assert [(one.ref, one.hidden, one.exemplars) for one in panel.queries] == [("A", False, True), ("B", True, False)]


def test_mappings_of_each_kind_are_read() -> None:
    """Values, ranges, regular expressions and special ones, in order."""
    mappings = by_number(read_grafana(board("modern")).dashboard)[2].fields.defaults.mappings
    assert mappings is not None
    assert [(one.kind, one.match, one.text) for one in mappings] == [
        ("value", "0", "down"),
        ("value", "1", "up"),
        ("range", None, "many"),
        ("special", "null", "none"),
        ("regex", "x.*", "X"),
    ]


def test_transformations_are_read_in_order() -> None:
    """Those in common use; `seriesToColumns` is the join it has become."""
    panel = by_number(read_grafana(board("modern")).dashboard)[5]
    assert [one.id for one in panel.transformations] == [
        *(
            "merge",
            "organize",
            "filterFieldsByName",
            "filterByValue",
            "groupBy",
            "calculateField",
            "sortBy",
            "renameByRegex",
        ),
        *("limit", "labelsToFields", "reduce", "joinByField", "concatenate"),
    ]


def test_variables_of_each_kind_are_read() -> None:
    """One that asks another product is a text box with the value it had."""
    variables = {one.name: one for one in read_grafana(board("modern")).dashboard.variables}
    kinds = {name: one.kind for name, one in variables.items()}
    assert kinds == {
        "datasource": "datasource",
        "job": "query",
        "size": "custom",
        "step": "interval",
        "note": "textbox",
        "fixed": "constant",
        "Filters": "adhoc",
        "rows": "textbox",
    }
    job = variables["job"]
    assert job.query is not None
    assert (job.query.kind, job.query.label, job.query.match) == ("label_values", "job", 'up{env="prod"}')
    assert (job.multi, job.all, job.all_value, job.chosen, job.refresh) == (True, True, ".*", ["$__all"], "time")
    assert [(one.text, one.value) for one in variables["size"].options] == [("small", "s"), ("large", "l")]


def test_rows_hold_their_panels_from_their_top() -> None:
    """A collapsed row has its own, an open one those that lie under it; the first has no heading."""
    rows = read_grafana(board("modern")).dashboard.rows
    told = [(row.title, row.collapsed, row.repeat, len(row.panels)) for row in rows]
    assert told == [(None, False, None, 6), ("More for $job", True, "job", 3), ("States", False, None, 7)]
    assert [min(panel.grid.y for panel in row.panels) for row in rows] == [0, 0, 0]


def test_searches_of_jaeger_are_searches_of_ours() -> None:
    """Service, operation, tags and duration; a panel that shows another's answers asks what that one asks."""
    panels = by_number(read_grafana(board("modern")).dashboard)
    assert panels[14].queries[0].text == 'service:"shop api" name:"GET /" error:true duration:>=100ms'
    assert (panels[13].queries[0].language, panels[13].queries[0].limit) == ("logql", 200)
    assert panels[16].queries[0].text == panels[1].queries[0].text


def test_boards_of_old_grafanas_are_read() -> None:
    """Rows of twelfths; `graph`, `singlestat`, the old table, text, heatmap and pie are today's panels."""
    found = read_grafana(board("old"))
    assert found.report.refused == []
    panels = by_number(found.dashboard)
    assert {number: panel.options.kind for number, panel in panels.items()} == {
        1: "timeseries",
        2: "stat",
        3: "gauge",
        4: "table",
        5: "text",
        6: "heatmap",
        7: "bargauge",
        8: "pie",
    }
    assert (panels[1].grid.w, panels[2].grid.x, panels[2].grid.w) == (16, 16, 8)
    assert [query.ref for query in panels[1].queries] == ["A", "A1"]
    drawing = panels[1].fields.defaults.drawing
    assert drawing is not None
    assert (drawing.stack, drawing.fill_opacity, drawing.span_nulls) == ("normal", 30, True)
    right = panels[1].fields.overrides[1].field
    assert right.drawing is not None
    assert (right.unit, right.drawing.axis, right.drawing.axis_log_base) == ("s", "right", 10)
    thresholds = panels[2].fields.defaults.thresholds
    assert thresholds is not None
    assert [step.from_value for step in thresholds.steps] == [None, 50, 80]
    assert [one.id for one in panels[4].transformations] == ["merge", "organize"]
    assert [(row.title, row.collapsed) for row in found.dashboard.rows] == [("Top", False), ("Bottom", True)]


def test_resources_of_grafana_12_are_read() -> None:
    """Elements and layouts of rows, grids and automatic grids; what is not drawn keeps its place."""
    found = read_grafana(board("resource"))
    assert (found.dashboard.uid, found.dashboard.title, found.dashboard.refresh) == ("res-1", "Resource", "1m")
    first, second = found.dashboard.rows
    assert [(panel.title, panel.grid.x, panel.grid.w) for panel in first.panels] == [("One", 0, 12), ("Two", 12, 12)]
    assert first.panels[0].repeat is not None
    assert first.panels[0].step_min == "30s"
    assert [one.id for one in first.panels[0].transformations] == ["limit"]
    assert (second.collapsed, second.panels[0].options.kind) == (True, "refused")
    job = found.dashboard.variables[0]
    assert (job.hide, job.sort, job.refresh, job.query and job.query.label) == ("label", "desc", "time", "job")
    assert [one.reason for one in found.report.refused] == ["geomap is not a type of panel that is drawn here"]


@pytest.mark.parametrize("wrap", ["api", "kubernetes"])
def test_what_wraps_a_board_is_taken_off(wrap: str) -> None:
    """Grafana's API answers `{dashboard, meta}`, and its newer one a resource with the classic board in `spec`."""
    inner = board("modern")
    wrapped: dict[str, Any] = {"dashboard": inner, "meta": {}}
    if wrap == "kubernetes":
        metadata = {"name": "shop-1"}
        wrapped = {"apiVersion": "dashboard.grafana.app/v1beta1", "metadata": metadata, "spec": inner}
    assert read_grafana(wrapped).dashboard == read_grafana(inner).dashboard


def _asking(kind: str, **query: str) -> dict[str, Any]:
    return {"targets": [{"refId": "A", "datasource": {"type": kind, "uid": kind}, **query}]}


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "type": ({"type": "geomap"}, "geomap is not a type of panel"),
    "no type": ({"type": None}, "nothing is not a type of panel"),
    "alerts": ({"type": "alertlist"}, "see Alerts"),
    "transformation": ({"transformations": [{"id": "heatmap"}]}, "the transformation heatmap is not known here"),
    "filtered transformation": (
        {"transformations": [{"id": "limit", "filter": {"id": "byRefId", "options": "A"}}]},
        "for some of the queries alone",
    ),
    "database": (_asking("mysql", rawSql="SELECT 1"), "query A: asks a data source of the kind mysql"),
    "expression": (_asking("__expr__", expression="$A * 2"), "query A: a server-side expression"),
    "traceql": (_asking("tempo", queryType="traceql", query="{}"), "is written in TraceQL"),
    "unknown source": ({"targets": [{"refId": "A", "query": "x"}]}, "names no data source"),
    "own data": ({"targets": [{"refId": "A", "scenarioId": "random_walk"}]}, "asks a data source of the kind testdata"),
    "no query": ({"targets": []}, "it has no query"),
    "empty query": ({"targets": [{"refId": "A", "expr": ""}]}, "it has no query"),
    "other panel": ({"datasource": "-- Dashboard --", "targets": [{"panelId": 9}]}, "another panel that is not there"),
    "library": ({"type": None, "libraryPanel": {"uid": "x", "name": "X"}}, "a library panel that is not in the file"),
    "long query": ({"targets": [{"refId": "A", "expr": "x" * 20_001}]}, "at most 20000 characters"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_drawn_says_why(name: str) -> None:
    """One remark with the panel and the reason; the panel stays in its place with the reason on it."""
    panel, reason = REFUSALS[name]
    found = read_grafana(with_panel(**panel))
    (remark,) = found.report.refused
    assert (remark.panel, remark.title) == (1, "One")
    assert reason in remark.reason
    drawn = found.dashboard.panels[0].options
    assert drawn.kind == "refused"
    assert drawn.reason == remark.reason
    assert found.report.drawable == 0


def test_a_library_panel_in_the_file_is_read() -> None:
    """Exported for sharing externally, its model lies in `__elements`."""
    source = with_panel(type=None, targets=None, libraryPanel={"uid": "lib", "name": "L"})
    model = {"type": "stat", "targets": [{"expr": "up", "refId": "A"}]}
    source["__elements"] = {"lib": {"name": "L", "uid": "lib", "kind": 1, "model": model}}
    assert only(source).options.kind == "stat"


@pytest.mark.parametrize(
    ("named", "language"),
    [
        ({"type": "loki", "uid": "x"}, "logql"),
        ("${DS_LOGS}", "logql"),
        ("$ds", "logql"),
        ("[[ds]]", "logql"),
        ("My Loki", "logql"),
        ("Prometheus (prod)", "promql"),
        (None, "promql"),
        ("default", "promql"),
        ({"uid": "-- Mixed --", "type": "datasource"}, "promql"),
    ],
)
def test_sources_are_told_by_what_names_them(named: Any, language: str) -> None:
    """Objects, inputs, variables, names, and where nothing is said the query's own shape."""
    source = with_panel(datasource=named, targets=[{"refId": "A", "expr": "up"}])
    source["__inputs"] = [{"name": "DS_LOGS", "type": "datasource", "pluginId": "loki"}]
    source["templating"] = {"list": [{"name": "ds", "type": "datasource", "query": "loki"}]}
    assert only(source).queries[0].language == language


@pytest.mark.parametrize(
    ("text", "kind", "label", "match"),
    [
        ("label_values(job)", "label_values", "job", None),
        ('label_values(up{a="b, c"}, job)', "label_values", "job", 'up{a="b, c"}'),
        ("label_values({__name__=~'a|b'},\n  instance )", "label_values", "instance", "{__name__=~'a|b'}"),
        ("label_names()", "label_names", None, None),
        ("metrics(node_.*)", "metrics", None, "node_.*"),
        ("query_result(topk(5, up))", "query_result", None, "topk(5, up)"),
        ('up{job="x"}', "series", None, 'up{job="x"}'),
    ],
)
def test_queries_of_variables_are_understood(text: str, kind: str, label: str | None, match: str | None) -> None:
    """As people write them in Grafana."""
    found = parse_query(text)
    assert (found.kind, found.label, found.match) == (kind, label, match)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ([], "expected a JSON object"),
        ({"a": 1}, "its keys are a"),
        ({}, "its keys are none"),
        ({"panels": 5}, "expected a dashboard with a list of `panels`"),
        ({"panels": [{}] * 501}, "expected at most 500 panels, found 501"),
    ],
)
def test_what_is_no_dashboard_is_refused(source: Any, reason: str) -> None:
    """With what it looks like."""
    with pytest.raises(Refused, match=reason.replace("[", r"\[")):
        read_grafana(source)


def test_numbers_of_panels_become_their_own() -> None:
    """Missing, doubled and impossible ones."""
    source = with_panel()
    source["panels"] = [{**source["panels"][0], "id": number} for number in (3, 3, None, -1, True, 4)]
    numbers = [panel.id for panel in read_grafana(source).dashboard.panels]
    assert len(set(numbers)) == 6
    assert (numbers[0], numbers[5]) == (3, 4)
