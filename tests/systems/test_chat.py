"""Every row of the chat's document, by `make rows`: the processes of examples/chat make it happen."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.sdk.node_socketio import browser as node_client
from tests.systems.chat_audit import BY_HAND, SYSTEM, audited
from tests.systems.chat_people import PATIENCE, Chat, instance, ready_instance, two_pages
from tests.systems.chat_pillars import PILLARS, fresh_midwatch
from tests.systems.running import ROOT, example

pytestmark = [pytest.mark.rows, pytest.mark.timeout(2400)]
HURRY = 20
SHOTS = ROOT / "test-results"
Evidence = Callable[[str], None]


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    with example("chat", tmp_path_factory.mktemp("chat"), "--hurry", str(HURRY)) as started:
        started.api.timeout = httpx.Timeout(PATIENCE)
        yield Chat(started)


def test_m01_an_audit_finds_what_was_found_by_hand(evidence: Evidence) -> None:
    """Each finding of the document over the code as it was, at its line; of the server as it is now, none of them."""

    findings = audited("before")
    for rule, file, word in BY_HAND:
        some = [one for one in findings if one["rule"] == rule and file in ("", one["file"])]
        assert some, (rule, file)
        if word:
            lines = (SYSTEM / "before" / file).read_text().splitlines()
            assert any(word in lines[one["line"] - 1] for one in some), (rule, file, word, some)
    after = audited("server")
    whole = {"MW206", "MW301", "MW105", "MW207", "MW701", "MW702", "MW602", "MW406", "MW503", "MW101"}
    assert [one for one in after if one["rule"] in whole] == []
    evidence(
        f"`midwatch audit examples/chat/before`: {len(findings)} findings, among them all {len(BY_HAND)} of the "
        f"document with file and line; examples/chat/server: {len(after)}"
    )


def test_m02_structured_lines_to_stdout_and_a_rotated_file(chat: Chat, tmp_path: Path, evidence: Evidence) -> None:
    """Every line is JSON with level, time, code, stack and context, the same in both; the file is rotated."""
    file = tmp_path / "logs" / "chat.log"
    with ready_instance(chat.system, tmp_path, LOG_FILE=str(file), LOG_FILE_SIZE="20k") as spare:
        for _ in range(80):
            spare.ask("GET", "/api/chat/rooms/general/messages?pattern=(", user="erna")
        assert spare.stop() == 0
    out = [json.loads(line) for line in spare.log.read_text().splitlines()]
    files = sorted(file.parent.glob("chat.*.log"), key=lambda one: int(one.name.split(".")[1]))
    kept = [json.loads(line) for one in files for line in one.read_text().splitlines()]
    assert len(files) > 2
    assert kept == out[-len(kept) :]
    failed = [one for one in out if one["event"] == "api.failed"]
    assert len(failed) == 80
    for line in failed:
        assert (line["level"], line["code"], line["user_id"], line["status"]) == (
            "error",
            "INTERNAL_ERROR",
            "erna",
            500,
        )
        assert line["correlation_id"]
        assert "chat.mjs" in line["stack"] or "database.mjs" in line["stack"]
    assert not any("console." in one.read_text() for one in (SYSTEM / "server").glob("*.mjs"))
    evidence(
        f"chat server (pino, pino-roll): {len(out)} JSON lines on stdout, the last {len(kept)} in {len(files)} files"
    )


def test_m03_errors_by_type_and_spikes(chat: Chat, evidence: Evidence) -> None:
    """Errors are counted by type over time; a spike reaches Slack and e-mail."""
    chat.system.calm("ErrorSpike", PATIENCE)
    began = time.time()
    with ThreadPoolExecutor(10) as people:
        assert {one.status_code for one in people.map(lambda _: chat.break_a_query(), range(80))} == {500}
    heard = chat.until_told("ErrorSpike", began)

    def counted() -> dict[str, float]:
        series = chat.system.get("errors/over-time", by="type", start="now-1h")["series"]
        return {name: sum(points) for name, points in series.items()}

    by_type = chat.system.until(lambda: (found := counted()) and sum(found.values()) >= 30 and found, PATIENCE)
    issue = chat.system.get("issues", service="chat", query="regular")["issues"][0]
    evidence(f"chat (@sentry/node): {by_type} by type, issue {issue['title']!r}; ErrorSpike: {heard}")


def test_m04_health_of_database_and_redis(chat: Chat, evidence: Evidence) -> None:
    """200 or 503 with each check, on the Node and the Python side; the probe sees it."""
    seen = []
    for fault, check in (("database_gone", "database"), ("redis_gone", "redis")):
        chat.well()
        with chat.system.fault(fault):
            for at in ("chat_a", "assistant"):
                answer = chat.system.until(
                    lambda at=at: (one := chat.ask("GET", "/api/health", at=at)).status_code == 503 and one,
                    PATIENCE,
                )
                checks = answer.json()["checks"]
                assert {name for name, one in checks.items() if not one["healthy"]} == {check}
                assert checks[check]["error"]
                seen.append(f"{at}: 503 for {check} ({checks[check]['error']})")
            chat.reaches('min(probe_success{probe="chat-health"})', lambda found: found == 0)
    chat.well()
    chat.reaches('min(probe_success{probe="chat-health"})', lambda found: found == 1)
    evidence("; ".join(seen) + "; the probe of /api/health went down and came back")


def test_m05_every_500_and_every_slow_request(chat: Chat, evidence: Evidence) -> None:
    """Each with method, path, status, duration and user, as many as there were."""
    user = f"user-{time.time_ns()}"
    for _ in range(3):
        assert chat.ask("GET", "/api/chat/rooms/general/messages?pattern=(", user=user).status_code == 500
    with chat.system.fault("database_slow"):
        for _ in range(2):
            chat.write("slowly", user).raise_for_status()
    chat.write("quickly", user).raise_for_status()
    failed = chat.system.until(
        lambda: len(one := chat.lines(f"event:api.failed user_id:{user}")) >= 3 and one, PATIENCE
    )
    slow = chat.system.until(lambda: len(one := chat.lines(f"event:api.slow user_id:{user}")) >= 2 and one, PATIENCE)
    assert len(failed) == 3
    for row in failed:
        told = row["attributes"]
        assert (told["method"], told["path"], told["status"]) == ("GET", "/api/chat/rooms/general/messages", 500)
        assert told["duration_ms"] >= 0
    assert all(row["attributes"]["duration_ms"] > 1000 and row["attributes"]["status"] == 201 for row in slow)
    evidence(
        f"chat (pino): 3 of 3 failures of {user} with method, path, status and duration; "
        f"2 slow requests of {[row['attributes']['duration_ms'] for row in slow]} ms"
    )


def test_m06_one_shape_for_errors(chat: Chat, evidence: Evidence) -> None:
    """{ok: false, code, message} for a mistake, a limit, an unknown page, a failure; over HTTP and sockets alike."""
    codes = {
        chat.write("").status_code: chat.write("").json(),
        404: chat.ask("GET", "/api/nothing").json(),
        500: chat.break_a_query().json(),
        502: {},
    }
    user = f"eager-{time.time_ns()}"
    limited = chat.system.until(lambda: (one := chat.write("again", user)).status_code == 429 and one, PATIENCE)
    codes[429] = limited.json()
    with chat.system.fault("ai_down"):
        failed = chat.ask_assistant(chat.ticket())
        assert failed.status_code == 502
        codes[502] = failed.json()
    python = chat.ask("POST", "/assist", {}, at="assistant")
    assert python.status_code in (400, 422)
    with node_client() as people:
        people.connect(chat.system.url("chat_a"), auth={"userId": "sam"})
        said = people.ask("say", {"room": "general", "text": ""})
    for body in (*codes.values(), python.json(), said):
        assert body["ok"] is False
        assert body["message"]
        assert body["request_id"]
    found = {status: body["code"] for status, body in codes.items()}
    assert found == {
        400: "VALIDATION_ERROR",
        404: "NOT_FOUND",
        429: "RATE_LIMITED",
        500: "INTERNAL_ERROR",
        502: "ASSISTANT_FAILED",
    }
    assert said["code"] == python.json()["code"] == "VALIDATION_ERROR"
    assert "regular expression" not in json.dumps(codes[500])
    evidence(f"chat (Express, one error handler): {found}; socket event and assistant (FastAPI): {said['code']}")


def test_m07_sockets(chat: Chat, evidence: Evidence) -> None:
    """Connects, disconnects by reason, reconnects, latency, failed deliveries: as many as Socket.IO's client made."""
    before = chat.socket_counts("chat_b")
    reconnects = chat.value("sum(websocket_reconnects_total)")
    url = chat.system.url("chat_b")
    with node_client() as people:
        for name, more in (("mute", {"silent": ["message"]}), ("gone", {"silent": ["message"]}), ("back", {})):
            people.connect(url, name, auth={"userId": name}, remembers=True, transports=["websocket"], **more)
            people.ask("join", {"room": "support"}, name=name)
        people.do("connect", "nobody", url=url, auth={}, transports=["websocket"])
        chat.system.until(lambda: people.told("connect_error", "nobody"), PATIENCE)
        chat.write("who hears this?", room="support", at="chat_a").raise_for_status()
        chat.system.until(lambda: people.told("event", "gone", event="message"), PATIENCE)
        people.do("disconnect", "gone")
        people.do("cut", "back")
        chat.system.until(lambda: len(people.told("connect", "back")) >= 2, PATIENCE)
        chat.reaches("sum(websocket_reconnects_total)", lambda found: found == reconnects + 1)

        def grew() -> list[dict[str, float]] | None:
            new = [
                {name: number - old.get(name, 0) for name, number in now.items() if number > old.get(name, 0)}
                for now, old in zip(chat.socket_counts("chat_b"), before, strict=True)
            ]
            return new if all(len(one) >= 2 for one in new) else None

        ended, undelivered, came = chat.system.until(grew, PATIENCE)
        latency = "histogram_quantile({}, sum by (le) (increase(websocket_ping_seconds_bucket[5m])))"
        p50 = chat.reaches(latency.format(0.5), lambda found: found > 0)
        p95 = chat.value(latency.format(0.95))
    assert ended["client namespace disconnect"] == 1
    assert sum(ended.values()) == 2
    assert undelivered == {"not_acknowledged": 1, "lost": 1}
    assert came == {"accepted": 4, "rejected": 1}
    rows = chat.system.until(lambda: chat.lines("event:message.undelivered room:support"), PATIENCE)
    assert {row["attributes"]["to_user_id"] for row in rows} == {"mute", "gone"}
    assert chat.lines("event:socket.reconnected user_id:back")
    evidence(
        f"chat_b (Socket.IO, message said at chat_a): connects {came}, disconnects {ended}, 1 reconnect, deliveries "
        f"{undelivered} to the users named, latency p50 {p50 * 1000:.1f} ms p95 {p95 * 1000:.1f} ms"
    )


def test_m08_the_database_alerts(chat: Chat, evidence: Evidence) -> None:
    """Queries that fail, and a database that cannot be reached, through to Slack and e-mail."""
    chat.well()
    for alert in ("DatabaseErrors", "DatabaseUnreachable"):
        chat.system.calm(alert, PATIENCE)
    began = time.time()
    errors = chat.until_told("DatabaseErrors", began, chat.break_a_query)
    began = time.time()
    with chat.system.fault("database_gone"):
        gone = chat.until_told("DatabaseUnreachable", began, lambda: chat.write("anybody?"))
        refused = chat.system.until(
            lambda: chat.values(
                'sum by (error_type) (db_client_operation_duration_seconds_count{error_type!=""})', "error_type"
            ),
            PATIENCE,
        )
    chat.well()
    assert "2201B" in refused
    evidence(f"chat (pg): query errors {refused}; DatabaseErrors: {errors}; DatabaseUnreachable (probe): {gone}")


def test_m09_redis_goes_and_comes_back(chat: Chat, evidence: Evidence) -> None:
    """Both are told: the alert, its end, and the server's lines; nobody's message is lost meanwhile."""
    chat.well()
    chat.system.calm("RedisGone", PATIENCE)
    began = time.time()
    with chat.system.fault("redis_gone"):
        gone = chat.until_told("RedisGone", began)
        chat.write("Redis is away", user="paul").raise_for_status()
    healed = time.time()
    back = chat.system.until(lambda: chat.told("RedisGone", healed, "resolved"), PATIENCE)
    chat.well()
    for event in ("redis.lost", "redis.back"):
        chat.system.until(lambda event=event: chat.lines(f"event:{event} service:chat"), PATIENCE)
    assert chat.system.until(lambda: chat.lines("event:rate_limit.unchecked user_id:paul"), PATIENCE)
    evidence(
        f"RedisGone: {gone}; resolved: Slack after {back['Slack']:.0f} s, e-mail after {back['e-mail']:.0f} s; "
        "chat logged redis.lost and redis.back, and rate_limit.unchecked for the message that was let through"
    )


def test_m10_ai_calls(chat: Chat, evidence: Evidence) -> None:
    """Failures, retries, latency and cost of the assistant's calls."""
    failed = 'sum(gen_ai_client_operation_duration_seconds_count{job="assistant", error_type!=""})'
    before, asked = chat.value(failed), len(chat.system.seen("llm"))
    ticket = chat.ticket()
    assert chat.ask_assistant(ticket).status_code == 200
    with chat.system.fault("ai_down"):
        assert chat.ask_assistant(ticket).status_code == 502
    calls = len(chat.system.seen("llm")) - asked
    assert calls == 4
    with chat.system.fault("ai_slow"):
        assert chat.ask_assistant(ticket).status_code == 200
    # What failed in rows before may be counted only now.
    chat.reaches(failed, lambda found: found >= before + 1)
    given_up = chat.reaches('sum(api_retries_total{job="assistant", outcome="gave_up"})', lambda found: found >= 1)
    slowest = chat.reaches(
        "histogram_quantile(1, sum by (le) (increase("
        'gen_ai_client_operation_duration_seconds_bucket{job="assistant", error_type=""}[10m])))',
        lambda found: found > 2,
    )
    costs = chat.system.until(
        lambda: (one := chat.system.get("costs", by="kind", match="service=assistant"))["rows"] and one, PATIENCE
    )
    assert float(costs["total"]) > 0
    lines = chat.system.until(lambda: chat.lines('service:assistant body:"llm call" level:warn'), PATIENCE)
    assert lines[0]["attributes"]["retries"] == 2
    evidence(
        f"assistant (openai): 1 call failed after {lines[0]['attributes']['retries']} retries ({given_up:.0f} gave "
        f"up), slowest within {slowest:.1f} s, {costs['total']} {costs['currency']} for "
        f"{[one['value'] for one in costs['rows']]}"
    )


def test_m11_rate_limit_hits_over_instances(chat: Chat, evidence: Evidence) -> None:
    """One limit over both instances, and its hits summed: as many as were refused."""
    query = 'sum by (instance) (rate_limit_hits_total{limit="messages"})'
    chat.well()
    before = chat.values(query, "instance")
    refused = {"chat_a": 0, "chat_b": 0}
    for turn in range(300):
        at = ("chat_a", "chat_b")[turn % 2]
        refused[at] += chat.write("spam", user="spammer", at=at).status_code == 429
        if min(refused.values()) >= 3:
            break
    assert min(refused.values()) >= 3, refused

    def counted() -> bool:
        now = chat.values(query, "instance")
        return {name: now.get(name, 0) - before.get(name, 0) for name in refused} == refused

    chat.system.until(counted, PATIENCE)
    evidence(f"chat_a and chat_b (limit in Redis): {refused} refused, {sum(refused.values())} by PromQL's sum")


def test_m12_the_audit_log(chat: Chat, evidence: Evidence) -> None:
    """Acts of admins, read from the app's own table: who, what, whom, why, and under which request."""
    target = f"mallory-{time.time_ns()}"
    chat.write("buy now", target).raise_for_status()
    for action, reason in (("member.remove", "off topic"), ("user.ban", "spam")):
        chat.ask("POST", f"/api/admin/{action}", {"target": target, "reason": reason}, "admin-7").raise_for_status()

    def acts() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = chat.system.get("events", acts="true", entity="user", entity_id=target)["events"]
        return found if len(found) == 2 else None

    banned, removed = chat.system.until(acts, PATIENCE)
    assert (banned["type"], banned["metadata"], banned["actor"]) == (
        "user.ban",
        {"reason": "spam"},
        {"type": "admin", "id": "admin-7"},
    )
    assert (removed["type"], removed["metadata"]) == ("member.remove", {"reason": "off topic"})
    line = chat.system.until(
        lambda: chat.lines(f"correlation_id:{banned['correlation_id']} event:api.answered"), PATIENCE
    )
    assert line[0]["attributes"]["path"] == "/api/admin/user.ban"
    assert chat.write("again", target).json()["code"] == "BANNED"
    assert chat.ask("POST", "/api/admin/user.ban", {"target": "nobody-there"}, "admin-7").status_code == 404
    evidence(
        f"chat's table audit_log (event_sources): {banned['type']} of {target} by admin-7 with {banned['metadata']}"
    )


def test_m13_metrics_over_restarts_and_instances(chat: Chat, tmp_path: Path, evidence: Evidence) -> None:
    """What an instance had counted stays when it is gone, and it is summed with what it counts anew."""
    query = 'sum(http_server_request_duration_seconds_count{instance="spare13", http_route="/api/chat/rooms"})'
    asked = (7, 4)
    times = []
    for number in asked:
        with ready_instance(chat.system, tmp_path, "spare13") as spare:
            for _ in range(number):
                spare.ask("GET", "/api/chat/rooms").raise_for_status()
            assert spare.stop() == 0
        chat.reaches(query, lambda found, number=number: found == number)
        times.append(time.time())
    then = chat.system.api.get("/prometheus/api/v1/query", params={"query": query, "time": times[0]}).json()
    assert float(then["data"]["result"][0]["value"][1]) == asked[0]
    kept = chat.value(f"sum(max_over_time({query[4:-1]}[30m] @ {times[0]})) + {query}")
    assert kept == sum(asked)
    everywhere = "http_server_request_duration_seconds_count"
    by_instance = chat.values(f"sum by (instance) ({everywhere})", "instance")
    assert {"chat_a", "spare13"} <= by_instance.keys()
    evidence(
        f"an instance of chat, restarted: {asked[0]} requests before and {asked[1]} after, {kept:.0f} in all; "
        f"summed over {sorted(by_instance)}"
    )


def test_m14_render_crashes(chat: Chat, evidence: Evidence) -> None:
    """The page works; then a message without an author crashes it: people see why, and the team has an issue."""
    with two_pages() as (page, other):
        page.goto(f"{chat.system.url('chat_a')}/?room=random&user=ada")
        other.goto(f"{chat.system.url('chat_b')}/?room=random&user=bo")
        for one in (page, other):
            one.wait_for_selector("[role=status]:has-text('connected')")
        page.fill("input", "Is anybody here?")
        page.click("button")
        other.wait_for_selector("text=Is anybody here?")
        with chat.system.fault("react_crash"):
            other.wait_for_selector("[role=alert]:has-text('Something broke')")
            SHOTS.mkdir(exist_ok=True)
            other.screenshot(path=SHOTS / "chat-error-boundary.png")
    issues = chat.system.until(lambda: chat.system.get("issues", service="chat-web", query="name")["issues"], PATIENCE)
    issue = issues[0]
    assert issue["type"] == "TypeError"
    assert issue["users"] >= 1
    evidence(
        f"chat-web (@sentry/react in Chromium): {issue['title']!r} behind the error boundary, {issue['users']} users"
    )


def test_m15_start_and_end(chat: Chat, tmp_path: Path, evidence: Evidence) -> None:
    """A start says what each dependency answers, and waits for it; at the end no line and no count is lost."""
    chat.well()
    with ExitStack() as stack:
        with chat.system.fault("redis_gone"):
            spare = stack.enter_context(instance(chat.system, tmp_path, "spare15"))
            waiting = "event:start.dependency level:error instance:spare15"
            chat.system.until(lambda: chat.lines(waiting), PATIENCE)
        chat.system.until(spare.ready, PATIENCE)
        for turn in range(15):
            spare.ask("GET", "/api/chat/rooms", user=f"late-{turn}").raise_for_status()
        assert spare.stop() == 0
    chat.system.until(lambda: chat.lines("event:stop.done instance:spare15"), PATIENCE)
    started = chat.lines("event:start.dependency level:info instance:spare15")
    assert {row["attributes"]["dependency"]: row["attributes"]["healthy"] for row in started} == {
        "database": True,
        "redis": True,
    }
    assert len(chat.lines("event:start.ready instance:spare15")) == 1
    answered = chat.lines("event:api.answered instance:spare15")
    assert {row["attributes"]["user_id"] for row in answered} == {f"late-{turn}" for turn in range(15)}
    counted = 'sum(http_server_request_duration_seconds_count{instance="spare15", http_route="/api/chat/rooms"})'
    assert chat.reaches(counted, lambda found: found == 15) == 15
    chat.well()
    evidence(
        "an instance of chat, started while Redis was away: start.dependency as an error, then both healthy, "
        "start.ready; stopped at once after 15 requests: 15 lines, a count of 15, and stop.done arrived"
    )


def test_m16_the_job_queue(chat: Chat, evidence: Evidence) -> None:
    """How many jobs wait, how many failed, and how often they were tried again."""
    chat.well()
    depth = 'max(job_queue_depth{queue="summaries"})'
    ended = 'sum(jobs_total{{exported_job="summary.refresh", status="{}"}})'
    with chat.system.fault("jobs_stopped"):
        for _ in range(5):
            chat.summarise()
        waiting = chat.reaches(depth, lambda found: found >= 3)
    chat.reaches(depth, lambda found: found == 0)
    done = chat.reaches(ended.format("succeeded"), lambda found: found >= 5)
    failed = chat.value(ended.format("failed"))
    retried = chat.value('sum(job_retries_total{exported_job="summary.refresh"})')
    with chat.system.fault("ai_down"):
        chat.summarise()
        failures = chat.reaches(ended.format("failed"), lambda found: found >= failed + 3) - failed
    retries = chat.reaches('sum(job_retries_total{exported_job="summary.refresh"})', lambda found: found >= retried + 2)
    assert failures == 3
    assert retries == retried + 2
    assert chat.system.until(lambda: chat.lines('service:assistant-jobs body:"job failed"'), PATIENCE)
    evidence(
        f"assistant-jobs (Celery): up to {waiting:.0f} waited while it stood still, {done:.0f} done, "
        f"3 failed runs of one job with 2 retries"
    )


def test_m17_slow_queries(chat: Chat, evidence: Evidence) -> None:
    """Each with its name, statement and duration; as a line, in the histogram, and as a span of its request."""
    chat.well()
    user = f"patient-{time.time_ns()}"
    chat.write("at once", user).raise_for_status()
    # What a series begins with is no increase of it.
    chat.reaches('sum(db_client_operation_duration_seconds_count{db_query_summary="message.add"})', bool)
    with chat.system.fault("database_slow"):
        chat.write("slowly", user).raise_for_status()
    slow = f"event:database.query.slow user_id:{user} query:message.add"
    told = chat.system.until(lambda: chat.lines(slow), PATIENCE)[0]
    assert "INSERT INTO messages" in told["attributes"]["statement"]
    assert told["attributes"]["duration_ms"] > 500
    p99 = chat.reaches(
        "histogram_quantile(0.99, sum by (le) (increase("
        'db_client_operation_duration_seconds_bucket{db_query_summary="message.add"}[10m])))',
        lambda found: found > 0.5,
    )

    def spans() -> list[dict[str, Any]]:
        path = f"/api/v1/traces/{told['trace_id']}"
        trace = chat.system.api.get(path)
        found = trace.json()["spans"] if trace.status_code == 200 else []
        slow = [one["span_id"] for one in found if one["kind"] == "client" and one["duration_ns"] > 5e8]
        each = [chat.system.api.get(f"{path}/spans/{span_id}").json()["attributes"] for span_id in slow]
        return [one for one in each if "INSERT INTO messages" in one.get("db.query.text", "")]

    assert chat.system.until(spans, PATIENCE)
    evidence(
        f"chat (pg): {told['attributes']['query']} took {told['attributes']['duration_ms']} ms, with its statement; "
        f"p99 {p99:.2f} s; a span of its request's trace"
    )


def test_m18_one_process_and_one_pillar_at_a_time(chat: Chat, tmp_path: Path, evidence: Evidence) -> None:
    """A fresh `midwatch up` is a process and its engine; each pillar begins with its variables and ends without."""
    with fresh_midwatch(tmp_path) as fresh:
        assert len(fresh.children()) == 1
        on: set[str] = set()
        for step, name in enumerate(("", *PILLARS)):
            on |= {name} - {""}
            fresh.told_by(chat, f"run{step}", set(on))
            assert ("traces" in fresh.seen("")) == ("traces" in on)
        fresh.told_by(chat, "run9", on - {"logs"})
    evidence(
        "a fresh `midwatch up` (one process, one child) got from chat, one variable more each time: nothing, "
        f"{', '.join(f'+ {name}' for name in PILLARS)}; and without logs again all but these"
    )
