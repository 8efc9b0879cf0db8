"""The demo's page in a real browser: another system is chosen, broken and healed, and has a week behind it."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.faults, pytest.mark.browser, pytest.mark.timeout(900)]
START_MS_MAX = 300_000
NEWCOMER_MS_MAX = 300_000
SHOTS = Path(__file__).parents[2] / "test-results"


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The addresses that it prints: `look`, which signs in, and `other systems`."""
    options = ("--data", str(tmp_path), "--port", "0", "--demo-port", "0")
    with subprocess.Popen(
        [sys.executable, "-m", "examples.demo", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        addresses: dict[str, str] = {}
        for line in process.stdout:
            if found := re.search(r"(look|other systems) +(http\S+)", line):
                addresses[found[1]] = found[2]
            if "other systems" in addresses:
                yield addresses
                break
        process.terminate()
        process.communicate(timeout=180)
    assert process.returncode == 0, addresses


def test_a_newcomer_sees_why_the_alert_fired(printed: dict[str, str], browser: Browser) -> None:
    """The tutorial's first five minutes, from the printed address to the statement that failed; the watch runs."""
    began = time.monotonic()
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(printed["look"])
    page.get_by_text("Later").click()
    fires = page.get_by_role("main").get_by_role("link", name=re.compile(r"StockLocked: \d+ orders failed"))
    fires.first.click(timeout=NEWCOMER_MS_MAX)
    runbook = page.get_by_role("complementary", name="Details").get_by_role("region", name="Runbook")
    runbook.get_by_text("cannot reserve stock").first.wait_for(timeout=30_000)
    fired = time.monotonic() - began
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "newcomer-alert.png")
    runbook.get_by_text("cannot reserve stock").first.click()
    page.get_by_role("complementary", name="Details").get_by_role("link", name="Open trace").click()
    expect(page.get_by_text("UPDATE stock").first).to_be_visible(timeout=30_000)
    page.get_by_text("UPDATE stock").first.click()
    expect(page.get_by_text("canceling statement due to lock timeout").first).to_be_visible()
    page.screenshot(path=SHOTS / "newcomer-trace.png")
    took = time.monotonic() - began
    print(f"the alert was there after {fired:.0f} s, its cause after {took:.0f}")
    assert took < NEWCOMER_MS_MAX / 1000
    page.context.close()


def test_another_system_is_chosen_broken_and_healed(printed: dict[str, str], browser: Browser, tmp_path: Path) -> None:
    """The shop ends, JOSH starts with a week behind it; Midwatch opens signed in, on JOSH's boards."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(printed["other systems"])
    expect(page.locator("#now")).to_contain_text("A small shop runs")
    page.get_by_role("button", name="Show JOSH").click()
    expect(page.locator("#now")).to_contain_text("is starting", timeout=START_MS_MAX)
    expect(page.locator("#now")).to_contain_text(re.compile("JOSH.* runs"), timeout=START_MS_MAX)
    page.get_by_role("button", name="Break: llm_timeout").click()
    page.get_by_role("button", name="Heal: llm_timeout").click()
    expect(page.get_by_role("button", name="Break: llm_timeout")).to_be_visible()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Open Midwatch").click()
    opened.value.get_by_text("Later").click()
    opened.value.get_by_role("link", name="Dashboards").click()
    expect(opened.value.get_by_text("JOSH, product health")).to_be_visible(timeout=30_000)
    told = json.loads((tmp_path / "josh" / "example.json").read_text())
    with httpx.Client(base_url=told["midwatch_url"], headers={"authorization": f"Bearer {told['token']}"}) as api:
        asked = {"query": "sum(increase(linkups_created_total[1d]))", "time": time.time() - 5 * 86_400}
        answer = api.get("/prometheus/api/v1/query", params=asked).raise_for_status().json()
        services = {one["name"] for one in api.get("/api/v1/services").json()["services"]}
    assert float(answer["data"]["result"][0]["value"][1]) > 0
    assert "storefront" not in services
    context.close()
