"""What fires, and the rules, in a browser: over a server with rules, routes and queues that are too long."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, accessibility_violations, screenshot
from tests.browser.watched_shop import PLAN, send_order, send_queues
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
FIRES_MS = 60_000


@pytest.fixture(scope="module")
def watched(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose rules fire for two queues, and hold for a third."""
    server = Server(
        tmp_path_factory.mktemp("watched") / "data",
        options=("--retention", "metrics=0"),
        environment={"MIDWATCH_ADMIN_PASSWORD": PASSWORD},
    ).start()
    send_queues(server)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def firing(watched: Server) -> Server:
    with watched.api() as api:
        applied = api.post("/api/v1/plan/apply", json={"files": PLAN}).json()
        assert applied["ok"], applied
        found = {"filter": 'alertname="QueueLong"'}
        eventually(lambda: api.get("/api/v1/alerts", params=found).json()["total"] == 2, seconds=60)
    return watched


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("region", name="Alerts").locator("tbody tr", has_text=text)


def details(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Details")


def test_what_fires_is_seen_and_acted_upon(
    watched: Server, open_page: OpenPage, request: pytest.FixtureRequest
) -> None:
    """Quiet before there are rules that fire; then by group, acknowledged with a comment and taken back, silenced
    after a preview, and walked by keys."""
    page = open_page(watched, "/alerts")
    expect(page.get_by_text("All is quiet")).to_be_visible()
    expect(page.get_by_text("Nothing has ever fired here")).to_be_visible()
    assert accessibility_violations(page) == []
    request.getfixturevalue("firing")
    mail = row(page, "Queue mail holds")
    expect(mail).to_contain_text("critical", timeout=FIRES_MS)
    expect(mail).to_contain_text("Open")
    expect(row(page, "to on-call · 2 alerts")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(details(page).get_by_role("heading", level=2).first).to_have_text("QueueLong")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/alerts$"))
    mail.click()
    details(page).get_by_role("button", name="Acknowledge").click()
    page.get_by_role("textbox", name="Comment").fill("The worker is restarted")
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    expect(details(page)).to_contain_text("Acknowledged by admin@localhost")
    expect(details(page)).to_contain_text("The worker is restarted")
    expect(mail).to_contain_text("Acknowledged by admin@localhost")
    screenshot(page, "alerts-acknowledged")
    assert accessibility_violations(page) == []
    details(page).get_by_role("button", name="Take back").click()
    expect(mail).to_contain_text("Open")
    details(page).get_by_role("button", name="Silence").click()
    hidden = page.get_by_role("status", name="What it hides")
    expect(hidden).to_contain_text("Hides 1 alert")
    page.get_by_role("textbox", name="Alerts that match all of").fill('alertname="QueueLong"')
    expect(hidden).to_contain_text("Hides 2 alerts")
    page.get_by_role("textbox", name="Why").fill("The mailer is moved")
    assert accessibility_violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Silence", exact=True).click()
    expect(details(page)).to_contain_text("silenced by admin@localhost")
    expect(mail).to_contain_text("Silenced")
    details(page).get_by_role("button", name="End silence").click()
    page.get_by_role("dialog").get_by_role("button", name="End silence").click()
    expect(mail).to_contain_text("Open")
    page.go_back()
    expect(details(page)).to_have_count(0)


def test_a_rule_shows_what_it_looks_at_and_what_another_threshold_would_do(firing: Server, open_page: OpenPage) -> None:
    """From the list to the rule, its chart and history; a backtest whose threshold is moved by key and by hand."""
    page = open_page(firing, "/alerts/rules?which=firing", dark=True)
    page.get_by_role("link", name="QueueLong").click()
    expect(page.get_by_role("figure", name="What it looks at")).to_contain_text("> 100")
    expect(page.get_by_role("region", name="Changes of its alerts")).to_contain_text("queue=mail")
    screenshot(page, "alerts-rule-dark")
    assert accessibility_violations(page) == []
    page.get_by_text("Backtest", exact=True).click()
    line = page.get_by_role("slider", name="Threshold")
    fired = page.locator("dl > div", has_text="Would have fired").locator("dd")
    expect(fired).to_have_text(re.compile("4"))
    line.focus()
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile("threshold=103"))
    box = line.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] - 300)
    page.mouse.up()
    expect(page.get_by_text("Its condition never held")).to_be_visible()
    expect(fired).to_have_text(re.compile("0"))
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Back to the rule's own threshold").click()
    expect(fired).to_have_text(re.compile("4"))


def test_a_drill_is_drawn_and_takes_its_rule_off_the_list(firing: Server, open_page: OpenPage) -> None:
    """Rules never rehearsed are listed; a drill says who is told when, on a phone too; then its rule is gone there."""
    page = open_page(firing, "/alerts/rules?which=unrehearsed", phone=True)
    page.get_by_role("link", name="QueueFilling").click()
    page.get_by_text("Drill", exact=True).click()
    expect(page.get_by_text("It was never rehearsed.")).to_be_visible()
    page.get_by_role("button", name="Run the drill").click()
    expect(page.get_by_role("group", name="Timeline")).to_contain_text("chat")
    expect(page.get_by_role("list", name="What happens")).to_contain_text("chat is told by webhook")
    screenshot(page, "alerts-drill-phone")
    assert accessibility_violations(page) == []
    page.goto("/alerts/rules?which=unrehearsed")
    expect(page.get_by_role("link", name="QueueLong")).to_be_visible()
    expect(page.get_by_role("link", name="QueueFilling")).to_have_count(0)


def test_a_runbook_is_opened_from_its_alert(firing: Server, open_page: OpenPage) -> None:
    """By the address that notifications have: filled in, its questions answered, and a step ticked off that stays so;
    and beside the alert."""
    send_order(firing, "the stock is locked")
    with firing.api() as api:
        alerts = api.get("/api/v1/alerts", params={"filter": 'queue="mail"'}).json()["alerts"]
    fingerprint = next(one["fingerprint"] for one in alerts if one["labels"]["alertname"] == "QueueLong")
    page = open_page(firing, "/alerts/runbooks")
    page.get_by_role("link", name=re.compile("queue", re.IGNORECASE)).first.click()
    expect(page.get_by_text("Not asked: it needs the label").first).to_be_visible()
    page = open_page(firing, f"/alerts/runbooks/queues?alert={fingerprint}")
    expect(page.get_by_text('queue="mail"').first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible(timeout=FIRES_MS)
    answered = {"Errors of orders": "the stock is locked", "Slow traces": "POST /orders", "Lines by level": "error"}
    for title, words in answered.items():
        # They are asked when one comes near them.
        page.get_by_role("region", name=title).scroll_into_view_if_needed()
        expect(page.get_by_role("region", name=title)).to_contain_text(words)
    step = page.get_by_role("checkbox").first
    step.click()
    expect(step).to_be_checked()
    expect(page.locator("label strong", has_text="senders")).to_be_visible()
    page.reload()
    expect(page.get_by_role("checkbox").first).to_be_checked(timeout=FIRES_MS)
    assert accessibility_violations(page) == []
    screenshot(page, "runbook")
    page = open_page(firing, f"/alerts?open={fingerprint}")
    beside = details(page).get_by_role("region", name="Runbook")
    expect(beside.get_by_role("checkbox").first).to_be_checked(timeout=FIRES_MS)
    beside.get_by_role("region", name="Errors of orders").scroll_into_view_if_needed()
    expect(beside).to_contain_text("the stock is locked")


def test_home_says_what_fires(firing: Server, open_page: OpenPage) -> None:
    """The first page names the alert and leads to it."""
    page = open_page(firing, "/")
    named = page.get_by_role("link", name=re.compile("QueueLong: Queue mail holds"))
    expect(named).to_be_visible(timeout=FIRES_MS)
    screenshot(page, "home-alerts")
    named.click()
    expect(details(page).get_by_role("heading", level=2).first).to_have_text("QueueLong")
