"""Plan: what does not come as the plan declares it, what to do, what came when; and the mark on the service map."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.verify.telling import BAD, GOOD, PLAN, heartbeat, tell

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def planned(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a plan, one environment that is as it says and one that is not."""
    started = own_server(tmp_path_factory.mktemp("planned"))
    with started.api() as api:
        assert api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": PLAN}}).json()["ok"]
        tell(started, GOOD, good=True)
        tell(started, BAD, good=False)
        heartbeat(started, GOOD)
        params = {"query": "service:intruder OR service:mailer"}
        eventually(lambda: len(api.get("/api/v1/logs", params=params).json()["rows"]) == 2)
        eventually(lambda: len(api.get("/api/v1/services").json()["services"]) == 3)
        asked = {"query": "health_check_up"}
        eventually(lambda: len(api.get("/prometheus/api/v1/query", params=asked).json()["data"]["result"]) == 2)
    yield started
    started.stop()


def test_findings_say_what_to_do_and_lead_to_what_shows_them(planned: Server, open_page: Open) -> None:
    """Under the check that found them; an unknown event has a declaration to copy, and one click shows its lines."""
    page = open_page(planned, f"/plan?env={BAD}")
    page.get_by_role("heading", name="Log events", exact=True).wait_for()
    events = page.get_by_role("region", name="Log events", exact=True)
    unknown = events.get_by_role("listitem").filter(has_text="order.plaaced")
    expect(unknown).to_contain_text("the nearest is order.placed")
    expect(unknown).to_contain_text("order.plaaced:")
    expect(page.get_by_role("region", name="Correlation")).to_contain_text("api → worker")
    screenshot(page, "plan")
    assert accessibility_violations(page) == []
    page.get_by_role("radiogroup", name="Severity").get_by_text("Errors").click()
    expect(events.get_by_role("listitem").filter(has_text="order.paid")).to_contain_text("Ask billing")
    assert "severity=error" in page.url
    expect(unknown).to_have_count(0)
    page.go_back()
    unknown.get_by_role("link", name="Show").click()
    page.wait_for_url("**/logs?*")
    expect(page.get_by_text("order.plaaced").first).to_be_visible()
    assert f"env={BAD}" in page.url


def test_the_contract_shows_what_comes_and_what_does_not(planned: Server, open_page: Open) -> None:
    """Each declared thing with its state and when it came last; states and words narrow it, in the address too."""
    page = open_page(planned, f"/plan?env={BAD}&part=contract")
    table = page.get_by_role("region", name="Contract")
    expect(table.get_by_role("row").filter(has_text="refunds_total")).to_contain_text("Never")
    expect(table.get_by_role("row").filter(has_text="order.audited")).to_contain_text("Stopped")
    expect(table.get_by_role("row").filter(has_text="order.plaaced")).to_contain_text("Undeclared")
    screenshot(page, "plan-contract")
    assert accessibility_violations(page) == []
    page.get_by_label("Filter the contract").fill("metric orders")
    expect(table.get_by_role("row")).to_have_count(2)
    assert "filter=metric" in page.url
    page.get_by_label("Filter the contract").fill("nothing such")
    page.get_by_role("button", name="Show all").click()
    expect(table.get_by_role("row").filter(has_text="POST /orders")).to_be_visible()


def test_an_environment_that_is_as_declared_says_so(planned: Server, open_page: Open) -> None:
    """And it can be verified again."""
    page = open_page(planned, f"/plan?env={GOOD}")
    expect(page.get_by_text("All is as declared")).to_be_visible()
    page.get_by_role("button", name="Verify again").click()
    expect(page.get_by_text("All is as declared")).to_be_visible()
    page.get_by_role("link", name="The plan in force").click()
    expect(page.get_by_text('"log_events"').first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_all_of_it_is_readable(planned: Server, open_page: Open, dark: bool) -> None:
    """Nothing is wider than the screen."""
    page = open_page(planned, f"/plan?env={BAD}", phone=True, dark=dark)
    page.get_by_role("heading", name="Log events", exact=True).wait_for()
    screenshot(page, f"plan-phone-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert accessibility_violations(page) == []


def test_the_map_marks_where_a_correlation_id_gets_lost(planned: Server, open_page: Open) -> None:
    """On the call itself, in words above it, and in the table."""
    page = open_page(planned, f"/service-map?env={BAD}")
    told = page.get_by_text("worker has no correlation id where api has one, in 100 % of 40 traces. ")
    expect(told).to_be_visible()
    expect(page.get_by_text("⚠ id lost")).to_be_visible()
    screenshot(page, "plan-map")
    page.get_by_text("Table", exact=True).click()
    expect(page.get_by_role("region", name="Calls").get_by_text("⚠ id lost")).to_be_visible()
    page.get_by_role("link", name="What to do").click()
    expect(page.get_by_role("region", name="Correlation")).to_be_visible()


def test_without_a_plan_the_page_says_how_to_write_one(shop: Server, open_page: Open) -> None:
    """With the command that looks at what arrives."""
    page = open_page(shop, "/plan?part=contract")
    expect(page.get_by_text("midwatch init && midwatch apply")).to_be_visible()
