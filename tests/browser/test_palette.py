"""The command palette: every view that has an address is a word away."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]


def test_views_below_a_place_and_dashboards_are_found(shop: Server, open_page: Callable[..., Page]) -> None:
    """Targets and cardinality of metrics, a part of the settings, and a board by its title."""
    page = open_page(shop, "/settings?tab=keys")
    expect(page.get_by_role("navigation", name="Settings").get_by_role("link", name="Keys", exact=True)).to_be_visible()
    for typed, first, address, shown in (
        ("targets", "Targets", r"/explore/targets", "Metrics"),
        ("cardinality", "Cardinality", r"/explore/cardinality", "Metrics"),
        ("settings audit", "Audit log", r"/settings\?.*tab=audit", "Settings"),
        ("ingest", "Ingest health", r"/dashboards/midwatch-ingest", "Ingest health"),
        ("metrics", "Metrics", r"/explore(\?.*)?$", "Metrics"),
    ):
        page.keyboard.press("Control+k")
        palette = page.get_by_role("dialog", name="Command palette")
        palette.get_by_role("combobox", name="Command").fill(typed)
        expect(palette.get_by_role("option").first).to_contain_text(first)
        if typed == "ingest":
            assert accessibility_violations(page) == []
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(address))
        expect(page.get_by_role("heading", level=1)).to_contain_text(shown)
