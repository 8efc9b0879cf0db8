"""The page of costs: a month of a product's usage with budgets, an invoice, and an empty store."""

import random
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import bodies
from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
DAY_NS = 86_400 * 10**9
PLAN = """
currency: {base: USD, rates: {EUR: 1.08}}
prices:
  - {kind: sms, match: {country: DE}, amount: 0.0875, currency: EUR}
  - {kind: sms, tiers: [{amount: 0.0083}, {above: 1000, amount: 0.0081}]}
  - {kind: sandbox.seconds, amount: 0.0002}
budgets:
  - {name: llm, match: {kind: "llm.*"}, amount: 2, per: day, owner: ada, runbook: "https://example.test/llm"}
  - {name: messages, match: {kind: sms}, amount: 500}
  - {name: sandbox, match: {kind: sandbox.seconds}, amount: 0.05}
unit_costs:
  - {name: invited user, from: logs, search: 'event:user.invited', unique: user.id, match: {kind: sms}}
"""


@pytest.fixture(scope="module")
def spent(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = own_server(tmp_path_factory.mktemp("costs"), ("--retention", "logs=0,traces=0"))
    send_usage(started)
    with started.api() as api:
        applied = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": PLAN}}).json()
        assert applied["ok"], applied
    yield started
    started.stop()


def send_usage(server: Server) -> None:
    chance, now = random.Random(7), time.time_ns()
    records: dict[str, list[dict[str, Any]]] = {"api": [], "worker": []}
    for at in range(600):
        when = now - int(chance.random() * 28 * DAY_NS)
        model, country = chance.choice(["gpt-5", "gpt-5-mini", "claude-sonnet-4-5"]), chance.choice(["DE", "US", "US"])
        job = {"job": "draft", "job_id": f"d{at % 40}", "feature": chance.choice(["drafts", "chat"])}
        provider = "anthropic" if model.startswith("claude") else "openai"
        for kind, units in (("llm.input_tokens", 3_000), ("llm.output_tokens", 700)):
            about = {"cost.kind": kind, "cost.units": units, "model": model, "provider": provider, **job}
            records["worker"].append(cost(when, about))
        sms = {"cost.kind": "sms", "cost.units": 1 + at % 3, "country": country, "user_id": f"u{at % 12}"}
        records["api"].append(cost(when, {**sms, "feature": "invite"}))
    records["worker"] += [
        cost(now - at * DAY_NS, {"cost.kind": "sandbox.seconds", "cost.units": 400}) for at in range(20)
    ]
    records["worker"] += [cost(now - at * DAY_NS // 9, {"cost.kind": "llm.input_tokens", "cost.units": 9_000,
        "model": "our-own-7b", "provider": "ollama"}) for at in range(30)]  # fmt: skip
    records["api"] += [
        {"event_name": "user.invited", "time_unix_nano": now - at * DAY_NS, "attributes": {"user.id": f"u{at}"}}
        for at in range(8)
    ]
    for service, sent in records.items():
        with server.door() as door:
            body = bodies.logs(service, sent, **{"deployment.environment.name": "production"})
            answer = door.post("/v1/logs", params={"wait": "visible"}, content=body.SerializeToString())
        assert answer.is_success, answer.text


def cost(when: int, about: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_name": "cost",
        "body": "cost",
        "time_unix_nano": when,
        "attributes": {**about, "event.id": secrets.token_hex(8)},
    }


def test_from_a_sum_to_what_is_behind_it(spent: Server, open_page: OpenPage) -> None:
    """By kind, narrowed to one, by service then; its records a click away; what has no price says what to write."""
    page = open_page(spent, "/costs")
    values = page.get_by_role("region", name="Costs by kind")
    expect(values.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_text("Expected at its end")).to_be_visible()
    expect(page.get_by_role("figure", name="Costs by day")).to_be_visible()
    unpriced = page.get_by_role("region", name="Usage without a price")
    expect(unpriced.locator("tbody tr")).to_contain_text(["our-own-7b"])
    expect(page.get_by_text('match: {model: "our-own-7b"}')).to_be_visible()
    expect(page.get_by_role("region", name="Unit costs").locator("tbody tr")).to_contain_text(["invited user"])
    screenshot(page, "costs")
    assert accessibility_violations(page) == []

    values.get_by_role("button", name="sms").click()
    page.wait_for_url("**match=kind%3Dsms**")
    by_service = page.get_by_role("region", name="Costs by service")
    expect(by_service.locator("tbody button.row-open")).to_have_text(["api"])
    page.get_by_role("combobox", name="By").click()
    page.get_by_role("option", name="User", exact=True).click()
    users = page.get_by_role("region", name="Costs by user")
    expect(users.locator("tbody tr")).to_have_count(12)
    page.get_by_role("combobox", name="In", exact=True).click()
    page.get_by_role("option", name="EUR").click()
    expect(users.locator("tbody tr").first).to_contain_text("€")
    screenshot(page, "costs-by-user")
    users.get_by_role("link", name="Records").first.click()
    page.wait_for_url("**/logs?**")
    expect(page.get_by_role("grid").or_(page.get_by_role("table")).first).to_contain_text("cost")

    page.go_back()
    page.get_by_role("button", name="Take out kind sms").click()
    expect(page.get_by_role("group", name="Narrowed to")).to_have_count(0)


def test_budgets_and_who_fills_the_disk(spent: Server, open_page: OpenPage) -> None:
    page = open_page(spent, "/costs?tab=budgets")
    budgets = page.get_by_role("list", name="Budgets").get_by_role("listitem")
    expect(budgets).to_have_count(3)
    expect(budgets.filter(has_text="sandbox")).to_contain_text("spent")
    expect(budgets.filter(has_text="llm")).to_contain_text("ada")
    screenshot(page, "costs-budgets")
    assert accessibility_violations(page) == []
    budgets.filter(has_text="messages").get_by_role("link", name="messages").click()
    page.wait_for_url("**match=kind%3Dsms**")

    page.get_by_role("navigation", name="Costs").get_by_role("link", name="Storage").click()
    rows = page.get_by_role("region", name="Storage by service").locator("tbody tr")
    expect(rows.filter(has_text="worker")).to_contain_text("logs")
    expect(page.get_by_text("Logs most")).to_be_visible()
    screenshot(page, "costs-storage")
    assert accessibility_violations(page) == []


def test_an_invoice_is_compared(spent: Server, open_page: OpenPage, tmp_path: Path) -> None:
    """Imported in the page; a line that is wrong is named first."""
    month = f"{datetime.now(UTC):%Y-%m}"
    file = tmp_path / "twilio.csv"
    file.write_text("day,amount\nsoon,1\n")
    page = open_page(spent, "/costs?tab=invoices")
    expect(page.get_by_text("No invoices yet")).to_be_visible()
    form = page.get_by_role("form", name="Import an invoice")
    form.locator("input[type=file]").set_input_files(str(file))
    form.get_by_label("Vendor").fill("twilio")
    form.get_by_label("Month").fill(month)
    form.get_by_label("Our costs of it").fill("kind=sms")
    form.get_by_role("button", name="Import and compare").click()
    expect(page.get_by_text("line 2: day='soon'")).to_be_visible()
    file.write_text("day,amount\nsoon,1\nand more\n")
    form.get_by_role("button", name="Import and compare").click()
    expect(page.get_by_text("The file has changed since it was chosen")).to_be_visible()
    again = tmp_path / "twilio-again.csv"
    again.write_text(f"day,kind,amount\n{month}-01,sms,12.50\n")
    form.locator("input[type=file]").set_input_files(str(again))
    form.get_by_role("button", name="Import and compare").click()
    drawer = page.get_by_role("complementary", name="Details")
    expect(drawer.get_by_role("region", name="By kind").last).to_contain_text("$12.50")
    screenshot(page, "costs-invoice")
    assert accessibility_violations(page) == []
    drawer.get_by_role("button", name="Delete invoice").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete invoice").click()
    expect(page.get_by_text("No invoices yet")).to_be_visible()


def test_it_fits_a_phone_in_the_dark(spent: Server, open_page: OpenPage) -> None:
    for tab in ("spending", "budgets", "storage", "invoices"):
        page = open_page(spent, f"/costs?tab={tab}", phone=True, dark=True)
        expect(page.get_by_role("navigation", name="Costs")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
        screenshot(page, f"costs-phone-{tab}")
        assert accessibility_violations(page) == []


def test_where_nothing_was_used_it_says_how_to_begin(shop: Server, open_page: OpenPage) -> None:
    page = open_page(shop, "/costs")
    expect(page.get_by_text("No costs in this time range")).to_be_visible()
    expect(page.get_by_text('midwatch.cost("sms"')).to_be_visible()
    screenshot(page, "costs-empty")
    assert accessibility_violations(page) == []
    page.get_by_role("navigation", name="Costs").get_by_role("link", name="Budgets").click()
    expect(page.get_by_text("No budgets yet")).to_be_visible()
