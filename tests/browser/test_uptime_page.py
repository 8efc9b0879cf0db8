"""Uptime in a browser: probes, heartbeats and the status page, over a server that probes a site."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
LOOKS_AGAIN_MS = 20_000
"""The pages ask every five seconds."""


def test_what_is_looked_at_from_outside(watched: Server, open_page: OpenPage) -> None:
    """Probes are listed with what is wrong first and walked by keys; a heartbeat's ping is seen; an incident is opened,
    read by the public, and resolved. Each view has an address, and axe finds nothing serious in any."""
    page = open_page(watched, "/")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("u")
    rows = page.get_by_role("region", name="Probes").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("database")
    expect(rows.first).to_contain_text("down")
    screenshot(page, "uptime-probes")
    assert accessibility_violations(page) == []
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    details = page.get_by_role("complementary", name="Details")
    expect(details).to_contain_text("upsince")
    expect(page).to_have_url(re.compile("open=shop"))
    details.get_by_role("button", name="Ask now").click()
    expect(details).to_contain_text("answered after")
    page.keyboard.press("Escape")
    expect(details).to_have_count(0)
    page.go_back()
    expect(details).to_contain_text("this server")
    page.goto("/uptime?state=down")
    expect(rows).to_have_count(1)
    page.get_by_role("textbox", name="Filter probes").fill("nothing")
    page.get_by_role("button", name="Show all probes").click()
    expect(rows).to_have_count(2)
    _heartbeats(watched, page)
    _status_page(watched, page)


def _heartbeats(watched: Server, page: Page) -> None:
    page.get_by_role("navigation", name="Uptime").get_by_role("link", name="Heartbeats").click()
    page.get_by_role("button", name="backup").click()
    details = page.get_by_role("complementary", name="Details")
    command = details.locator("pre").inner_text()
    found = re.search(r"http\S+/ping/\S+", command)
    assert found is not None, command
    url = found[0]
    assert httpx.get(f"{url}/start").is_success
    assert httpx.post(f"{url}/fail", content=b"disk full").is_success
    expect(details).to_contain_text("disk full", timeout=LOOKS_AGAIN_MS)
    expect(page.get_by_role("region", name="Heartbeats").locator("tbody tr").first).to_contain_text("failed")
    screenshot(page, "uptime-heartbeat")
    assert accessibility_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add heartbeat").click()
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill("sweeper")
    form.get_by_role("button", name="Add heartbeat").click()
    expect(details).to_contain_text("this page")
    details.get_by_role("button", name="Delete heartbeat").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete heartbeat").click()
    expect(details).to_have_count(0)
    expect(page.get_by_role("button", name="sweeper")).to_have_count(0)


def _status_page(watched: Server, page: Page) -> None:
    page.get_by_role("navigation", name="Uptime").get_by_role("link", name="Status page").click()
    page.get_by_role("button", name="Create status page").click()
    page.get_by_role("textbox", name="Title").fill("Shop status")
    page.get_by_role("button", name="Add component").click()
    page.get_by_role("textbox", name="Name").fill("Website")
    page.get_by_label("Probes").first.click()
    page.get_by_role("option", name="shop").click()
    page.keyboard.press("Escape")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Save status page").click()
    expect(page.get_by_role("row", name="Website")).to_contain_text("operational", timeout=LOOKS_AGAIN_MS)
    page.get_by_role("button", name="Open incident").click()
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Title").fill("Checkout fails")
    form.get_by_role("textbox", name="What the public reads").fill("We look into it.")
    form.get_by_role("button", name="Open incident").click()
    now = page.get_by_role("region", name="Now")
    expect(now).to_contain_text("investigating")
    assert "Checkout fails" in httpx.get(f"{watched.url}/status").text
    screenshot(page, "uptime-status")
    assert accessibility_violations(page) == []
    now.get_by_role("button", name="Resolve incident").click()
    form.get_by_role("textbox", name="What the public reads").fill("It works again.")
    form.get_by_role("button", name="Tell").click()
    expect(page.get_by_role("region", name="Past 90 days")).to_contain_text("It works again.")
    expect(now).not_to_contain_text("Checkout fails")
