"""JOSH's rows: its system runs whole, its people and vendors act, and Midwatch is asked what it saw."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import yaml
from examples.outside import sms
from psycopg.rows import dict_row

from tests.integration.privacy.canaries import Canaries
from tests.integration.privacy.decoded import Search
from tests.systems.josh_people import CHESS, SUPPORT, VISIBLE_SECONDS, Josh, attribute
from tests.systems.running import ROOT, example

pytestmark = [pytest.mark.rows, pytest.mark.timeout(1200)]
Evidence = Callable[[str], None]
PLAN = ROOT / "examples" / "josh" / "observability"
HURRY = 30
"""An alert of five minutes fires after ten seconds; a quarter of an hour is half a minute."""
CATEGORIES = {
    *("sms_inbound", "sms_outbound", "stripe_webhook", "llm_intent", "llm_extraction", "linkup_orchestration"),
    *("matching_scoring", "dashboard_auth", "safety_escalation", "admin_action", "db_schema"),
}


@pytest.fixture(scope="module")
def josh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Josh]:
    with example("josh", tmp_path_factory.mktemp("josh"), "--hurry", str(HURRY), "--history", "29d") as system:
        yield Josh(system)


def rows(josh: Josh, query: str, *values: Any, schema: str = "public") -> list[dict[str, Any]]:
    """Of JOSH's own database."""
    with psycopg.connect(josh.system.told["database"], row_factory=dict_row) as connection:  # type: ignore[arg-type]
        connection.execute(f"SET search_path TO {schema}")
        return list(connection.execute(query, values).fetchall())


def midwatch(josh: Josh, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of Midwatch's, as somebody of the team runs it."""
    told = josh.system.told
    where = ("--url", told["midwatch_url"], "--token", told["token"])
    return subprocess.run(
        [sys.executable, "-m", "midwatch", *words, *where], capture_output=True, text=True, timeout=300, check=False
    )


# What is told.


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
    person = josh.person()
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
    return Search(canaries.forms()).in_directory(directory, without=frozenset({"plan"}))


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
    evidence(
        f"a careless release of api and core logs texts and numbers: with the rules off all {len(control)} are found "
        f"on disk ({', '.join(sorted({where.split('/')[0] for where in control.values()}))}), else none of {len(private)}"
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
COUNTERS = {
    "sms_inbound_total": "",
    "sms_inbound_duplicates_total": "",
    "sms_outbound_sent_total": "purpose",
    "sms_outbound_failed_total": "purpose reason",
    "llm_intent_calls_total": "",
    "llm_intent_failures_total": "reason",
    "clarifiers_asked_total": "intent",
    "linkups_created_total": "region",
    "linkups_locked_total": "region",
    "linkups_expired_total": "region",
    "linkups_canceled_total": "region reason",
    "invites_sent_total": "region",
    "invites_accepted_total": "region",
    "invites_declined_total": "region",
    "invites_expired_total": "region",
    "stripe_webhooks_total": "type",
    "stripe_webhook_failures_total": "type",
    "safety_incidents_total": "category severity",
}
HISTOGRAMS = {
    "api_latency_ms": "route",
    "db_query_ms": "query_name",
    "llm_latency_ms": "model",
    "twilio_send_latency_ms": "",
    "time_to_lock_minutes": "region",
    "time_to_first_reply_minutes": "",
}
GAUGES = {"broadcasting_linkups_active": "region", "pending_outbound_jobs": "", "pending_admin_safety_queue": ""}
LIVE = 'env="staging", instance!=""'
"""Staging has no past: what is counted there, its processes have counted."""


@pytest.fixture(scope="module")
def full_day(josh: Josh) -> Josh:
    """In staging everything that is counted has happened."""
    front = "staging_api"
    owner, one, two, three = (josh.person(front) for _ in range(4))
    same = josh.write(owner, CHESS)
    josh.write(owner, CHESS, sid=same["sid"])
    for person in (one, two, three):
        josh.system.until(
            lambda person=person: "Are+you+in" in " ".join(josh.texts_to(person)), seconds=VISIBLE_SECONDS
        )
    josh.write(three, "no")
    josh.write(one, "yes")
    josh.write(two, "yes")
    josh.write(owner, "soon over")
    josh.write(owner, CHESS)
    (linkup,) = rows(josh, "SELECT id FROM linkups ORDER BY id DESC LIMIT 1", schema="staging")
    josh.post(front, f"/api/admin/linkups/{linkup['id']}/cancel", {"reason": "weather"}, SUPPORT)
    josh.pay(owner)
    josh.pay(owner, plan="of nobody")
    josh.write(three, "he will hurt me")
    with josh.system.fault("llm_invalid_json"):
        josh.write(owner, "hm?")
    with josh.system.fault("sms_rejected"):
        josh.write(owner, "hm?")
        josh.reaches(f"sum(sms_outbound_failed_total{{{LIVE}}})", 3)
    josh.reaches(f"sum(linkups_expired_total{{{LIVE}}})", 1)
    return josh


def labels_of(josh: Josh, name: str) -> set[str]:
    found = josh.system.promql(f"{name}{{{LIVE}}}")
    return set().union(*(one["metric"] for one in found)) - {
        "__name__",
        "instance",
        "job",
        "le",
        "service_name",
        "otel_scope_name",
    }


def test_j09_the_eighteen_counters(full_day: Josh, evidence: Evidence) -> None:
    """Each has counted in staging what JOSH's own database says has happened there, with exactly its labels."""
    assert len(COUNTERS) == 18
    values = {}
    for name, labels in COUNTERS.items():
        values[name] = full_day.reaches(f"sum({name}{{{LIVE}}})", 1)
        assert labels_of(full_day, name) == {"env", *labels.split()}, name
    for name, query in {
        "linkups_created_total": "SELECT count(*) AS n FROM linkups",
        "linkups_locked_total": "SELECT count(*) AS n FROM linkups WHERE state = 'locked'",
        "linkups_expired_total": "SELECT count(*) AS n FROM linkups WHERE state = 'expired'",
        "invites_sent_total": "SELECT count(*) AS n FROM invites",
        "invites_accepted_total": "SELECT count(*) AS n FROM invites WHERE state = 'accepted'",
        "sms_outbound_sent_total": "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status = 'sent'",
        "stripe_webhooks_total": "SELECT 1 + count(*) AS n FROM stripe_events",
    }.items():
        expected = rows(full_day, query, schema="staging")[0]["n"]
        full_day.system.until(
            lambda name=name, expected=expected: full_day.value(f"sum({name}{{{LIVE}}})") == expected,
            seconds=VISIBLE_SECONDS,
        )
    evidence(
        f"all 18 came from api, core and worker in staging; seven of them equal counts of JOSH's own tables: {values}"
    )


def test_j10_the_six_histograms(full_day: Josh, evidence: Evidence) -> None:
    """With their labels, and a quantile of each."""
    medians = {}
    for name, labels in HISTOGRAMS.items():
        full_day.reaches(f"sum({name}_count{{{LIVE}}})", 1)
        assert labels_of(full_day, f"{name}_bucket") == {"env", *labels.split()}, name
        medians[name] = round(full_day.value(f"histogram_quantile(0.5, sum by (le) ({name}_bucket{{{LIVE}}}))"), 2)
        assert medians[name] > 0
    evidence(f"medians in staging: {medians}")


def test_j11_the_three_gauges(full_day: Josh, evidence: Evidence) -> None:
    """The worker says what stands in the tables now."""
    queries = {
        "broadcasting_linkups_active": "SELECT count(*) AS n FROM linkups WHERE state = 'broadcasting'",
        "pending_outbound_jobs": "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status IN ('pending', 'sending')",
        "pending_admin_safety_queue": "SELECT count(*) AS n FROM safety_incidents WHERE state = 'open'",
    }
    seen = {}
    for name, labels in GAUGES.items():
        assert {"env", *labels.split()} <= labels_of(full_day, name)
        of_worker = f'sum({name}{{{LIVE}, job="worker"}})'

        def agrees(name: str = name, of_worker: str = of_worker) -> bool:
            seen[name] = rows(full_day, queries[name], schema="staging")[0]["n"]
            return full_day.value(of_worker) == seen[name]

        full_day.system.until(agrees, seconds=VISIBLE_SECONDS)
    assert seen["pending_admin_safety_queue"] >= 1
    evidence(f"the worker's gauges equal the tables' counts: {seen}")


# What is asked.


def asked(josh: Josh, text: str, env: str, seconds: int) -> str:
    return text.replace("$__rate_interval", "2m").replace("$__range", f"{seconds}s").replace("$env", env)


def board(josh: Josh, uid: str, env: str = "staging", seconds: int = 3600) -> dict[str, list[Any]]:
    """What each panel shows, by its title: values of PromQL in the order of its queries, or rows of SQL."""
    model = josh.system.get(f"dashboards/{uid}")["dashboard"]
    shown: dict[str, list[Any]] = {}
    for panel in panels_of(model):
        values: list[Any] = []
        for query in panel["queries"]:
            text = asked(josh, query["text"], env, seconds)
            if query["language"] == "sql":
                answer = josh.system.api.post("/api/v1/sql", json={"query": text})
                assert answer.status_code == 200, f"{panel['title']}: {answer.text}"
                values += answer.json()["rows"]
            else:
                values.append(sum(float(one["value"][1]) for one in josh.system.promql(text)))
        shown[panel["title"]] = values
    return shown


def panels_of(model: dict[str, Any]) -> list[dict[str, Any]]:
    return [*model.get("panels", []), *(panel for row in model.get("rows", []) for panel in row["panels"])]


def near(shown: float, expected: float) -> bool:
    """`increase` guesses what happened at the edges of its window."""
    return abs(shown - expected) <= max(1.0, 0.35 * expected)


def test_j12_product_health(full_day: Josh, evidence: Evidence) -> None:
    """Funnels and engagement, against what JOSH's tables say."""
    (people,) = rows(full_day, "SELECT count(*) AS n FROM users WHERE state <> 'registered'", schema="staging")
    funnel = full_day.system.until(
        lambda: (shown := board(full_day, "product-health"))["Registration funnel"][3] > 0 and shown,
        seconds=VISIBLE_SECONDS,
    )
    assert funnel["Registration funnel"] == sorted(funnel["Registration funnel"], reverse=True)
    assert near(funnel["Registration funnel"][1], people["n"]), (funnel, people)
    created, invites, accepted, locked, _ = funnel["LinkUp funnel"]
    assert created > 0
    assert invites > accepted > 0
    assert locked > 0
    assert 0 < funnel["Accept rate"][0] < 1
    assert 0 < funnel["Lock rate"][0] <= 1
    past = board(full_day, "product-health", "prod", 7 * 86_400)
    assert past["Inbound messages per user and week"]
    assert 0 < past["Repeat attendance"][0][0] < 1
    evidence(
        f"staging's funnel is {funnel['Registration funnel']} for {people['n']} people, "
        f"its lock rate {funnel['Lock rate'][0]:.2f}"
    )


def test_j13_reliability(full_day: Josh, evidence: Evidence) -> None:
    """Each of its panels has what happened in staging."""
    shown = board(full_day, "reliability")
    (stripe,) = (shown["Stripe webhook failures"],)
    assert len(shown) == 12
    assert shown["LinkUp lock rate"][0] > 0
    josh = full_day
    person = josh.person("staging_api")

    def failing() -> dict[str, list[Any]] | None:
        josh.write(person, "hm?")
        josh.pay(person, plan="of nobody")
        told = board(josh, "reliability")
        wanted = (
            "Inbound volume",
            "Outbound failures",
            "Stripe webhook failures",
            "Failures by reason",
            "Latency by query",
        )
        return told if all(told[title][0] > 0 for title in wanted) else None

    with josh.system.fault("sms_down"), josh.system.fault("llm_invalid_json"):
        shown = josh.system.until(failing, seconds=VISIBLE_SECONDS)
    assert 0 < shown["Stripe webhook failures"][0] <= 1
    evidence(
        f"{len(shown)} panels; with Twilio down and the model chatting {shown['Outbound failures'][0]:.0%} of what "
        f"staging sends fails, {shown['Stripe webhook failures'][0]:.0%} of its payments (before: {stripe})"
    )


def test_j14_safety(full_day: Josh, evidence: Evidence) -> None:
    """Incidents, holds, and how long they took until somebody resolved them."""
    josh = full_day
    person = josh.person("staging_api")
    josh.write(person, "he was creepy")
    (incident,) = rows(josh, "SELECT id FROM safety_incidents ORDER BY id DESC LIMIT 1", schema="staging")
    josh.post("staging_api", f"/api/admin/incidents/{incident['id']}/resolve", {}, SUPPORT)
    josh.events("safety.incident_resolved", env="staging")
    shown = josh.system.until(
        lambda: (
            (told := board(josh, "safety"))["Reports and their resolution time"]
            and told["Holds per day"][0] > 0
            and any(one[2] for one in told["Reports and their resolution time"])
            and told
        ),
        seconds=VISIBLE_SECONDS,
    )
    severities = {one[0]: one for one in shown["Reports and their resolution time"]}
    assert {"critical", "medium"} <= set(severities)
    (reports,) = rows(josh, "SELECT count(*) AS n FROM safety_incidents", schema="staging")
    assert sum(one[1] for one in severities.values()) == reports["n"]
    evidence(
        f"reports by severity (count, resolved, minutes): {list(severities.values())}, as many as core's table has"
    )


def test_j15_cost(full_day: Josh, evidence: Evidence) -> None:
    """Units a day times their price, and the database's usage."""
    josh = full_day
    shown = board(josh, "cost")
    messages, priced = shown["Messages per day"][0], shown["Messages per day times price"][0]
    assert priced == pytest.approx(messages * 0.0079)
    (sent,) = rows(josh, "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status = 'sent'", schema="staging")
    assert near(messages, sent["n"])
    assert shown["Database connections"][0] > 0
    kinds = {one["value"] for one in josh.system.get("costs", by="kind", start="now-1h", env="staging")["rows"]}
    assert {"sms", "llm.input_tokens", "llm.output_tokens", "database.gigabyte_hours", "payment.fee"} <= kinds
    evidence(
        f"{messages:.0f} messages a day in staging ({sent['n']} in its table) are {priced:.2f} USD; "
        f"kinds: {sorted(kinds)}"
    )


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
        f"{founder[0]['at'] - began:.0f} s after the fault (a quarter of an hour, times {HURRY} shorter)"
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
    assert {"log", "event", "job"} <= kinds, kinds
    counts = {}
    for asked_for in ({"user_id": str(owner.user_id)}, {"entity": f"linkup:{linkup['id']}"}):
        counts |= {name: josh.story("linkup", **asked_for)["total_lines"] for name in asked_for}
    markdown = josh.system.api.get("/api/v1/story", params={"correlation_id": correlation, "format": "markdown"})
    assert "linkup.created" in markdown.text
    evidence(
        f"{told['total_lines']} lines of {sorted(kinds)} from api, core and worker for one correlation id, invites' "
        f"call-backs included; by user and LinkUp {counts}; exported as Markdown"
    )


def test_j22_costs_and_budgets(josh: Josh, evidence: Evidence) -> None:
    """Messages, payments, the database and tokens have prices; a budget that is spent is told of."""
    person = josh.person()
    josh.write(person, "hm?")
    josh.pay(person)
    wanted = {"sms", "payment.fee", "database.gigabyte_hours", "llm.input_tokens", "llm.output_tokens"}

    def spent() -> dict[str, float] | None:
        found = josh.system.get("costs", by="kind", start="now-1h", env="prod")["rows"]
        amounts = {one["value"]: float(one["amount"]) for one in found}
        return amounts if wanted <= set(amounts) and all(amounts[kind] > 0 for kind in wanted) else None

    amounts = josh.system.until(spent, seconds=VISIBLE_SECONDS)
    assert josh.system.get("costs/unpriced", start="now-1h")["rows"] == []
    (sent,) = rows(josh, "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status = 'sent'")
    assert amounts["sms"] <= sent["n"] * 0.0079 + 1e-9
    plan = Path(josh.system.told["data"]) / "plan" / "midwatch.yml"
    began = time.time()
    plan.write_text(plan.read_text().replace("amount: 20, per: day", "amount: 0.01, per: day"))
    found = josh.system.until(
        lambda: josh.system.notified("/services/", "BudgetSpent", after=began) or None, seconds=VISIBLE_SECONDS
    )
    assert "sms-per-day" in found[0]["body"]
    evidence(
        f"spent in an hour: { {kind: round(amounts[kind], 6) for kind in sorted(wanted)} }; "
        "Slack was told that sms-per-day is"
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


# What goes wrong.


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
    answer = josh.system.api.post("/api/v1/issues/changes", json={"ids": [issue["id"]], "action": "ignore"})
    assert answer.is_success, answer.text
    josh.write(person, "hm?", token="not the token")
    time.sleep(5)
    assert josh.system.get(f"issues/{issue['id']}")["issue"]["status"] == "ignored"
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
    names = {one["name"] for one in josh.system.get("environments")["environments"]}
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


# What issue 7 asks of an app on PostgreSQL.


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
