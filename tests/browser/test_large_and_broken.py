"""Hundreds of services, long names, a deep list walked by keys; and a store that hangs, told on every page."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from playwright.sync_api import Page, expect

from tests import bodies
from tests.browser.conftest import accessibility_violations, own_server, screenshot, send_visits
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
SERVICES = 120
FAILS = "billing-reconciliation-of-the-european-branch-007"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A hundred and twenty services with long names, each calling two others, and one that always fails."""
    server = own_server(tmp_path_factory.mktemp("town"))
    names = [FAILS, *(f"billing-reconciliation-of-the-european-branch-{at:03d}" for at in range(100, 99 + SERVICES))]
    request = bodies.traces(names[0], [])
    for at, name in enumerate(names):
        code = Status.STATUS_CODE_ERROR if name == FAILS else Status.STATUS_CODE_UNSET
        root = bodies.span(name="GET /reconcile", status=Status(code=code))
        request.MergeFrom(bodies.traces(name, [root]))
        for called in (names[(at * 7 + 1) % SERVICES], names[(at * 11 + 2) % SERVICES]):
            child = bodies.span(name="reconcile", trace_id=root.trace_id, parent_span_id=root.span_id)
            request.MergeFrom(bodies.traces(called, [child]))
    with server.door() as door:
        assert door.post("/v1/traces", params={"wait": "visible"}, content=request.SerializeToString()).is_success
    yield server
    server.stop()


def test_a_large_map_is_narrowed_and_focused(town: Server, open_page: OpenPage) -> None:
    """What fails and what is busiest is drawn and the rest counted; a focus shows one service's calls, in the URL."""
    page = open_page(town, "/service-map")
    expect(page.locator("main")).to_contain_text(f"of {SERVICES} services and peers are drawn", timeout=30_000)
    picture = page.get_by_role("region", name="Map of services")
    assert picture.get_by_role("link").count() <= 30
    page.get_by_role("combobox", name="Focus on a service").fill("branch-007")
    page.get_by_role("option", name=FAILS).click()
    expect(page).to_have_url(re.compile(f"focus={FAILS}"))
    expect(page.locator("main")).not_to_contain_text("are drawn")
    assert 2 <= picture.get_by_role("link").count() <= 7
    screenshot(page, "map-focused")
    assert accessibility_violations(page) == []
    page.get_by_text("Table", exact=True).click()
    expect(page).to_have_url(re.compile("view=table"))
    expect(page.get_by_role("region", name="Calls")).to_contain_text(FAILS)
    page.go_back()
    page.go_back()
    expect(page.locator("main")).to_contain_text("are drawn")


@pytest.mark.parametrize("path", ["/", "/services", "/traces", "/logs", "/service-map"])
def test_long_names_fit_a_phone(town: Server, open_page: OpenPage, path: str) -> None:
    """Neither the page nor its tables scroll sideways; filters unfold above the list."""
    page = open_page(town, path, phone=True)
    expect(page.locator("main")).to_contain_text(re.compile("branch|No lines"), timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = "[...document.querySelectorAll('.table-wrap')].filter(one => one.scrollWidth > one.clientWidth + 1).length"
    if path != "/":  # Home's last table, of what comes in, has seven columns of figures.
        assert page.evaluate(wide) == 0
    if path == "/traces":
        page.get_by_role("button", name="Filters").click()
        expect(page.get_by_role("complementary", name="Filters")).to_contain_text("Service")
    screenshot(page, f"town-phone-{path[1:]}")


def test_keys_bring_the_row_back_into_sight(town: Server, open_page: OpenPage) -> None:
    """However far one scrolled, the next `j` shows the row it picked; left folds what is below it, right unfolds."""
    root = bodies.span(name="import")
    above = bodies.span(name="batch", trace_id=root.trace_id, parent_span_id=root.span_id)
    rows = [bodies.span(name=f"row {at}", trace_id=root.trace_id, parent_span_id=above.span_id) for at in range(2000)]
    with town.door() as door:
        body = bodies.traces("loader", [root, above, *rows]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).is_success
    page = open_page(town, f"/traces/{root.trace_id.hex()}")
    grid = page.get_by_role("treegrid", name="Spans")
    expect(grid).to_be_visible(timeout=30_000)
    grid.evaluate("one => { one.scrollTop = 30000 }")
    expect(grid.get_by_role("row").first).not_to_contain_text("import")
    page.locator("body").press("j")
    expect(grid.get_by_role("row", selected=True)).to_be_in_viewport()
    expect(grid.get_by_role("row", selected=True)).to_contain_text("import")
    page.locator("body").press("ArrowLeft")
    expect(grid.get_by_role("row")).to_have_count(1)
    page.locator("body").press("ArrowRight")
    expect(grid.get_by_role("row").nth(2)).to_contain_text("row")


def test_a_store_that_hangs_is_told_at_once(empty_server: Server, open_page: OpenPage) -> None:
    """With the engine stopped in its tracks every page says so within seconds, long before its own answers fail."""
    send_visits(empty_server, 2)
    page = open_page(empty_server, "/send-data")
    expect(page.locator("main")).to_contain_text("Data is arriving", timeout=30_000)
    assert empty_server.process is not None
    children = psutil.Process(empty_server.process.pid).children()
    engine = next(child for child in children if "engine" in " ".join(child.cmdline()))
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Home", exact=True).click()
        page.get_by_role("button", name="Refresh now").click()
        trouble = page.get_by_role("alert").filter(has_text="Midwatch's store")
        expect(trouble).to_contain_text("What is sent is kept", timeout=20_000)
        expect(page.get_by_role("status").first).to_contain_text("wrong")
        assert time.monotonic() - began < 25
        screenshot(page, "store-hangs")
        trouble.get_by_role("link", name="System health").click()
        expect(page.locator("main")).to_contain_text("no answer within")
    finally:
        if engine.is_running():
            os.kill(engine.pid, signal.SIGCONT)
    expect(trouble).to_have_count(0, timeout=30_000)


def test_what_is_not_there_says_what_to_do(town: Server, open_page: OpenPage) -> None:
    """An address that leads nowhere keeps the frame; a service without data is no failure and leads further back."""
    page = open_page(town, "/no/such/page")
    expect(page.locator("main")).to_contain_text("Cannot find the page")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/services/nobody")
    expect(page.locator("main")).to_contain_text("Cannot find the service nobody", timeout=30_000)
    assert page.get_by_role("alert").count() == 0
    page.get_by_role("button", name="Look at the last 6 hours").click()
    expect(page).to_have_url(re.compile("start=now-6h"))


def test_menus_and_the_palette_have_names(town: Server, open_page: OpenPage) -> None:
    """axe finds nothing serious in what opens over a page; the palette puts first what begins with the typed word."""
    page = open_page(town, "/services")
    expect(page.locator("main")).to_contain_text("services", timeout=30_000)
    page.get_by_role("button", name="You").click()
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    assert accessibility_violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("s")
    expect(page.get_by_role("dialog", name="Command palette").get_by_role("option").first).to_have_text(
        re.compile("^S")
    )
    assert accessibility_violations(page) == []


def test_a_browser_key_is_made_where_it_is_needed(empty_server: Server, open_page: OpenPage) -> None:
    """The first-run page makes a key for the site's origin, and its code holds the real key."""
    page = open_page(empty_server, "/send-data")
    page.get_by_role("tab", name="Browser").click()
    page.get_by_role("textbox", name="Your site's origin").fill("https://shop.example/")
    page.get_by_role("button", name="Create browser key").click()
    expect(page.locator("main")).to_contain_text("takes data from https://shop.example alone")
    expect(page.locator("pre", has_text="WebTracerProvider")).to_contain_text("Bearer mwk_")
    with empty_server.api() as api:
        keys = api.get("/api/v1/keys").json()["keys"]
    assert ["https://shop.example"] in [key["origins"] for key in keys]
