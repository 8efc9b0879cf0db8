"""Rows of Tabbi's document on alerts: from what goes wrong to who is told, sixty times as fast."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.systems.running import Example, example
from tests.systems.soulcaster import PATIENCE, again_and_again
from tests.systems.tabbi import People, change, faults, firing, office_hours, paged, ticketed, told_of

pytestmark = [pytest.mark.rows, pytest.mark.timeout(1500)]
HURRY = 60


@pytest.fixture(scope="module")
def tabbi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with example("tabbi", tmp_path_factory.mktemp("tabbi"), "--hurry", str(HURRY)) as started:
        started.api.timeout = httpx.Timeout(PATIENCE)
        office_hours(started, now=True)
        yield started


def look(people: People, times: int = 4) -> None:
    """Some requests, whatever comes of them."""
    for _ in range(times):
        people.http.get("/sessions")


def together(people: People) -> None:
    """Some requests at once, since each may take long."""
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda _: people.http.get("/sessions"), range(4)))


def told_while(
    tabbi: Example, fault: str, act: Callable[[], object], told: Callable[[float], list[dict[str, object]]]
) -> float:
    """Seconds from the fault to whoever was told first; what was told is none of before."""
    began = time.time()
    with faults(tabbi, fault):
        found = again_and_again(act, lambda: told(began), seconds=2 * PATIENCE)
    return float(found[0]["at"]) - began


def opsgenie(tabbi: Example, alert: str, after: float) -> list[dict[str, object]]:
    """What Opsgenie was told of it: alerts that it was to create."""
    return [one for one in tabbi.notified("/opsgenie/v2/alerts", alert, after) if one["path"] == "/opsgenie/v2/alerts"]


def calm(tabbi: Example, people: People) -> None:
    """Nothing of the API's alerts fires any more, so that what comes is told anew."""
    again_and_again(
        lambda: look(people, 2),
        lambda: not any(firing(tabbi, one) for one in ("ApiDown", "HighErrorRate")),
        2 * PATIENCE,
    )


@contextmanager
def well_again(tabbi: Example, people: People) -> Iterator[None]:
    """After it, requests are answered once more."""
    yield
    tabbi.until(lambda: people.http.get("/sessions").status_code == 200, PATIENCE)


def test_t19_people_are_paged(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """The three P0: PagerDuty is told, with the link that rolls back, and so is the rollback hook."""
    people = People(tabbi)
    heard: dict[str, float] = {}
    cases = (
        ("ApiDown", "api_down", lambda: look(people)),
        ("DatabaseUnavailable", "database_gone", lambda: look(people)),
        ("SandboxCreationFailing", "sandbox_fails", lambda: (people.start(), time.sleep(0.5))),
    )
    first = time.time()
    for alert, fault, act in cases:
        with well_again(tabbi, people):
            heard[alert] = told_while(tabbi, fault, act, lambda since, alert=alert: paged(tabbi, alert, since))  # type: ignore[misc]
        (page, *_) = paged(tabbi, alert, first)
        assert page["payload"]["severity"] == "critical"
        links = {one["text"]: one["href"] for one in page["links"]}
        assert links["Roll back"] == "https://deploys.tabbi.example/rollback?env=production"
        hooks = tabbi.until(lambda alert=alert: tabbi.notified("/webhook/rollback", alert, first), PATIENCE)  # type: ignore[misc]
        assert told_of(hooks[0])["alerts"][0]["annotations"]["rollback"] == links["Roll back"]
    evidence(
        "PagerDuty and the rollback hook were told, from the fault on at 60 times the document's speed, of "
        + ", ".join(f"{alert} in {seconds:.0f} s" for alert, seconds in heard.items())
    )


def test_t20_warnings_in_business_hours(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """The three P1: Opsgenie is told, and PagerDuty is not."""
    office_hours(tabbi, now=True)
    people = People(tabbi, "carl")
    heard: dict[str, float] = {}
    first = time.time()

    for alert, fault, act in (
        ("HighErrorRate", "error_spike", lambda: look(people, 8)),
        ("HighLatency", "latency", lambda: together(people)),
    ):
        heard[alert] = told_while(tabbi, fault, act, lambda since, alert=alert: opsgenie(tabbi, alert, since))  # type: ignore[misc]

    # Each machine takes 65 s to boot: one a second comes, for as long as rules have to see it.
    made: list[str] = []

    def start() -> None:
        if len(made) < 18:
            answer = people.start()
            if answer.status_code == 201:
                made.append(answer.json()["session_id"])
        time.sleep(1.5)

    heard["SandboxBootSlow"] = told_while(
        tabbi, "sandbox_boot_slow", start, lambda since: opsgenie(tabbi, "SandboxBootSlow", since)
    )
    for session_id in made:
        people.becomes(session_id, "running", "error")
    people.end(*made)
    for alert in heard:
        assert paged(tabbi, alert, first) == []
    evidence(
        "Opsgenie was told, from the fault on at 60 times the document's speed, of "
        + ", ".join(f"{alert} in {seconds:.0f} s" for alert, seconds in heard.items())
    )


def test_t21_tickets(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """The three P2 are issues in the team's repository; an issue is closed when it is over."""
    people = People(tabbi, "dora")
    people.start(repository="tabbi/app")
    heard: dict[str, float] = {}
    first = time.time()
    low = tabbi.until(lambda: ticketed(tabbi, "LowSessions", tabbi.began), PATIENCE)
    heard["LowSessions"] = low[0]["at"] - tabbi.began
    for alert, fault in (("ElevatedErrors", "error_spike"), ("ElevatedLatency", "latency")):
        heard[alert] = told_while(
            tabbi,
            fault,
            lambda: together(people),
            lambda since, alert=alert: ticketed(tabbi, alert, since),  # type: ignore[misc]
        )
    for alert in heard:
        assert paged(tabbi, alert, first) == []
        assert [one for one in ticketed(tabbi, alert, tabbi.began) if one["labels"] == ["alert"]]

    def closed() -> bool:
        look(people, 4)
        asked = [one for one in tabbi.seen("github") if one["method"] == "PATCH" and one["at"] > first]
        return any(told_of(one) == {"state": "closed", "state_reason": "completed"} for one in asked)

    tabbi.until(closed, 2 * PATIENCE)
    issues = httpx.get(f"{tabbi.told['outside_url']}/github/repos/tabbi/app/issues", params={"labels": "alert"}).json()
    evidence(
        "GitHub has issues, from the fault on at 60 times the document's speed, of "
        + ", ".join(f"{alert} in {seconds:.0f} s" for alert, seconds in heard.items())
        + f"; {len(issues)} are still open, others were closed when it was over"
    )


def test_t22_routes_and_hours(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """Critical pages and goes on to Slack; a warning waits for business hours; information is Slack's, and its end."""
    people = People(tabbi, "eve")
    calm(tabbi, people)
    office_hours(tabbi, now=False)
    began = time.time()
    with faults(tabbi, "api_down"):
        again_and_again(
            lambda: look(people),
            lambda: paged(tabbi, "ApiDown", began) and firing(tabbi, "HighErrorRate"),
            2 * PATIENCE,
        )
        slack = again_and_again(lambda: look(people), lambda: tabbi.notified("/services/", "ApiDown", began))
        # The warning fires, and nobody is told, for longer than its group waits.
        waited = time.time() + 30
        while time.time() < waited:
            look(people)
            time.sleep(0.5)
        assert opsgenie(tabbi, "HighErrorRate", began) == []
        opened = time.time()
        office_hours(tabbi, now=True)
        again_and_again(lambda: look(people), lambda: opsgenie(tabbi, "HighErrorRate", opened), 2 * PATIENCE)
    assert tabbi.notified("/services/", "HighErrorRate", began) == []
    began = time.time()
    with faults(tabbi, "github_limited"):
        people.start()
        tabbi.until(lambda: tabbi.notified("/services/", "GitHubLimitLow", began), PATIENCE)

    def over() -> list[dict[str, object]]:
        people.start()
        time.sleep(1)
        return [one for one in tabbi.notified("/services/", "GitHubLimitLow", began) if "[RESOLVED" in str(one["body"])]

    tabbi.until(over, 2 * PATIENCE)
    assert paged(tabbi, "GitHubLimitLow", began) == []
    evidence(
        f"ApiDown: PagerDuty, and Slack {slack[0]['at'] - began:+.0f} s of it; HighErrorRate: nobody outside business "
        "hours, Opsgenie as soon as they began; GitHubLimitLow: Slack alone, firing and resolved"
    )


def test_t37_the_runbook_of_a_firing_alert(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """Opened from the alert, its queries are filled in with the alert's labels, and answer."""
    people = People(tabbi, "finn")
    calm(tabbi, people)
    began = time.time()
    with faults(tabbi, "api_down"):
        (page, *_) = again_and_again(lambda: look(people), lambda: paged(tabbi, "ApiDown", began), 2 * PATIENCE)
        links = [one["href"] for one in page["links"] if "runbook" in one["href"]]
        assert links
        alert = firing(tabbi, "ApiDown")
        assert alert
        assert alert["labels"]["env"] == "production"
        book = tabbi.get("runbooks/api-errors", fingerprint=alert["fingerprint"])
        live = [one for one in book["blocks"] if one["kind"] != "markdown"]
        assert len(live) == 3
        assert all(not one["missing"] and not one["problem"] for one in live)
        assert all('"production"' in one["query"] and "$labels" not in one["query"] for one in live)
        (share,) = tabbi.promql(live[0]["query"])
        assert float(share["value"][1]) > 0.5
        errors = tabbi.get("logs", query=live[2]["query"])
    steps = [step["text"] for one in book["blocks"] for step in one["steps"]]
    assert len(steps) == 3
    evidence(
        f"the page of ApiDown links {links[0]}; its {len(live)} live queries have env=production filled in: "
        f"{float(share['value'][1]):.0%} of requests fail, {len(errors['rows'])} error lines of the edge"
    )


def test_t38_slack(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """A message to #alerts when it fires, and one when it is over, as Slack documents them."""
    people = People(tabbi, "gus")
    calm(tabbi, people)
    began = time.time()
    with faults(tabbi, "api_down"):
        again_and_again(lambda: look(people), lambda: tabbi.notified("/services/", "ApiDown", began), 2 * PATIENCE)
    over = again_and_again(
        lambda: look(people),
        lambda: [one for one in tabbi.notified("/services/", "ApiDown", began) if "esolved" in one["body"].lower()],
        2 * PATIENCE,
    )
    first = tabbi.notified("/services/", "ApiDown", began)[0]
    message = told_of(first)
    assert message["channel"] == "#alerts"
    text = json.dumps(message)
    assert "requests fail in production" in text
    assert "runbook" in text.lower()
    evidence(
        f"Slack's webhook was told of ApiDown {first['at'] - began:.0f} s after the edge began to fail, "
        f"and {over[-1]['at'] - first['at']:.0f} s later that it is over"
    )


def test_t40_pagerduty_and_opsgenie(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """One incident each: the same key when told again, when somebody acknowledges, and when it is over."""
    office_hours(tabbi, now=True)
    change(tabbi, "alertmanager.yml", lambda text: text.replace("repeat_interval: 240s", "repeat_interval: 20s"))
    people = People(tabbi, "hal")
    calm(tabbi, people)
    began = time.time()
    with faults(tabbi, "api_down"):
        again_and_again(lambda: look(people), lambda: len(paged(tabbi, "ApiDown", began)) > 1, 2 * PATIENCE)
        again_and_again(lambda: look(people), lambda: len(opsgenie(tabbi, "HighErrorRate", began)) > 1, 2 * PATIENCE)
        pages = {one["dedup_key"] for one in paged(tabbi, "ApiDown", began)}
        aliases = {told_of(one)["alias"] for one in opsgenie(tabbi, "HighErrorRate", began)}
        assert (len(pages), len(aliases)) == (1, 1)
        for alert in ("ApiDown", "HighErrorRate"):
            fires = firing(tabbi, alert)
            assert fires
            mark = {"kind": "acknowledged", "fingerprint": fires["fingerprint"], "comment": "on it"}
            answer = tabbi.api.post("/api/v1/alert-marks", json=mark)
            assert answer.status_code == 201, answer.text
        (alias,) = aliases
        again_and_again(lambda: look(people), lambda: paged(tabbi, "ApiDown", began, "acknowledge"))
        again_and_again(
            lambda: look(people), lambda: tabbi.notified(f"/opsgenie/v2/alerts/{alias}/acknowledge", "", began)
        )
    again_and_again(lambda: look(people), lambda: paged(tabbi, "ApiDown", began, "resolve"), 2 * PATIENCE)
    again_and_again(
        lambda: look(people), lambda: tabbi.notified(f"/opsgenie/v2/alerts/{alias}/close", "", began), 2 * PATIENCE
    )
    times = len(paged(tabbi, "ApiDown", began)), len(opsgenie(tabbi, "HighErrorRate", began))
    evidence(
        f"edge failing: PagerDuty was told {times[0]} times under one dedup_key, acknowledged and resolved; "
        f"Opsgenie {times[1]} times under one alias, acknowledged and closed"
    )
