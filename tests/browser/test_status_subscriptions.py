"""Mails of the status page in a browser: somebody subscribes without a script; an editor sees that they are told."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.notify.smtp_sink import Mailbox, mail_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
COMPONENTS = [{"name": "Website", "group": "Public"}, {"name": "Checkout", "group": "Public"}, {"name": "Phone"}]


@pytest.fixture
def mailing(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Mailbox]]:
    with mail_server() as box:
        base = tmp_path_factory.mktemp("mailing")
        server = own_server(base, options=("--private-networks", "127.0.0.0/8"))
        smtp = {
            "smtp_smarthost": f"127.0.0.1:{box.port}",
            "smtp_from": "status@example.org",
            "smtp_require_tls": False,
        }
        routes = {"global": smtp, "route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
        files = {"midwatch.yml": "services: {}\n", "alertmanager.yml": json.dumps(routes)}
        with server.api() as api:
            assert api.post("/api/v1/plan/apply", json={"files": files}).json()["ok"]
            definition = {"title": "Shop status", "components": COMPONENTS}
            assert api.put("/api/v1/status-page", json=definition).status_code == 200
        yield server, box
        server.stop()


def test_somebody_subscribes_and_is_told(mailing: tuple[Server, Mailbox], open_page: OpenPage) -> None:
    """From the public page to the mailbox and back; then the editor's page counts them, and an admin removes one."""
    server, box = mailing
    public = open_page(server, "/status", signed_in=False)
    public.get_by_text("Only some components").click()
    public.get_by_role("checkbox", name="Checkout").check()
    public.get_by_role("textbox", name="E-mail address").fill("ana@example.com")
    public.get_by_role("button", name="Subscribe").scroll_into_view_if_needed()
    screenshot(public, "status-subscribe")
    assert accessibility_violations(public) == []
    public.get_by_role("button", name="Subscribe").click()
    expect(public.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    screenshot(public, "status-asked")
    mail = eventually(lambda: box.mails)[0].get_body(("plain",))
    assert mail is not None
    link = re.search(r"http\S+/status/confirm\?\S+", mail.get_content())
    assert link is not None
    phone = open_page(server, link[0], signed_in=False, phone=True, dark=True)
    screenshot(phone, "status-confirm-phone-dark")
    assert accessibility_violations(phone) == []
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_role("heading", name="You are subscribed")).to_be_visible()
    phone.get_by_role("link", name="To the status page").click()
    phone.get_by_text("Only some components").click()
    phone.get_by_role("button", name="Subscribe").scroll_into_view_if_needed()
    screenshot(phone, "status-subscribe-phone-dark")
    assert accessibility_violations(phone) == []
    _edited(server, open_page)


def _edited(server: Server, open_page: OpenPage) -> None:
    page = open_page(server, "/uptime/status-page")
    subscribers = page.get_by_role("region", name="Subscribers")
    expect(subscribers).to_contain_text("1 subscriber by mail")
    page.get_by_role("button", name="Open incident").click()
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Title").fill("Checkout fails")
    form.get_by_role("textbox", name="What the public reads").fill("We look into it.")
    form.get_by_role("button", name="Open incident").click()
    expect(page.get_by_role("region", name="Now")).to_contain_text("1 mail sent", timeout=20_000)
    expect(subscribers).to_contain_text("1 mail sent in 90 days")
    screenshot(page, "status-subscribers")
    assert accessibility_violations(page) == []
    subscribers.get_by_role("button", name="Show addresses").click()
    expect(page).to_have_url(re.compile("doing=subscribers"))
    listed = page.get_by_role("dialog", name="Subscribers")
    expect(listed).to_contain_text("ana@example.com")
    screenshot(page, "status-addresses")
    listed.get_by_role("textbox", name="Find an address").fill("nobody")
    expect(listed).to_contain_text("No address contains “nobody”")
    listed.get_by_role("textbox", name="Find an address").fill("ANA@")
    listed.get_by_role("button", name="Delete subscriber").click()
    page.get_by_role("dialog", name="Delete subscriber").get_by_role("button", name="Delete subscriber").click()
    expect(listed).not_to_contain_text("ana@example.com")
    page.keyboard.press("Escape")
    expect(subscribers).to_contain_text("0 subscribers by mail")
    small = open_page(server, "/uptime/status-page?doing=edit", phone=True, dark=True)
    expect(small.get_by_role("checkbox", name="The public can subscribe by mail")).to_be_checked()
    screenshot(small, "status-edit-phone-dark")
    assert accessibility_violations(small) == []
