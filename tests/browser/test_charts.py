"""Charts in a browser: one crosshair for all of a page, zoom by dragging and back by a double click, and the legend."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
CHARTS = ("Requests", "Errors", "Duration")
MOMENT = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:00")
"""What stands at the crosshair's head."""


@pytest.fixture
def page(shop: Server, open_page: OpenPage) -> Page:
    opened = open_page(shop, "/services/orders")
    for title in CHARTS:
        expect(_canvas(opened, title)).to_be_visible()
    return opened


def _chart(page: Page, title: str) -> Locator:
    return page.get_by_role("figure", name=title)


def _canvas(page: Page, title: str) -> Locator:
    return _chart(page, title).locator("canvas").first


def _box(page: Page, title: str) -> FloatRect:
    box = _canvas(page, title).bounding_box()
    assert box is not None
    return box


def test_the_crosshair_runs_through_all_charts(page: Page) -> None:
    """Pointing at one chart tells the figures of the same moment in all three; leaving it ends that in all."""
    box = _box(page, "Requests")
    tips = [_chart(page, title).get_by_text(MOMENT) for title in CHARTS]
    for share in (0.9, 0.95):

        def pointed(share: float = share) -> bool:
            # A hand is never quite still: what was drawn anew meanwhile hears of the next move.
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=3)
            return all(tip.is_visible() for tip in tips)

        eventually(pointed)
        assert len({tip.inner_text() for tip in tips}) == 1
    page.mouse.move(2, 2)
    for title in CHARTS:
        expect(_chart(page, title).get_by_text(MOMENT)).to_be_hidden()


def test_dragging_zooms_and_a_double_click_zooms_back(page: Page) -> None:
    """Of two zooms the double click takes back one after the other."""
    ranges = [page.url]
    for title in ("Requests", "Duration"):
        box = _box(page, title)
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.4, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
        page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=4)
        page.mouse.up()
        expect(page).not_to_have_url(ranges[-1])
        expect(page).to_have_url(re.compile(r"start=\d{4}-"))
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)
        ranges.append(page.url)
    for before in reversed(ranges[:-1]):
        _canvas(page, "Errors").dblclick(position={"x": 150, "y": 60})
        expect(page).to_have_url(before)
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)


def test_the_legend_shows_one_alone_and_adds_others(page: Page) -> None:
    """A click shows one series alone, with Ctrl it adds another, and a click on one that is alone brings all back."""
    chart = _chart(page, "Duration")

    def shown() -> list[str]:
        chart.get_by_role("button", name="Table of Duration").click()
        heads = chart.get_by_role("region", name="Values").get_by_role("columnheader").all_inner_texts()
        chart.get_by_role("button", name="Chart of Duration").click()
        return heads[1:]

    everything = shown()
    assert everything == ["p50", "p95", "p99", "p95 before"]
    chart.get_by_role("button", name="p95", exact=True).click()
    expect(chart.get_by_role("button", name="p50", exact=True)).to_have_attribute("aria-pressed", "false")
    assert shown() == ["p95"]
    chart.get_by_role("button", name="p99", exact=True).click(modifiers=["Control"])
    assert shown() == ["p95", "p99"]
    chart.get_by_role("button", name="p99", exact=True).click(modifiers=["Control"])
    chart.get_by_role("button", name="p95", exact=True).click()
    assert shown() == everything
