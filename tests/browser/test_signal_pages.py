"""Logs, Traces and one trace in a browser, and the way from a slow service to the line of its cause, by keys alone."""

import json
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import bodies
from tests.browser.conftest import accessibility_violations, screenshot, violations_in_both_looks
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
OpenPage = Callable[..., Page]


@pytest.mark.parametrize(("path", "text"), [("/logs", "error"), ("/traces", "storefront")])
def test_lists_show_their_data_and_axe_finds_nothing(shop: Server, open_page: OpenPage, path: str, text: str) -> None:
    """Lines and traces are there, with facets, and nothing serious for a screen reader."""
    page = open_page(shop, path)
    expect(page.locator("main")).to_contain_text(text)
    expect(page.get_by_role("complementary", name="Filters")).to_contain_text("Service")
    assert violations_in_both_looks(page, path[1:]) == []


def test_a_facet_filters_and_back_returns(shop: Server, open_page: OpenPage) -> None:
    """A click on a level puts it into the search and the URL; the back button takes it out again."""
    page = open_page(shop, "/logs")
    page.get_by_role("complementary", name="Filters").get_by_role("button", name=re.compile(r"^error")).click()
    expect(page).to_have_url(re.compile(r"query=level:error"))
    expect(page.get_by_role("combobox", name="Search logs")).to_have_value("level:error")
    page.go_back()
    expect(page.get_by_role("combobox", name="Search logs")).to_have_value("")


def test_a_wrong_search_shows_its_column(shop: Server, open_page: OpenPage) -> None:
    """A mistake is shown at its place, with what was expected."""
    page = open_page(shop, "/logs")
    box = page.get_by_role("combobox", name="Search logs")
    box.fill("service:(a")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("column")


def test_from_a_trace_to_its_log_line_by_keys(shop: Server, open_page: OpenPage) -> None:
    """Traces that failed → the first → its spans → the span that failed → the line of its cause, without a mouse."""
    page = open_page(shop, "/traces?query=error:true")
    expect(page.locator("tbody tr").first).to_be_visible()
    page.locator("body").press("j")
    page.locator("body").press("Enter")
    expect(page).to_have_url(re.compile(r"/traces/[0-9a-f]{32}"))
    expect(page.get_by_role("treegrid", name="Spans")).to_be_visible()
    page.locator("body").press("j")
    expect(page.get_by_role("complementary", name="Details")).to_contain_text("Log lines of this span")
    screenshot(page, "trace-light")
    everything = page.get_by_role("link", name="all of the trace")
    everything.focus()
    everything.press("Enter")
    expect(page).to_have_url(re.compile(r"/logs\?"))
    expect(page.get_by_role("grid", name="Log lines")).to_contain_text("error")


def test_ten_thousand_spans_open_quickly(shop: Server, open_page: OpenPage) -> None:
    """A trace of 10,000 spans draws only what is in sight, in both views, and says how many there are."""
    root = bodies.span(name="import everything")
    children = [
        bodies.span(
            name=f"row {index}",
            trace_id=root.trace_id,
            parent_span_id=root.span_id,
            start_time_unix_nano=root.start_time_unix_nano + index * 1000,
        )
        for index in range(9_999)
    ]
    with shop.door() as door:
        body = bodies.traces("importer", [root, *children]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    page = open_page(shop, f"/traces/{root.trace_id.hex()}")
    expect(page.locator("main")).to_contain_text("10,000 spans")
    assert page.get_by_role("row").count() < 120
    page.goto(f"/traces/{root.trace_id.hex()}?view=flame")
    expect(page.get_by_role("application", name=re.compile("Flame view of 10000 spans"))).to_be_visible()
    assert page.locator("main *").count() < 200


def test_the_flame_shows_the_selection_of_the_waterfall(shop: Server, open_page: OpenPage) -> None:
    """`view=flame` is in the URL; keys walk it, a click opens a span's details, and both views share what is open."""
    with shop.api() as api:
        trace_id = api.get("/api/v1/traces", params={"query": "error:true"}).json()["traces"][0]["trace_id"]
    page = open_page(shop, f"/traces/{trace_id}")
    page.get_by_text("Flame", exact=True).click()
    expect(page).to_have_url(re.compile("view=flame"))
    flame = page.get_by_role("application", name=re.compile("Flame view of 4 spans"))
    expect(flame.locator("canvas")).to_have_attribute("data-rows", "4")
    flame.click(position={"x": 40, "y": 10})
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("heading", name="POST /orders")).to_be_visible()
    expect(details).to_contain_text("20 ms itself")
    screenshot(page, "flame-light")
    assert accessibility_violations(page) == []
    flame.press("j")
    expect(details.get_by_role("heading", name="POST", exact=True)).to_be_visible()
    page.reload()
    expect(flame).to_be_visible()
    expect(details.get_by_role("heading", name="POST", exact=True)).to_be_visible()
    page.get_by_text("Waterfall", exact=True).click()
    expect(page.get_by_role("row", selected=True)).to_contain_text("POST")
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)


def test_a_box_over_the_dots_narrows_time_and_duration(shop: Server, open_page: OpenPage) -> None:
    """Dragging over the scatter sets range and durations in the URL; traces outside of them go; back undoes both."""
    page = open_page(shop, "/traces?query=service:orders")
    expect(page.get_by_role("status")).to_contain_text("40 traces")
    plane = page.get_by_role("figure", name="Traces by time and duration").locator("canvas")
    box = plane.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] * 0.95, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"(?=.*start=\d{4}-)(?=.*max=\d+)"))
    expect(page.locator("main")).to_contain_text("or shorter")
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"^[12]?\d traces"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/traces\?query=service:orders$"))
    expect(page.get_by_role("status")).to_contain_text("40 traces")
    page.goto("/traces?query=service:orders&max=100")
    expect(page.locator("main")).to_contain_text("No traces here")
    page.get_by_role("button", name="Any duration").click()
    expect(page.get_by_role("status")).to_contain_text("40 traces")


def test_names_and_values_complete_by_keys(shop: Server, open_page: OpenPage) -> None:
    """Arrows and Enter take a field's name, then one of its values; the next Enter searches."""
    page = open_page(shop, "/logs")
    box = page.get_by_role("combobox", name="Search logs")
    expect(box).to_be_visible()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("serv")
    expect(page.get_by_role("option", name=re.compile("^service"))).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("service:")
    page.keyboard.type("ord")
    expect(page.get_by_role("option", name=re.compile("^orders"))).to_be_visible()
    assert accessibility_violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("service:orders ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"query=service:orders$"))


def test_from_a_slow_service_to_the_line_of_its_cause_by_keys(shop: Server, open_page: OpenPage) -> None:
    """Services by p95 → the slowest → its slowest traces → the span that took long → the log line that says why."""
    root = bodies.span(name="GET /report", end_time_unix_nano=time.time_ns() + 8_000_000_000)
    start = root.start_time_unix_nano
    waits = bodies.span(
        name="lock row",
        kind=1,
        trace_id=root.trace_id,
        parent_span_id=root.span_id,
        start_time_unix_nano=start + 10_000_000,
        end_time_unix_nano=start + 7_900_000_000,
    )
    line = {"timestamp": start // 1_000_000 + 7_900, "level": "warn", "message": "waited 7.8 s for the stock table"}
    ids = {"service": "reports", "trace_id": root.trace_id.hex(), "span_id": waits.span_id.hex()}
    with shop.door() as door:
        body = bodies.traces("reports", [root, waits]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    with shop.door(content_type="application/x-ndjson") as door:
        assert door.post("/ingest/ndjson", params={"wait": "visible"}, content=json.dumps(line | ids)).is_success

    page = open_page(shop, "/")
    expect(page.get_by_role("heading", name="Services")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_label("Filter services")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text("reports")
    tab_to(page, "p95")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("reports")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="slowest")).to_be_visible()
    tab_to(page, "slowest")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Traces", exact=True, level=1)).to_be_visible()
    expect(page.locator("tbody")).to_contain_text("GET /report")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treegrid", name="Spans")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("heading", name="lock row")).to_be_visible()
    expect(details).to_contain_text("waited 7.8 s for the stock table")
    tab_to(page, "waited 7.8 s for the stock table")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/logs\?.*line="))
    expect(page.get_by_role("complementary", name="Details")).to_contain_text("waited 7.8 s for the stock table")
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Details")).to_have_count(0)


def test_a_line_opens_in_a_drawer_and_keys_walk_the_list_under_it(shop: Server, open_page: OpenPage) -> None:
    """j, k and Esc; the lines around; a deep link opens the same line; and the trace of the line is one click away."""
    page = open_page(shop, "/logs?query=level:error")
    lines = page.get_by_role("grid", name="Log lines")
    expect(lines.get_by_role("row").first).to_be_visible()
    page.keyboard.press("j")
    details = page.get_by_role("complementary", name="Details")
    expect(details).to_contain_text("cannot reserve stock")
    expect(details.get_by_role("region", name="Lines around")).to_contain_text("order taken")
    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    second = page.url
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    assert accessibility_violations(page) == []
    page.goto(second)
    expect(lines.get_by_role("row", selected=True)).to_have_attribute("aria-rowindex", "2")
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)
    page.goto(second)
    details.get_by_role("link", name="Open trace").click()
    expect(page).to_have_url(re.compile(r"/traces/[0-9a-f]{32}\?.*span=[0-9a-f]{16}"))
    expect(page.get_by_role("row", selected=True)).to_contain_text("reserve stock")


def test_dragging_over_the_histogram_zooms_and_double_click_zooms_back(shop: Server, open_page: OpenPage) -> None:
    """The bars set the range of the page; a double click takes it back."""
    page = open_page(shop, "/logs")
    bars = page.get_by_role("figure", name="lines over time").locator("svg")
    expect(bars).to_be_visible()
    expect(page.get_by_role("figure", name="lines over time")).to_contain_text(re.compile(r"\d\d lines"))
    box = bars.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.85, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.95, middle, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"start=\d{4}-"))
    bars.dblclick()
    expect(page).not_to_have_url(re.compile("start="))


def test_the_live_tail_shows_lines_as_they_come(shop: Server, open_page: OpenPage) -> None:
    """A line that is sent while the tail is open appears by itself."""
    page = open_page(shop, "/logs?query=service:tailed&tail=1")
    expect(page.locator("main")).to_contain_text("Waiting for lines")
    line = {"timestamp": time.time_ns() // 1_000_000, "level": "info", "message": "here I am", "service": "tailed"}
    with shop.door(content_type="application/x-ndjson") as door:
        assert door.post("/ingest/ndjson", content=json.dumps(line)).is_success
    expect(page.get_by_role("grid", name="Log lines")).to_contain_text("here I am")


def test_an_export_holds_every_line_of_the_search(shop: Server, open_page: OpenPage) -> None:
    """The menu's NDJSON has the lines that the search finds."""
    page = open_page(shop, "/logs?query=level:error service:orders")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="NDJSON").click()
    text = download.value.path().read_text()
    assert [json.loads(line)["level"] for line in text.splitlines()] == ["error"] * 8


def tab_to(page: Page, text: str) -> None:
    """Press Tab until the link or button that has the focus holds the text."""
    focused = "document.activeElement?.matches('a, button') ? document.activeElement.textContent : ''"
    for _ in range(120):
        page.keyboard.press("Tab")
        if text in page.evaluate(focused):
            return
    raise AssertionError(f"Tab never reached {text!r}")


@pytest.mark.parametrize(("path", "what"), [("/logs", "lines"), ("/traces", "traces")])
def test_a_search_that_finds_nothing_says_what_next(
    shop: Server, empty_server: Server, open_page: OpenPage, path: str, what: str
) -> None:
    """Clear the search where there is one; where nothing came at all, how to send."""
    page = open_page(shop, f"{path}?query=service:nobody")
    expect(page.locator("main")).to_contain_text(f"No {what} here")
    page.get_by_role("button", name="Clear the search").click()
    expect(page.get_by_role("status").filter(has_text="shown")).to_contain_text(re.compile(rf"4\d {what} shown"))
    page = open_page(empty_server, path)
    expect(page.locator("main")).to_contain_text(f"No {what} here")
    page.get_by_role("link", name="Show how to send data").click()
    expect(page).to_have_url(re.compile("/send-data"))
