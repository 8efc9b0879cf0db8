"""Home, Services, one service, the map, Settings, Send data, SQL and the frame around them, in a browser."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import bodies
from tests.browser.conftest import (
    EMAIL,
    PASSWORD,
    accessibility_violations,
    screenshot,
    send_visits,
    violations_in_both_looks,
)
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
OpenPage = Callable[..., Page]

PAGES = {
    "/": "wrong",
    "/services": "storefront",
    "/services/orders": "reserve stock",
    "/service-map": "postgresql",
    "/settings": "ClickHouse",
    "/settings?tab=keys": "Create key",
    "/settings?tab=retention": "Save retention",
    "/settings?tab=users": EMAIL,
    "/settings?tab=audit": "What",
    "/send-data": "Data is arriving",
    "/sql": "Run query",
}


@pytest.mark.parametrize("path", PAGES)
def test_page_shows_its_data_and_axe_finds_nothing(shop: Server, open_page: OpenPage, path: str) -> None:
    """Each page shows real data, without console errors, and axe finds nothing serious in either look."""
    page = open_page(shop, path)
    expect(page.locator("main")).to_contain_text(PAGES[path])
    assert violations_in_both_looks(page, re.sub(r"[^a-z]+", "-", path)) == []


@pytest.mark.parametrize("path", ["/", "/services", "/services/orders", "/settings"])
def test_phone_layout_does_not_scroll_sideways(shop: Server, open_page: OpenPage, path: str) -> None:
    """At 390 pixels the page itself fits: only tables scroll inside themselves."""
    page = open_page(shop, path, phone=True)
    expect(page.locator("main")).to_contain_text(PAGES[path])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("navigation", name="Short")).to_be_visible()
    screenshot(page, f"phone-{re.sub(r'[^a-z]+', '-', path)}")


def test_the_open_tab_of_settings_is_in_sight_on_a_phone(shop: Server, open_page: OpenPage) -> None:
    """Its parts are one row that scrolls."""
    page = open_page(shop, "/settings?tab=plan", phone=True)
    views = page.get_by_role("navigation", name="Settings")
    expect(views.get_by_role("link", name="Plan", exact=True)).to_be_in_viewport()
    tabs = views.get_by_role("link")
    expect(tabs.first).to_be_attached()
    assert len({box["y"] for box in (tab.bounding_box() for tab in tabs.all()) if box is not None}) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_first_run_turns_green_when_data_arrives(empty_server: Server, open_page: OpenPage) -> None:
    """An empty store leads from Home to the page that shows how to send, which turns by itself."""
    page = open_page(empty_server, "/")
    expect(page).to_have_url(re.compile("/send-data"))
    expect(page.locator("main")).to_contain_text("Waiting for the first data")
    send_visits(empty_server, 2)
    expect(page.locator("main")).to_contain_text("Data is arriving")


def test_home_answers_anew_by_itself(empty_server: Server, open_page: OpenPage) -> None:
    """Open on a screen, it shows who fails since then without being asked, with its page not live."""
    send_visits(empty_server, 4)
    page = open_page(empty_server, "/")
    services = page.get_by_role("region", name="Failing and busy services")
    expect(services.locator("tbody tr")).to_have_count(2)
    paid = bodies.traces("payments", [bodies.span(name="pay")])
    with empty_server.door() as door:
        assert door.post("/v1/traces", params={"wait": "visible"}, content=paid.SerializeToString()).is_success
    expect(services.locator("tbody tr")).to_have_count(3)
    expect(services).to_contain_text("payments")


PROGRAM = """
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
provider.get_tracer("test").start_span("hello").end()
"""


def test_what_the_first_run_page_shows_works_as_it_is_copied(empty_server: Server, open_page: OpenPage) -> None:
    """The curl command runs as it stands; a Python program sends with nothing but the environment that is shown."""
    page = open_page(empty_server, "/send-data")
    environment = page.locator("pre", has_text="OTEL_EXPORTER_OTLP_ENDPOINT").inner_text()
    settings = "\n".join(line for line in environment.splitlines() if line.startswith("export "))
    page.get_by_role("tab", name="curl").click()
    command = page.locator("pre", has_text="curl").inner_text()
    expect(page.locator("main")).to_contain_text("Waiting for the first data")
    for script in (command, f"{settings}\n{shlex.quote(sys.executable)} -c {shlex.quote(PROGRAM)}"):
        done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    expect(page.locator("main")).to_contain_text("Data is arriving", timeout=30_000)
    arrived = page.locator("main").get_by_role("listitem")
    expect(arrived.filter(has_text="logs")).to_contain_text("curl")
    expect(arrived.filter(has_text="traces")).to_contain_text("my-service")


def test_signing_in_leads_back_to_the_page_asked_for(shop: Server, open_page: OpenPage) -> None:
    """Without a session every address leads to the sign-in page, and from there back; a wrong password says so."""
    page = open_page(shop, "/services?filter=ord", signed_in=False)
    expect(page).to_have_url(re.compile("/signin"))
    assert accessibility_violations(page) == []
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/services\?filter=ord"))


def test_everything_is_reached_by_keys(shop: Server, open_page: OpenPage) -> None:
    """`g` and a letter go, `/` filters, j and Enter open a service, `t` and `?` open, Ctrl-K finds, Esc closes."""
    page = open_page(shop, "/")
    expect(page.locator("main")).to_contain_text("orders")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("/services$"))
    expect(page.get_by_label("Filter services")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.keyboard.press("/")
    expect(page.get_by_label("Filter services")).to_be_focused()
    page.keyboard.type("ord")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_label("Filter services")).not_to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/services/orders"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Command palette")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("last 6 hours")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("start=now-6h"))


def test_dragging_zooms_and_back_returns(shop: Server, open_page: OpenPage) -> None:
    """Dragging over a chart sets the range of the page; the browser's back button takes it back."""
    page = open_page(shop, "/services/orders")
    chart = page.locator("figure canvas").first
    expect(chart).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.6, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"start=\d{4}-"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("start="))


def test_sql_runs_and_refuses_by_name(shop: Server, open_page: OpenPage) -> None:
    """A SELECT shows rows; what is not allowed is refused with the reason."""
    page = open_page(shop, "/sql")
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("region", name="Result")).to_contain_text("orders")
    page.goto("/sql?sql=SELECT+*+FROM+file('/etc/passwd')")
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("alert")).to_contain_text("file")


def test_a_slow_statement_tells_its_time_and_is_cancelled(shop: Server, open_page: OpenPage) -> None:
    """After a second the page says how long it has been, and Cancel ends it; the next statement runs."""
    page = open_page(shop, "/sql")
    tables = " CROSS JOIN ".join(f"spans AS {name}" for name in "abcdef")
    page.goto(f"/sql?sql=SELECT count() FROM {tables} WHERE a.Duration %2B b.Duration > c.Duration")
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("status").filter(has_text="Still running the query")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("The query was cancelled")
    page.goto("/sql?sql=SELECT a.SpanName FROM spans AS a CROSS JOIN spans AS b CROSS JOIN spans AS c")
    page.get_by_role("button", name="Run query").click()
    expect(page.locator("main")).to_contain_text("10,000 rows")
    expect(page.locator("main")).to_contain_text("add a LIMIT")
    assert page.locator("tbody tr").count() < 150


def test_a_key_is_made_and_shown_once(shop: Server, open_page: OpenPage) -> None:
    """A new ingest key is shown whole once and then by its first characters."""
    page = open_page(shop, "/settings?tab=keys")
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("textbox", name="Name").fill("checkout")
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    expect(page.get_by_role("dialog", name="The new key")).to_contain_text("mwk_")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("region", name="Ingest keys")).to_contain_text("checkout")


def test_a_broken_server_is_named_with_its_request(shop: Server, open_page: OpenPage) -> None:
    """When a request fails the page says what failed and its request id, and the frame stays."""
    page = open_page(shop, "/settings")
    expect(page.locator("main")).to_contain_text("ClickHouse")
    problem = '{"error": "the store does not answer", "code": "internal", "request_id": "req-1"}'
    page.route("**/api/v1/services?*", lambda route: route.fulfill(status=500, body=problem))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Services").click()
    expect(page.get_by_role("alert")).to_contain_text("The store does not answer")
    expect(page.get_by_role("alert")).to_contain_text("req-1")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_the_query_of_a_chart_is_one_click_away(shop: Server, open_page: OpenPage) -> None:
    """Each chart leads to a statement that gives its figures."""
    for chart in ("Requests", "Errors", "Duration"):
        page = open_page(shop, "/services/orders")
        page.get_by_role("link", name=f"Query of {chart}").click()
        expect(page).to_have_url(re.compile("/sql"))
        page.get_by_role("button", name="Run query").click()
        expect(page.get_by_role("region", name="Result").locator("tbody tr").first).to_be_visible()


def test_hundreds_of_services_are_a_window(empty_server: Server, open_page: OpenPage) -> None:
    """Of a very long table only the rows in sight are in the document; keys bring the next ones into sight."""
    with empty_server.door() as door:
        request = bodies.traces("service-0", [bodies.span()])
        for at in range(1, 500):
            request.MergeFrom(bodies.traces(f"service-{at}", [bodies.span()]))
        assert door.post("/v1/traces", params={"wait": "visible"}, content=request.SerializeToString()).is_success
    page = open_page(empty_server, "/services?sort=name")
    expect(page.locator("main")).to_contain_text("500 services")
    assert page.locator("tbody tr").count() < 100
    for _ in range(60):
        page.keyboard.press("j")
    expect(page.get_by_role("row", selected=True)).to_be_in_viewport()


def test_a_stopped_server_is_named_and_old_data_stays(empty_server: Server, open_page: OpenPage) -> None:
    """With the server gone under it the page keeps what it has and says that it is older."""
    send_visits(empty_server, 3)
    page = open_page(empty_server, "/services")
    expect(page.locator("tbody")).to_contain_text("orders")
    empty_server.stop()
    page.get_by_role("button", name="Refresh now").click()
    expect(page.locator("main")).to_contain_text("What you see is older", timeout=40_000)
    expect(page.locator("main")).to_contain_text("is the server running?")
    expect(page.locator("tbody")).to_contain_text("orders")
