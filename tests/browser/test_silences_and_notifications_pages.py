"""Silences, and who was told what, in a browser: over a server whose receiver is a webhook of this machine."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, accessibility_violations, screenshot
from tests.conftest import Server
from tests.vendors import Scripted, Vendors, vendors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
TOLD_MS = 60_000
SECRET = "credentials-of-the-webhook"
ROUTES = f"""
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes:
    - {{matchers: [team="shop"], receiver: on-call}}
receivers:
  - name: nobody
  - name: on-call
    webhook_configs:
      - url: URL/webhook
        http_config: {{authorization: {{credentials: {SECRET}}}}}
  - name: chat/shop
    ntfy_configs: [{{url: URL/ntfy, topic: alerts}}]
"""


@pytest.fixture(scope="module")
def door(browser: Browser) -> Iterator[Vendors]:
    """Where messages go."""
    with vendors() as listening:
        yield listening


@pytest.fixture(scope="module")
def server(door: Vendors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(
        tmp_path_factory.mktemp("told") / "data",
        options=("--private-networks", "127.0.0.0/8"),
        environment={"MIDWATCH_ADMIN_PASSWORD": PASSWORD},
    ).start()
    yield started
    started.stop()


def fire(server: Server, *alerts: dict[str, str]) -> None:
    with server.api() as api:
        body = [{"labels": labels, "annotations": {"summary": "It fires"}} for labels in alerts]
        assert api.post("/alertmanager/api/v2/alerts", json=body).status_code == 200


def row(page: Page, list_name: str, text: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("region", name=list_name, exact=True).locator("tbody tr", has_text=text)


def details(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Details")


def test_a_silence_is_made_extended_narrowed_ended_and_made_again(server: Server, open_page: OpenPage) -> None:
    """From the palette to an empty list; a preview before, what it hides after; ended by one confirmation; made again
    for tomorrow, and opened by its address on a phone."""
    fire(server, *({"alertname": "QueueLong", "queue": queue} for queue in ("mail", "orders")))
    page = open_page(server, "/alerts")
    expect(row(page, "Alerts", "queue=mail")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("silences")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No silences", exact=True)).to_be_visible()
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="New silence").click()
    page.get_by_role("textbox", name="Alerts that match all of").fill('alertname="QueueLong"')
    expect(page.get_by_role("status", name="What it hides")).to_contain_text("Hides 2 alerts")
    page.get_by_role("textbox", name="Why").fill("The mailer is moved")
    screenshot(page, "silence-form")
    page.get_by_role("dialog").get_by_role("button", name="Silence", exact=True).click()
    drawer = details(page)
    expect(drawer.get_by_role("heading", level=2)).to_have_text("The mailer is moved")
    expect(drawer.get_by_role("region", name="Hides now").get_by_role("link")).to_have_count(2)
    expect(row(page, "Silences", "The mailer is moved")).to_contain_text("Active")
    with server.api() as api:
        (made,) = api.get("/api/v1/silences").json()["silences"]
    drawer.get_by_role("button", name="Extend by 1 hour").click()
    ends = datetime.fromisoformat(made["ends_at"]) + timedelta(hours=1)
    expect(drawer.locator("tr", has_text="Until").locator("time")).to_have_attribute(
        "datetime", re.compile(re.escape(ends.strftime("%Y-%m-%dT%H:%M:%S")))
    )
    screenshot(page, "silence-open")
    assert accessibility_violations(page) == []

    drawer.get_by_role("button", name="Edit silence").click()
    page.get_by_role("textbox", name="Alerts that match all of").fill('alertname="QueueLong", queue="mail"')
    expect(page.get_by_role("status", name="What it hides")).to_contain_text("Hides 1 alert")
    expect(page.get_by_text("Other matchers end this silence")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Save silence").click()
    expect(drawer.get_by_role("region", name="Hides now").get_by_role("link")).to_have_count(1)
    expect(page).not_to_have_url(re.compile(made["id"]))
    drawer.get_by_role("region", name="Hides now").get_by_role("link", name="QueueLong").click()
    expect(details(page)).to_contain_text("silenced by admin@localhost")
    details(page).get_by_role("link", name="silenced").click()
    drawer.get_by_role("button", name="End silence").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(drawer).to_contain_text("Active")
    drawer.get_by_role("button", name="End silence").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 alert that fire are told of again")
    page.get_by_role("dialog").get_by_role("button", name="End silence").click()
    expect(drawer).to_contain_text("Expired")
    with server.api() as api:
        assert [one["state"] for one in api.get("/api/v1/alerts").json()["alerts"]] == ["firing", "firing"]

    page.keyboard.press("Escape")
    page.get_by_text("Expired 2").click()
    expect(page).to_have_url(re.compile("state=expired"))
    expect(row(page, "Silences", "The mailer is moved")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(drawer).to_contain_text('queue="mail"')
    page.keyboard.press("j")
    expect(drawer).not_to_contain_text('queue="mail"')
    page.keyboard.press("k")
    drawer.get_by_role("button", name="Silence again").click()
    expect(page.get_by_role("textbox", name="Why")).to_have_value("The mailer is moved")
    tomorrow = datetime.now().astimezone() + timedelta(days=1)
    page.get_by_label("Begins").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("dialog").get_by_role("button", name="Silence", exact=True).click()
    expect(drawer).to_contain_text("Pending")
    expect(drawer.get_by_role("region", name="Would hide now")).to_contain_text("QueueLong")
    address = page.url.removeprefix(server.url)

    page = open_page(server, address.replace("state=expired", "state=pending"), phone=True, dark=True)
    expect(details(page)).to_contain_text('queue="mail"')
    screenshot(page, "silence-open-phone-dark")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Close details").click()
    expect(row(page, "Silences", "The mailer is moved")).to_have_count(1)
    page.get_by_text("All 3").click()
    screenshot(page, "silences-phone-dark")
    assert accessibility_violations(page) == []
    page = open_page(server, "/alerts/silences?open=none")
    expect(details(page)).to_contain_text("Cannot find the silence")
    page.keyboard.press("Escape")
    screenshot(page, "silences")


def test_what_was_sent_is_shown_with_request_and_answer_and_sent_again(
    server: Server, door: Vendors, open_page: OpenPage
) -> None:
    """A webhook that fails and then refuses for good: each attempt with what went to and fro, its secret masked; sent
    again, it arrives. From the alert to who was told and back; a receiver that fails is told of and tested."""
    with server.api() as api:
        files = {"midwatch.yml": "", "alertmanager.yml": ROUTES.replace("URL", door.url)}
        applied = api.post("/api/v1/plan/apply", json={"files": files}).json()
        assert applied["ok"], applied
    page = open_page(server, "/alerts/notifications")
    expect(page.get_by_text("No notifications yet")).to_be_visible()
    assert accessibility_violations(page) == []
    door.scripts["/webhook"] += [Scripted(500, b"too busy"), Scripted(410, b"this hook is gone")]
    fire(server, {"alertname": "ShopDown", "team": "shop", "service": "web"})
    down = row(page, "Notifications", "ShopDown")
    expect(down).to_contain_text("failed", timeout=TOLD_MS)
    expect(page.get_by_text("on-call cannot be told by webhook[0]: answered")).to_be_visible(timeout=TOLD_MS)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    drawer = details(page)
    expect(drawer.get_by_role("heading", level=2)).to_have_text("ShopDown to on-call")
    newest = drawer.get_by_role("group", name="Attempt 2")
    expect(newest).to_contain_text(f"POST {door.url}/<secret>")
    expect(newest).to_contain_text('"alertname": "ShopDown"')
    expect(newest).to_contain_text("Answer 410")
    expect(newest).to_contain_text("this hook is gone")
    first = drawer.get_by_role("group", name="Attempt 1")
    expect(first.get_by_text("too busy").first).not_to_be_visible()
    first.get_by_text("Attempt 1").click()
    expect(first).to_contain_text("Answer 500")
    first.get_by_text(re.compile("headers? of the request")).click()
    expect(first.locator("tr", has_text="webhook-id")).to_be_visible()
    assert SECRET not in page.content()
    screenshot(page, "notification-open")
    assert accessibility_violations(page) == []

    drawer.get_by_role("button", name="Resend").click()
    expect(drawer.get_by_role("row", name="Sent again of an earlier one")).to_be_visible()
    expect(drawer).to_contain_text("delivered", timeout=TOLD_MS)
    assert len(door.at("/webhook")) == 3
    expect(page.get_by_text("on-call cannot be told")).to_have_count(0, timeout=TOLD_MS)
    drawer.get_by_role("region", name="Alerts").get_by_role("link", name="ShopDown").click()
    expect(page).to_have_url(re.compile(r"/alerts\?open="))
    told = details(page).get_by_role("region", name="Notifications of its group").get_by_role("link")
    expect(told).to_have_count(2)
    told.last.click()
    expect(page.get_by_text("Alert ShopDown")).to_be_visible()
    expect(details(page)).to_contain_text("Attempt 2")
    page.keyboard.press("Escape")
    page.get_by_text("Failed", exact=True).click()
    expect(page).to_have_url(re.compile(r"alert=[0-9a-f]{16}.*state=failed|state=failed.*alert="))
    expect(down).to_have_count(1)
    page.get_by_role("button", name="Of every alert").click()
    page.get_by_role("combobox", name="Receiver").click()
    page.get_by_role("option", name="chat/shop").click()
    expect(page).to_have_url(re.compile("receiver=chat/shop"))
    expect(page.get_by_text("No notifications here")).to_be_visible()
    page.get_by_role("button", name="Show all notifications").click()
    expect(down).to_have_count(2)
    screenshot(page, "notifications")

    page = open_page(server, "/alerts/notifications?view=receivers", phone=True, dark=True)
    chat = row(page, "Receivers", "chat/shop")
    expect(chat).to_contain_text("never used")
    expect(row(page, "Receivers", "on-call")).to_contain_text("works")
    screenshot(page, "receivers-phone-dark")
    assert accessibility_violations(page) == []
    chat.get_by_role("button", name="Send a test to chat/shop").click()
    page.get_by_role("textbox", name="It says").fill("Hear, hear")
    page.get_by_role("button", name="Send the test").click()
    tested = page.get_by_role("status", name="What came of the test")
    expect(tested).to_contain_text("ntfy[0] took it in")
    (message,) = door.at("/ntfy")
    assert (message.json["title"][:6], "Hear, hear" in message.json["message"]) == ("[TEST]", True)
    assert accessibility_violations(page) == []
    tested.get_by_role("link", name="Request and answer").click()
    expect(details(page).get_by_role("heading", level=2)).to_have_text("A test to chat/shop")
    expect(details(page)).to_contain_text("Answer 200")
    screenshot(page, "notification-open-phone-dark")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Close details").click()
    expect(row(page, "Notifications", "A test")).to_be_visible()
    screenshot(page, "notifications-phone-dark")
    page = open_page(server, "/alerts/notifications?view=receivers")
    expect(row(page, "Receivers", "chat/shop")).to_contain_text("works")
    screenshot(page, "receivers")
    assert door.wrong == []
