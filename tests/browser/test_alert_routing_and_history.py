"""Where alerts go, what happened to them, and ten thousand of them at once, in a browser."""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-1"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
TEAMS, STORM = 150, 10_000
ALERTS = "/alertmanager/api/v2/alerts"
LOADS_MS = 60_000
"""For a machine that does much else; what has to be quick is measured by itself."""


def _team(at: int) -> dict[str, Any]:
    """A route with one below it for what may wait."""
    waits = {"matchers": ['severity="info"'], "receiver": "nobody", "repeat_interval": "1d"}
    return {"matchers": [f'team="team-{at:03d}"'], "receiver": f"team-{at:03d}", "routes": [waits]}


ROUTES = {
    "route": {
        "receiver": "floor",
        "group_by": ["alertname"],
        "group_wait": "1s",
        "group_interval": "1s",
        "routes": [
            {"matchers": ['severity="critical"'], "receiver": "on-call", "continue": True, "group_by": ["..."]},
            {"matchers": ['team="shop"'], "receiver": "shop", "mute_time_intervals": ["nights"]},
            *(_team(at) for at in range(TEAMS)),
        ],
    },
    "receivers": [
        {"name": "floor"},
        {"name": "nobody"},
        {"name": "phones", "webhook_configs": [{"url": "http://127.0.0.1:9/"}]},
        {"name": "shop", "webhook_configs": [{"url": "http://127.0.0.1:9/"}]},
        {"name": "on-call", "escalation_configs": [{"policy": "page"}]},
        *({"name": f"team-{at:03d}"} for at in range(TEAMS)),
    ],
    "time_intervals": [
        {"name": "nights", "time_intervals": [{"times": [{"start_time": "22:00", "end_time": "24:00"}]}]}
    ],
}
MIDWATCH = {
    "on_call": {
        "people": {
            "ana": {"name": "Ana Ortiz", "receiver": "phones"},
            "bo": {"name": "Bo Lind", "receiver": "phones"},
        },
        "schedules": {"primary": {"layers": [{"people": ["ana", "bo"], "turn": "1d", "starts": "2026-01-05 00:00"}]}},
        "escalations": {"page": {"steps": [{"schedules": ["primary"]}, {"after": "10m", "receivers": ["phones"]}]}},
    }
}
RULES = """groups:
  - name: shop
    rules:
      - alert: Flappy
        expr: vector(0) > 1
        annotations: {summary: It comes and goes, runbook: none}
"""
PLAN = {
    "midwatch.yml": json.dumps(MIDWATCH | {"runbooks": "off"}),
    "alertmanager.yml": json.dumps(ROUTES),
    "rules/shop.yml": RULES,
}


@pytest.fixture(scope="module")
def bare(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without a plan, to which nothing has happened."""
    server = own_server(tmp_path_factory.mktemp("routed"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def routed(bare: Server) -> Server:
    """It has routes for hundreds of teams, and somebody is on call."""
    with bare.api() as api:
        applied = api.post("/api/v1/plan/apply", json={"files": PLAN}).json()
        assert applied["ok"], applied
    return bare


@pytest.fixture(scope="module")
def flapped(routed: Server) -> Server:
    """An alert came four times, and somebody looked at another."""
    flappy, seen = {"alertname": "Flappy", "zone": "a"}, {"alertname": "Seen", "zone": "b", "severity": "critical"}
    with routed.api() as api:
        for times in range(1, 5):
            post(api, flappy)
            post(api, flappy, ended=True)
            eventually(lambda: len(happened(api, rule="Flappy", kind="resolved")) == times)  # noqa: B023
        post(api, seen)
        (found,) = eventually(lambda: happened(api, rule="Seen", kind="firing"))
        eventually(lambda: happened(api, rule="Seen", kind="notified"))
        mark = {"kind": "acknowledged", "fingerprint": found["fingerprint"], "comment": "On it"}
        assert api.post("/api/v1/alert-marks", json=mark).status_code == 201
    return routed


def post(api: httpx.Client, *alerts: dict[str, str], ended: bool = False) -> None:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    times = {"endsAt": now} if ended else {"startsAt": now, "endsAt": "2100-01-01T00:00:00Z"}
    body = [{"labels": one, "annotations": {"summary": f"{one['alertname']} fires"}, **times} for one in alerts]
    answer = api.post(ALERTS, json=body)
    assert answer.status_code == 200, answer.text


def happened(api: httpx.Client, **asked: str) -> list[dict[str, Any]]:
    return list(api.get("/api/v1/alert-history", params=asked).json()["events"])


def routes(page: Page) -> Locator:
    return page.get_by_role("treegrid", name="Routes").locator("tbody tr[role=row]")


def details(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Details")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_without_a_plan_the_pages_say_what_to_write(bare: Server, open_page: OpenPage) -> None:
    """The file, the command and where it is documented; a history of nothing leads further back."""
    page = open_page(bare, "/alerts/routing")
    main = page.locator("main")
    expect(main).to_contain_text("No routes yet", timeout=LOADS_MS)
    expect(main).to_contain_text("alertmanager.yml")
    expect(page.get_by_role("link", name=re.compile("Alertmanager's documentation"))).to_be_visible()
    assert accessibility_violations(page) == []
    screenshot(page, "routing-empty")
    page.get_by_role("navigation", name="Alerts").get_by_role("link", name="History").click()
    expect(main).to_contain_text("No changes in this time range")
    page.get_by_text("Noise by rule").click()
    expect(main).to_contain_text("No rule fired in this time range")
    page.get_by_role("button", name="Look at the last 6 hours").click()
    expect(page).to_have_url(re.compile(r"tab=noise.*start=now-6h|start=now-6h.*tab=noise"))


def test_hundreds_of_routes_are_read_and_asked(routed: Server, open_page: OpenPage) -> None:
    """Folded at first; the way of an alert is opened, with who is on call then, and what mutes it; all in the URL."""
    page = open_page(routed, "/alerts/routing")
    expect(page.locator("main")).to_contain_text(f"{2 * TEAMS + 3} routes", timeout=LOADS_MS)
    expect(routes(page).first).to_contain_text("Everything")
    expect(routes(page).nth(1)).to_contain_text("continue")
    assert routes(page).count() < 100  # Only those in sight.
    page.get_by_role("textbox", name="Where would this go?").fill("severity=critical team=shop")
    page.get_by_role("button", name="Ask").click()
    answer = page.get_by_role("region", name="Where it would go")
    expect(answer).to_contain_text("To 2 receivers")
    expect(page).to_have_url(re.compile("labels=severity"))
    calls = answer.get_by_role("list", name="On call for on-call")
    expect(calls).to_contain_text(re.compile(r"at once(Ana Ortiz|Bo Lind) \(on duty in primary\) by phones"))
    expect(calls).to_contain_text("after 10 min")
    expect(routes(page).nth(2)).to_contain_text("goes here")
    expect(routes(page).nth(3)).to_contain_text("not asked")
    screenshot(page, "routing-asked")
    assert accessibility_violations(page) == []
    page.goto("/alerts/routing?labels=severity=critical team=shop&at=2026-01-06T23:00:00Z")
    expect(answer).to_contain_text("Muted by nights", timeout=LOADS_MS)
    expect(answer).to_contain_text("Bo Lind (on duty in primary)")
    expect(answer).to_contain_text("2026-01-06 23:00:00")
    page.goto("/alerts/routing?labels=team=team-149 severity=info")
    expect(answer).to_contain_text("nobody", timeout=LOADS_MS)
    expect(answer).to_contain_text("Seen on the page alone")
    answer.get_by_role("button", name="Show in the tree").click()
    expect(routes(page).filter(has_text="goes here")).to_be_in_viewport()
    expect(routes(page).filter(has_text="goes here")).to_have_attribute("aria-level", "3")
    page.locator("body").press("k")
    expect(page.get_by_role("row", selected=True)).to_contain_text('team="team-149"')
    page.locator("body").press("ArrowLeft")
    expect(page.get_by_role("row", selected=True)).to_have_attribute("aria-expanded", "false")
    page.get_by_role("textbox", name="Filter routes").fill("team-07")
    expect(routes(page)).to_have_count(21)
    page.get_by_role("textbox", name="Where would this go?").fill("severity=~critical")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("main")).to_contain_text("an alert has values and no patterns; write severity=value")


def test_routes_fit_a_phone_in_the_dark(routed: Server, open_page: OpenPage) -> None:
    """Nothing scrolls sideways; a silence that would hide it is told."""
    silence = {"text": 'team="shop"', "ends_at": "2100-01-01T00:00:00Z", "comment": "moving"}
    with routed.api() as api:
        made = api.post("/api/v1/silences", json=silence).json()
        page = open_page(routed, "/alerts/routing?labels=severity=critical team=shop", phone=True, dark=True)
        expect(page.get_by_role("region", name="Where it would go")).to_contain_text(
            "1 silence would hide it", timeout=LOADS_MS
        )
        assert fits(page)
        screenshot(page, "routing-phone-dark")
        assert accessibility_violations(page) == []
        api.delete(f"/api/v1/silences/{made['id']}")


def test_history_is_looked_through_and_noise_is_told(flapped: Server, open_page: OpenPage) -> None:
    """Changes by rule, matchers and kind, each opening its alert; rules by noise with what would mend them."""
    page = open_page(flapped, "/alerts/history")
    rows = page.get_by_role("region", name="Changes of alerts").locator("tbody tr:not([aria-hidden])")
    expect(rows.filter(has_text="Acknowledged by").filter(has_text="On it")).to_have_count(1, timeout=LOADS_MS)
    expect(rows.filter(has_text="Told phones")).not_to_have_count(0)
    screenshot(page, "history-changes")
    page.get_by_role("textbox", name="Alerts that match").fill('alertname="Flappy", zone=~"a|x"')
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("matchers=alertname"))
    expect(rows).to_have_count(8)
    page.get_by_role("combobox", name="Kind of change").click()
    page.get_by_role("option", name="Resolved").click()
    expect(rows).to_have_count(4)
    page.locator("main").press("j")
    page.keyboard.press("Enter")
    expect(details(page).get_by_role("heading", level=2).first).to_have_text("Flappy")
    expect(details(page)).to_contain_text("Does not fire")
    assert accessibility_violations(page) == []
    details(page).get_by_role("link", name="Where it goes").click()
    expect(page.get_by_role("textbox", name="Where would this go?")).to_have_value("alertname=Flappy zone=a")
    expect(page.get_by_role("region", name="Where it would go")).to_contain_text("floor")
    page.goto("/alerts/history?matchers=zone=~(")
    expect(page.locator("main")).to_contain_text("filter: ", timeout=LOADS_MS)
    page.goto("/alerts/history?tab=noise")
    noise = page.get_by_role("region", name="Noise by rule").locator("tbody tr:not([aria-hidden])")
    flappy = noise.filter(has_text="Flappy")
    expect(flappy).to_contain_text("keep_firing_for: 15m", timeout=LOADS_MS)
    expect(flappy.locator("td.num").first).to_have_text("4")
    expect(noise.first).to_contain_text("Flappy")
    screenshot(page, "history-noise")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Acknowledged").click()
    expect(page).to_have_url(re.compile("sort=acknowledged"))
    expect(noise.first).to_contain_text("Seen")
    noise.filter(has_text="Seen").get_by_role("link", name="Changes of Seen").click()
    expect(page.get_by_text("Rule Seen")).to_be_visible()
    page.go_back()
    flappy.get_by_role("link", name="Flappy", exact=True).click()
    expect(page).to_have_url(re.compile(r"/alerts/rules/[^?]+"))
    phone = open_page(flapped, "/alerts/history?tab=noise", phone=True, dark=True)
    expect(phone.get_by_role("region", name="Noise by rule")).to_contain_text("keep_firing_for", timeout=LOADS_MS)
    assert fits(phone)
    screenshot(phone, "history-noise-phone-dark")


@pytest.fixture(scope="module")
def storm(flapped: Server) -> Server:
    """Ten thousand alerts fire: half of them are of one rule, the others of two hundred. Nothing is said of severity
    but by one."""
    crowd = [
        {"alertname": "Crowd" if at % 2 else f"Rule {at // 2 % 200}", "host": f"host-{at:05d}"}
        for at in range(STORM - 1)
    ]
    with flapped.api() as api:
        post(api, *crowd, {"alertname": "Crowd", "host": "the-grave-one", "severity": "page"})
        eventually(lambda: api.get("/api/v1/alert-groups", params={"limit": 1}).json()["counts"]["all"] > STORM)
    return flapped


@pytest.mark.faults
def test_ten_thousand_alerts_stay_usable(storm: Server, open_page: OpenPage) -> None:
    """Open in seconds with the whole count told; the gravest first; walked by keys, filtered and shown by group, though
    the document holds only what is in sight."""
    page = open_page(storm, "/alerts/rules")
    expect(page.get_by_role("region", name="Rules")).to_be_visible(timeout=LOADS_MS)
    began = time.monotonic()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Alerts", exact=True).click()
    table = page.get_by_role("region", name="Alerts")
    expect(table).to_contain_text("host-", timeout=LOADS_MS)
    assert time.monotonic() - began < 15
    main = page.locator("main")
    expect(main).to_contain_text("10,001 alerts in")
    expect(main).to_contain_text(re.compile(r"The [\d,]+ most urgent of 10,001 alerts are shown"))
    expect(page.get_by_text("All 10 k")).to_be_visible()
    grave = table.locator("tbody tr", has_text="host=the-grave-one")
    expect(grave).to_be_in_viewport()
    screenshot(page, "storm")
    assert page.locator("tbody tr").count() < 150
    assert len(json.dumps(page.evaluate("fetch('/api/v1/alert-groups?limit=500').then(one => one.text())"))) < 2_000_000
    for _ in range(60):
        page.keyboard.press("j")
    picked = table.locator("tr[data-current=true]")
    expect(picked).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(details(page).get_by_role("heading", level=2).first).to_have_text(re.compile("Crowd|Rule|Seen"))
    page.keyboard.press("Escape")
    main.evaluate("one => { one.scrollTop = one.scrollHeight }")
    expect(table.locator("tbody tr:not([aria-hidden])").last).to_be_in_viewport()
    main.evaluate("one => { one.scrollTop = 0 }")
    page.get_by_role("textbox", name="Filter alerts").fill("crowd host-09997")
    expect(main).to_contain_text("1 alert in 1 group", timeout=LOADS_MS)
    expect(table).to_contain_text("host-09997")
    page.get_by_role("textbox", name="Filter alerts").fill("")
    expect(main).to_contain_text("10,001 alerts in", timeout=LOADS_MS)
    main.evaluate("one => { one.scrollTop = 0 }")
    table.locator("tbody tr", has_text="Crowd").first.get_by_role("button", name="Show this group alone").click()
    expect(main).to_contain_text("The 1,000 most urgent of 5,000 alerts are shown", timeout=LOADS_MS)
    page.get_by_role("button", name="All groups").click()
    expect(main).to_contain_text("10,001 alerts in", timeout=LOADS_MS)


@pytest.mark.faults
def test_an_outage_leaves_what_was_known_in_sight(storm: Server, open_page: OpenPage) -> None:
    """Answers of 503, and none at all: told in a line with the old list below it, and gone when the server is back. A
    page that was never filled says what failed while it tries again."""
    page = open_page(storm, "/alerts")
    table = page.get_by_role("region", name="Alerts")
    expect(table).to_contain_text("host=the-grave-one", timeout=LOADS_MS)
    complaint = {"error": "cannot ask the workspace: it does not answer", "code": "unavailable", "request_id": "req-7"}

    def refuse(route: Route) -> None:
        route.fulfill(status=503, json=complaint)

    def hang_up(route: Route) -> None:
        route.abort()

    for outage, said in ((refuse, complaint["error"]), (hang_up, "Midwatch does not answer")):
        page.route("**/api/v1/alert-groups**", outage)
        expect(page.locator("main")).to_contain_text(f"What you see is older: {said}", timeout=LOADS_MS)
        expect(table).to_contain_text("host=the-grave-one")
        assert page.locator("main").get_by_role("alert").count() == 0
        screenshot(page, f"storm-outage-{outage.__name__}")
        page.unroute("**/api/v1/alert-groups**")
        expect(page.locator("main")).not_to_contain_text("What you see is older", timeout=LOADS_MS)
    page.route("**/api/v1/alert-*", refuse)
    page.get_by_role("navigation", name="Alerts").get_by_role("link", name="History").click()
    expect(page.locator("main")).to_contain_text(f"Cannot load the history: {complaint['error']}", timeout=LOADS_MS)
    expect(page.locator("main")).to_contain_text("It is being tried again")
    page.unroute("**/api/v1/alert-*")
    expect(page.get_by_role("region", name="Changes of alerts")).to_contain_text("Began to fire", timeout=LOADS_MS)
