"""Rows of Tabbi's document on what its edge, sandbox service and agent tell; those of the edge itself are elsewhere."""

import json
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from websockets.sync.client import connect

from tests.systems.running import ROOT, Example, example
from tests.systems.soulcaster import PATIENCE, Counted, reaches, value
from tests.systems.tabbi import SYSTEM, People, faults, lines, panel, rows

pytestmark = [pytest.mark.rows, pytest.mark.timeout(1200)]
BOARDS = ("tabbi-service-health", "tabbi-session-lifecycle", "tabbi-sandboxes")
TABLES = ("logs", "spans", "error_events", "domain_events", "product_events", "metric_series", "metric_points")
ALERTS = {
    "ApiDown": {"oncall-primary", "ana", "bo", "slack-alerts"},
    "DatabaseUnavailable": {"oncall-primary", "ana", "bo", "slack-alerts"},
    "SandboxCreationFailing": {"oncall-primary", "ana", "bo", "slack-alerts"},
    "HighErrorRate": {"oncall-secondary"},
    "HighLatency": {"oncall-secondary"},
    "SandboxBootSlow": {"oncall-secondary"},
    "ElevatedErrors": {"tickets"},
    "ElevatedLatency": {"tickets"},
    "LowSessions": {"tickets"},
    "GitHubLimitLow": {"slack-alerts"},
}
TUESDAY = "2026-12-01T10:00:00Z"


@pytest.fixture(scope="module")
def tabbi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with example("tabbi", tmp_path_factory.mktemp("tabbi")) as started:
        started.api.timeout = httpx.Timeout(PATIENCE)
        yield started


@pytest.fixture(scope="module")
def people(tabbi: Example) -> People:
    return People(tabbi)


def midwatch(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "midwatch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def pause_and_resume(people: People, session_id: str) -> None:
    people.does(session_id, "pause")
    people.does(session_id, "resume")


def test_t12_session_metrics(tabbi: Example, people: People, evidence: Callable[[str], None]) -> None:
    """What sessions did is what the metrics grew by: created, their latency, each transition, paused, resumed."""
    names = {
        "created": "session_created_total",
        "create_latency": "session_create_latency_milliseconds_count",
        "idle → starting": 'session_state_transition_total{from="idle", to="starting"}',
        "starting → running": 'session_state_transition_total{from="starting", to="running"}',
        "running → paused": 'session_state_transition_total{from="running", to="paused"}',
        "paused → running": 'session_state_transition_total{from="paused", to="running"}',
        "auto_paused": "session_auto_paused_total",
        "resumed": "session_resumed_total",
    }
    counted = {name: Counted(tabbi, selector) for name, selector in names.items()}
    first = people.session()
    pause_and_resume(people, first)
    idle = people.start(idle_seconds=2).json()["session_id"]
    people.becomes(idle, "paused")
    wanted = {
        **dict.fromkeys(("created", "create_latency", "idle → starting", "starting → running", "running → paused"), 2),
        **dict.fromkeys(("paused → running", "auto_paused", "resumed"), 1),
    }
    for name, number in wanted.items():
        assert counted[name].grows(number) == number, name
    p95 = value(tabbi, "histogram_quantile(0.95, sum by (le) (session_create_latency_milliseconds_bucket))")
    assert 500 < p95 < 60_000
    shown = tabbi.until(lambda: panel(tabbi, "tabbi-session-lifecycle", "Transitions"), PATIENCE)
    assert {"idle,starting", "running,paused"} <= shown.keys()
    people.end(first, idle)
    evidence(
        f"edge: two sessions are {', '.join(f'{one} +{number}' for one, number in wanted.items())}; p95 {p95:.0f} ms"
    )


def test_t11_api_metrics(tabbi: Example, people: People, evidence: Callable[[str], None]) -> None:
    """Requests by endpoint and status, 4xx and 5xx apart, latency and open WebSockets, as they were made."""
    ok = Counted(tabbi, 'api_requests_total{endpoint="GET /sessions", status="200"}')
    ours = Counted(tabbi, 'api_requests_errors_total{endpoint="GET /sessions", status="500"}')
    theirs = Counted(tabbi, 'api_requests_errors_total{endpoint="GET /sessions/:id", status="404"}')
    took = Counted(tabbi, 'api_latency_milliseconds_count{endpoint="GET /sessions"}')
    for _ in range(5):
        people.http.get("/sessions").raise_for_status()
    for _ in range(3):
        assert people.http.get("/sessions/s-none").status_code == 404
    with faults(tabbi, "api_down"):
        for _ in range(4):
            assert people.http.get("/sessions").status_code == 500
    for counter, number in ((ok, 5), (ours, 4), (theirs, 3), (took, 9)):
        assert counter.grows(number) == number
    session = people.session()
    address = f"{tabbi.url('edge').replace('http', 'ws', 1)}/sessions/{session}/ws"
    before = value(tabbi, "sum(api_active_connections)")
    with connect(address), connect(address):
        people.http.get("/sessions")
        reaches(tabbi, "sum(api_active_connections)", lambda found: found == before + 2)
    people.http.get("/sessions")
    reaches(tabbi, "sum(api_active_connections)", lambda found: found == before)
    people.end(session)
    kinds = tabbi.until(
        lambda: (
            (found := panel(tabbi, "tabbi-service-health", "Errors by kind")).keys()
            >= {"5xx, ours", "4xx, the asker's"}
            and found
        ),
        PATIENCE,
    )
    alert = next(
        one for one in tabbi.get("rules", file="rules/api.yml")["groups"][0]["rules"] if one["name"] == "ApiDown"
    )
    assert 'status=~"5.."' in alert["query"]
    evidence(f"edge: 5 good, 4 with 500, 3 with 404 of 12 requests; two open WebSockets; rates by kind {kinds}")


def test_t13_sandbox_metrics(tabbi: Example, people: People, evidence: Callable[[str], None]) -> None:
    """Created by outcome, boot time, health checks that pass and fail, as the sandbox service did them."""
    good, bad = (Counted(tabbi, f'sandbox_created_total{{outcome="{one}"}}') for one in ("success", "error"))
    boots = Counted(tabbi, "sandbox_boot_time_milliseconds_count")
    passed, failed = (Counted(tabbi, f"sandbox_health_check_{one}_total") for one in ("success", "failure"))
    sessions = [people.session() for _ in range(2)]
    with faults(tabbi, "sandbox_fails"):
        sessions.append(people.session(becomes="error"))
    assert (good.grows(2), bad.grows(1), boots.grows(2)) == (2, 1, 2)
    sandbox = people.http.get(f"/sessions/{sessions[0]}").json()["sandbox_id"]
    check = f"{tabbi.url('modal')}/sandboxes/{sandbox}/health"
    for _ in range(3):
        assert httpx.get(check, timeout=60).json()["status"] == "ok"
    assert passed.grows(3) >= 3
    with faults(tabbi, "agent_killed"):
        assert httpx.get(check, timeout=60).status_code == 503
    failures = failed.grows(1)
    assert httpx.get(check, timeout=60).status_code == 200
    p95 = value(tabbi, "histogram_quantile(0.95, sum by (le) (sandbox_boot_time_milliseconds_bucket))")
    assert 500 < p95 < 60_000
    shown = panel(tabbi, "tabbi-sandboxes", "Created")
    assert shown.keys() >= {"success", "error"}
    people.end(*sessions)
    evidence(
        f"modal: 2 sandboxes more, 1 failed, boot p95 {p95:.0f} ms; "
        f"{passed.grown():.0f} checks passed, {failures:.0f} failed"
    )


def test_t04_metrics_are_series_on_boards(tabbi: Example, people: People, evidence: Callable[[str], None]) -> None:
    """Each metric of the document's tables that the services send is a series over time, and the boards draw them."""
    with faults(tabbi, "sandbox_fails"):
        failed = people.session(becomes="error")
    session = people.session()
    pause_and_resume(people, session)
    declared = yaml.safe_load((SYSTEM / "observability" / "midwatch.yml").read_text())["metrics"]
    # Sessions that pause by themselves, and how long they last, are in other rows.
    others = {"session.auto_paused", "session.duration"}
    wanted = [name for name in declared if name.split(".")[0] in ("api", "session", "sandbox") and name not in others]
    suffix = {"counter": "_total", "gauge": ""}
    began = time.time() - 300
    for name in wanted:
        base = name.replace(".", "_").removesuffix("_total")
        units = {"ms": "_milliseconds", "s": "_seconds"}
        series = base + suffix.get(declared[name]["type"], f"{units.get(declared[name].get('unit', ''), '')}_count")
        asked = {"query": f"sum({series})", "start": began, "end": time.time(), "step": 5}

        def drawn(asked: dict[str, Any] = asked) -> list[Any]:
            asked["end"] = time.time()
            found = tabbi.api.get("/prometheus/api/v1/query_range", params=asked).json()["data"]["result"]
            return found[0]["values"] if found else []

        assert len(tabbi.until(drawn, PATIENCE)) > 1, series
    shown = 0
    for uid, title in (
        ("tabbi-service-health", "Throughput"),
        ("tabbi-service-health", "Latency, p50, p95 and p99"),
        ("tabbi-session-lifecycle", "Average boot time"),
        ("tabbi-session-lifecycle", "Sessions by state"),
        ("tabbi-sandboxes", "Created"),
        ("tabbi-sandboxes", "Convex by outcome"),
        ("tabbi-sandboxes", "GitHub's requests left"),
    ):
        found = tabbi.until(lambda uid=uid, title=title: panel(tabbi, uid, title), PATIENCE)  # type: ignore[misc]
        shown += len(found)
    people.end(failed, session)
    evidence(
        f"edge and modal: {len(wanted)} metrics of the document are series with points over time, "
        f"and boards show {shown} lines of them"
    )


def test_t27_a_sessions_transitions_in_order(tabbi: Example, people: People, evidence: Callable[[str], None]) -> None:
    """Each change of a session's state is an event, in order, with who did it and nothing against it."""
    session = people.session()
    pause_and_resume(people, session)
    people.end(session)

    def path() -> list[tuple[str, str]] | None:
        events = tabbi.get(f"entities/session/{session}")["events"]
        found = [(one["from_state"], one["to_state"]) for one in sorted(events, key=lambda one: one["sequence"])]
        return found if len(found) == 5 else None

    found = tabbi.until(path, PATIENCE)
    assert found == [
        ("idle", "starting"),
        ("starting", "running"),
        ("running", "paused"),
        ("paused", "running"),
        ("running", "ended"),
    ]
    events = tabbi.get(f"entities/session/{session}")["events"]
    assert [one["remarks"] for one in events] == [[]] * 5
    assert {(one["actor"] or {}).get("id") for one in events} == {"ada"}
    evidence(
        f"edge: session {session} went {' → '.join(one for one, _ in found)} → {found[-1][1]}, in order, by user ada"
    )


def test_t34_retries_and_recoveries(tabbi: Example, people: People, evidence: Callable[[str], None]) -> None:
    """A provider that fails now and then is asked again, agents that died are started anew: each outcome is counted."""
    counted = {
        one: Counted(tabbi, f'api_retries_total{{job="modal", outcome="{one}"}}') for one in ("recovered", "gave_up")
    }
    jobs = {
        one: Counted(tabbi, f'job_{one}_total{{exported_job="recover agent"}}') for one in ("retries", "recoveries")
    }
    sessions = [people.session()]
    tabbi.behave("sandboxes", "error", share=0.3)
    deadline = time.time() + PATIENCE
    while counted["recovered"].grown() < 2 and time.time() < deadline:
        sessions.append(people.start().json()["session_id"])
        people.becomes(sessions[-1], "running", "error")
    tabbi.behave("sandboxes", "error")
    sessions.append(people.start().json()["session_id"])
    people.becomes(sessions[-1], "error")
    tabbi.behave("sandboxes", "ok")
    recovered, gave_up = counted["recovered"].grows(2), counted["gave_up"].grows(1)
    share = tabbi.until(lambda: panel(tabbi, "tabbi-sandboxes", "Calls that recover"), PATIENCE)
    assert 0 < share["A"] < 1
    sandbox = people.http.get(f"/sessions/{sessions[0]}").json()["sandbox_id"]
    check = f"{tabbi.url('modal')}/sandboxes/{sandbox}/health"
    with faults(tabbi, "agent_killed"):
        assert httpx.get(check, timeout=60).status_code == 503
    again = jobs["retries"].grows(2)
    assert httpx.get(check, timeout=60).status_code == 200
    asked = lines(tabbi, "service:modal body:call.recovered")
    assert asked
    for one in sessions:
        people.http.delete(f"/sessions/{one}")
    evidence(
        f"modal: {recovered:.0f} retried calls recovered and {gave_up:.0f} gave up "
        f"({share['A']:.0%} recover, by the board); "
        f"{again:.0f} retries to start an agent that was gone, and it was back with it"
    )


def test_t06_public_urls_are_checked(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """Status, latency, body and certificate of each URL; what is not as expected says which of them it was."""
    plan = Path(tabbi.told["environment"]["PLAN"]) / "midwatch.yml"

    def probes() -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in tabbi.get("probes")["probes"]}

    tabbi.until(lambda: {one["state"] for one in probes().values()} == {"up"}, PATIENCE)
    found = probes()
    assert found.keys() == {"front", "page", "api", "modal", "opencode"}
    assert found["front"]["certificate_expires"]
    assert {"tls", "connect", "processing"} <= found["front"]["locations"][0]["last"]["phases"].keys()
    told = yaml.safe_load(plan.read_text())
    front = next(one for one in told["probes"] if one["name"] == "front")
    for name, expect in (
        ("wants-status", {"status": [204]}),
        ("wants-body", {"json": [{"path": "$.status", "equals": "never"}]}),
        ("wants-speed", {"latency_below": "1ms"}),
        ("wants-certificate", {"certificate_valid_for": "365d"}),
    ):
        http = {**front["http"], "expect": expect}
        told["probes"].append({"name": name, "http": http, "interval": "10s", "retry_after": "1s"})
    plan.write_text(yaml.safe_dump(told, sort_keys=False))
    wanted = {"wants-status", "wants-body", "wants-speed", "wants-certificate"}
    tabbi.until(lambda: {name for name, one in probes().items() if one["state"] == "down"} >= wanted, PATIENCE)
    reasons = {name.removeprefix("wants-"): probes()[name]["reason"] for name in sorted(wanted)}
    assert len(set(reasons.values())) == 4, reasons
    with faults(tabbi, "agent_killed"):
        tabbi.until(lambda: probes()["opencode"]["state"] == "down", PATIENCE)
        down = probes()["opencode"]["reason"]
    tabbi.until(lambda: probes()["opencode"]["state"] == "up", PATIENCE)
    seconds = value(tabbi, 'max(probe_duration_seconds{probe="front"})')
    evidence(
        f"front, page, api, modal and opencode are up ({seconds * 1000:.0f} ms through TLS, certificate until "
        f"{found['front']['certificate_expires'][:10]}); unmet expectations: {reasons}; opencode killed: {down}"
    )


def test_t10_always_and_never_logged(tabbi: Example, people: People, evidence: Callable[[str], None]) -> None:
    """What is always to be logged is there for one request; tokens, keys, credentials, mail addresses are nowhere."""
    request_id, canary = uuid.uuid4().hex, uuid.uuid4().hex
    secrets = [
        f"sk-{canary}",
        f"pass-{canary}",
        f"{canary}@example.com",
        people.token.rpartition(".")[2],
        f"say-{canary}",
    ]
    made = people.start(request_id, email=secrets[2], password=secrets[1], api_key=secrets[0])
    session = made.raise_for_status().json()["session_id"]
    people.becomes(session, "running")
    people.http.get("/sessions", headers={"x-api-key": secrets[0], "cookie": f"session={secrets[1]}"})
    assert people.http.get("/sessions", headers={"authorization": f"Bearer ada.{secrets[0]}"}).status_code == 401
    address = f"{tabbi.url('edge').replace('http', 'ws', 1)}/sessions/{session}/ws"
    with connect(address) as socket:
        socket.send(json.dumps({"type": "prompt", "text": f"Say {secrets[4]}", "request_id": request_id}))
        while json.loads(socket.recv(timeout=60))["type"] not in ("message.completed", "message.failed", "failed"):
            pass
    with faults(tabbi, "sandbox_fails"):
        failed = people.session(becomes="error")
    # A line of somebody who was careless: the server takes out what the plan forbids.
    careless = {"level": "info", "message": "careless", "service": "api", "token": secrets[0], "email": secrets[2]}
    key = {"authorization": f"Bearer {tabbi.told['key']}"}
    body = json.dumps({**careless, "metadata": {"password": secrets[1]}, "env": "production"})
    httpx.post(f"{tabbi.told['midwatch_url']}/ingest/ndjson", content=body, headers=key).raise_for_status()

    always = {
        "session creation": f'service:api body:"Session created: {session}"',
        "session creation that failed": 'service:api body:"Failed to create sandbox"',
        "authentication": 'service:api body:"Authenticated"',
        "authentication that failed": 'service:api body:"Authentication failed"',
        "state transitions": 'service:api body:"Session state changed"',
        "external calls": 'service:api body:"External call"',
        "external calls of modal": 'service:modal body:"external call"',
        "recovery attempts": "service:modal body:call.retried",
        "the careless line": "service:api body:careless",
    }
    seen = {what: len(tabbi.until(lambda query=query: lines(tabbi, query), PATIENCE)) for what, query in always.items()}  # type: ignore[misc]
    (line,) = lines(tabbi, "service:api body:careless")
    assert line["attributes"]["token"] == line["attributes"]["email"] == "[removed]"
    time.sleep(3)
    looked = 0
    for table in TABLES:
        for secret in secrets:
            text = f"SELECT count() FROM {table} WHERE position(toString(tuple(*)), '{secret}') > 0"
            assert rows(tabbi, text) == [[0]], (table, secret)
            looked += 1
    whole = sum(int(rows(tabbi, f"SELECT count() FROM {table}")[0][0]) for table in TABLES)
    people.end(session, failed)
    evidence(
        f"edge and modal told of {', '.join(f'{what} ({number})' for what, number in seen.items())}; of {len(secrets)} "
        f"secrets none is in any of {whole} rows of {len(TABLES)} tables ({looked} searches)"
    )


def test_t23_each_alert_has_a_runbook(tabbi: Example, tmp_path: Path, evidence: Callable[[str], None]) -> None:
    """Each rule in force names one that is there; a rule without one is refused, and so are the document's mistakes."""
    books = {one["name"] for one in tabbi.get("runbooks")["runbooks"]}
    named = {}
    for file in ("rules/api.yml", "rules/beyond.yml", "slos/api.yml"):
        for group in tabbi.get("rules", file=file)["groups"]:
            for rule in group["rules"]:
                if rule["kind"] == "alerting":
                    named[rule["name"]] = rule["annotations"]["runbook"]
    assert named.keys() >= ALERTS.keys() | {"SessionsUnusual", "ApiBudgetBurns"}
    assert set(named.values()) <= books
    shutil.copytree(SYSTEM / "observability", tmp_path / "plan")
    assert midwatch("check", str(tmp_path / "plan")).returncode == 0
    rules = tmp_path / "plan" / "rules" / "api.yml"
    rules.write_text(rules.read_text().replace(", runbook: sessions}", "}"))
    refused = midwatch("check", str(tmp_path / "plan"))
    assert refused.returncode == 1
    assert "LowSessions" in refused.stdout + refused.stderr
    shutil.copy(SYSTEM / "fixtures" / "alertmanager.original.yml", tmp_path / "plan" / "alertmanager.yml")
    document = midwatch("check", str(tmp_path / "plan"))
    said = document.stdout + document.stderr
    for word in ("time=business_hours", "oncall-secondary", "service_key", "$PAGERDUTY_KEY"):
        assert word in said
    says = (refused.stdout + refused.stderr).splitlines()[0]
    evidence(f"{len(named)} alerts name one of {len(books)} runbooks; without one, check says: {says[-160:]}")


def test_t24_rehearsals(tabbi: Example, evidence: Callable[[str], None]) -> None:
    """Each alert lives through an incident, and those that it is for are told, on paper: nothing is sent or stored."""
    before = len(tabbi.outside.get("/told").json()), len(tabbi.seen("github"))
    told = {}
    for alert, expected in ALERTS.items():
        answer = tabbi.api.post("/api/v1/drills", json={"alert": alert, "at": TUESDAY})
        assert answer.status_code == 200, answer.text
        drill = answer.json()
        assert (drill["fired"], drill["resolved"], drill["passed"]) == (True, True, True), (alert, drill)
        assert set(drill["told"]) == expected, alert
        told[alert] = drill["entries"]
    for name in (
        "api_requests_total",
        "api_latency_milliseconds_bucket",
        "sandbox_created_total",
        "session_created_total",
    ):
        assert tabbi.promql(f'{name}{{job="drill"}}') == [], name
    sent = [one for one in tabbi.outside.get("/told").json()[before[0] :] if "drill" in one["body"].lower()]
    assert sent == []
    live = tabbi.api.post("/api/v1/receivers/slack-alerts/test", json={})
    assert live.status_code == 200, live.text
    assert tabbi.until(lambda: tabbi.notified("/services/", "[TEST]"), PATIENCE)
    fired = {
        alert: next(one["after_seconds"] for one in entries if one["kind"] == "firing")
        for alert, entries in told.items()
    }
    evidence(
        "drilled, in minutes from the incident to firing: "
        + ", ".join(f"{alert} {seconds / 60:.1f}" for alert, seconds in fired.items())
        + "; nothing was sent or stored; a test of slack-alerts arrived in Slack, marked as one"
    )
