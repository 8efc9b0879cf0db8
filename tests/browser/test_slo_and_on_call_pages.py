"""Objectives and who is on call in a browser, over a server whose plan has both."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]


def test_objectives_and_who_is_on_call(watched: Server, open_page: OpenPage) -> None:
    """Budgets open with their history, burn rates and rules; a composed objective is put in force. The calendar
    says who is on duty, an override changes it and can be taken back; it fits a phone."""
    page = open_page(watched, "/alerts/slos", dark=True)
    rows = page.get_by_role("region", name="Objectives").locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="shop availability").click()
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("figure", name=re.compile("Budget left, over 7 d"))).to_be_visible()
    expect(details.get_by_role("region", name="Burn rates by window").locator("tbody tr")).to_have_count(4)
    expect(details.locator("pre")).to_contain_text("alert: availabilityFails")
    screenshot(page, "slos")
    assert accessibility_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Compose an SLO").click()
    page.get_by_text("Fast enough").click()
    page.get_by_role("textbox", name="Which of its series").fill('job="web"')
    expect(page.locator("pre").first).to_contain_text(
        'sum(rate(http_request_duration_seconds_bucket{job="web",le="0.5"}[{{.window}}]))'
    )
    expect(page.get_by_text("find no events in the last hour")).to_be_visible()
    page.get_by_role("textbox", name="Runbook").fill("https://example.test/fast")
    page.get_by_role("button", name="Put it in force").click()
    expect(page.get_by_text("has an objective of this service and name")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("fast")
    page.get_by_role("button", name="Put it in force").click()
    expect(page.get_by_text("It is in force")).to_be_visible()
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="it stands in the list").click()
    expect(rows).to_have_count(3)
    _on_call(open_page(watched, "/alerts/on-call"))
    phone = open_page(watched, "/alerts/on-call?schedule=second", phone=True)
    expect(phone.get_by_role("group", name=re.compile("Week of"))).to_have_count(4)
    screenshot(phone, "on-call-phone")
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert accessibility_violations(phone) == []


def _on_call(page: Page) -> None:
    schedules = page.get_by_role("region", name="Schedules").locator("tbody tr")
    expect(schedules.first).to_contain_text("Ana Ortiz")
    weeks = page.get_by_role("group", name=re.compile("Week of"))
    expect(weeks).to_have_count(4)
    expect(weeks.first).to_contain_text("Ana Ortiz")
    expect(page.get_by_role("list", name="Steps of page").locator("li")).to_have_text(
        [re.compile("at once.*primary"), re.compile("after 10 min.*Bo Lind")]
    )
    page.get_by_role("button", name="Add override").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Who is on duty instead").first.click()
    page.get_by_role("option", name="Bo Lind").click()
    form.get_by_role("textbox", name="Why").fill("Ana is away")
    form.get_by_role("button", name="Add override").click()
    expect(page.get_by_role("region", name="Overrides", exact=True)).to_contain_text("Ana is away")
    expect(schedules.first).to_contain_text("Bo Lind")
    expect(weeks.first.get_by_role("button", name=re.compile("^Bo Lind.*override"))).to_be_visible()
    screenshot(page, "on-call")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Delete override").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete override").click()
    expect(page.get_by_text("Nobody stands in for anybody.")).to_be_visible()
    expect(schedules.first).to_contain_text("Ana Ortiz")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("schedule=second"))
    expect(page.get_by_role("region", name="Calendar of second")).to_contain_text("/on-call/second/calendar.ics")
