"""The page of what browsers measured: over a day of a shop's visits, and over an empty store."""

import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile/15E1 Safari/604.1"
VISITS = 60


@pytest.fixture(scope="module")
def measured(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Sixty visits of the last fifty minutes: the checkout is slow, above all on phones."""
    started = own_server(tmp_path_factory.mktemp("vitals"))
    send_visits(started)
    yield started
    started.stop()


def send_visits(server: Server) -> None:
    now = time.time_ns()
    logs, traces = ExportLogsServiceRequest(), ExportTraceServiceRequest()
    for at in range(VISITS):
        begun = now - (at + 1) * 50 * 10**9
        phone = at % 3 == 0
        path = ("/", f"/products/{4000 + at}", "/checkout")[at % 3 if at % 2 else 2]
        slow = 3.2 if path == "/checkout" else 1.0
        agent = PHONE if phone else CHROME
        trace_id, span_id = secrets.token_bytes(16), secrets.token_bytes(8)
        resource = {"service.name": "shop-web", "service.version": f"shop@1.{at // 40}", "user_agent.original": agent}
        spans = traces.resource_spans.add()
        put(spans.resource, resource)
        span = spans.scope_spans.add().spans.add(trace_id=trace_id, span_id=span_id, name=path, kind=1)
        span.start_time_unix_nano, span.end_time_unix_nano = begun, begun + int(2e9 * slow)
        put(span, {"sentry.op": "pageload", "url.path": path, "user.id": f"u-{at % 7}"})
        records = logs.resource_logs.add()
        put(records.resource, resource)
        scope = records.scope_logs.add()
        values = {
            "lcp": 1300 * slow + 9 * at,
            "inp": 90 * slow,
            "cls": 0.03 * slow,
            "fcp": 900 * slow,
            "ttfb": 210 * slow,
        }
        for name, value in values.items():
            record = scope.log_records.add(time_unix_nano=begun + 10**9, event_name="browser.web_vital")
            record.trace_id, record.span_id = trace_id, span_id
            put(record, {"browser.web_vital.name": name, "browser.web_vital.value": value})
            put(record, {"browser.web_vital.id": f"v5-{at}-{name}", "url.path": path, "user.id": f"u-{at % 7}"})
            put(record, {"session.id": f"s-{at // 2}", "browser.web_vital.lcp.element": "main > img.hero"})
    for path_, body in (("/v1/logs", logs), ("/v1/traces", traces)):
        with server.door() as door:
            answer = door.post(path_, params={"wait": "visible"}, content=body.SerializeToString())
        assert answer.is_success, answer.text


def put(message: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        pair = message.attributes.add(key=key)
        if isinstance(value, str):
            pair.value.string_value = value
        else:
            pair.value.double_value = value


def test_six_vitals_worst_routes_first_and_from_a_measurement_to_its_trace(
    measured: Server, open_page: OpenPage
) -> None:
    page = open_page(measured, "/vitals")
    tiles = page.get_by_role("group", name="Web vitals")
    lcp = tiles.get_by_role("button", name="LCP")
    expect(lcp).to_have_attribute("aria-pressed", "true")
    expect(lcp).to_contain_text("poor")
    expect(tiles.get_by_role("button", name="FID")).to_contain_text("not measured by newer SDKs")
    routes = page.get_by_role("region", name="Vitals by route")
    names = routes.locator("tbody button.row-open")
    expect(names).to_have_text(["/checkout", "/", "/products/*"])
    screenshot(page, "vitals")
    loads = page.get_by_role("region", name="Page loads and navigations")
    expect(loads.get_by_role("status")).to_have_text("50 page loads")
    loads.get_by_role("button", name="Show more").click()
    expect(loads.get_by_role("status")).to_have_text("60 page loads")
    assert accessibility_violations(page) == []

    tiles.get_by_role("button", name="TTFB").click()
    page.wait_for_url("**vital=ttfb**")
    expect(page.get_by_role("figure", name="p75 of time to first byte")).to_be_visible()
    page.get_by_role("combobox", name="Device").click()
    page.get_by_role("option", name="mobile").click()
    page.wait_for_url("**device=mobile**")
    expect(names).to_have_text(["/checkout", "/"])

    names.first.click()
    drawer = page.get_by_role("complementary", name="Details")
    expect(drawer.get_by_role("heading", name="/checkout")).to_be_visible()
    drawer.get_by_role("radiogroup", name="Vital").get_by_text("LCP").click()
    first = drawer.get_by_role("region", name="Single measurements").locator("tbody tr").first
    expect(first).to_contain_text("Safari, mobile")
    expect(first).to_contain_text("main > img.hero")
    screenshot(page, "vitals-route")
    assert accessibility_violations(page) == []
    first.get_by_role("link").click()
    page.wait_for_url("**/traces/*")
    expect(page.get_by_text("/checkout").first).to_be_visible()


def test_it_fits_a_phone_in_the_dark(measured: Server, open_page: OpenPage) -> None:
    page = open_page(measured, "/vitals?service=shop-web&release=shop%401.0", phone=True, dark=True)
    expect(page.get_by_role("region", name="Vitals by route").locator("tbody tr")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, "vitals-phone")
    assert accessibility_violations(page) == []


def test_where_nothing_was_measured_it_says_how_to_begin(shop: Server, open_page: OpenPage) -> None:
    page = open_page(shop, "/vitals")
    expect(page.get_by_text("No measurements in this time range")).to_be_visible()
    expect(page.get_by_text('from "@sentry/browser"')).to_be_visible()
    expect(page.get_by_text("experimental/web-vitals")).to_be_visible()
    screenshot(page, "vitals-empty")
    assert accessibility_violations(page) == []
