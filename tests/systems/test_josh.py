"""JOSH's rows: what is told, how it stays private, and what can be run again."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

import pytest
import yaml
from examples.outside import sms

from tests.integration.privacy.canaries import Canaries
from tests.integration.privacy.decoded import Search
from tests.systems.josh_people import CHESS, SUPPORT, VISIBLE_SECONDS, Josh, attribute, midwatch, rows
from tests.systems.running import ROOT, example

pytestmark = [pytest.mark.rows, pytest.mark.timeout(2400)]
Evidence = Callable[[str], None]
PLAN = ROOT / "examples" / "josh" / "observability"
CATEGORIES = {
    *("sms_inbound", "sms_outbound", "stripe_webhook", "llm_intent", "llm_extraction", "linkup_orchestration"),
    *("matching_scoring", "dashboard_auth", "safety_escalation", "admin_action", "db_schema"),
}
SMS_EVENTS = (
    *("sms.inbound.received", "sms.inbound.duplicate_sid", "sms.inbound.signature_invalid", "sms.inbound.routed"),
    *("sms.outbound.job_created", "sms.outbound.send_attempt", "sms.outbound.sent", "sms.outbound.failed"),
)
LLM_EVENTS = (
    *("llm.intent.request", "llm.intent.response", "llm.intent.invalid_json", "llm.intent.fallback_clarifier"),
)
LINKUP_EVENTS = (
    *("linkup.created", "linkup.broadcasting_started", "linkup.invite_wave_sent", "linkup.lock_attempt"),
    *("linkup.locked", "linkup.expired", "linkup.canceled"),
)
OTHER_EVENTS = (
    *("stripe.webhook.received", "stripe.webhook.duplicate_event", "entitlement.updated"),
    *("safety.keyword_hit", "safety.incident_created", "safety.hold_applied"),
    *("admin.action", "admin.replay_triggered"),
)


def test_j01_one_correlation_id_from_webhook_to_rows_lines_and_events(josh: Josh, evidence: Evidence) -> None:
    """Begun at both webhooks, at an admin's act and at a scheduled run."""
    person = josh.person()
    message = josh.write(person, "hm?")
    found = josh.correlation(message)
    job = josh.system.until(
        lambda: rows(josh, "SELECT * FROM sms_outbound_jobs WHERE correlation_id = %s AND status = 'sent'", found)
    )[0]
    (inbound,) = rows(josh, "SELECT * FROM sms_messages WHERE twilio_message_sid = %s", message["sid"])
    assert inbound["correlation_id"] == job["correlation_id"] == found
    lines = josh.lines(f"correlation_id:{found} event:sms.outbound.sent")
    (event, *_) = josh.events("sms.sent", correlation_id=found)
    assert event["service"] == "worker"
    services = {one["service"] for one in josh.lines(f"correlation_id:{found}", least=5)}
    assert services == {"api", "core", "worker"}

    payment = josh.pay(person)
    (paid,) = rows(josh, "SELECT * FROM stripe_events WHERE stripe_event_id = %s", payment["id"])
    for table in ("subscriptions", "entitlements"):
        (row,) = rows(josh, f"SELECT correlation_id FROM {table} WHERE user_id = %s", person.user_id)
        assert row["correlation_id"] == paid["correlation_id"] != found
    assert josh.lines(f"correlation_id:{paid['correlation_id']} event:entitlement.updated")

    assert josh.refused("/api/admin/incidents/987654/resolve", SUPPORT) == 404
    (act, *_) = josh.lines("event:admin.action incident_id:987654")
    assert attribute(act, "correlation_id")

    (run, *_) = josh.lines('service:worker env:prod body:"job completed" job:linkup-expiry')
    assert attribute(run, "correlation_id")
    evidence(
        f"api began {found}; core's row {inbound['id']}, the worker's job {job['id']}, {len(lines)} line of its "
        "sending and the event sms.sent have it; so have a payment, an act and a scheduled run theirs"
    )


def test_j02_domain_events_share_the_fate_of_the_change(josh: Josh, evidence: Evidence) -> None:
    """Through a database that goes away in the middle, every committed change has its event, once, and in the chain."""
    person = josh.person()
    before = len(rows(josh, "SELECT 1 FROM linkups"))
    answers = []
    for number in range(12):
        if number == 4:
            with josh.system.fault("database_gone"):
                answers += [josh.write(person, CHESS)["status"] for _ in range(3)]
        answers.append(josh.write(person, CHESS)["status"])
    assert 502 in answers
    assert 200 in answers
    made = rows(josh, "SELECT id FROM linkups ORDER BY id")[before:]
    told = rows(josh, "SELECT entity_id FROM domain_events WHERE type = 'linkup.created'")
    assert {str(one["id"]) for one in made} <= {one["entity_id"] for one in told}
    assert len(told) == len({one["entity_id"] for one in told})

    def arrived() -> bool:
        there = josh.system.get("events", type="linkup.created", start="now-1h", env="prod", limit=500)["events"]
        ids = [one["entity"]["id"] for one in there]
        return len(ids) == len(set(ids)) and {one["entity_id"] for one in told} <= set(ids)

    josh.system.until(arrived, seconds=VISIBLE_SECONDS)
    chain = midwatch(josh, "events", "verify")
    assert chain.returncode == 0, chain.stdout + chain.stderr
    evidence(
        f"{answers.count(200)} of {len(answers)} messages were taken by core while PostgreSQL went and came; "
        f"{len(made)} LinkUps, {len(made)} events linkup.created, none twice; the chain holds"
    )


def failed_run(josh: Josh, handler: str, after: float) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        runs = josh.system.get("handler-runs", handler=handler, env="prod")["runs"]
        fresh = [one for one in runs if datetime.fromisoformat(one["failed"][:26] + "+00:00").timestamp() > after]
        return fresh[0] if fresh else None

    return josh.system.until(found, seconds=VISIBLE_SECONDS)


def replayed(josh: Josh, run: str, reason: str) -> str:
    """Its outcome."""
    made = josh.system.api.post("/api/v1/handler-replays", json={"ids": [run], "reason": reason})
    assert made.status_code == 202, made.text

    def ended() -> str | None:
        (order,) = josh.system.get(f"handler-replays/{made.json()['batch_id']}")["orders"]
        return order["outcome"] or None

    return josh.system.until(ended, seconds=VISIBLE_SECONDS)


def test_j03_failed_jobs_and_stuck_broadcasts_run_again_once(josh: Josh, evidence: Evidence) -> None:
    """From Midwatch by an engineer, with a reason, in the app itself; what has finished is not run again."""
    owner, other = josh.person(), josh.person()
    waiting = "SELECT 1 FROM sms_outbound_jobs WHERE status NOT IN ('sent', 'failed')"
    josh.system.until(lambda: not rows(josh, waiting), seconds=VISIBLE_SECONDS)  # what fails is not another's welcome
    began = time.time()
    with josh.system.fault("sms_down"):
        josh.write(owner, "hm?")
        run = failed_run(josh, "sms.outbound", began)
    texts = len(josh.texts_to(owner))
    assert replayed(josh, run["id"], "Twilio is back") == "done"
    assert len(josh.texts_to(owner)) == texts + 1
    told = josh.events("handler.replayed", correlation_id=run["correlation_id"])
    again = josh.system.api.post("/api/v1/handler-replays", json={"ids": [run["id"]], "reason": "once more"})
    assert again.status_code in (202, 409), again.text
    time.sleep(3)
    assert len(josh.texts_to(owner)) == texts + 1

    with josh.system.fault("stuck_linkup"):
        josh.write(owner, CHESS)
        stuck = failed_run(josh, "linkup.broadcast", began)
    (linkup,) = rows(josh, "SELECT * FROM linkups WHERE owner_id = %s ORDER BY id DESC LIMIT 1", owner.user_id)
    assert linkup["state"] == "broadcasting"
    assert rows(josh, "SELECT 1 FROM invites WHERE linkup_id = %s", linkup["id"]) == []
    assert replayed(josh, stuck["id"], "the wave was not sent") == "done"
    invited = rows(josh, "SELECT user_id FROM invites WHERE linkup_id = %s", linkup["id"])
    assert other.user_id in {one["user_id"] for one in invited}

    for role, expected in (("viewer", 403), ("editor", 403)):
        body = {"name": f"josh-{role}", "role": role, "scopes": ["read", "write"]}
        token = josh.system.api.post("/api/v1/tokens", json=body).json()["token"]
        asked = josh.system.api.post(
            "/api/v1/handler-replays",
            json={"ids": [run["id"]], "reason": "may I"},
            headers={"authorization": f"Bearer {token}"},
        )
        assert asked.status_code == expected
    assert josh.refused("/api/admin/outbound/1/replay", SUPPORT) == 403
    actions = josh.system.get("audit", limit=200)
    assert "Twilio is back" in json.dumps(actions)
    evidence(
        f"sms.outbound and linkup.broadcast failed in the worker and ran again there by orders; the text arrived once, "
        f"{len(invited)} were invited; viewers, editors and JOSH's support are refused with 403; the reason is in the "
        f"audit log, and {told[0]['service']} told handler.replayed on the story of the first run"
    )


def test_j04_errors_have_the_eleven_categories_and_ids(josh: Josh, evidence: Evidence) -> None:
    """Each made to happen where it happens in production; severities as the document has them."""
    person, _invited = josh.person(), josh.person()
    newcomer = josh.number()
    josh.write(person, "what", token="not the token")
    josh.refused("/api/admin/session", "nobody")
    josh.refused("/api/admin/linkups/987654/cancel", SUPPORT)
    josh.pay(person, plan="of nobody")
    josh.write(person, "nothing at all")
    josh.issue("matching_scoring")
    with josh.system.fault("stuck_linkup"):
        josh.write(person, CHESS)
        time.sleep(2)
    with josh.system.fault("llm_invalid_json"):
        josh.write(person, "hm")
        josh.post("api", "/api/register", {"phone": newcomer, "region": "sf"})
        code = josh.system.until(lambda: josh._code(newcomer))
        josh.post("api", "/api/verify", {"phone": newcomer, "code": code})
        url = f"{josh.system.url('api')}/api/twilio/inbound"
        josh.system.outside.post("/sms/write", json={"url": url, "sender": newcomer, "text": "I like chess"})
    with josh.system.fault("sms_down"):
        josh.write(person, "hm")
        josh.write(person, "he was creepy")
        time.sleep(3)
    found = {category: josh.issue(category) for category in sorted(CATEGORIES)}
    assert found["sms_inbound"]["severity"] == "warning"
    assert found["stripe_webhook"]["severity"] == "critical"
    assert found["sms_outbound"]["severity"] == "error"
    assert found["llm_intent"]["severity"] == "warning"
    for category, ids in {"sms_inbound": ["twilio_message_sid"], "stripe_webhook": ["stripe_event_id"]}.items():
        latest = josh.system.get(f"issues/{found[category]['id']}/events/latest")
        tags = latest["facts"]["tags"]
        assert {"category", "correlation_id", *ids} <= set(tags), tags
        assert latest["facts"]["environment"] == "prod"
        assert any(one.get("category") == "handler" for one in latest["event"]["breadcrumbs"]["values"])
    services = {one["service"] for one in found.values()}
    evidence(f"{len(found)} categories from {', '.join(sorted(services))}, each by what went wrong there")


def leaks(directory: Path, numbers: list[str], texts: list[str]) -> dict[str, str]:
    """Which of these stand anywhere in what Midwatch and the processes have written, decoded, and where first."""
    canaries = Canaries()
    canaries.planted = dict.fromkeys((*numbers, *texts), "JOSH's traffic")
    forms = canaries.forms() | {quote_plus(value).encode(): value for value in canaries.planted}
    return Search(forms).in_directory(directory, without=frozenset({"plan"}))


def searched(directory: Path, monkeypatch: pytest.MonkeyPatch, *, privacy: str) -> tuple[set[str], dict[str, str]]:
    """A release that is careless with what it logs, and its traffic; all that is private of it, and what was found."""
    monkeypatch.setenv("JOSH_CARELESS", "1")
    monkeypatch.setenv("JOSH_PRIVACY", privacy)
    with example("josh", directory) as system:
        josh = Josh(system)
        people = [josh.person() for _ in range(3)]
        texts = [f"zebra {n} crossing {time.time_ns()} quagga" for n in range(6)]
        for number, text in enumerate(texts):
            josh.write(people[number % 3], text)
        with system.fault("database_gone"):
            josh.write(people[0], texts[0])
        with system.fault("sms_down"):
            josh.write(people[1], texts[1], sid=sms.new_sid())
        josh.lines("event:sms.inbound.received", least=16)
        numbers = [one.number for one in people]
    return {*numbers, *texts}, leaks(directory, numbers, texts)


def test_j05_no_text_and_no_number_reaches_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evidence: Evidence
) -> None:
    """Every byte of Midwatch's data and of what the processes print, decoded; the control run finds all of them."""
    private, control = searched(tmp_path / "control", monkeypatch, privacy="off")
    assert set(control) == private, private - set(control)
    private, found = searched(tmp_path / "real", monkeypatch, privacy="on")
    assert found == {}
    places = sorted({where.split("/")[0] for where in control.values()})
    evidence(
        f"a careless release of api and core logs texts and numbers: with the rules off all {len(control)} are found "
        f"on disk (in {', '.join(places)}), with them none of {len(private)}"
    )


def traces_of(josh: Josh, env: str, root: str) -> list[dict[str, Any]]:
    found = josh.system.get(
        "traces", query='service:api name:"POST /api/twilio/inbound"', env=env, start=root, limit=200
    )
    return [one for one in found["traces"] if one["root_operation"] == "POST /api/twilio/inbound"]


def test_j06_traces_are_sampled_whole_and_rates_stay_true(josh: Josh, evidence: Evidence) -> None:
    """Staging keeps all, production a quarter, and of a kept trace every span."""
    began = datetime.now(ZoneInfo("UTC")).isoformat()
    people = {"prod": josh.person(), "staging": josh.person("staging_api")}
    counted = josh.value('sum(sms_inbound_total{env="prod", instance!=""})')
    messages = 40
    for number in range(messages):
        josh.write(people["prod"], f"hm {number}?")
        if number % 4 == 0:
            josh.write(people["staging"], f"hm {number}?")
    josh.reaches('sum(sms_inbound_total{env="prod", instance!=""})', counted + messages)

    def staged() -> list[dict[str, Any]] | None:
        found = traces_of(josh, "staging", began)
        return found if len(found) == messages // 4 + 1 else None

    staging = josh.system.until(staged, seconds=VISIBLE_SECONDS)
    kept = traces_of(josh, "prod", began)
    assert 1 <= len(kept) <= messages * 0.6
    for one in [*kept, *staging]:
        spans = josh.system.get(f"traces/{one['trace_id']}")["spans"]
        known = {span["span_id"] for span in spans}
        orphans = [span["name"] for span in spans if span["parent_span_id"] and span["parent_span_id"] not in known]
        assert orphans == [], one
        assert {"api", "core"} <= {span["service"] for span in spans}
    for name in ("db_query_ms", "llm_latency_ms", "twilio_send_latency_ms"):
        assert josh.value(f'sum({name}_count{{env="prod"}})') > 0, name
    evidence(
        f"of {messages + 1} messages to api in production {len(kept)} are traces, in staging all {len(staging)} of "
        f"{messages // 4 + 1}; none has an orphan; sms_inbound_total counted all, and the three durations are there"
    )


def test_j07_lines_have_the_keys_on_stdout_and_in_the_sink(josh: Josh, evidence: Evidence) -> None:
    """What the three processes print is what Midwatch has."""
    josh.write(josh.person(), "hm?")
    printed = {}
    for process in ("api", "core", "worker"):
        text = (Path(josh.system.told["data"]) / "logs" / f"{process}.log").read_text()
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        events = [
            line
            for line in lines
            if re.fullmatch(r"[a-z]+(\.[a-z_]+)+", line["event"]) and "start" not in line["event"]
        ]
        assert events, process
        for line in events:
            assert {"ts", "level", "event", "env", "correlation_id"} <= set(line), line
            assert line["level"] in ("debug", "info", "warn", "warning", "error"), line
            datetime.fromisoformat(line["ts"])
        printed[process] = events[-1]
    for process, line in printed.items():
        query = f"service:{process} event:{line['event']} correlation_id:{line['correlation_id']}"
        (stored, *_) = josh.lines(query)
        assert stored["environment"] == line["env"] == "prod"
    evidence(f"each line of {', '.join(printed)} on stdout has the five keys, and the last of each is in Midwatch, too")


def report(josh: Josh, env: str, **more: str) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        told: dict[str, Any] = josh.system.get("verify", env=env, since="1h", fresh="true", **more)
        return told if told["state"] == "done" else None

    return josh.system.until(done, seconds=VISIBLE_SECONDS)


def found_by(told: dict[str, Any], check: str) -> set[tuple[str, str]]:
    return {(one["kind"], one["subject"]) for one in told["findings"] if one["check"] == check}


def test_j08_events_are_declared_once_and_what_differs_is_told(josh: Josh, evidence: Evidence) -> None:
    """The document's 27 names; what never came is told, and what came is not."""
    declared = yaml.safe_load((PLAN / "midwatch.yml").read_text())["log_events"]
    document = [*SMS_EVENTS, *LLM_EVENTS, *LINKUP_EVENTS, *OTHER_EVENTS]
    assert set(document) <= set(declared)
    assert len(document) == 27
    person = josh.person("staging_api")
    josh.write(person, "hm?")
    josh.lines("event:sms.outbound.sent env:staging")
    josh.system.until(
        lambda: josh.system.get("logs", query="event:llm.intent.response env:staging", start="now-1h")["rows"]
    )
    told = report(josh, "staging")
    silent = {subject for kind, subject in found_by(told, "events") if kind == "event_never"}
    assert "safety.hold_applied" in silent
    assert "sms.inbound.received" not in silent
    lacking = found_by(told, "keys")
    assert lacking == set(), lacking
    evidence(
        f"{len(declared)} events are declared; of staging's processes verify says that {len(silent)} never came "
        "(safety.hold_applied among them), and that of those that came none lacks a key"
    )


def test_somebody_is_erased_and_the_chain_holds(josh: Josh) -> None:
    """From lines, events and errors; what others did stays."""
    person, other = josh.person(), josh.person()
    for one in (person, other):
        josh.write(one, "hm?")
        josh.lines(f"event:sms.inbound.routed user_id:{one.user_id}", least=2)
    erased = midwatch(josh, "erase", "--user", str(person.user_id), "--yes", "--reason", "asked for it")
    assert erased.returncode == 0, erased.stdout + erased.stderr
    assert josh.system.get("logs", query=f"user_id:{person.user_id}", start="now-1h")["rows"] == []
    assert josh.lines(f"event:sms.inbound.routed user_id:{other.user_id}", least=2)
    assert midwatch(josh, "events", "verify").returncode == 0


def test_the_audit_of_its_code_finds_nothing_grave() -> None:
    """Two handlers that take everything are decided in the code, with the reason."""
    done = subprocess.run(
        [sys.executable, "-m", "midwatch", "audit", str(ROOT / "examples" / "josh"), "--format", "json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = json.loads(done.stdout)["findings"]
    assert [one for one in found if one["severity"] == "high"] == []
