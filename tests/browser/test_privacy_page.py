"""The page of what was private in what came: after some came, and over an empty store."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import bodies
from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def own(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = own_server(tmp_path_factory.mktemp("privacy-page"))
    yield started
    started.stop()


def test_an_empty_store_says_that_nothing_private_came(own: Server, open_page: OpenPage) -> None:
    page = open_page(own, "/privacy")
    expect(page.get_by_text("Nothing private came")).to_be_visible()


def test_leaks_are_listed_by_what_and_where(own: Server, open_page: OpenPage) -> None:
    """Counts and places, narrowed to a service by an address; never a value."""
    records: list[dict[str, Any]] = [{"body": "mail ann@leak.example", "attributes": {"password": "hunter2"}}] * 3
    for service in ("leaky-shop", "leaky-worker"):
        with own.door() as door:
            content = bodies.logs(service, records).SerializeToString()
            assert door.post("/v1/logs", params={"wait": "visible"}, content=content).status_code == 200
    page = open_page(own, "/privacy")
    table = page.get_by_role("region", name="Leaks")
    expect(table.get_by_role("row", name="E-mail address leaky-shop Body")).to_contain_text("3")
    expect(table.get_by_role("row", name="LogAttributes · password").first).to_be_visible()
    screenshot(page, "privacy")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="leaky-worker").click()
    expect(table.get_by_role("row", name="leaky-shop")).to_have_count(0)
    expect(page).to_have_url(re.compile("service=leaky-worker"))
    assert "leak.example" not in page.content()
    assert "hunter2" not in page.content()
    phone = open_page(own, "/privacy?service=leaky-shop", phone=True, dark=True)
    expect(phone.get_by_role("region", name="Leaks")).to_be_visible()
    screenshot(phone, "privacy-phone-dark")
