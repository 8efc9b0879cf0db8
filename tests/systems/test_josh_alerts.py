"""JOSH's rows: who is told of what, what they find, and what is rehearsed."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.systems.josh_day import HURRY
from tests.systems.josh_people import CHESS, VISIBLE_SECONDS, Josh, attribute, midwatch, rows
from tests.systems.running import ROOT

pytestmark = [pytest.mark.rows, pytest.mark.timeout(2400)]
Evidence = Callable[[str], None]


def told_of(josh: Josh, alert: str, path: str, act: Callable[[], Any]) -> dict[str, Any]:
    """What a receiver is told of an alert, while something goes on going wrong."""
    began = time.time()

    def notified() -> dict[str, Any] | None:
        act()
        found = josh.system.notified(path, alert, after=began)
        return found[0] if found else None

    return josh.system.until(notified, seconds=VISIBLE_SECONDS)


def test_j16_pages(josh: Josh, evidence: Evidence) -> None:
    """The three critical alerts, each from what went wrong to PagerDuty's door."""
    person = josh.person()
    began = time.time()
    with josh.system.fault("database_gone"):
        inbound = told_of(josh, "InboundFailing", "/v2/enqueue", lambda: josh.write(person, "hm?"))
        payment = told_of(josh, "PaymentWebhookFailing", "/v2/enqueue", lambda: josh.pay(person))
    josh.system.until(lambda: josh.write(person, "hm?")["status"] == 200)
    with josh.system.fault("sms_down"):
        sending = told_of(josh, "SendFailures", "/v2/enqueue", lambda: josh.write(person, "hm?"))
    for one in (inbound, payment, sending):
        body = json.loads(one["body"])
        assert body["routing_key"] == "engineer-of-josh-routing-key-32c"
        assert body["event_action"] == "trigger"
    seconds = [round(one["at"] - began) for one in (inbound, payment, sending)]
    evidence(
        f"the engineer on call was paged of all three, {seconds} seconds after the first fault: times {HURRY} shorter"
    )


def test_j17_notifications(josh: Josh, evidence: Evidence) -> None:
    """Invalid JSON, the lock rate against last week, incidents against four weeks: to Slack, and nobody is paged."""
    person = josh.person()
    others = [josh.person() for _ in range(3)]
    began = time.time()
    with josh.system.fault("llm_invalid_json"):
        told_of(josh, "InvalidJson", "/services/", lambda: josh.write(person, "hm?"))
    told_of(josh, "LockRateDropped", "/services/", lambda: josh.write(person, CHESS))
    told_of(josh, "SafetySpike", "/services/", lambda: josh.write(others[0], "he was creepy"))
    for alert in ("InvalidJson", "LockRateDropped", "SafetySpike"):
        assert josh.system.notified("/v2/enqueue", alert, after=began) == []
    evidence("all three reached #josh-alerts, none PagerDuty; last week and the four weeks before are the written past")


def test_j18_the_digest(josh: Josh, evidence: Evidence) -> None:
    """Both wait for the team's hour, and come in one mail."""
    person = josh.person()
    for _ in range(2):
        josh.person()

    def both() -> bool:
        josh.write(person, "hm?")
        josh.write(person, CHESS)
        firing = {one["name"] for one in josh.system.get("alerts")["alerts"]}
        return {"ClarifierRateHigh", "AcceptRateLow"} <= firing

    josh.system.until(both, seconds=VISIBLE_SECONDS)
    assert josh.system.notified("mailto:", "ClarifierRateHigh") == []
    routes = Path(josh.system.told["data"]) / "plan" / "alertmanager.yml"
    soon = datetime.now(ZoneInfo("America/New_York")) + timedelta(seconds=75)
    began = time.time()
    routes.write_text(re.sub(r"at: '?09:00'?", f"at: '{soon:%H:%M}'", routes.read_text()))

    def mailed() -> list[dict[str, Any]] | None:
        return josh.system.notified("mailto:team@example.com", "ClarifierRateHigh", after=began) or None

    (mail, *more) = josh.system.until(mailed, seconds=VISIBLE_SECONDS)
    assert more == []
    assert "AcceptRateLow" in mail["body"]
    assert josh.system.notified("/v2/enqueue", "ClarifierRateHigh") == []
    evidence(f"nothing came before the hour of the digest; then one mail with both: {mail['body'].splitlines()[0]}")


def test_j19_the_alert_leads_on_and_climbs(josh: Josh, evidence: Evidence) -> None:
    """Its environment, its runbook with that filled in, and the founder where nobody acknowledges."""
    person = josh.person()
    began = time.time()
    with josh.system.fault("database_gone"):
        told_of(josh, "InboundFailing", "/v2/enqueue", lambda: josh.write(person, "hm?"))
        alert = next(one for one in josh.system.get("alerts")["alerts"] if one["name"] == "InboundFailing")
        runbook = josh.system.get("runbooks/no-reply", fingerprint=alert["fingerprint"])
        founder = josh.system.until(
            lambda: (
                josh.write(person, "hm?")
                and [
                    one
                    for one in josh.system.notified("/v2/enqueue", "InboundFailing", after=began)
                    if "founder-of" in one["body"]
                ]
            ),
            seconds=VISIBLE_SECONDS,
        )
    assert alert["labels"]["env"] == "prod"
    steps = [step["text"] for block in runbook["blocks"] for step in block["steps"]]
    assert any("prod" in step for step in steps), steps
    assert sum(block["kind"] in ("logs", "promql", "story") for block in runbook["blocks"]) >= 3
    evidence(
        f"the alert names prod and opens no-reply with it; unacknowledged, the founder was paged "
        f"{founder[0]['at'] - began:.0f} s after the fault (two minutes here instead of a quarter of an hour)"
    )


def answers(josh: Josh, name: str, **labels: str) -> dict[str, bool]:
    """Of each live block of a runbook, whether it shows anything."""
    told = josh.system.get(f"runbooks/{name}", label=[f"{key}={value}" for key, value in labels.items()])
    shown = {}
    for block in told["blocks"]:
        assert block["problem"] == "", block
        assert block["missing"] == [], block
        match block["kind"]:
            case "promql":
                shown[block["title"]] = bool(josh.system.promql(block["query"]))
            case "logs":
                shown[block["title"]] = bool(josh.system.get("logs", query=block["query"], start="now-1h")["rows"])
            case "story":
                name_, _, value = block["query"].partition("=")
                shown[block["title"]] = bool(josh.system.get("story", **{name_: value})["lines"])
    return shown


def test_j20_the_four_playbooks(josh: Josh, evidence: Evidence) -> None:
    """Each opens with ids of what happened, and every live step that has to show something does."""
    owner = josh.person()
    josh.person()
    message = josh.write(owner, CHESS)
    josh.pay(owner)
    josh.pay(owner, plan="of nobody")
    (linkup,) = rows(josh, "SELECT id FROM linkups ORDER BY id DESC LIMIT 1")
    josh.story("sms.inbound.routed", message_id=message["sid"])
    josh.story("invite_wave_sent", entity=f"linkup:{linkup['id']}")
    josh.story("entitlement.updated", entity=f"user:{owner.user_id}")
    books = {
        "no-reply": ({"message_id": message["sid"], "env": "prod"}, {"Outbound by outcome"}),
        "duplicate-invite": ({"linkup_id": str(linkup["id"])}, set()),
        "stuck-broadcasting": ({"linkup_id": str(linkup["id"])}, set()),
        "paid-but-paywalled": ({"user_id": str(owner.user_id)}, set()),
    }
    seen = {}
    for name, (labels, may_be_empty) in books.items():

        def all_shown(
            name: str = name, labels: dict[str, str] = labels, quiet: set[str] = may_be_empty
        ) -> dict[str, bool] | None:
            found = answers(josh, name, **labels)
            return found if all(shown for title, shown in found.items() if title not in quiet) else None

        seen[name] = josh.system.until(all_shown, seconds=VISIBLE_SECONDS)
    evidence(f"live steps with an answer: { {name: sum(found.values()) for name, found in seen.items()} }")


def test_j21_what_happened_to_x(josh: Josh, evidence: Evidence) -> None:
    """One timeline from the webhook to the invites and their call-backs, by correlation id, user and LinkUp."""
    owner = josh.person()
    josh.person()
    josh.system.until(lambda: josh.write(owner, CHESS)["status"] == 200)
    (linkup,) = rows(josh, "SELECT * FROM linkups ORDER BY id DESC LIMIT 1")
    correlation = linkup["correlation_id"]
    josh.story("invite_wave_sent", correlation_id=correlation)
    told = josh.story("sms.delivered", correlation_id=correlation)
    titles = [one["title"] for one in told["lines"]]
    for step in (
        "sms.inbound.received",
        "linkup.created",
        "linkup.invite_wave_sent",
        "sms.outbound.sent",
        "sms.delivered",
    ):
        assert any(step in title for title in titles), (step, titles)
    assert {one["name"] for one in told["services"]} == {"api", "core", "worker"}
    kinds = set(told["kinds"])
    assert {"log", "event", "message"} <= kinds, kinds  # spans of three in four traces are not kept
    counts = {}
    for asked_for in ({"user_id": str(owner.user_id)}, {"entity": f"linkup:{linkup['id']}"}):
        counts |= {name: josh.story("linkup", **asked_for)["total_lines"] for name in asked_for}
    markdown = josh.system.api.get("/api/v1/story", params={"correlation_id": correlation, "format": "markdown"})
    assert "linkup.created" in markdown.text
    evidence(
        f"{told['total_lines']} lines of {sorted(kinds)} from api, core and worker for one correlation id, invites' "
        f"call-backs included; by user and LinkUp {counts}; exported as Markdown"
    )


def test_j23_josh_tests_what_it_tells(josh: Josh, evidence: Evidence) -> None:
    """Its own tests, in Python with `midwatch.testing` and in Node.js, run as its team runs them."""
    environment = {**os.environ, **josh.system.told["environment"], "MIDWATCH_DSN": "", "OTEL_SDK_DISABLED": "true"}
    folder = ROOT / "examples" / "josh"
    python = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            "--rootdir",
            ".",
            "told_test.py",
        ],
        cwd=folder / "service",
        env={**environment, "SCHEMA": "own_tests", "ENVIRONMENT": "test"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert python.returncode == 0, python.stdout[-3000:] + python.stderr[-1000:]
    node = subprocess.run(
        ["node", "--test"],
        cwd=folder / "api",
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert node.returncode == 0, node.stdout[-3000:]
    passed = re.search(r"(\d+) passed", python.stdout)
    in_node = re.search(r"# pass (\d+)", node.stdout) or re.search(r"pass (\d+)", node.stdout)
    assert passed and in_node  # noqa: PT018
    evidence(f"{passed[1]} tests of core with midwatch.testing and {in_node[1]} of api with node --test pass")


def test_j24_rehearsals(josh: Josh, evidence: Evidence) -> None:
    """The model that does not answer, and the message that is not sent."""
    person = josh.person()
    with josh.system.fault("llm_timeout"):
        message = josh.write(person, "what now")
        assert message["status"] == 200
    found = josh.correlation(message)
    for event in ("llm.intent.request", "llm.intent.fallback_clarifier", "sms.outbound.sent"):
        josh.lines(f"event:{event} correlation_id:{found}")
    assert "I+did+not+get+that" in " ".join(josh.texts_to(person))
    assert josh.reaches('sum(llm_intent_failures_total{env="prod", reason="timeout"})', 1) >= 1
    with josh.system.fault("sms_down"):
        message = josh.write(person, "and now")
        found = josh.correlation(message)
        attempts = josh.lines(f"event:sms.outbound.send_attempt correlation_id:{found}", least=3)
        failures = josh.lines(f"event:sms.outbound.failed correlation_id:{found}", least=3)
        told_of(josh, "SendFailures", "/v2/enqueue", lambda: josh.write(person, "hm?"))
    assert sorted(attribute(one, "attempt") for one in attempts) == [1, 2, 3]
    evidence(
        f"without an answer of the model core asked back, and its lines say so; with Twilio down the worker tried "
        f"{len(attempts)} times, told of {len(failures)} failures, and PagerDuty of SendFailures"
    )


def test_j25_verify_and_the_wire(josh: Josh, evidence: Evidence) -> None:
    """From outside: what is missing in staging, and a request that is followed to the text that arrives."""
    verified = midwatch(josh, "verify", "--env", "staging", "--since", "1h", "--format", "json")
    assert verified.returncode == 1, verified.stderr
    told = json.loads(verified.stdout)
    by_check: dict[str, int] = {}
    for one in told["findings"]:
        by_check[one["check"]] = by_check.get(one["check"], 0) + 1
        assert one["todo"], one
    wire = midwatch(josh, "verify", "--wire", "--env", "staging")
    assert wire.returncode == 0, wire.stdout + wire.stderr
    steps = [line.strip() for line in wire.stdout.splitlines() if "✓" in line]
    with josh.system.fault("worker_dead"):
        pass
    evidence(f"verify names {by_check} in staging, each with what to do; --wire passed: {'; '.join(steps)}")


def test_j26_noise_stays_out(josh: Josh, evidence: Evidence) -> None:
    """Warnings wake nobody, a flood is one issue, and one that is ignored stays quiet."""
    person, began = josh.person(), time.time()
    for _ in range(80):
        josh.write(person, "hm?", token="not the token")
    issue = josh.issue("sms_inbound", "signature")
    josh.system.until(
        lambda: josh.system.get(f"issues/{issue['id']}")["issue"]["events"] >= 80 or None, seconds=VISIBLE_SECONDS
    )
    assert issue["severity"] == "warning"
    assert josh.system.notified("/services/", "NewIssue", after=began) == []
    answer = josh.system.api.post("/api/v1/issues/changes", json={"ids": [issue["id"]], "status": "ignored"})
    assert answer.is_success, answer.text
    known = josh.system.get(f"issues/{issue['id']}")["issue"]["events"]
    josh.write(person, "hm?", token="not the token")
    now = josh.system.until(
        lambda: found if (found := josh.system.get(f"issues/{issue['id']}")["issue"])["events"] > known else None,
        seconds=VISIBLE_SECONDS,
    )
    assert now["status"] == "ignored"
    evidence("80 forged signatures at api are one issue of severity warning; nobody was told; ignored, it stays so")


def test_j27_call_backs_are_on_the_story(josh: Josh, evidence: Evidence) -> None:
    """By the id of the message that somebody wrote, to the call-back that says how the answer fared."""
    person = josh.person()
    message = josh.write(person, "hm?")
    told = josh.story("sms.delivered", message_id=message["sid"])
    related = [one for one in told["related"] if one["kind"] == "message"]
    assert related
    with josh.system.fault("sms_undelivered"):
        lost = josh.write(person, "hm?")
        josh.system.until(
            lambda: rows(josh, "SELECT 1 FROM sms_messages WHERE status = 'undelivered'"), seconds=VISIBLE_SECONDS
        )
    failed = josh.story("sms.undelivered", message_id=lost["sid"])
    assert any("undelivered" in one["text"] or one["kind"] == "failure" for one in failed["remarks"]), failed["remarks"]
    evidence(
        f"the story of {message['sid']} goes on to {related[0]['value']}, of which core was told under another "
        "correlation id that it was delivered; one that was not delivered is remarked as a failure"
    )


def test_j28_environments_stay_apart(josh: Josh, evidence: Evidence) -> None:
    """The same services in production and staging: lines, metrics, issues, alerts and who is told."""
    names = set(josh.system.get("environments")["environments"])
    assert {"prod", "staging"} <= names
    person, began = josh.person("staging_api"), time.time()
    message = josh.write(person, "only here")
    josh.lines(f"twilio_message_sid:{message['sid']} env:staging")
    elsewhere = josh.system.get("logs", query=f"twilio_message_sid:{message['sid']} env:prod", start="now-1h")["rows"]
    assert elsewhere == []
    found = josh.correlation(message)
    told = josh.story("sms.delivered", correlation_id=found)
    assert {one["environment"] for one in told["lines"] if one["environment"]} == {"staging"}

    def staging_told() -> bool:
        josh.write(person, "hm?")
        alerts = josh.system.get("alerts")["alerts"]
        mine = [one for one in alerts if one["name"] == "SendFailures" and one["labels"].get("env") == "staging"]
        return bool(mine) and bool(josh.system.notified("/services/", "SendFailures", after=began))

    with josh.system.fault("sms_rejected"):
        josh.system.until(staging_told, seconds=VISIBLE_SECONDS)
    paged = [
        one for one in josh.system.notified("/v2/enqueue", "SendFailures", after=began) if "staging" in one["body"]
    ]
    assert paged == []
    evidence(
        f"{sorted(names)}: a message of staging is in no line and no story of production; "
        "its SendFailures went to Slack"
    )
