"""Failed runs in a browser: from nothing, over a run with its arguments, to many that are replayed with a reason."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine

import midwatch
from midwatch.sdk.handlers.registry import REGISTRY
from midwatch.sdk.handlers.sql_store import SqlStore
from tests.browser.conftest import accessibility_violations, screenshot
from tests.conftest import KEY, Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
CLOSED = True
SENT: list[str] = []
RUNS = 3


@midwatch.replayable("sms.invite", key=lambda invite: invite["id"])
def invite(invite: dict[str, str]) -> None:
    if CLOSED:
        raise TimeoutError("the gateway does not answer")
    SENT.append(invite["id"])


@pytest.fixture
def app(empty_server: Server, tmp_path: Path) -> Iterator[Server]:
    """This process as an app that fails."""
    engine = create_engine(f"sqlite:///{tmp_path}/app.db")
    SqlStore(engine).create()
    midwatch.init(
        service="linkup", environment="production", dsn=f"http://{KEY}@{urlsplit(empty_server.otlp_http_url).netloc}"
    )
    midwatch.replay_store(engine=engine)
    yield empty_server
    REGISTRY.ledger = None
    midwatch.shutdown()
    engine.dispose()


def fail(server: Server) -> int:
    """The issue of the runs that failed."""
    for number in range(RUNS):
        with midwatch.work(f"linkup-{number}"), pytest.raises(TimeoutError):
            invite({"id": f"invite-{number}", "linkup": f"L{number}"})
    assert midwatch.flush()
    with server.api() as api:

        def linked() -> set[int]:
            runs = api.get("/api/v1/handler-runs").json()["runs"]
            issues = {one["issue_id"] for one in runs}
            return issues if len(runs) == RUNS and None not in issues else set()

        (issue,) = eventually(linked, seconds=60)
    return issue


def test_failed_runs(app: Server, open_page: OpenPage) -> None:
    """One by one and all at once; what has run is gone from the list, and from the issue."""
    global CLOSED  # noqa: PLW0603 - the gateway of the app above
    page = open_page(app, "/errors")
    page.get_by_role("link", name="Failed runs").click()
    expect(page.get_by_text("No failed runs")).to_be_visible()
    issue = fail(app)
    page.goto(f"/errors/{issue}")
    page.get_by_role("link", name="3 runs failed here: replay").click()
    table = page.get_by_role("region", name="Failed runs", exact=True)
    expect(table.locator("tbody tr")).to_have_count(RUNS)
    expect(table).to_contain_text("TimeoutError")
    assert accessibility_violations(page) == []
    screenshot(page, "failed-runs")

    table.locator("tbody tr", has_text="invite-1").get_by_role("button").click()
    drawer = page.get_by_role("complementary", name="Details")
    expect(drawer.get_by_text("the gateway does not answer")).to_be_visible()
    drawer.get_by_role("button", name="Show arguments").click()
    expect(drawer.get_by_text('"linkup": "L1"')).to_be_visible()
    assert accessibility_violations(page) == []
    drawer.get_by_role("button", name="Replay", exact=True).click()
    form = page.get_by_role("dialog", name="Replay 1 failed run")
    form.get_by_label("Reason").fill("is it still closed?")
    screenshot(page, "failed-runs-replay")
    form.get_by_role("button", name="Replay 1 run").click()
    expect(drawer.get_by_text("failed again")).to_be_visible()
    expect(drawer.get_by_text("is it still closed?")).to_be_visible()
    screenshot(page, "failed-run")

    CLOSED = False
    page.goto("/failed-runs")
    page.get_by_role("button", name="Replay all 3").click()
    form = page.get_by_role("dialog", name="Replay 3 failed runs")
    form.get_by_label("Reason").fill("the gateway is back")
    form.get_by_label("Runs a minute").fill("600")
    assert accessibility_violations(page) == []
    form.get_by_role("button", name="Replay 3 runs").click()
    expect(page.get_by_text("Replay: 3 of 3 runs over (3 ran)")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("No failed runs")).to_be_visible(timeout=30_000)
    assert sorted(SENT) == ["invite-0", "invite-1", "invite-2"]
    page.get_by_text("Done since").click()
    expect(table.locator("tbody tr")).to_have_count(RUNS)
    screenshot(page, "failed-runs-done")
    phone = open_page(app, "/failed-runs?standing=done", phone=True, dark=True)
    expect(phone.get_by_text("invite-1")).to_be_visible()
    assert accessibility_violations(phone) == []
    screenshot(phone, "failed-runs-phone")
