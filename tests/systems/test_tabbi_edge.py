"""Rows of Tabbi's document that its edge makes true: a Worker in workerd, its Durable Objects, and Node around them."""

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import WebSocketException

from tests.systems.chromium import chromium
from tests.systems.running import example
from tests.systems.tabbi_people import PATIENCE, Tabbi, new_id

pytestmark = [pytest.mark.rows, pytest.mark.timeout(900)]
LEFT_SECONDS = 90.0
"""Until the oldest lines expire: long enough for them to be found before, also on a busy machine."""


@pytest.fixture(scope="module")
def tabbi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabbi]:
    with example("tabbi", tmp_path_factory.mktemp("tabbi")) as started, chromium() as browser:
        started.api.timeout = httpx.Timeout(PATIENCE)
        yield Tabbi(started, browser)


def test_t02_unhandled_errors_of_the_worker_and_of_node(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """What nobody catches in the Worker is an issue of its SDK; what Node does not handle is one of @sentry/node."""
    request_id = new_id()
    with tabbi.system.fault("api_down"):
        assert tabbi.ask("POST", "/signin", {"user_id": "ada"}, request_id).status_code == 500
        found = tabbi.error("HMAC", "api", request_id=request_id)
    worker, event = found["facts"], found["event"]
    assert (worker["handled"], worker["sdk"].split()[0]) == (False, "sentry.javascript.cloudflare")
    functions = [frame.get("function", "") for frame in event["exception"]["values"][-1]["stacktrace"]["frames"]]
    assert "signed" in functions, functions
    with tabbi.system.fault("database_gone"):
        node = tabbi.error("cron ended", "edge")["facts"]
    assert (node["handled"], node["sdk"].split()[0]) == (False, "sentry.javascript.node")
    assert node["mechanism"].endswith("onunhandledrejection")
    evidence(
        f"api (workerd, {worker['sdk']}): {worker['title']!r} in signed(), request {request_id[:8]}; "
        f"edge (Node, {node['sdk']}): {node['title']!r}, {node['mechanism']}"
    )


def test_t03_logs_are_pushed_searched_and_expire(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """The Worker's own lines come packed, as Logpush sends them; old ones are gone once their retention is over."""
    request_id = new_id()
    session_id = tabbi.start("bo", request_id)
    made = tabbi.system.until(lambda: tabbi.lines(f'"Session created" session.id:{session_id}'), PATIENCE)
    assert made[0]["attributes"]["requestId"] == request_id
    plan = Path(tabbi.system.told["environment"]["PLAN"]) / "midwatch.yml"
    usual = plan.read_text()
    shorter = re.sub(r"logs: \d+d", "logs: 1d", usual)
    assert shorter != usual
    applied = tabbi.system.get("plan")["applied_at"]
    try:
        plan.write_text(shorter)
        tabbi.system.until(lambda: tabbi.system.get("plan")["applied_at"] != applied, PATIENCE)
        push_of_yesterday(tabbi, left_seconds=LEFT_SECONDS)
        began = time.time()
        assert tabbi.system.until(lambda: len(of_yesterday(tabbi)), PATIENCE) == 20
        tabbi.system.until(lambda: not of_yesterday(tabbi), 2 * PATIENCE)
        took = time.time() - began
        assert tabbi.lines(f'"Session created" session.id:{session_id}')
    finally:
        plan.write_text(usual)
    evidence(
        f"api (workerd's console, pushed gzip by the edge's Node): 'Session created' is found by its session; 20 lines "
        f"with {LEFT_SECONDS:.0f} s of their retention of 1d left are found, and gone {took:.0f} s later; today's stay"
    )


def push_of_yesterday(tabbi: Tabbi, left_seconds: float) -> None:
    """Lines whose day is over in so many seconds, as Logpush sends them."""
    then = (datetime.now(UTC) - timedelta(days=1) + timedelta(seconds=left_seconds)).isoformat()
    lines = [
        {"timestamp": then, "level": "info", "service": "api", "message": f"of yesterday {number}"}
        for number in range(20)
    ]
    told = tabbi.system.told
    headers = {"authorization": f"Bearer {told['key']}", "content-encoding": "gzip"}
    packed = gzip.compress("\n".join(map(json.dumps, lines)).encode())
    pushed = httpx.post(f"{told['midwatch_url']}/ingest/ndjson", content=packed, headers=headers, timeout=60)
    assert pushed.status_code == 200, pushed.text


def of_yesterday(tabbi: Tabbi) -> list[dict[str, Any]]:
    return tabbi.lines('"of yesterday"', start="now-2d")


def printed(tabbi: Tabbi) -> list[dict[str, Any]]:
    """The Worker's lines as they stand on its console."""
    text = (Path(tabbi.system.told["data"]) / "logs" / "edge.log").read_text(errors="replace")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_t08_one_log_shape(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """Every line has the document's keys and no others; Midwatch finds it by each, and its error as an exception."""
    request_id = new_id()
    with tabbi.system.fault("sandbox_fails"):
        session_id = tabbi.start("cleo", request_id)
        tabbi.becomes(session_id, "error")
    lines = printed(tabbi)
    known = {"timestamp", "level", "message", "service", "env", "sessionId", "userId", "requestId", "error", "metadata"}
    for line in lines:
        assert {"timestamp", "level", "message", "service"} <= line.keys() <= known | {"trace_id", "span_id"}, line
        assert datetime.fromisoformat(line["timestamp"])
        assert line["level"] in ("error", "warn", "info", "debug")
        assert line["service"] == "api"
    (failed,) = [line for line in lines if line["level"] == "error" and line.get("requestId") == request_id]
    assert failed["error"].keys() == {"name", "message", "stack"}
    assert (failed["sessionId"], failed["userId"]) == (session_id, "cleo")
    query = f"level:error service:api session.id:{session_id} user.id:cleo request_id:{request_id}"
    (row,) = tabbi.system.until(lambda: tabbi.lines(query), PATIENCE)
    assert row["body"] == failed["message"] == "Failed to create sandbox"
    assert row["attributes"]["exception.type"] == failed["error"]["name"] == "CallFailed"
    assert row["attributes"]["exception.message"] == failed["error"]["message"]
    assert "at " in row["attributes"]["exception.stacktrace"]
    assert row["attributes"]["metadata.repository"] == "tabbi/app"
    evidence(
        f"api: {len(lines)} lines of the Worker have the document's shape; the failed one is found by session.id, "
        f"user.id and request_id at once, with {row['attributes']['exception.message']!r} and its stack"
    )


def test_t09_context_once_debug_silent_errors_are_issues(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """One `setContext` is on all lines behind it, of this request alone; the lines before are its breadcrumbs."""
    ids = {user: new_id() for user in ("dora", "emil")}
    with tabbi.system.fault("sandbox_fails"):
        sessions = {user: tabbi.start(user, request_id) for user, request_id in ids.items()}
        for session_id in sessions.values():
            tabbi.becomes(session_id, "error")
    lines = printed(tabbi)
    for user, request_id in ids.items():
        mine = [line for line in lines if line.get("requestId") == request_id]
        after = mine[next(index for index, line in enumerate(mine) if "sessionId" in line) :]
        assert len(after) > 5
        assert {line.get("userId") for line in after} == {user}
        assert {line["sessionId"] for line in after} == {sessions[user]}
    with suppress(WebSocketException):
        tabbi.prompt(sessions["emil"], "anybody there?", new_id())
    assert "debug" not in {line["level"] for line in printed(tabbi)}
    assert tabbi.lines("service:api level:debug") == []

    found = tabbi.error("CallFailed", "api", request_id=ids["emil"])
    crumbs = found["event"]["breadcrumbs"]["values"]
    messages = {(one.get("message"), one.get("level")) for one in crumbs}
    assert ("Session state changed", "info") in messages, messages
    assert ("External call failed", "warning") in messages, messages
    assert found["facts"]["user"] == "id:emil"
    evidence(
        f"api: two requests at once, each line with its own user, session and request id; no debug line in production; "
        f"{found['facts']['title']!r} is an issue with {len(crumbs)} breadcrumbs, info and warn among them"
    )


def test_t18_create_session_is_one_tree(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """Token, Durable Object, sandbox in the background, clone and start are one tree; exceptions are on their spans."""
    request_id, failing = new_id(), new_id()
    tabbi.running("fay", request_id)

    def tree(request_id: str, least: set[str]) -> dict[str, dict[str, Any]] | None:
        for one in tabbi.traces(f'request_id:{request_id} name:"POST /sessions"'):
            spans = tabbi.spans(one["trace_id"])
            if least <= {span["name"] for span in spans}:
                return {span["name"]: {**span, "trace_id": one["trace_id"]} for span in reversed(spans)}
        return None

    wanted = {"Validate token", "Initialize Durable Object", "Create sandbox (background)", "create_sandbox"}
    spans = tabbi.system.until(lambda: tree(request_id, wanted | {"clone repository", "start OpenCode"}), PATIENCE)
    parents = {name: span["parent_span_id"] for name, span in spans.items()}
    root = next(span for span in spans.values() if span["name"] == "POST /sessions" and span["service"] == "api")
    assert parents["Validate token"] == parents["Initialize Durable Object"] == root["span_id"]
    by_id = {span["span_id"]: span for span in tabbi.spans(root["trace_id"])}
    for name in ("Create sandbox (background)", "create_sandbox", "clone repository", "start OpenCode"):
        at: dict[str, Any] = spans[name]
        while at["parent_span_id"]:
            at = by_id[at["parent_span_id"]]
        assert at["span_id"] == root["span_id"], name
    assert parents["clone repository"] == parents["start OpenCode"] == spans["create_sandbox"]["span_id"]
    background = spans["Create sandbox (background)"]
    assert background["start_offset_ns"] + background["duration_ns"] > root["start_offset_ns"] + root["duration_ns"]
    with tabbi.system.fault("sandbox_fails"):
        tabbi.becomes(tabbi.start("fay", failing), "error")
    failed = tabbi.system.until(lambda: tree(failing, wanted), PATIENCE)
    assert failed["Create sandbox (background)"]["has_exception"]
    assert failed["create_sandbox"]["has_exception"]
    assert not failed["Validate token"]["has_exception"]
    evidence(
        f"api, modal, opencode: {len(by_id)} spans under POST /sessions ({root['duration_ns'] / 1e6:.0f} ms), the "
        f"sandbox behind the answer ({background['duration_ns'] / 1e6:.0f} ms); what fails is "
        f"on 'Create sandbox (background)' and create_sandbox"
    )


def test_t26_websocket_connections(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """Each connection that is made counts as ok, each that is refused as failed; those that are open are a gauge."""
    session_id = tabbi.running("gus")
    ok, failed = (f'websocket_connections_total{{outcome="{outcome}"}}' for outcome in ("ok", "failed"))

    def talk() -> None:
        for _ in range(3):
            assert tabbi.prompt(session_id, "hello", new_id())[-1]["type"] == "message.completed"

    def knock() -> None:
        for _ in range(2):
            with pytest.raises(WebSocketException):
                tabbi.prompt("s-nobody", "hello", new_id())

    assert tabbi.grows(ok, talk, 3) == 3
    assert tabbi.grows(failed, knock, 2) == 2

    def dropped() -> None:
        for _ in range(12):
            with suppress(WebSocketException):
                tabbi.prompt(session_id, "hello", new_id())

    with tabbi.system.fault("socket_drops"):
        more = tabbi.grows(failed, dropped, 1)
    errors = tabbi.value('sum(api_requests_errors_total{endpoint="WS /sessions/:id/ws"})')
    assert errors >= 3
    tabbi.reaches("sum(api_active_connections)", lambda found: found == 0)
    evidence(
        f"api: 3 connections are 3 more of websocket.connections ok, 2 to nowhere 2 more of failed, "
        f"{more:.0f} more of 12 while sockets drop; {errors:.0f} errors of the endpoint WS /sessions/:id/ws"
    )


def test_t28_githubs_rate_limit(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """What GitHub's headers say is left is a gauge: it falls with each session, and is 0 when nothing is left."""
    series = 'min(github_rate_limit_remaining{job="api"})'
    tabbi.running("hal")
    before = tabbi.reaches(series, lambda found: found > 0)
    tabbi.running("hal")
    after = tabbi.reaches(series, lambda found: 0 < found < before)
    answer = httpx.get(f"{tabbi.system.told['outside_url']}/github/repos/tabbi/app")
    assert int(answer.headers["x-ratelimit-remaining"]) < after
    with tabbi.system.fault("github_limited"):
        tabbi.start("hal")
        tabbi.reaches(f"{series} == bool 0", lambda found: found == 1)
    tabbi.running("hal")
    again = tabbi.reaches(series, lambda found: found > 0)
    evidence(
        f"api: github.rate_limit.remaining {before:.0f}, then {after:.0f}, 0 while it is used up, then {again:.0f}"
    )


def test_t29_alarms_scheduled_fired_missed(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """A session's alarm is scheduled, fires and pauses it; one that does not ring is missed, and made up for."""

    def idles() -> None:
        session_id = tabbi.running("ida", idle_seconds=3)
        tabbi.becomes(session_id, "paused")

    paused = tabbi.value("sum(session_auto_paused_total)")
    fired = tabbi.value("sum(alarms_fired_total)")
    assert tabbi.grows("alarms_scheduled_total", idles, 1) == 1
    tabbi.reaches("sum(alarms_fired_total)", lambda found: found == fired + 1)
    with tabbi.system.fault("alarm_missed"):
        missed = tabbi.grows("alarms_missed_total", idles, 1)
    tabbi.reaches("sum(session_auto_paused_total)", lambda found: found == paused + 2)
    assert tabbi.value("sum(alarms_fired_total)") == fired + 1
    lines = tabbi.system.until(lambda: tabbi.lines('service:api level:warn "Alarm missed"'), PATIENCE)
    evidence(
        f"api (Durable Objects): an alarm scheduled, fired, its session paused; {missed:.0f} that did not ring counted "
        f"as missed by the cron, which paused the session; {len(lines)} line 'Alarm missed'"
    )


def test_t30_the_database_as_spans_and_slow_queries(tabbi: Tabbi, evidence: Callable[[str], None]) -> None:
    """Reads and writes of Convex are spans with their function; a slow one is a line, a quick one is none."""
    request_id, slow = new_id(), new_id()
    session_id = tabbi.start("jo", request_id)
    tabbi.ask("GET", f"/sessions/{session_id}", request_id=request_id).raise_for_status()
    for kind, function in (("mutation", "sessions:create"), ("query", "sessions:get")):
        query = f'request_id:{request_id} db.system.name:convex db.operation.name:{kind} db.query.summary:"{function}"'
        tabbi.system.until(partial(tabbi.traces, query), PATIENCE)
    assert tabbi.lines(f'"Slow query" request_id:{request_id}') == []
    with tabbi.system.fault("database_slow"):
        tabbi.ask("GET", f"/sessions/{session_id}", request_id=slow).raise_for_status()
    (line, *_) = tabbi.system.until(lambda: tabbi.lines(f'"Slow query" request_id:{slow}'), PATIENCE)
    told = line["attributes"]
    assert (line["level"], told["metadata.function"], told["metadata.kind"]) == ("warn", "sessions:get", "query")
    assert told["metadata.duration_ms"] >= 700
    (trace,) = tabbi.system.until(lambda: tabbi.traces(f"request_id:{slow} db.system.name:convex"), PATIENCE)
    assert trace["duration_ns"] >= 700e6
    assert line["trace_id"] == trace["trace_id"]
    evidence(
        f"api: sessions:create (mutation) and sessions:get (query) are spans; a read of "
        f"{told['metadata.duration_ms']} ms is the line 'Slow query' with its trace, quick ones are none"
    )
