"""Domain events in the page: what has happened to whom, which states entities are in, and whether it is all true."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
PLAN = """
entities:
  linkup:
    description: A group that is being brought together
    states: [created, broadcasting, locked, completed, expired]
    initial: created
    transitions:
      created: [broadcasting]
      broadcasting: [locked, expired]
      locked: [completed]
    stuck_after: {broadcasting: 2h, locked: 1d}
"""
LINKUPS = 40


def story(number: int, rnd: random.Random) -> list[dict[str, Any]]:
    """Of one linkup, up to where it has come."""
    states = ["created", "broadcasting", "expired" if number % 4 == 0 else "locked", "completed"]
    if number % 4 == 0:
        states.pop()
    at, before = datetime.now(UTC) - timedelta(minutes=50 + rnd.uniform(0, 5)), ""
    if number == 7:
        at -= timedelta(hours=5)
    found = []
    for step, state in enumerate(states[: 2 if number in (7, 8) else 4 if number % 3 else 3]):
        found.append(
            {
                "id": f"l{number}-{step}",
                "type": f"linkup.{state}",
                "time": at.isoformat(),
                "entity": {"type": "linkup", "id": number},
                "actor": f"admin:{'ann' if number % 2 else 'bob'}",
                "from": before,
                "to": state,
                "correlation_id": f"c-{number}",
                "service": "api",
                "environment": "production",
                "before": {"members": step, "region": "eu"},
                "after": {"members": step + 1, "region": "eu"},
                "metadata": {"region": "eu", "attempt": step},
            }
        )
        before, at = state, at + timedelta(minutes=rnd.uniform(1, 8))
    return found


@pytest.fixture(scope="module")
def business(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Forty linkups: most complete, some expire, one is stuck, one went where the plan does not lead."""
    directory = tmp_path_factory.mktemp("business")
    (plan := directory / "plan").mkdir()
    (plan / "midwatch.yml").write_text(PLAN)
    started = own_server(directory / "data", ("--plan", str(plan)))
    rnd = random.Random(3)
    events = [event for number in range(LINKUPS) for event in story(number, rnd)]
    wrong = story(8, rnd)[-1]
    events.append(wrong | {"id": "wrong", "from": "broadcasting", "to": "completed", "type": "linkup.completed"})
    with started.door(content_type="application/json") as door:
        assert door.post("/ingest/events", content=json.dumps(events)).status_code == 200
    with started.api() as api:
        eventually(lambda: api.get("/api/v1/events/chain").json()["position"] == len(events))
    yield started
    started.stop()


def test_events_are_narrowed_opened_and_verified(business: Server, open_page: OpenPage) -> None:
    """From the list to what changed, to the entity's story, and to whether anybody has touched it."""
    page = open_page(business, "/events?start=now-6h")
    expect(page.get_by_role("table").get_by_role("row")).not_to_have_count(0)
    page.get_by_role("combobox", name="Actor").fill("admin:ann")
    page.get_by_role("combobox", name="Actor").press("Enter")
    page.wait_for_url("**actor=admin:ann**")
    page.get_by_role("combobox", name="Entity").fill("linkup:9")
    page.get_by_role("combobox", name="Entity").press("Enter")
    page.wait_for_url("**entity_id=9**")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(4)
    page.get_by_role("button", name="linkup.broadcasting").click()
    detail = page.get_by_role("complementary")
    expect(detail.get_by_text("created → broadcasting")).to_be_visible()
    expect(detail.get_by_role("region", name="What changed").get_by_role("row")).to_have_count(2)
    screenshot(page, "events")
    assert accessibility_violations(page) == []
    detail.get_by_role("link", name="linkup:9").click()
    expect(page.get_by_role("heading", name="linkup:9")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="created → broadcasting")).to_be_visible()
    screenshot(page, "event-entity")
    assert accessibility_violations(page) == []
    page.go_back()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("events are what they were when they came")).to_be_visible()
    expect(page.get_by_text("Chain intact")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
def test_states_say_what_is_illegal_and_who_is_stuck(business: Server, open_page: OpenPage, phone: bool) -> None:
    page = open_page(business, "/events/states?start=now-6h", phone=phone, dark=phone)
    now = page.get_by_role("region", name="States now")
    expect(now.get_by_role("row", name="broadcasting")).to_be_visible()
    moves = page.get_by_role("region", name="Transitions", exact=True).last
    expect(moves.get_by_role("cell", name="illegal")).to_have_count(1)
    stuck = page.get_by_role("region", name="Stuck").last
    expect(stuck.get_by_role("link", name="linkup:7")).to_be_visible()
    expect(page.get_by_role("region", name="Illegal transitions").last.get_by_text("linkup:8")).to_be_visible()
    screenshot(page, f"event-states{'-phone' if phone else ''}")
    assert accessibility_violations(page) == []
    stuck.get_by_role("link", name="linkup:7").click()
    expect(page.get_by_text("stuck", exact=True)).to_be_visible()


def test_without_events_the_page_says_how_they_come(empty_server: Server, open_page: OpenPage) -> None:
    page = open_page(empty_server, "/events")
    expect(page.get_by_text("midwatch.outbox(session")).to_be_visible()
    page.get_by_role("link", name="States").click()
    expect(page.get_by_text("No entities yet")).to_be_visible()
    assert accessibility_violations(page) == []
