"""Dashboards in a browser: the list, an import with its report, known figures, variables, and many panels."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]

SHOP = """
title: Shop figures
uid: shop-figures
variables:
  job: {query: "label_values(queue_depth, job)", multi: true, all: true}
panels:
  - {title: "Depth of $job", kind: stat, query: 'sum(queue_depth{job=~"$job"})'}
  - title: Rate
    kind: stat
    unit: rps
    decimals: 1
    options: {reduce: {calculations: [max]}}  # The last one falls as what was sent grows older.
    query: 'sum(rate(shop_requests_total{job=~"$job"}[5m]))'
  - {title: Full, kind: gauge, unit: percentunit, query: 'queue_depth{job="api"} / 100'}
  - {title: Requests, unit: rps, legend: "{{job}}", query: 'sum by (job) (rate(shop_requests_total{job=~"$job"}[5m]))'}
  - {title: Queues, kind: table, query: queue_depth}
  - {title: Of each, kind: bargauge, legend: "{{job}}", query: queue_depth}
  - {title: Times, kind: heatmap, query: 'sum by (le) (increase(shop_seconds_bucket[1m]))'}
  - {title: Nothing, query: does_not_exist}
  - {title: Wrong, query: shop_requests_total * on () queue_depth}
  - logs: level:error
"""

COUNT_DRAWINGS = """() => {
  window.drawings = {}
  const { clearRect } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    const title = this.canvas.closest("section")?.getAttribute("aria-label")
    window.drawings[title] = (window.drawings[title] ?? 0) + 1
    return clearRect.apply(this, box)
  }
}"""
"""How often a panel's canvas was wiped to be drawn, by the panel's title."""
SETTLED = "new Promise(done => requestIdleCallback(() => requestIdleCallback(() => done({...window.drawings}))))"


def grafana() -> dict[str, Any]:
    target = {"refId": "A", "expr": "sum(queue_depth)", "datasource": {"type": "prometheus", "uid": "${DS}"}}
    panels = [
        {"id": 1, "type": "stat", "title": "Depth", "gridPos": {"x": 0, "y": 0, "w": 6, "h": 4}, "targets": [target]},
        {"id": 2, "type": "geomap", "title": "Where", "gridPos": {"x": 6, "y": 0, "w": 6, "h": 4}, "targets": [target]},
    ]
    inputs = [{"name": "DS", "type": "datasource", "pluginId": "prometheus"}]
    return {"uid": "from-grafana", "title": "From Grafana", "schemaVersion": 39, "__inputs": inputs, "panels": panels}


def imported(server: Server, text: str) -> None:
    with server.api() as api:
        answer = api.post("/api/v1/dashboard-import", json={"text": text, "overwrite": True})
        assert answer.is_success, answer.text


def panel(page: Page, title: str) -> Any:
    return page.get_by_role("region", name=title, exact=True)


@pytest.fixture(scope="module")
def boards(metered: Server) -> Server:
    imported(metered, SHOP)
    return metered


def test_the_list_filters_and_opens_a_board_of_ours(boards: Server, open_page: OpenPage) -> None:
    """Boards of the workspace and built-in ones are listed; a word leaves those that have it, and a click opens one."""
    page = open_page(boards, "/dashboards")
    table = page.get_by_role("region", name="Dashboards")
    expect(table).to_contain_text("Shop figures")
    expect(table).to_contain_text("built in")
    assert accessibility_violations(page) == []
    page.get_by_role("textbox", name="Filter dashboards").fill("ingest")
    expect(table.locator("tbody tr")).to_have_count(1)
    table.get_by_role("link", name="Ingest health").click()
    expect(page.get_by_role("heading", name="Ingest health")).to_be_visible()
    expect(panel(page, "Waiting")).to_contain_text("No data in this time range")


def test_a_board_of_grafana_is_imported_with_a_report(boards: Server, open_page: OpenPage) -> None:
    """Its JSON is pasted as it is; the report names what cannot be drawn, and so does the panel's place."""
    page = open_page(boards, "/dashboards")
    page.get_by_role("button", name="Import").click()
    page.get_by_role("textbox", name=re.compile("^Grafana")).fill(json.dumps(grafana()))
    page.get_by_role("button", name="Import dashboard").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 of 2 panels can be drawn")
    expect(dialog.get_by_role("region", name="Refused")).to_contain_text("Where")
    dialog.get_by_role("link", name="From Grafana").click()
    expect(panel(page, "Depth")).to_contain_text("49")
    expect(panel(page, "Where")).to_contain_text("A geomap panel cannot be drawn here")
    expect(page.get_by_role("main")).to_contain_text("1 panel of 2 cannot be drawn")


@pytest.mark.parametrize("dark", [False, True])
def test_panels_show_known_figures(boards: Server, open_page: OpenPage, dark: bool) -> None:
    """What was sent stands on the board with its unit; a panel without data or with a mistake says so itself."""
    page = open_page(boards, "/dashboards/shop-figures?start=now-10m", dark=dark)
    expect(panel(page, "Depth of All")).to_contain_text("49")
    expect(panel(page, "Rate")).to_contain_text("6.0 req/s")
    expect(panel(page, "Full").get_by_role("img", name=re.compile("42 %$"))).to_be_visible()
    legend = panel(page, "Requests")
    expect(legend.get_by_role("button", name="api")).to_be_visible()
    screenshot(page, f"dashboard-{'dark' if dark else 'light'}")
    assert accessibility_violations(page) == []
    queues = panel(page, "Queues")
    queues.scroll_into_view_if_needed()
    for job, depth in (("api", "42"), ("web", "7")):
        expect(queues.locator("tbody tr", has_text=job).locator("td").last).to_have_text(depth)
    panel(page, "Wrong").scroll_into_view_if_needed()
    expect(panel(page, "Times").get_by_role("img")).to_be_visible()
    expect(panel(page, "Nothing")).to_contain_text("No data in this time range")
    expect(panel(page, "Wrong").get_by_role("alert")).to_contain_text("matching")
    assert accessibility_violations(page) == []


def test_a_variable_changes_what_is_drawn_and_stands_in_the_address(boards: Server, open_page: OpenPage) -> None:
    """Choosing one job leaves its figures; the address alone brings them back; back returns to all."""
    page = open_page(boards, "/dashboards/shop-figures?start=now-10m")
    expect(panel(page, "Depth of All")).to_contain_text("49")
    page.get_by_role("group", name="Variables").locator("input:not([type=hidden])").click()
    page.get_by_role("option", name="api").click()
    expect(panel(page, "Depth of api")).to_contain_text("42")
    expect(page).to_have_url(re.compile(r"var-job=api"))
    expect(panel(page, "Rate")).to_contain_text("2.0 req/s")
    page.reload()
    expect(panel(page, "Depth of api")).to_contain_text("42")
    page.go_back()
    expect(panel(page, "Depth of All")).to_contain_text("49")


def test_of_fifty_panels_only_those_in_sight_ask(boards: Server, open_page: OpenPage) -> None:
    """A long board asks for what can be seen, and for the rest once it is scrolled to."""
    lines = "".join(f"  - {{title: Panel {at}, query: queue_depth + {at}}}\n" for at in range(50))
    imported(boards, f"title: Fifty\nuid: fifty\npanels:\n{lines}")
    page = open_page(boards, "/dashboards")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "query_range" in one.url else None)
    page.get_by_role("link", name="Fifty").click()
    expect(panel(page, "Panel 0").get_by_role("img", name="Panel 0")).to_be_visible()
    expect(panel(page, "Panel 49")).to_be_attached()
    expect(page.locator("section[aria-busy=true]")).to_have_count(0)
    assert 2 <= len(asked) <= 12
    panel(page, "Panel 49").scroll_into_view_if_needed()
    expect(panel(page, "Panel 49").get_by_role("img", name="Panel 49")).to_be_visible()
    assert len(asked) < 50


def test_each_of_fifty_panels_is_drawn_for_itself(boards: Server, open_page: OpenPage) -> None:
    """A chart that comes in sight is drawn alone; scrolling back to charts that are there draws none of them."""
    lines = "".join(f"  - {{title: Panel {at}, query: queue_depth + {at}}}\n" for at in range(50))
    imported(boards, f"title: Drawn\nuid: drawn\npanels:\n{lines}")
    page = open_page(boards, "/dashboards")
    page.evaluate(COUNT_DRAWINGS)
    page.get_by_role("link", name="Drawn", exact=True).click()
    page.mouse.move(2, 2)
    down = [f"Panel {at}" for at in range(0, 50, 7)]
    for title in down:
        panel(page, title).scroll_into_view_if_needed()
        page.wait_for_function("title => window.drawings[title] > 0", arg=title)
    expect(page.locator("section[aria-busy=true]")).to_have_count(0)
    first = page.evaluate(SETTLED)
    assert max(first.values()) <= 2
    for title in reversed(down):
        panel(page, title).scroll_into_view_if_needed()
    again = page.evaluate(SETTLED)
    assert {title: again[title] for title in first} == first


def test_a_phone_and_a_wall(boards: Server, open_page: OpenPage) -> None:
    """On a phone panels stand below each other within the window; the kiosk view is panels alone until Esc."""
    page = open_page(boards, "/dashboards/shop-figures?start=now-10m", phone=True)
    expect(panel(page, "Depth of All")).to_contain_text("49")
    expect(panel(page, "Depth of All").get_by_text("49")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, "dashboard-phone")
    assert accessibility_violations(page) == []
    page = open_page(boards, "/dashboards/shop-figures?start=now-10m&kiosk=1")
    expect(panel(page, "Depth of All")).to_contain_text("49")
    wall = page.get_by_role("region", name="Shop figures").bounding_box()
    assert wall == {"x": 0, "y": 0, "width": 1280, "height": 800}
    expect(page.get_by_role("button", name="More")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More")).to_be_visible()
