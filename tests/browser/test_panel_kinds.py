"""Histograms and graphs of nodes on a board, in a browser, of what was really sent."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations, screenshot
from tests.browser.test_dashboards_page import imported, panel
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]

# Two hours: what was sent for all tests of this folder may be old when a machine is slow.
KINDS = """
title: Kinds of panels
uid: kinds-of-panels
panels:
  - {title: Depths, kind: histogram, query: 'last_over_time(queue_depth[2h])', options: {bucket_size: 10}}
  - {title: Times, kind: histogram, query: 'sum by (le) (shop_seconds_bucket)'}
  - title: Calls
    kind: nodeGraph
    queries:
      - promql: |
          label_replace(
            label_replace(last_over_time(queue_depth[2h]), "source", "$1", "job", "(.*)"), "target", "store", "", ""
          )
        format: table
        instant: true
  - {title: Services, kind: nodeGraph, traces: ""}
  - {title: Of one, kind: nodeGraph, traces: "service:storefront duration:>1s"}
  - {title: Long ago, kind: nodeGraph, traces: "", shift: 5d}
"""


@pytest.mark.parametrize("dark", [False, True])
def test_histograms_and_graphs_are_drawn(metered: Server, open_page: OpenPage, dark: bool) -> None:
    """Each of their sources: values, a histogram's own buckets, a table of edges, and what services call."""
    imported(metered, KINDS)
    page = open_page(metered, "/dashboards/kinds-of-panels?start=now-2h", dark=dark)
    for title in ("Depths", "Times"):
        expect(panel(page, title).get_by_role("img", name=title)).to_be_visible()
    calls = panel(page, "Calls").get_by_role("region", name="Graph of Calls")
    for words in ("api", "web", "store", "42"):
        expect(calls).to_contain_text(words)
    services = panel(page, "Services")
    services.scroll_into_view_if_needed()
    for words in ("storefront", "orders", "postgresql"):
        expect(services).to_contain_text(words)
    assert accessibility_violations(page) == []
    screenshot(page, f"panel-kinds-{'dark' if dark else 'light'}")


def test_a_graph_of_services_follows_its_panel(metered: Server, open_page: OpenPage) -> None:
    """Its search's services and the panel's own time; what cannot narrow it is said."""
    imported(metered, KINDS)
    page = open_page(metered, "/dashboards/kinds-of-panels?start=now-2h")
    one = panel(page, "Of one")
    one.scroll_into_view_if_needed()
    for words in ("storefront", "orders"):
        expect(one).to_contain_text(words)
    expect(one).not_to_contain_text("postgresql")
    expect(one.get_by_label("not by duration:>1s")).to_be_visible()
    panel(page, "Long ago").scroll_into_view_if_needed()
    expect(panel(page, "Long ago")).to_contain_text("No calls in this time range")


def test_graphs_and_legends_are_reached_by_keys(metered: Server, open_page: OpenPage) -> None:
    """Tab goes from node to node and brings out its edges; a name of a histogram's legend shows one alone."""
    imported(metered, KINDS)
    page = open_page(metered, "/dashboards/kinds-of-panels?start=now-2h")
    calls = panel(page, "Calls").get_by_role("region", name="Graph of Calls")
    calls.focus()
    page.keyboard.press("Tab")
    expect(calls.get_by_role("img", name="api; to store 42")).to_be_focused()
    assert calls.locator("[data-back=true]").count() == 1
    assert calls.locator("path[marker-end]").count() == 2
    names = panel(page, "Depths").get_by_role("listitem").get_by_role("button")
    names.first.focus()
    page.keyboard.press("Enter")
    expect(names.first).to_have_attribute("aria-pressed", "true")
    expect(names.last).to_have_attribute("aria-pressed", "false")
