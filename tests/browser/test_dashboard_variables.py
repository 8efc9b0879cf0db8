"""A board's variables changed in a browser: each kind with what it comes to now, their order, and another name."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_violations, screenshot
from tests.browser.test_dashboard_editing import board, kept, saved
from tests.browser.test_dashboards_page import imported, panel
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
PANELS = "  - {title: Depth of $job, kind: stat, query: 'sum(queue_depth{job=~\"$job\"})'}\n"
JOB = "variables:\n  job: {query: 'label_values(queue_depth, job)'}"


@pytest.fixture
def shown(metered: Server, request: pytest.FixtureRequest) -> tuple[Server, str]:
    """A board that asks with `$job`, of which there are `api` and `web`."""
    uid = re.sub(r"\W+", "-", request.node.name)[:60]
    imported(metered, board(PANELS, uid, JOB))
    return metered, uid


def variables(server: Server, uid: str) -> list[Any]:
    return list(kept(server, uid)["dashboard"]["variables"])


def add(page: Page, name: str, kind: str) -> None:
    page.get_by_role("button", name="Add variable").first.click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("combobox", name="Kind", exact=True).click()
    page.get_by_role("option", name=kind, exact=True).click()


@pytest.mark.parametrize("dark", [False, True])
def test_a_query_is_changed_with_its_values_beside_it(
    shown: tuple[Server, str], open_page: OpenPage, dark: bool
) -> None:
    """Values follow the query; a mistake is told in their place; what asked by its name asks by its new one."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}", dark=dark)
    panel(page, "Depth of api").get_by_text("42").wait_for()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Variables").click()
    now = page.get_by_role("region", name="Values now")
    expect(now.get_by_role("list", name="Values").get_by_role("listitem")).to_have_text(["api", "web"])
    expect(now.locator("code")).to_have_text("api")
    page.get_by_role("textbox", name="Only those that fit").fill("w.*")
    expect(now.get_by_role("listitem")).to_have_text(["web"])
    series = page.get_by_role("textbox", name="Of the series")
    series.fill("queue_depth{")
    expect(now.get_by_role("alert")).to_contain_text("parse")
    series.fill("queue_depth")
    expect(now.get_by_role("listitem")).to_have_text(["web"])
    name = page.get_by_role("textbox", name="Name", exact=True)
    name.fill("not a name")
    expect(page.get_by_text("letters, digits and _ alone")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_be_disabled()
    name.fill("service")
    expect(page.get_by_role("main")).to_contain_text("Used by Depth of $job")
    expect(now).to_have_attribute("aria-busy", "false")
    assert accessibility_violations(page) == []
    screenshot(page, f"dashboard-variables-{'dark' if dark else 'light'}")
    page.get_by_role("button", name="Apply").click()
    expect(panel(page, "Depth of web")).to_contain_text("7")
    saved(page, "by service")
    answer = kept(server, uid)
    [variable] = answer["dashboard"]["variables"]
    assert (variable["name"], variable["regex"], answer["summary"]["version"]) == ("service", "w.*", 2)
    [one] = answer["dashboard"]["rows"][0]["panels"]
    assert (one["title"], one["queries"][0]["text"]) == ("Depth of $service", 'sum(queue_depth{job=~"$service"})')


def test_each_kind_is_added_and_stands_on_the_board(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """List, interval, text, filters and data source; in the order that they were given, and asked with at once."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}?edit=variables")
    now = page.get_by_role("region", name="Values now")
    now.get_by_role("listitem").first.wait_for()
    expect(now.get_by_role("listitem")).to_have_text(["api", "web"])
    add(page, "env", "List of values")
    page.get_by_role("textbox", name="Values, one a line").fill("Production : prod\ntest")
    expect(now.get_by_role("listitem")).to_have_text(["Production", "test"])
    expect(now.locator("code")).to_have_text("prod")
    add(page, "step", "Interval")
    page.get_by_role("switch", name="A choice that follows the time range").check(force=True)
    expect(now.get_by_role("listitem")).to_have_text(["1m", "5m", "15m", "1h"])
    add(page, "word", "Text")
    page.get_by_role("textbox", name="Text at first").fill("checkout")
    expect(now.locator("code")).to_have_text("checkout")
    add(page, "Filters", "Filters (ad hoc)")
    page.get_by_role("button", name="Add filter").click()
    page.get_by_role("combobox", name="Label").fill("job")
    page.get_by_role("combobox", name="Value").fill("api")
    page.get_by_role("button", name="Apply filter").click()
    expect(now).to_contain_text('{job="api"}')
    add(page, "source", "Data source")
    expect(now).to_contain_text("Every data source is Midwatch itself")
    expect(now).to_have_attribute("aria-busy", "false")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Move source up").click()
    page.get_by_role("button", name="Apply").click()
    bar = page.get_by_role("group", name="Variables")
    expect(bar.get_by_role("combobox", name="env")).to_have_value("Production")
    expect(bar.get_by_role("button", name="Remove the filter job = api")).to_be_visible()
    expect(panel(page, "Depth of api")).to_contain_text("42")
    saved(page, "")
    found = {one["name"]: one for one in variables(server, uid)}
    assert list(found) == ["job", "env", "step", "word", "source", "Filters"]
    assert found["env"]["options"] == [{"text": "Production", "value": "prod"}, {"text": "test", "value": "test"}]
    assert (found["step"]["auto"], found["word"]["chosen"]) == (True, ["checkout"])
    assert found["source"]["datasource"] == "prometheus"
    assert found["Filters"]["filters"] == [{"key": "job", "operator": "=", "value": "api"}]


def test_a_variable_that_is_used_is_removed_knowingly(shown: tuple[Server, str], open_page: OpenPage) -> None:
    """What asks with it is named first; one that asks with a later one is told so; discarded, nothing has changed."""
    server, uid = shown
    page = open_page(server, f"/dashboards/{uid}?edit=variables", phone=True)
    page.get_by_role("region", name="Values now").get_by_role("listitem").first.wait_for()
    page.get_by_role("textbox", name="Of the series").fill('queue_depth{job="$variable1"}')
    page.get_by_role("button", name="Add variable").click()
    page.get_by_role("button", name=re.compile(r"^\$job")).click()
    expect(page.get_by_role("main")).to_contain_text("It asks with $variable1, which comes after it")
    expect(page.get_by_role("region", name="Values now")).to_have_attribute("aria-busy", "false")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert accessibility_violations(page) == []
    screenshot(page, "dashboard-variables-phone")
    page.get_by_role("button", name="Remove variable1").click()
    page.get_by_role("button", name="Remove job").click()
    expect(page.get_by_role("dialog")).to_contain_text("Depth of $job")
    page.get_by_role("button", name="Remove variable", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("No variables yet")
    page.get_by_role("navigation", name="Short").get_by_role("link", name="Services").click()
    page.get_by_role("button", name="Stay").click()
    page.get_by_role("button", name="Discard").click()
    expect(panel(page, "Depth of api")).to_contain_text("42")
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    assert [one["name"] for one in variables(server, uid)] == ["job"]
