"""Boards changed in a browser: a panel with its preview, new panels, what is not saved, conflicts, filters, files."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations, screenshot
from tests.browser.test_dashboards_page import imported, panel
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
SERVICES = "SELECT ServiceName, count() AS spans FROM spans GROUP BY ServiceName ORDER BY ServiceName"
PNG = b"\x89PNG\r\n\x1a\n"


def board(panels: str, uid: str, variables: str = "") -> str:
    return f"title: Board {uid}\nuid: {uid}\nrange: 10m\n{variables}\npanels:\n{panels}"


def kept(server: Server, uid: str) -> Any:
    with server.api() as api:
        return api.get(f"/api/v1/dashboards/{uid}").json()


@pytest.fixture
def shown(metered: Server, request: pytest.FixtureRequest) -> tuple[Server, str]:
    """A board of one stat and one graph, its own for each test."""
    uid = re.sub(r"\W+", "-", request.node.name)[:60]
    text = board(
        "  - {title: Depth, kind: stat, query: sum(queue_depth)}\n"
        '  - {title: Requests, unit: rps, legend: "{{job}}", query: "sum by (job) (rate(shop_requests_total[5m]))"}\n',
        uid,
    )
    imported(metered, text)
    return metered, uid


def written(page: Page, ref: str, text: str) -> None:
    field = page.get_by_role("textbox", name=f"PromQL of query {ref}")
    field.fill(text)
    field.press("Escape")


def saved(page: Page, message: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("textbox", name="What changed").fill(message)
    page.get_by_role("button", name="Save dashboard").click()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True])
def test_a_panel_is_edited_with_a_preview_and_saved(shown: tuple[Server, str], open_page: OpenPage, dark: bool) -> None:
    """The preview follows query and unit; applied and saved, the next version has them, and its message."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}", dark=dark)
    panel(page, "Depth").get_by_role("button", name="Menu of Depth").click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(page).to_have_url(re.compile(r"edit=\d+"))
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("49")
    written(page, "A", 'queue_depth{job="api"}')
    expect(preview).to_contain_text("42")
    page.get_by_role("textbox", name="Title").fill("Depth of the API")
    page.get_by_role("textbox", name="Unit").fill("suffix:jobs")
    expect(preview).to_contain_text("42 jobs")
    written(page, "A", "sum(queue_depth")
    expect(page.get_by_role("group", name="Query A").get_by_role("alert")).to_contain_text("parse error")
    written(page, "A", 'queue_depth{job="api"}')
    expect(preview).to_contain_text("42 jobs")
    assert accessibility_violations(page) == []
    screenshot(page, f"panel-editor-{'dark' if dark else 'light'}")
    page.get_by_role("button", name="Apply").click()
    expect(panel(page, "Depth of the API")).to_contain_text("42 jobs")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    saved(page, "the API alone")
    answer = kept(server, uid)
    assert answer["summary"]["version"] == 2
    found = answer["dashboard"]["rows"][0]["panels"][0]
    assert found["queries"][0]["text"] == 'queue_depth{job="api"}'
    assert found["fields"]["defaults"]["unit"] == "suffix:jobs"
    with server.api() as api:
        versions = api.get(f"/api/v1/dashboards/{uid}/versions").json()["versions"]
    assert versions[0]["message"] == "the API alone"


def test_queries_are_added_renamed_hidden_and_ordered(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """Of logs, too; a name that is taken is said; the order is kept."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}?edit=2")
    page.get_by_role("button", name="Add query").click()
    page.get_by_role("textbox", name="Name of query B").fill("A")
    expect(page.get_by_text("another query has this name")).to_be_visible()
    page.get_by_role("textbox", name="Name of query B").fill("depth")
    page.get_by_role("textbox", name="Name of query B").press("Enter")
    written(page, "depth", "max(queue_depth)")
    page.get_by_role("button", name="Move query depth up").click()
    page.get_by_role("button", name="Hide query A").click()
    page.get_by_role("button", name="Apply").click()
    saved(page, "")
    queries = kept(server, uid)["dashboard"]["rows"][0]["panels"][1]["queries"]
    assert [(one["ref"], one["hidden"]) for one in queries] == [("depth", False), ("A", True)]


def test_an_empty_board_gets_its_first_panel(metered: Server, open_page: OpenPage) -> None:
    """From the list: a new board, a panel on it, and a log search that shows lines."""
    page = open_page(metered, "/dashboards?start=now-1h")
    page.get_by_role("button", name="New dashboard").click()
    page.get_by_role("textbox", name="Title").fill("Fresh board")
    page.get_by_role("button", name="Create dashboard").click()
    page.get_by_role("main").get_by_text("No panels yet").wait_for()
    page.get_by_role("button", name="Add panel").last.click()
    page.get_by_role("combobox", name="Source of query A").click()
    page.get_by_role("option", name="Log search").click()
    page.get_by_role("textbox", name="Text of query A").fill("level:error")
    page.get_by_role("combobox", name="Kind of panel").click()
    page.get_by_role("option", name="Logs", exact=True).click()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("cannot reserve stock")
    page.get_by_role("button", name="Apply").click()
    saved(page, "first")
    [row] = kept(metered, "fresh-board")["dashboard"]["rows"]
    assert [one["options"]["kind"] for one in row["panels"]] == ["logs"]


def test_what_is_not_saved_is_not_lost_unasked(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """Going back asks; staying keeps what was typed; discarding leaves the board as it was."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}")
    expect(panel(page, "Depth")).to_contain_text("49")
    panel(page, "Depth").get_by_role("button", name="Menu of Depth").click()
    page.get_by_role("menuitem", name="Edit").click()
    page.get_by_role("textbox", name="Title").fill("Something else")
    page.go_back()
    page.get_by_role("button", name="Stay").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("Something else")
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(panel(page, "Depth")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    panel(page, "Depth").get_by_role("button", name="Menu of Depth").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(panel(page, "Depth (copy)")).to_contain_text("49")
    page.get_by_role("link", name="Services").first.click()
    page.get_by_role("button", name="Discard changes").last.click()
    expect(page).to_have_url(re.compile("/services"))
    assert kept(server, uid)["summary"]["version"] == 1


@pytest.fixture
def refused(shown: tuple[Server, str], open_page: OpenPage) -> tuple[Server, str, Page]:
    """A board without its stat that could not be saved: somebody else has given it another title meanwhile."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}")
    panel(page, "Depth").get_by_role("button", name="Menu of Depth").click()
    page.get_by_role("menuitem", name="Remove panel").click()
    page.get_by_role("button", name="Remove panel").click()
    expect(panel(page, "Depth")).to_have_count(0)
    theirs = kept(server, uid)
    with server.api() as api:
        changed = {**theirs["dashboard"], "title": "Theirs"}
        assert api.put(f"/api/v1/dashboards/{uid}", json={"dashboard": changed, "version": 1}).is_success
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Save dashboard").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody saved this board")
    assert kept(server, uid)["dashboard"]["title"] == "Theirs"
    return server, uid, page


def titles(server: Server, uid: str) -> list[str]:
    return [one["title"] for row in kept(server, uid)["dashboard"]["rows"] for one in row["panels"]]


def test_theirs_is_taken_and_mine_discarded(refused: tuple[Server, str, Page]) -> None:
    """The board is theirs again, and nothing is left to be saved."""
    _, _, page = refused
    page.get_by_role("button", name="Take theirs, discard mine").click()
    expect(page.get_by_role("heading", name="Theirs")).to_be_visible()
    expect(panel(page, "Depth")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)


def test_mine_is_saved_over_theirs(refused: tuple[Server, str, Page]) -> None:
    """The next version is mine as a whole, and the history still has theirs."""
    server, uid, page = refused
    page.get_by_role("button", name="Save over theirs").click()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    expect(page.get_by_role("heading", name=f"Board {uid}")).to_be_visible()
    assert kept(server, uid)["summary"]["version"] == 3
    assert titles(server, uid) == ["Requests"]
    with server.api() as api:
        assert api.get(f"/api/v1/dashboards/{uid}/versions/2").json()["dashboard"]["title"] == "Theirs"


def test_mine_is_saved_as_a_copy_beside_theirs(refused: tuple[Server, str, Page]) -> None:
    """Under a title of its own, which the page goes to; theirs stays as it is."""
    server, uid, page = refused
    page.get_by_role("button", name="Save mine as a copy").click()
    page.get_by_role("textbox", name="Title of the copy").fill("Mine beside theirs")
    page.get_by_role("button", name="Save copy").click()
    expect(page).to_have_url(re.compile("/dashboards/mine-beside-theirs"))
    expect(page.get_by_role("heading", name="Mine beside theirs")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    assert titles(server, "mine-beside-theirs") == ["Requests"]
    assert titles(server, uid) == ["Depth", "Requests"]


def test_a_built_in_board_is_saved_as_a_copy(metered: Server, open_page: OpenPage) -> None:
    """It is said before, and the board that came with Midwatch stays."""
    page = open_page(metered, "/dashboards")
    page.get_by_role("link", name="Ingest health").click()
    before = titles(metered, uid := page.url.split("/dashboards/")[1].split("?")[0])
    panel(page, "Waiting").get_by_role("button", name="Menu of Waiting").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("your changes are saved as a copy")
    page.get_by_role("textbox", name="Title of the copy").fill("Our ingest")
    page.get_by_role("button", name="Save copy").click()
    expect(page.get_by_role("heading", name="Our ingest")).to_be_visible()
    assert len(titles(metered, "our-ingest")) == len(before) + 1
    assert titles(metered, uid) == before
    with metered.api() as api:
        assert api.delete("/api/v1/dashboards/our-ingest").is_success


def test_sql_is_a_source_of_a_panel(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """Its rows are in the preview, a mistake stands beside the statement, and it is saved as what it is."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}?edit=1&start=now-1h")
    page.get_by_role("combobox", name="Source of query A").click()
    page.get_by_role("option", name="SQL", exact=True).click()
    page.get_by_role("combobox", name="Kind of panel").click()
    page.get_by_role("option", name="Table", exact=True).click()
    statement = page.get_by_role("textbox", name="Text of query A")
    statement.fill("SELECT nothing_of_this_name FROM spans")
    expect(page.get_by_role("group", name="Query A").get_by_role("alert")).to_contain_text("nothing_of_this_name")
    statement.fill(SERVICES)
    rows = page.get_by_role("region", name="Preview").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("orders")
    page.get_by_role("button", name="Apply").click()
    expect(panel(page, "Depth").locator("tbody tr").last).to_contain_text("storefront")
    saved(page, "")
    [query] = kept(server, uid)["dashboard"]["rows"][0]["panels"][0]["queries"]
    assert (query["language"], query["text"]) == ("sql", SERVICES)


def test_filters_stand_in_the_address_and_narrow_each_query(metered: Server, open_page: OpenPage) -> None:
    """Grafana's `var-…=label|=|value`; taken away, all is back; one that is added goes into the address."""
    imported(
        metered,
        board(
            "  - {title: Depth, kind: stat, query: sum(queue_depth)}\n"
            "  - {title: Half, kind: stat, query: sum(queue_depth) / 2}\n",
            "filtered",
            "variables:\n  Filters: {filters: true}",
        ),
    )
    page = open_page(metered, "/dashboards/filtered?var-Filters=job|%3D|api")
    expect(panel(page, "Depth")).to_contain_text("42")
    expect(panel(page, "Half")).to_contain_text("21")
    page.get_by_role("button", name="Remove the filter job = api").click()
    expect(panel(page, "Depth")).to_contain_text("49")
    page.get_by_role("button", name="Add filter").click()
    page.get_by_role("textbox", name="Label").or_(page.get_by_role("combobox", name="Label")).fill("job")
    page.get_by_role("textbox", name="Value").or_(page.get_by_role("combobox", name="Value")).fill("web")
    page.get_by_role("button", name="Apply filter").click()
    expect(panel(page, "Depth")).to_contain_text("7")
    expect(page).to_have_url(re.compile(r"var-Filters=job(\||%7C)(=|%3D)(\||%7C)web"))
    assert accessibility_violations(page) == []


def test_a_board_whose_own_filter_was_removed_stays_without(metered: Server, open_page: OpenPage) -> None:
    """An empty entry in the address says that there are none: after a reload, and beside another variable, too."""
    target = {"refId": "A", "expr": "sum(queue_depth)"}
    place = {"x": 0, "y": 0, "w": 6, "h": 4}
    variables = [
        {"type": "adhoc", "name": "Filters", "filters": [{"key": "job", "operator": "=", "value": "api"}]},
        {"type": "textbox", "name": "word", "query": "none"},
    ]
    source = {
        "uid": "own-filter",
        "title": "Own filter",
        "schemaVersion": 39,
        "templating": {"list": variables},
        "panels": [{"id": 1, "type": "stat", "title": "Depth", "gridPos": place, "targets": [target]}],
    }
    imported(metered, json.dumps(source))
    page = open_page(metered, "/dashboards/own-filter?start=now-10m")
    expect(panel(page, "Depth")).to_contain_text("42")
    page.get_by_role("button", name="Remove the filter job = api").click()
    expect(panel(page, "Depth")).to_contain_text("49")
    expect(page).to_have_url(re.compile(r"var-Filters=(&|$)"))
    page.get_by_role("textbox", name="word").fill("some")
    page.get_by_role("textbox", name="word").press("Enter")
    expect(page).to_have_url(re.compile("var-word=some"))
    page.reload()
    expect(panel(page, "Depth")).to_contain_text("49")
    expect(page.get_by_role("button", name="Add filter")).to_be_visible()
    expect(page.get_by_role("button", name="Remove the filter")).to_have_count(0)


def test_a_panel_is_downloaded(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """A graph as PNG with its title and legend; figures as CSV, and it is said why."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}")
    expect(panel(page, "Requests").get_by_role("button", name="api")).to_be_visible()
    panel(page, "Requests").get_by_role("button", name="Menu of Requests").click()
    with page.expect_download() as downloading:
        page.get_by_role("menuitem", name="Download PNG").click()
    content = downloading.value.path().read_bytes()
    assert downloading.value.suggested_filename == "Requests.png"
    assert content.startswith(PNG)
    assert int.from_bytes(content[16:20]) > 300
    panel(page, "Depth").get_by_role("button", name="Menu of Depth").click()
    expect(page.get_by_role("menuitem", name="Download PNG")).to_have_count(0)
    with page.expect_download() as downloading:
        page.get_by_role("menuitem", name=re.compile("Download CSV.*no picture")).click()
    assert b",49" in downloading.value.path().read_bytes()


def test_the_editor_on_a_phone(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """Everything below each other, within the window."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}?edit=2", phone=True)
    expect(page.get_by_role("region", name="Preview").get_by_role("img")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert accessibility_violations(page) == []
    screenshot(page, "panel-editor-phone")


def test_what_the_editor_does_not_know_stays(metered: Server, open_page: OpenPage) -> None:
    """A board of Grafana's that was changed and saved here goes out with everything else as it came."""
    target = {"refId": "A", "expr": "sum(queue_depth)", "ourOwn": 1, "datasource": {"type": "prometheus", "uid": "x"}}
    first = {
        "id": 7,
        "type": "timeseries",
        "title": "Depth",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "targets": [target],
        "pluginVersion": "11.0.0",
        "fieldConfig": {
            "defaults": {"unit": "short", "custom": {"lineWidth": 3, "scaleDistribution": {"type": "linear"}}},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "a"},
                    "properties": [{"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [10, 10]}}],
                }
            ],
        },
        "transformations": [{"id": "organize", "options": {"renameByName": {"a": "b"}}}],
        "options": {"legend": {"displayMode": "list", "placement": "bottom", "calcs": []}, "theirs": {"kept": True}},
    }
    second = {**first, "id": 8, "title": "Beside", "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}
    source = {
        "uid": "untouched",
        "title": "Untouched",
        "schemaVersion": 39,
        "weekStart": "monday",
        "panels": [first, second],
    }
    imported(metered, json.dumps(source))
    page = open_page(metered, "/dashboards/untouched?edit=7&start=now-10m")
    page.get_by_role("textbox", name="Title").fill("Renamed")
    page.get_by_role("button", name="Apply").click()
    saved(page, "renamed")
    with metered.api() as api:
        exported = api.get("/api/v1/dashboards/untouched/export").json()
    assert exported == {**source, "panels": [{**first, "title": "Renamed"}, second]}


def test_tab_stays_on_a_wall(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """In the kiosk view nothing of the hidden frame takes the focus; after Esc all of it does again."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}?kiosk=1")
    expect(panel(page, "Requests").get_by_role("button", name="api")).to_be_visible()
    inside = "document.activeElement === document.body || !!document.activeElement.closest('[aria-label^=\"Board\"]')"
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Services").first.focus()
    expect(page.get_by_role("link", name="Services").first).to_be_focused()
