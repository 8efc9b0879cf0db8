"""Errors in a browser: found in the list, read, resolved, back again, ignored, assigned, merged and split."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import errors_sent as sent
from tests.browser.conftest import EMAIL, accessibility_violations, own_server, refuse_deletions, screenshot
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1")]
OpenPage = Callable[..., Page]
KINDS = 7


@pytest.fixture(scope="module")
def failing(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nothing was sent to; the first test of it sends one error of each kind."""
    started = own_server(tmp_path_factory.mktemp("failing"))
    yield started
    started.stop()


def test_an_empty_page_shows_the_dsn_and_errors_become_issues(failing: Server, open_page: OpenPage) -> None:
    """With no error the page shows the DSN with its key, for every SDK; once some came it lists their issues."""
    page = open_page(failing, "/errors")
    expect(page.get_by_text("No errors yet")).to_be_visible()
    expect(page.locator("pre").first).to_have_text(sent.dsn(failing))
    page.get_by_role("tab", name="Django").click()
    expect(page.get_by_role("region", name="At the end of settings.py")).to_contain_text(sent.dsn(failing))
    sent.send_all(failing)
    page.reload()
    rows = issues(page)
    expect(rows).to_have_count(KINDS)
    expect(rows.filter(has_text="PaymentFailed")).to_contain_text("checkout")
    expect(rows.filter(has_text="src/cart.ts")).to_contain_text("unhandled")
    expect(page.get_by_role("list", name="Errors by what they have in common")).to_contain_text("PaymentFailed")
    expect(
        page.get_by_text(re.compile(r"events were not kept whole: \d+ counted alone.*, 1 of a crawler"))
    ).to_be_visible()
    screenshot(page, "errors")
    assert accessibility_violations(page) == []
    page.get_by_role("textbox", name="Search issues").fill("pencil")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("KeyError")
    page.get_by_role("button", name="Clear the filters").click()
    page.get_by_role("button", name="Service").click()
    page.get_by_role("checkbox", name=re.compile("^web")).check()
    expect(rows).to_have_count(3)
    expect(page).to_have_url(re.compile("service=web"))


def test_an_issue_is_read_from_its_stack_to_its_neighbours(failing: Server, open_page: OpenPage) -> None:
    """The drawer has source, locals, causes, breadcrumbs, user, attachment, trace and alert; a browser's event its
    sources and its minified code; others what they came with; an event's id leads to its issue."""
    page = open_page(failing, "/errors", dark=True)
    issues(page).filter(has_text="PaymentFailed").get_by_role("button").click()
    details = page.get_by_role("complementary", name="Details")
    stack = details.get_by_role("region", name="Stack trace")
    expect(stack.locator("[data-on=true]").first).to_contain_text("raise PaymentFailed")
    expect(stack.get_by_role("table", name="Local variables").first).to_contain_text("amount42")
    cause = stack.get_by_role("region", name="Caused by JSONDecodeError")
    expect(cause).not_to_contain_text("raw_decode")
    cause.get_by_role("button", name="library frames").click()
    expect(cause).to_contain_text("raw_decode")
    expect(details.get_by_role("region", name="Breadcrumbs")).to_contain_text("POST /bank/charge → 502")
    expect(details.get_by_role("region", name="User")).to_contain_text("[id own:")
    expect(details.get_by_role("region", name="Trace", exact=True)).to_contain_text("POST /pay")
    expect(details.get_by_role("region", name="Alerts")).to_contain_text("NewIssue")
    with page.expect_download() as saving:
        details.get_by_role("link", name="cart.txt").click()
    assert saving.value.path().read_text() == "cart: 2 pencils"
    screenshot(page, "issue-drawer-dark")
    assert accessibility_violations(page) == []
    event_id = details.get_by_role("button", name="Copy event id").get_attribute("title", timeout=5000) or ""
    details.get_by_role("tab", name="Tags").click()
    details.get_by_role("region", name="plan").get_by_role("button", name=re.compile("^pro")).click()
    expect(details.get_by_role("region", name="Events").locator("tbody tr")).to_have_count(3)

    _others(page, details)
    page.goto(f"/errors/event/{event_id.split()[-1]}")
    expect(page).to_have_url(re.compile(r"/errors/\d+\?event="))
    expect(page.get_by_role("region", name="Stack trace")).to_contain_text("raise PaymentFailed")
    expect(page.get_by_role("figure", name="Events of this issue")).to_be_visible()


def _others(page: Page, details: Locator) -> None:
    """Each is opened over the list, with the one before it closed."""

    def opened(row: Locator) -> None:
        page.keyboard.press("Escape")
        expect(details).to_have_count(0)
        row.get_by_role("button").click()

    rows = issues(page)
    stack = details.get_by_role("region", name="Stack trace")
    opened(rows.filter(has_text="src/cart.ts"))
    expect(stack.locator("[data-on=true]").first).to_contain_text("sum += line.item.price")
    details.get_by_text("Minified").click()
    expect(stack).to_contain_text("index-4f2a.js:1:5120")
    screenshot(page, "issue-browser")
    opened(rows.filter(has_text="index-4f2a.js"))
    expect(details.get_by_role("list", name="What went wrong with the event")).to_contain_text("was not uploaded")
    opened(rows.filter(has_text="csp"))
    expect(details.get_by_role("region", name="Report")).to_contain_text("https://x.test")
    opened(rows.filter(has_text="RangeError"))
    expect(details.get_by_role("region", name="React component")).to_contain_text("at Basket")
    details.get_by_text("Newest", exact=True).click()
    expect(details.get_by_text("This event was counted, and what it carried is not kept")).to_be_visible()
    opened(rows.filter(has_text="SMTPException"))
    expect(details.get_by_role("region", name="Message")).to_contain_text("mail was not sent")
    opened(rows.filter(has_text="KeyError"))
    expect(details.get_by_text("an exception on a span")).to_be_visible()
    details.get_by_role("region", name="Trace", exact=True).get_by_role("link").first.click()
    page.get_by_role("link", name="KeyError: 'pencil'").first.click()
    expect(page).to_have_url(re.compile(r"/errors/\d+\?event="))
    expect(page.get_by_role("region", name="Stack trace")).to_contain_text("/app/stock.py:5")


def test_what_is_resolved_comes_back_and_what_is_known_can_be_ignored(failing: Server, open_page: OpenPage) -> None:
    """Resolved in the next release, an issue stays so for events of the same one and regresses with a newer; it is
    assigned, commented, linked to a tracker, and ignored until so many events."""
    page = open_page(failing, "/errors")
    rows = issues(page)
    payment = rows.filter(has_text="PaymentFailed")
    payment.get_by_role("button").click()
    details = page.get_by_role("complementary", name="Details")
    details.get_by_role("button", name="Resolve in").click()
    page.get_by_role("menuitem", name="In the next release").click()
    expect(details.get_by_text("until it is seen in a release after shop@1.2.3")).to_be_visible()
    expect(rows).to_have_count(KINDS - 1)
    sent.send_payment(failing, user="1", release="shop@1.2.3")
    sent.send_payment(failing, user="1", release="shop@1.3.0")
    eventually(lambda: any(one["substatus"] == "regressed" for one in listed(failing)), seconds=30)
    page.keyboard.press("Escape")
    page.reload()
    expect(payment).to_contain_text("regressed")
    page.get_by_text("Regressed 1").click()
    expect(rows).to_have_count(1)
    screenshot(page, "errors-regressed")
    payment.get_by_role("button").click()
    details.get_by_role("button", name="Assign").click()
    page.get_by_role("menuitem", name="To me").click()
    expect(details.get_by_text(EMAIL)).to_be_visible()
    details.get_by_role("tab", name="Activity").click()
    details.get_by_role("textbox", name="Comment").fill("The bank is down, they say.")
    details.get_by_role("button", name="Comment").click()
    activity = details.get_by_role("list", name="What happened to it")
    expect(activity).to_contain_text("The bank is down, they say.")
    expect(activity).to_contain_text("came back, in shop@1.3.0")
    details.get_by_role("button", name="Link", exact=True).click()
    page.get_by_role("textbox", name="Its address").fill("https://tracker.example/issues/7")
    page.get_by_role("dialog").get_by_role("button", name="Link", exact=True).click()
    links = details.get_by_role("list", name="Issues of trackers")
    expect(links).to_contain_text("tracker.example")
    refuse_deletions(page)
    links.get_by_role("button", name="Unlink").click()
    expect(details.get_by_text("Midwatch does not answer")).to_be_visible()
    page.unroute_all()
    details.get_by_role("button", name="Ignore until").click()
    page.get_by_role("menuitem", name="Until so many events").click()
    page.get_by_role("textbox", name="Events").fill("500")
    page.get_by_role("dialog").get_by_role("button", name="Ignore").click()
    expect(details.get_by_text("until it came 500 more times")).to_be_visible()
    details.get_by_role("button", name="Open again").click()
    expect(details.get_by_role("button", name="Resolve", exact=True)).to_be_visible()


def test_issues_are_merged_split_and_resolved_by_keys(failing: Server, open_page: OpenPage) -> None:
    """`j`, `x` and Shift pick, `e` resolves, Enter opens and fills the page; what was merged is split off again."""
    page = open_page(failing, "/errors")
    rows = issues(page)
    expect(rows).to_have_count(KINDS)
    carts = rows.filter(has_text="TypeError")
    for at in (0, 1):
        carts.nth(at).get_by_role("checkbox").check()
    page.get_by_role("button", name="Merge").click()
    page.get_by_role("dialog").get_by_role("button", name="Merge 2 issues").click()
    expect(rows).to_have_count(KINDS - 1)
    carts.get_by_role("button").click()
    details = page.get_by_role("complementary", name="Details")
    details.get_by_role("tab", name="Groups 2").click()
    groups = details.get_by_role("region", name="Groups")
    expect(groups.locator("tbody tr")).to_have_count(2)
    groups.get_by_role("checkbox").nth(1).check()
    details.get_by_role("button", name="Split off 1 group").click()
    expect(details.get_by_text("They are an issue of their own now")).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows).to_have_count(KINDS)

    page.get_by_role("columnheader", name="Users").get_by_role("button").click()
    expect(page).to_have_url(re.compile("sort=users"))
    page.reload()
    expect(rows.first).to_contain_text("PaymentFailed")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.get_by_text("2 issues picked")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(rows).to_have_count(KINDS)
    page.wait_for_timeout(1300)
    page.keyboard.press("e")
    expect(rows).to_have_count(KINDS - 2)
    page.get_by_text("Resolved 2").click()
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/errors/\d+"))
    page.get_by_role("button", name="Open again").click()
    expect(page.get_by_role("button", name="Resolve", exact=True)).to_be_visible()


def test_errors_are_seen_from_other_pages_and_on_a_phone(failing: Server, open_page: OpenPage) -> None:
    """Home and the service's page show issues, Settings the DSN of a new key; list and issue fit a phone."""
    page = open_page(failing, "/")
    home = page.get_by_role("region", name="New issues", exact=True).last
    expect(home.locator("tbody tr")).not_to_have_count(0)
    page.goto("/services/checkout")
    page.get_by_role("region", name="Issues of this service").get_by_role("link", name="PaymentFailed").click()
    expect(page.get_by_role("region", name="Stack trace")).to_contain_text("raise PaymentFailed")
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile(r"/errors$"))
    page.goto("/settings?tab=keys")
    page.get_by_role("button", name="Show its DSN").click()
    expect(page.locator("pre").first).to_have_text(sent.dsn(failing))
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("textbox", name="Name").fill("shop")
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    made = page.get_by_role("dialog", name="The new key").locator("pre")
    key = made.first.inner_text()
    expect(made.nth(1)).to_have_text(sent.dsn(failing).replace("mwk_tests_0123456789abcdef", key))
    phone = open_page(failing, "/errors", phone=True)
    expect(issues(phone).first).to_be_visible()
    screenshot(phone, "errors-phone")
    assert accessibility_violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    issues(phone).filter(has_text="PaymentFailed").get_by_role("button").click()
    expect(phone.get_by_role("region", name="Stack trace")).to_contain_text("raise PaymentFailed")
    screenshot(phone, "issue-phone")
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert accessibility_violations(phone) == []


def issues(page: Page) -> Locator:
    return page.get_by_role("region", name="Issues", exact=True).locator("tbody tr")


def listed(server: Server) -> list[dict[str, Any]]:
    with server.api() as api:
        found: list[dict[str, Any]] = api.get("/api/v1/issues", params={"status": "all"}).json()["issues"]
        return found
