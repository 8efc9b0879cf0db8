"""The Releases page in a browser: from nothing to a release that half of the sessions run, and its deploy on charts."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import bodies
from tests.browser.conftest import accessibility_violations, screenshot, send_visits
from tests.conftest import Server
from tests.integration.releases.test_releases import session

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
SHA = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
OLDER = 12


def send_releases(server: Server) -> None:
    """shop@2.0 with 20 sessions of which 3 crashed; shop@1.0 with 20 good ones; a dozen older ones that nobody runs."""
    now = time.time_ns()
    with server.door() as door:
        for version, crashed in (("shop@1.0", 0), ("shop@2.0", 3)):
            records = [
                {
                    **session("crashed" if at < crashed else "exited", f"{version}-{at}"),
                    "time_unix_nano": now - at * 10**11,
                }
                for at in range(20)
            ]
            body = bodies.logs("web", records, **{"service.version": version}).SerializeToString()
            assert door.post("/v1/logs", params={"wait": "visible"}, content=body).status_code == 200
    with server.api() as api:
        for at in range(OLDER):
            api.post("/api/v1/releases", json={"version": f"shop@0.{at}"})
        commit: dict[str, Any] = {
            "sha": SHA,
            "author": "Grace",
            "message": "cards are charged\n\nwhy",
            "files": ["a.ts"],
        }
        made = {"version": "shop@2.0", "url": "https://ci.example/7", "commits": [commit]}
        assert api.post("/api/v1/releases", json=made).status_code == 204
        for service in ("storefront", "other"):
            deploy = {"version": "shop@2.0", "environment": "production", "service": service, "finished": "now-5m"}
            assert api.post("/api/v1/deploys", json=deploy).status_code == 201


def test_releases(empty_server: Server, open_page: OpenPage) -> None:
    """Empty with what to do next; then the list, one release, on a phone, and its deploy on a service's charts."""
    page = open_page(empty_server, "/releases")
    page.get_by_role("button", name="Show how to send them").click()
    expect(page.get_by_role("heading", name="Source maps and deploys")).to_be_visible()
    expect(page.get_by_text(f"SENTRY_URL={empty_server.url}")).to_be_visible()
    assert accessibility_violations(page) == []
    screenshot(page, "releases-how")

    send_releases(empty_server)
    send_visits(empty_server, 10)
    page.goto("/releases")
    table = page.get_by_role("region", name="Releases", exact=True)
    row = table.locator("tbody tr", has_text="shop@2.0")
    expect(row).to_contain_text("50 %")
    expect(row).to_contain_text("85 %")
    expect(row).to_contain_text("production")
    expect(table.locator("tbody tr", has_text="shop@1.0")).to_contain_text("100 %")
    expect(table.locator("tbody tr", has_text="shop@0.3")).to_contain_text("–")
    assert accessibility_violations(page) == []
    screenshot(page, "releases")

    row.get_by_role("button").click()
    drawer = page.get_by_role("complementary", name="Details")
    for text in ("Crash-free sessions", "85 %", "No issue was first seen in it.", "cards are charged", "ci.example"):
        expect(drawer.get_by_text(text).first).to_be_visible()
    expect(drawer.get_by_role("region", name="Table of deploys")).to_contain_text("storefront")
    expect(drawer.get_by_role("figure", name="Adoption")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Back to the list")).to_be_visible()
    assert accessibility_violations(page) == []
    screenshot(page, "release")
    page.reload()
    expect(page.get_by_role("heading", name="shop@2.0")).to_be_visible()

    page.goto("/releases?filter=0.1")
    expect(table.locator("tbody tr")).to_have_count(3)

    with page.expect_response(lambda answer: "/api/v1/deploys?" in answer.url) as asked:
        page.goto("/services/storefront")
    assert [one["service"] for one in asked.value.json()["deploys"]] == ["storefront"]
    expect(page.get_by_role("figure", name="Requests")).to_be_visible()
    screenshot(page, "service-deploy")

    phone = open_page(empty_server, "/releases", phone=True, dark=True)
    expect(phone.get_by_text("shop@2.0")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(phone, "releases-phone")
