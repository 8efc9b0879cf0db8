"""The page of what was private in what came: after some came, and over an empty store."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import bodies
from tests.browser.conftest import accessibility_violations, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
OpenPage = Callable[..., Page]


def test_leaks_are_listed_by_what_and_where(server: Server, open_page: OpenPage) -> None:
    """Counts and places, narrowed to a service by an address; never a value."""
    records: list[dict[str, Any]] = [{"body": "mail ann@leak.example", "attributes": {"password": "hunter2"}}] * 3
    for service in ("leaky-shop", "leaky-worker"):
        with server.door() as door:
            content = bodies.logs(service, records).SerializeToString()
            assert door.post("/v1/logs", params={"wait": "visible"}, content=content).status_code == 200
    page = open_page(server, "/privacy")
    table = page.get_by_role("table", name="Leaks")
    expect(table.get_by_role("row", name="E-mail address leaky-shop Body")).to_contain_text("3")
    expect(table.get_by_role("row", name="LogAttributes · password").first).to_be_visible()
    screenshot(page, "privacy")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="leaky-worker").click()
    expect(table.get_by_role("row", name="leaky-shop")).to_have_count(0)
    expect(page).to_have_url(lambda url: "service=leaky-worker" in url)
    assert "leak.example" not in page.content()
    assert "hunter2" not in page.content()
    phone = open_page(server, "/privacy?service=leaky-shop", phone=True, dark=True)
    expect(phone.get_by_role("table", name="Leaks")).to_be_visible()
    screenshot(phone, "privacy-phone-dark")


def test_an_empty_store_says_that_nothing_private_came(empty_server: Server, open_page: OpenPage) -> None:
    page = open_page(empty_server, "/privacy")
    expect(page.get_by_text("Nothing private came")).to_be_visible()
