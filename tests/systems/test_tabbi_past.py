"""Rows of Tabbi's document that need days which lie behind: boards, objectives, backtests, anomalies."""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from examples.tabbi.history import BAD_RELEASE, HOUR, PROVIDER_DOWN, SLOW
from playwright.sync_api import Browser

from tests.systems.running import Example, example
from tests.systems.soulcaster import PATIENCE, reaches, signed_in, value
from tests.systems.tabbi import (
    SHOTS,
    SYSTEM,
    People,
    board,
    change,
    faults,
    firing,
    number_of,
    paged,
    panel,
    plan,
    rows,
)

pytestmark = [pytest.mark.rows, pytest.mark.timeout(1200)]
HEALTH, LIFECYCLE = "tabbi-service-health", "tabbi-session-lifecycle"


@pytest.fixture(scope="module")
def tabbi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with example("tabbi", tmp_path_factory.mktemp("tabbi"), "--history", "7d") as started:
        started.api.timeout = httpx.Timeout(PATIENCE)
        # All that was written is there to be asked for.
        began = started.began - 7 * 86_400 + 3600
        for name in ("session_created_total", "api_requests_total", "sandbox_boot_time_milliseconds_count"):
            for at in (began, started.began - 60):
                query = f"count({name} @ {at:.0f})"
                started.until(lambda query=query: value(started, query), 3 * PATIENCE)  # type: ignore[misc]
        yield started


def happened(days_ago: float, begun: float) -> datetime:
    """When something of the past began."""
    day = datetime.fromtimestamp(begun, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=days_ago) + timedelta(hours=HOUR)


def test_t15_service_health(tabbi: Example, browser: Browser, evidence: Callable[[str], None]) -> None:
    """All five of the document's panels, with failing WebSockets among the endpoints, as numbers and on the page."""
    people = People(tabbi)
    session = people.session()
    sockets = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    sockets["sec-websocket-key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    with faults(tabbi, "socket_drops"):
        refused = 0
        for _ in range(60):
            with people.http.stream("GET", f"/sessions/{session}/ws", headers=sockets, timeout=10) as answer:
                refused += answer.status_code == 503
    assert refused
    counted = 'sum(increase(api_requests_errors_total{endpoint="WS /sessions/:id/ws", status="503"}[5m]))'
    reaches(tabbi, counted, lambda found: found > 0)
    shares = tabbi.until(
        lambda: (found := panel(tabbi, HEALTH, "Error rate by endpoint")).get("WS /sessions/:id/ws", 0) > 0 and found,
        PATIENCE,
    )
    assert {"POST /sessions", "GET /sessions/:id", "WS /sessions/:id/ws"} <= shares.keys()
    assert shares["WS /sessions/:id/ws"] > 0
    assert shares["GET /sessions/:id"] < 0.02
    (rate,) = panel(tabbi, HEALTH, "Error rate").values()
    assert 0 < rate < shares["WS /sessions/:id/ws"]
    (throughput,) = panel(tabbi, HEALTH, "Throughput").values()
    reaches(tabbi, "60 * sum(rate(api_requests_total[5m]))", lambda found: abs(found - throughput) < 0.5 * throughput)
    (p95,) = panel(tabbi, HEALTH, "p95 latency").values()
    assert 1 < p95 < 2000
    day = board(tabbi, HEALTH)["Request rate"]
    assert "24h" in json.dumps(day)
    drawn = tabbi.api.get(
        "/prometheus/api/v1/query_range",
        params={
            "query": "sum(rate(api_requests_total[5m]))",
            "start": time.time() - 86_400,
            "end": time.time(),
            "step": 600,
        },
    ).json()["data"]["result"][0]["values"]
    assert len(drawn) > 130
    page = signed_in(tabbi, browser, f"/dashboards/{HEALTH}")
    page.get_by_text("WS /sessions/:id/ws").first.wait_for(timeout=60_000)
    for title in ("Error rate", "p95 latency", "Throughput", "Request rate", "Error rate by endpoint"):
        page.get_by_text(title, exact=True).first.wait_for()
    page.wait_for_timeout(2000)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "tabbi-service-health.png", full_page=True)
    text = page.locator("main").inner_text()
    assert re.search(r"\d+(\.\d+)?\s?%", text)
    assert re.search(r"\d+(\.\d+)?\s?ms", text)
    page.context.close()
    people.end(session)
    evidence(
        f"edge (Worker): error rate {rate:.2%}, p95 {p95:.0f} ms, {throughput:.0f} requests a minute, {len(drawn)} "
        f"points of 24 h, WebSockets fail by {shares['WS /sessions/:id/ws']:.1%} ({refused} of 60 refused); "
        "test-results/tabbi-service-health.png"
    )


def test_t16_session_lifecycle(tabbi: Example, browser: Browser, evidence: Callable[[str], None]) -> None:
    """Sessions in each state are there as they are made; transitions of 24 hours come with their shares."""
    people = People(tabbi, "bob")

    def states() -> dict[str, float]:
        return panel(tabbi, LIFECYCLE, "Sessions by state")

    # The past has to have landed, and figures are written four times a minute.
    tabbi.until(lambda: states().get("running", 0) > 100, PATIENCE)
    tabbi.settled('sum by (state) (entity_states{entity="session", env="production"})', 40)
    before = tabbi.until(states, PATIENCE)
    running, paused = people.session(), people.session()
    people.does(paused, "pause")
    with faults(tabbi, "sandbox_fails"):
        failed = people.session(becomes="error")
    tabbi.behave("sandboxes", "boot_slow", seconds=115)  # five seconds less than the system waits for it
    starting = people.start().json()["session_id"]

    def more() -> dict[str, float]:
        now = states()
        return {name: now.get(name, 0) - before.get(name, 0) for name in ("running", "paused", "starting", "error")}

    tabbi.until(lambda: set(more().values()) == {1}, PATIENCE)
    active = panel(tabbi, LIFECYCLE, "Active sessions")["A"]
    assert active == sum(states()[name] for name in ("running", "paused", "starting"))
    tabbi.behave("sandboxes", "ok")
    success = panel(tabbi, LIFECYCLE, "Success rate")["A"]
    boot = panel(tabbi, LIFECYCLE, "Average boot time")["A"]
    assert 0.9 < success < 1
    assert 5_000 < boot < 25_000
    (table,) = board(tabbi, LIFECYCLE)["State transitions in 24 hours"]["queries"]
    moved = {
        str(one[0]): (float(one[1]), float(one[2])) for one in rows(tabbi, table["text"].replace("$env", "production"))
    }
    assert moved.keys() == {
        "idle → starting",
        "starting → running",
        "starting → error",
        "running → paused",
        "paused → running",
    }
    assert moved["starting → running"][1] + moved["starting → error"][1] == pytest.approx(100, abs=0.2)
    page = signed_in(tabbi, browser, f"/dashboards/{LIFECYCLE}")
    page.get_by_text("starting → running").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "tabbi-session-lifecycle.png", full_page=True)
    page.context.close()
    people.becomes(starting, "running")
    people.end(running, paused, starting, failed)
    count, percent = moved["starting → running"]
    evidence(
        f"edge: {active:.0f} active, success {success:.1%}, boot {boot / 1000:.1f} s, one more running, paused, "
        f"starting and in error; starting → running {count:.0f} ({percent} %), "
        f"test-results/tabbi-session-lifecycle.png"
    )


def test_t25_when_rules_would_have_fired(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """Over seven days: each incident of the past once, at its time; also of a rule that is not in force."""

    def fired(**asked: object) -> list[datetime]:
        answer = tabbi.api.post("/api/v1/backtests", json={"start": "now-7d", **asked})
        assert answer.status_code == 200, answer.text
        return [datetime.fromisoformat(one["fired_at"]) for one in answer.json()["spans"] if one["fired_at"]]

    incidents = {
        "ApiDown": (BAD_RELEASE[0], 2),
        "SandboxCreationFailing": (PROVIDER_DOWN[0], 5),
        "HighLatency": (SLOW[0], 5),
    }
    told = []
    for alert, (days_ago, minutes) in incidents.items():
        found, began = fired(alert=alert), happened(days_ago, tabbi.began)
        assert len(found) == 1, (alert, found)
        late = (found[0] - began).total_seconds() / 60
        assert minutes <= late <= minutes + 4, (alert, late)
        told.append(f"{alert} {found[0]:%a %H:%M}")
    rule = (
        "groups: [{name: tried, rules: [{alert: Tried, for: 2m, "
        "expr: 'sum(rate(api_requests_errors_total{status=~\"5..\"}[1m])) > %s'}]}]"
    )
    assert len(fired(rule=rule % 0.5)) == 1
    assert fired(rule=rule % 500) == []
    assert firing(tabbi, "Tried") is None
    assert fired(alert="DatabaseUnavailable") == []
    evidence(f"over the last 7 days of edge's and modal's series: {', '.join(told)}; DatabaseUnavailable never")


def test_t35_objectives(tabbi: Example, browser: Browser, evidence: Callable[[str], None]) -> None:
    """Objective, budget left and burn rate; a fast burn over an hour and five minutes pages."""
    people = People(tabbi)
    before = tabbi.get("slos/api-availability")
    assert before["objective"]["target"] == 0.999
    bad = value(tabbi, 'sum(increase(api_requests_errors_total{status=~"5.."}[7d]))')
    whole = value(tabbi, "sum(increase(api_requests_total[7d]))")
    assert before["budget_left"] == pytest.approx(1 - bad / whole / 0.001, abs=0.15)
    hour = value(tabbi, "sum(increase(api_requests_total[1h]))")
    wanted = int(max(150, hour * 14.4 * 0.001 * 3))
    began = time.time()
    with faults(tabbi, "api_down"):
        for _ in range(wanted):
            assert people.http.get("/sessions").status_code == 500
    page_told = tabbi.until(lambda: paged(tabbi, "ApiBudgetBurns", began), 2 * PATIENCE)[0]
    now = tabbi.get("slos/api-availability")
    assert now["budget_left"] < before["budget_left"]
    (listed,) = tabbi.get("slos")["objectives"]
    assert listed["burn_rate"] > 14.4
    page = signed_in(tabbi, browser, "/alerts/slos")
    page.get_by_text("availability").first.wait_for(timeout=60_000)
    page.wait_for_timeout(1500)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "tabbi-slos.png", full_page=True)
    page.context.close()
    evidence(
        f"edge: of 99.9 % {before['budget_left']:.0%} of the budget was left, {now['budget_left']:.0%} after "
        f"{wanted} failures; "
        f"burn rate {listed['burn_rate']:.0f}; PagerDuty told of ApiBudgetBurns after {page_told['at'] - began:.0f} s"
    )


def test_t36_what_is_unusual(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """No threshold is set: so many sessions as never at this hour are found, and Slack is told."""
    text = (SYSTEM / "observability" / "rules" / "beyond.yml").read_text()
    (rule,) = [line for line in text.splitlines() if "anomaly:" in line]
    assert "above:" not in rule
    # In force anew, it learns of the past at once, and does not wait for a quarter of an hour.
    change(
        tabbi,
        "rules/beyond.yml",
        lambda told: told.replace("history: 14d", "history: 7d").replace("for: 15m", "for: 1m"),
    )

    def learned() -> dict[str, float] | None:
        found = [one for group in tabbi.get("rules", file="rules/beyond.yml")["groups"] for one in group["rules"]]
        (mine,) = [one for one in found if one["name"] == "SessionsUnusual"]
        series = tabbi.get(f"anomalies/{mine['id']}", start="now-1d")["series"]
        last = series[0]["points"][-1] if series else {}
        return last if last.get("upper") is not None else None

    band = tabbi.until(learned, 2 * PATIENCE)
    began = time.time()
    people = People(tabbi, "crowd")
    with faults(tabbi, "sandbox_fails"):
        wanted = int((band["upper"] + 0.1) * 900)
        for _ in range(wanted):
            people.start().raise_for_status()
        told = tabbi.until(lambda: tabbi.notified("/services/", "SessionsUnusual", began), 2 * PATIENCE)
    seen = number_of(json.dumps(firing(tabbi, "SessionsUnusual")["annotations"]["summary"]))  # type: ignore[index]
    assert seen > 0
    assert (plan(tabbi) / "rules" / "beyond.yml").exists()
    evidence(
        f"edge: {band['expected']:.3f} sessions a second are expected at this hour, {band['upper']:.3f} at most; "
        f"{wanted} in a minute were found unusual, Slack told after {told[0]['at'] - began:.0f} s"
    )
