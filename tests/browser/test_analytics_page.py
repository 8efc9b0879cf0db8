"""Product analytics in the page: from a funnel to the people, sessions and traces behind each of its numbers."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import KEY, Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
STEPS = "step=visited&step=signed+up&step=paid"


@pytest.fixture(scope="module")
def product(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Ninety people who visited, sixty who signed up, twenty who paid."""
    started = own_server(tmp_path_factory.mktemp("product"))
    rnd, now, batch = random.Random(5), time.time(), []

    def event(name: str, who: str, at: float, **properties: object) -> None:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        made = {"event": name, "distinct_id": who, "uuid": str(uuid.uuid4()), "timestamp": when}
        batch.append({**made, "properties": properties})

    for number in range(90):
        at = now - 86400 * rnd.uniform(1, 20)
        session = {"$session_id": f"s{number}", "$feature/new-checkout": "test" if number % 2 else "control"}
        event("visited", f"anon{number}", at, **session, plan="pro" if number % 3 else "free")
        if number < 60:
            event("$identify", f"user{number}", at + 50, **{"$anon_distinct_id": f"anon{number}"}, **session)
            event("signed up", f"user{number}", at + 90, **session, trace_id=f"{number + 1:032x}")
        if number < 20:
            event("paid", f"user{number}", at + 7200, **session)
    with httpx.Client(base_url=started.url, timeout=30) as client:
        answer = client.post("/batch", params={"wait": "visible"}, json={"api_key": KEY, "batch": batch})
        assert answer.status_code == 200, answer.text
        lines = [
            {"time": now - 3600 + at, "event": name, "message": name, "user_id": f"log{number}"}
            for number in range(8)
            for at, name in ((number, "user.registered"), (number + 20, "otp.verified"))
            if name == "user.registered" or number % 4 == 0
        ]
        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/x-ndjson"}
        text = "\n".join(map(json.dumps, lines))
        assert client.post("/ingest/ndjson", params={"wait": "visible"}, content=text, headers=headers).is_success
    yield started
    started.stop()


def test_a_funnel_opens_who_is_behind_each_number(product: Server, open_page: OpenPage) -> None:
    """Built by hand, kept by name, broken down, and followed to a person, a session and a trace."""
    page = open_page(product, "/analytics")
    for step in ("visited", "signed up", "paid"):
        page.get_by_role("combobox", name="Add a step", exact=True).click()
        page.get_by_role("option", name=step).click()
    conversion = page.get_by_role("region", name="Conversion")
    expect(conversion).to_contain_text("22.2 % came to the end in 2 h")
    expect(conversion.get_by_role("button", name="90 people")).to_be_visible()
    expect(conversion).to_contain_text("66.7 % went on")
    page.get_by_role("combobox", name="Broken down by").click()
    page.get_by_role("option", name="flag new-checkout").click()
    groups = page.get_by_role("region", name="Conversion by value")
    expect(groups.get_by_role("row", name="test")).to_contain_text("45")
    screenshot(page, "analytics-funnel")

    page.get_by_role("button", name="Save funnel").click()
    page.get_by_role("textbox", name="Name of the funnel").fill("Registration")
    page.get_by_role("button", name="Save funnel").click()
    expect(page.get_by_role("button", name="Delete funnel")).to_be_visible()

    conversion.get_by_role("button", name="40 left").click()
    behind = page.get_by_role("region", name="Who is behind it").first
    expect(behind).to_contain_text("left before “paid”")
    expect(behind).to_contain_text("40 rows")
    assert accessibility_violations(page) == []
    person = behind.get_by_role("button").nth(1)
    name = person.inner_text()
    person.click()
    drawer = page.get_by_role("complementary").filter(has_text="Distinct ids")
    expect(drawer).to_contain_text(name.replace("user", "anon"))
    screenshot(page, "analytics-person")
    address = page.url
    drawer.get_by_role("link", name="00000000").click()
    page.wait_for_url("**/traces/*")
    page.go_back()
    page.wait_for_url(address)

    # Another visit: the kept funnel opens as it was, broken down.
    again = open_page(product, "/analytics?start=now-30d")
    again.get_by_role("combobox", name="Saved funnels").click()
    again.get_by_role("option", name="Registration").click()
    expect(again.get_by_role("region", name="Conversion by value")).to_be_visible()
    again.get_by_role("button", name="Delete funnel").click()
    again.get_by_role("dialog").get_by_role("button", name="Delete funnel").click()
    expect(again.get_by_role("combobox", name="Saved funnels")).to_have_count(0)


def test_every_view_answers_from_its_address(product: Server, open_page: OpenPage) -> None:
    """Trends, retention, flags, sessions, events, and funnels of log records; nothing serious for a screen reader."""
    page = open_page(product, "/analytics?start=now-30d&tab=trends&event=visited&measure=units&by=plan")
    expect(page.get_by_role("button", name="90 people")).to_be_visible()
    page.get_by_role("button", name="pro 60").click()
    expect(page.get_by_role("region", name="Who is behind it").first).to_contain_text("60 people")

    views = page.get_by_role("navigation", name="Analytics")
    views.get_by_role("link", name="Retention").click()
    expect(page.get_by_role("region", name="Retention by cohort")).to_contain_text("100 %")
    assert accessibility_violations(page) == []
    screenshot(page, "analytics-retention")

    page.goto("/analytics?start=now-30d&tab=features&flag=new-checkout&event=paid")
    usage = page.get_by_role("region", name="Usage by value")
    expect(usage.get_by_role("row", name="control")).to_contain_text("22.2 %")

    page.goto("/analytics?start=now-30d&tab=sessions")
    spread = page.get_by_role("list", name="Sessions by duration")
    spread.get_by_role("listitem").filter(has_text="1 min – 3 min").get_by_role("button").click()
    expect(page.get_by_role("region", name="Sessions behind it")).to_contain_text("40 sessions")
    assert accessibility_violations(page) == []

    page.goto("/analytics?start=now-30d&tab=events&event=paid")
    latest = page.get_by_role("region", name="Latest events")
    expect(latest).to_be_visible()
    latest.get_by_role("button", name="paid").first.click()
    expect(latest).to_contain_text("flag new-checkout")
    page.get_by_role("textbox", name="Search events").fill("plan:(")
    page.get_by_role("textbox", name="Search events").press("Enter")
    expect(page.get_by_text("column 7")).to_be_visible()

    page.goto("/analytics?start=now-30d&step=logs:user.registered&step=logs:otp.verified")
    expect(page.get_by_role("region", name="Conversion")).to_contain_text("25 % came to the end in 20 s")


def test_an_empty_store_says_how_events_are_sent(empty_server: Server, open_page: OpenPage) -> None:
    """With the real address, on a phone in the dark."""
    page = open_page(empty_server, "/analytics", phone=True, dark=True)
    expect(page.get_by_text("No product events in this time range")).to_be_visible()
    expect(page.get_by_text("posthog.init(")).to_contain_text(empty_server.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, "analytics-empty-phone")
