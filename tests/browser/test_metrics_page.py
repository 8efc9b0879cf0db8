"""The Metrics page in a browser: from a name in the list to a chart, a table, a mistake, and what makes many series."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations, screenshot, send_depths
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]


@pytest.mark.parametrize("dark", [False, True])
def test_a_metric_from_the_list_is_a_query_a_chart_and_a_legend(
    metered: Server, open_page: OpenPage, dark: bool
) -> None:
    """A click on a counter asks for its rate, one on a gauge for its values; field and address have it."""
    page = open_page(metered, "/explore?start=now-10m", dark=dark)
    page.get_by_role("textbox", name="Filter metrics").fill("shop_requests")
    page.get_by_role("button", name=re.compile("^shop_requests_total")).click()
    expect(page.get_by_role("textbox", name="Query")).to_contain_text("rate(shop_requests_total")
    expect(page).to_have_url(re.compile(r"expr=.*shop_requests_total"))
    chart = page.get_by_role("figure")
    expect(chart.locator("canvas")).to_be_visible()
    page.get_by_role("textbox", name="Filter metrics").fill("queue")
    page.get_by_role("button", name=re.compile("^queue_depth")).click()
    for job in ("api", "web"):
        expect(chart.get_by_role("button", name=job)).to_be_visible()
    screenshot(page, f"metrics-{'dark' if dark else 'light'}")
    assert accessibility_violations(page) == []


def test_the_table_has_the_right_values(metered: Server, open_page: OpenPage) -> None:
    """An instant answer is a row a series, the greatest first."""
    send_depths(metered, [int(time.time())])
    page = open_page(metered, "/explore?start=now-10m&expr=queue_depth&view=table")
    rows = page.get_by_role("region", name="Result").locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("api")
    expect(rows.nth(0).locator("td").last).to_have_text("42")
    expect(rows.nth(1).locator("td").last).to_have_text("7")
    assert accessibility_violations(page) == []


def test_a_mistake_is_said_below_the_query(metered: Server, open_page: OpenPage) -> None:
    """A query that does not parse is answered where it stands, and mending it draws it."""
    page = open_page(metered, "/explore?start=now-10m&expr=rate(queue_depth[5m")
    query = page.get_by_role("region", name="Query")
    expect(query).to_contain_text("parse error")
    field = page.get_by_role("textbox", name="Query")
    field.fill("queue_depth")
    page.get_by_role("button", name="Run query").click()
    expect(query.locator("canvas")).to_be_visible()
    expect(query).not_to_contain_text("parse error")


def test_names_are_completed(metered: Server, open_page: OpenPage) -> None:
    """Typing a metric's beginning offers it, and a click takes it."""
    page = open_page(metered, "/explore?start=now-10m")
    field = page.get_by_role("textbox", name="Query")
    field.click()
    page.keyboard.type("queue_d", delay=30)
    page.get_by_role("option", name="queue_depth").click()
    expect(field).to_have_text("queue_depth")


def test_on_a_phone_nothing_is_cut(metered: Server, open_page: OpenPage) -> None:
    page = open_page(metered, "/explore?start=now-10m&expr=queue_depth", phone=True)
    expect(page.get_by_role("figure").locator("canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert accessibility_violations(page) == []
