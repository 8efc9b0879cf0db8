"""A board laid out in a browser: panels moved and resized by mouse and by keys, rows, and the way back."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import accessibility_violations, screenshot
from tests.browser.test_dashboard_editing import kept, saved
from tests.browser.test_dashboards_page import imported, panel
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
LINE_PX = 38


def grafana(uid: str) -> dict[str, Any]:
    """Two stats beside each other over a graph; a row of one stat, and a folded row of another."""

    def stat(number: int, title: str, x: int, y: int) -> dict[str, Any]:
        place = {"x": x, "y": y, "w": 6, "h": 4}
        query = {"refId": "A", "expr": "sum(queue_depth)"}
        return {"id": number, "type": "stat", "title": title, "gridPos": place, "targets": [query]}

    wide = {**stat(3, "Wide", 0, 4), "gridPos": {"x": 0, "y": 4, "w": 24, "h": 4}}
    row = {"id": 8, "type": "row", "title": "More", "collapsed": False, "gridPos": {"x": 0, "y": 8, "w": 24, "h": 1}}
    folded = {**row, "id": 9, "title": "Folded", "collapsed": True, "panels": [stat(5, "Deep", 0, 14)]}
    return {
        "uid": uid,
        "title": f"Board {uid}",
        "schemaVersion": 39,
        "time": {"from": "now-10m", "to": "now"},
        "panels": [
            *(stat(1, "Left", 0, 0), stat(2, "Right", 12, 0), wide),
            *({**row, "panels": []}, stat(4, "Below", 0, 9)),
            {**folded, "gridPos": {"x": 0, "y": 13, "w": 24, "h": 1}},
        ],
    }


@pytest.fixture
def board(metered: Server, request: pytest.FixtureRequest) -> tuple[Server, str]:
    uid = re.sub(r"\W+", "-", request.node.name)[:60]
    imported(metered, json.dumps(grafana(uid)))
    return metered, uid


def places(server: Server, uid: str) -> dict[str, tuple[str | None, int, int, int, int]]:
    """By title: the row's title, x, y, w, h."""
    return {
        one["title"]: (row["title"], *(one["grid"][key] for key in "xywh"))
        for row in kept(server, uid)["dashboard"]["rows"]
        for one in row["panels"]
    }


def box(found: Locator) -> dict[str, float]:
    bounds = found.bounding_box()
    assert bounds is not None
    return {key: bounds[key] for key in ("x", "y", "width", "height")}


def pull(page: Page, from_x: float, from_y: float, by_x: float, by_y: float) -> None:
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    page.mouse.move(from_x + by_x / 2, from_y + by_y / 2, steps=3)
    page.mouse.move(from_x + by_x, from_y + by_y, steps=3)


def test_a_mouse_moves_and_resizes_panels(board: tuple[Server, str], open_page: OpenPage) -> None:
    """By the head to another column and into a row, by the corner to another size; Undo and Esc go back, Save keeps."""
    server, uid = board
    before = places(server, uid)
    page = open_page(server, f"/dashboards/{uid}?layout=1")
    left, below = panel(page, "Left"), panel(page, "Below")
    below.get_by_text("49").wait_for()
    at, width = box(left), box(panel(page, "Wide"))["width"]
    column = (width + 8) / 24

    pull(page, at["x"] + 60, at["y"] + 15, column * 6, 0)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    assert box(left) == at

    pull(page, at["x"] + 60, at["y"] + 15, column * 6, 4)
    page.mouse.up()
    assert box(left)["x"] == pytest.approx(at["x"] + column * 6, abs=1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    assert box(left) == at

    to = box(below)
    pull(page, at["x"] + 60, at["y"] + 15, to["x"] + column * 12 - at["x"], to["y"] - at["y"])
    screenshot(page, "dashboard-pulled")
    page.mouse.up()
    corner = box(left)
    assert corner["y"] == pytest.approx(box(below)["y"], abs=1)
    right, bottom = corner["x"] + corner["width"], corner["y"] + corner["height"]
    pull(page, right - 6, bottom - 6, column * 3, LINE_PX * 2)
    page.mouse.up()
    assert box(left)["height"] == pytest.approx(corner["height"] + 2 * LINE_PX, abs=1)
    assert accessibility_violations(page) == []
    assert places(server, uid) == before
    saved(page, "pulled")
    assert places(server, uid) == {**before, "Left": ("More", 12, 0, 9, 6)}
    assert kept(server, uid)["summary"]["version"] == 2


def test_keys_alone_move_and_resize_a_panel(board: tuple[Server, str], open_page: OpenPage) -> None:
    """From a panel's menu: arrows past its neighbours and into the next row, Shift for its size; Esc puts it back."""
    server, uid = board
    before = places(server, uid)
    page = open_page(server, f"/dashboards/{uid}")
    panel(page, "Left").get_by_text("49").wait_for()
    page.get_by_role("button", name="Menu of Left").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Edit")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    bar = page.get_by_role("toolbar", name="Place of Left")
    expect(bar).to_be_focused()
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(bar.get_by_role("status")).to_have_text("column 2, line 1, 7 × 5")
    assert accessibility_violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    expect(page.get_by_text("Not saved yet")).to_have_count(0)

    page.get_by_role("button", name="Move or resize Left", exact=True).press("Enter")
    page.keyboard.press("ArrowDown")
    expect(bar.get_by_role("status")).to_have_text("column 1, line 9, 6 × 4")
    page.keyboard.press("ArrowDown")
    expect(bar.get_by_role("combobox", name="Row")).to_have_value("More")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    saved(page, "")
    after = places(server, uid)
    assert (after["Left"], after["Below"]) == (("More", 0, 0, 5, 4), ("More", 0, 4, 6, 4))
    assert after["Right"] == before["Right"]


def test_rows_are_added_renamed_folded_ordered_and_removed(board: tuple[Server, str], open_page: OpenPage) -> None:
    """What is folded while laying out opens folded; a removed heading leaves its panels, a removed row does not."""
    server, uid = board
    page = open_page(server, f"/dashboards/{uid}")
    panel(page, "Below").get_by_text("49").wait_for()
    page.get_by_role("button", name="Edit layout").click()
    page.get_by_role("button", name="Add row").click()
    title = page.get_by_role("textbox", name="Title of New row")
    title.fill("Fresh")
    title.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("No panels here")
    page.get_by_role("button", name="Move or resize Right", exact=True).click()
    bar = page.get_by_role("toolbar", name="Place of Right")
    bar.get_by_role("combobox", name="Row").click()
    page.get_by_role("option", name="Fresh").click()
    bar.get_by_role("button", name="Keep here").click()
    page.get_by_role("button", name="Move Fresh up").click()
    page.get_by_role("button", name="Fold Fresh").click()
    expect(panel(page, "Right")).to_have_count(0)
    page.get_by_role("button", name="Remove More").click()
    page.get_by_role("button", name="Remove the heading alone").click()
    page.get_by_role("button", name="Remove Folded").click()
    page.get_by_role("button", name="Remove row and 1 panel").click()
    expect(page.get_by_role("group", name="Row Folded")).to_have_count(0)
    assert accessibility_violations(page) == []
    screenshot(page, "dashboard-rows")
    saved(page, "")
    page.get_by_role("button", name="Done").click()
    fold = page.get_by_role("button", name=re.compile("^Fresh"))
    expect(fold).to_have_attribute("aria-expanded", "false")
    rows = kept(server, uid)["dashboard"]["rows"]
    assert [(one["title"], one["collapsed"], [each["title"] for each in one["panels"]]) for one in rows] == [
        (None, False, ["Left", "Wide", "Below"]),
        ("Fresh", True, ["Right"]),
    ]
    fold.click()
    expect(panel(page, "Right")).to_contain_text("49")
    assert kept(server, uid)["summary"]["version"] == 2


def test_on_a_phone_panels_are_placed_by_buttons(board: tuple[Server, str], open_page: OpenPage) -> None:
    """Within the window, with everything that is needed; what was changed is given up by a button."""
    server, uid = board
    page = open_page(server, f"/dashboards/{uid}?layout=1", phone=True, dark=True)
    panel(page, "Left").get_by_text("49").wait_for()
    page.get_by_role("button", name="Move or resize Left", exact=True).click()
    page.get_by_role("button", name="Wider").click()
    expect(page.get_by_role("status").filter(has_text="column")).to_have_text("column 1, line 1, 7 × 4")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    places_below = box(page.get_by_role("navigation", name="Short"))
    assert places_below["y"] + places_below["height"] == pytest.approx(844, abs=1)
    assert accessibility_violations(page) == []
    screenshot(page, "dashboard-layout-phone")
    page.get_by_role("button", name="Discard changes").click()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    expect(page.get_by_role("toolbar")).to_have_count(0)
