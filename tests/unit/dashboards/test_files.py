"""Files of a plan's `dashboards/`: what each mistake is called, and where it stands."""

import json
from pathlib import Path

import pytest

from midwatch.contract.plan import MAIN_FILE, load
from midwatch.server.dashboards.builtins import built_in_boards
from midwatch.server.dashboards.check import check
from midwatch.server.dashboards.files import DASHBOARD_FILES, DEPTH_MAX, Unreadable, read_board
from midwatch.server.dashboards.grafana.export import export_grafana
from midwatch.server.dashboards.grafana.read import read_grafana
from midwatch.server.schemas.dashboards.board import Dashboard
from tests.unit.dashboards.reading import FOLDER, board

RED = """title: Checkout
variables:
  env: label_values(env)
  service: {query: "label_values(up, job)", multi: true, all: true}
panels:
  - title: Requests
    unit: rps
    query: sum by (status) (rate(http_requests_total{job=~"$service"}[$__rate_interval]))
  - title: Errors
    unit: ratio
    query: sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))
  - title: p95
    unit: seconds
    query: histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))
  - logs: level:error
"""

MISTAKES = {
    "unknown-key.yml": (3, 6, "did you mean title?"),
    "no-title.yml": (1, 1, "title: expected this key"),
    "no-panels.yml": (1, 1, "expected `panels` or `rows`"),
    "panels-and-rows.yml": (2, 9, "expected either `panels` or `rows`"),
    "no-query.yml": (3, 5, "expected a query: one of `query` (PromQL)"),
    "two-languages.yml": (4, 9, "expected exactly one of promql, logql, logs, traces, sql, got promql, logql"),
    "not-promql.yml": (3, 5, "query A is no PromQL: 1:7: parse error: unclosed left parenthesis"),
    "unknown-kind.yml": (3, 23, "panels[0].kind=graph: expected"),
    "too-wide.yml": (3, 24, "width=25: expected 1 to 24"),
    "threshold.yml": (3, 36, "thresholds.high: expected a number, or `base`"),
    "variable.yml": (3, 8, "$job=up: expected label_values(metric, label)"),
    "variable-two.yml": (3, 8, "$job: expected exactly one of query, values, interval"),
    "option.yml": (3, 47, "colour=value: Extra inputs are not permitted"),
    "transformation.yml": (3, 35, "'heatmap' found using 'id' does not match"),
    "legends.yml": (3, 25, "legend: expected at most 1, one a query, got 2"),
    "calc.yml": (3, 38, "calc=mean: a panel of the kind heatmap shows no calculation"),
    "uid.yml": (2, 6, "uid=a b: expected"),
    "yaml.yml": (2, 1, "cannot read this as YAML"),
    "no-json.json": (2, 13, "cannot read this as JSON: Expecting value"),
    "no-board.json": (1, 1, "its keys are job"),
    "half-pair.json": (1, 1, r"half of a pair, \ud800"),
    "nan.json": (1, 1, "cannot read this as JSON: NaN is no number"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_told_with_its_place(name: str) -> None:
    """One problem of the file has the line, the column, and what was expected."""
    line, column, message = MISTAKES[name]
    with pytest.raises(Unreadable) as failure:
        read_board(name, (FOLDER / "bad" / name).read_text(encoding="utf-8"))
    told = [str(problem) for problem in failure.value.problems]
    assert any(one.startswith(f"{name}:{line}:{column}: ") and message in one for one in told), told


def test_every_bad_board_has_a_mistake() -> None:
    """No file of the folder is forgotten."""
    assert {path.name for path in (FOLDER / "bad").iterdir()} == set(MISTAKES)


def test_a_red_board_is_a_few_lines() -> None:
    """Two charts a line, the last as wide as there is room; defaults by kind, units, and a text that Grafana takes."""
    assert RED.count("\n") <= 15
    read, problems = read_board("dashboards/checkout.yml", RED)
    found = read.dashboard
    assert problems == []
    assert (found.uid, found.time.start) == ("checkout", "now-1h")
    told = [(panel.title, panel.options.kind, panel.grid.x, panel.grid.w, panel.grid.y) for panel in found.panels]
    assert told == [
        ("Requests", "timeseries", 0, 12, 0),
        ("Errors", "timeseries", 12, 12, 0),
        ("p95", "timeseries", 0, 24, 8),
        ("", "logs", 0, 24, 16),
    ]
    assert [panel.fields.defaults.unit for panel in found.panels] == ["reqps", "percentunit", "s", None]
    assert [(one.name, one.chosen) for one in found.variables] == [("env", []), ("service", ["$__all"])]
    assert read_grafana(export_grafana(found)).dashboard.model_dump() == found.model_dump()


def test_what_needs_no_room_or_says_its_width_is_as_wide_as_it_is() -> None:
    """Single values, panels with a width of their own, and such as are repeated."""
    text = (
        "title: x\nvariables: {host: {values: [a, b]}}\npanels:\n  - {query: up, kind: stat}\n  - {query: up}\n"
        "  - {query: up, width: 8}\n  - {query: up, kind: stat, width: 24}\n  - {query: up, repeat: host}\n"
        "  - {query: up, kind: bargauge}\n  - {query: up, kind: bargauge}\n  - {query: up, height: 3}\n"
    )
    read, problems = read_board("x.yml", text)
    assert problems == []
    assert [(panel.grid.x, panel.grid.w, panel.grid.y, panel.grid.h) for panel in read.dashboard.panels] == [
        (0, 6, 0, 4),
        (6, 18, 0, 8),
        (0, 8, 8, 8),
        (0, 24, 16, 4),
        (0, 12, 20, 8),
        (12, 12, 20, 8),
        (0, 12, 28, 6),
        (12, 12, 28, 3),
    ]


def test_names_that_stand_for_nothing_are_warnings() -> None:
    """A board with them is shown."""
    text = 'title: x\npanels:\n  - {query: "up{job=\\"$jb\\"}"}\n  - {query: up, repeat: host}\n'
    _, problems = read_board("x.yml", text)
    assert [str(problem) for problem in problems] == [
        "x.yml:3:5: warning: query A names $jb, which is no variable of this board",
        "x.yml:4:5: warning: repeat=host: expected a variable of this board",
    ]


def test_panels_that_are_not_drawn_are_told_with_their_line() -> None:
    """In the text of Grafana's JSON, in each of its forms."""
    text = json.dumps(board("resource"), indent=1)
    _, problems = read_board("r.json", text)
    (problem,) = problems
    assert text.splitlines()[problem.line - 1].strip().startswith('"panel-3"')
    assert (problem.severity, "geomap" in problem.message) == ("warning", True)


def test_a_plan_has_its_boards() -> None:
    """Each file is a board by its path; a change of one is a change of the plan, in one line."""
    files = {MAIN_FILE: "", "dashboards/a.yml": RED, "dashboards/b.json": json.dumps(board("modern"))}
    loaded = load(files, [DASHBOARD_FILES])
    assert loaded.plan is not None
    assert loaded.problems == ()
    assert sorted(loaded.plan.files["dashboards"]) == ["dashboards/a.yml", "dashboards/b.json"]
    assert str(loaded.plan.written["dashboards"]["a.yml"]).startswith("Checkout, 4 panels (")
    assert load(files).plan is not None


def test_two_boards_of_one_uid_are_an_error() -> None:
    """At the line of the second's uid."""
    second = "title: Other\nuid: shop-1\npanels: [{query: up}]\n"
    files = {MAIN_FILE: "", "dashboards/a.json": json.dumps(board("modern")), "dashboards/b.yml": second}
    loaded = load(files, [DASHBOARD_FILES])
    assert loaded.plan is None
    assert [str(one) for one in loaded.errors] == [
        "dashboards/b.yml:2:1: uid=shop-1: expected one of its own; dashboards/a.json has it"
    ]


@pytest.mark.parametrize("depth", [DEPTH_MAX, DEPTH_MAX + 1, 100_000])
def test_json_that_nests_too_deep_is_refused(depth: int) -> None:
    """At the limit it is read, and found to be no board; one deeper says so."""
    with pytest.raises(Unreadable) as failure:
        read_board("x.json", "[" * depth + "]" * depth)
    assert ("deep" in str(failure.value)) == (depth > DEPTH_MAX)


def test_built_in_boards_are_sound() -> None:
    """Six of them, without a word of the check, all of it drawn."""
    boards = built_in_boards()
    assert sorted(boards) == [
        f"midwatch-{name}" for name in ("host", "ingest", "postgresql", "python", "redis", "service-red")
    ]
    for one in boards.values():
        assert check(one.dashboard) == []
        assert one.report.refused == []
        assert read_grafana(export_grafana(one.dashboard)).report.refused == []


def test_what_is_ambiguous_is_found() -> None:
    """Numbers, refs and names that stand twice."""
    panel = {
        "id": 1,
        "options": {"kind": "timeseries"},
        "queries": [{"ref": "A", "language": "promql", "text": "up"}] * 2,
    }
    variables = [{"name": "a", "kind": "textbox"}] * 2
    found = check(
        Dashboard.model_validate(
            {"uid": "x", "title": "x", "variables": variables, "rows": [{"panels": [panel, panel]}]}
        )
    )
    assert {one.message.split(":")[0] for one in found if one.kind == "ambiguous"} == {"variable=a", "id=1", "query A"}


def test_a_ratio_without_aggregation_is_told() -> None:
    """Of CanvasCast's overview the one query that cannot mean what was meant, with its line and its mended text."""
    errors = 'rate(http_requests_total{status=~"5.."}[5m])'
    queries = {
        "Request Rate": "rate(http_requests_total[5m])",
        "Error Rate": f"{errors} / rate(http_requests_total[5m])",
        "Job Queue Depth": "job_queue_depth",
    }
    panels = [{"title": title, "type": "stat", "targets": [{"expr": text}]} for title, text in queries.items()]
    text = json.dumps({"title": "CanvasCast Overview", "panels": panels}, indent=1)
    (found,) = read_board("dashboards/overview.json", text)[1]
    assert text.splitlines()[found.line] == '   "title": "Error Rate",'
    assert found.severity == "warning"
    assert "a ratio without aggregation" in found.message
    assert found.message.endswith(f": sum({errors}) / sum(rate(http_requests_total[5m]))")


def test_the_documented_board_is_good() -> None:
    """The YAML in docs/dashboards.md is read without a problem."""
    page = (Path(__file__).parents[3] / "docs/dashboards.md").read_text(encoding="utf-8")
    examples = [part.partition("```")[0] for part in page.split("```yaml\n")[1:]]
    assert examples
    for example in examples:
        assert read_board("x.yml", example)[1] == []
