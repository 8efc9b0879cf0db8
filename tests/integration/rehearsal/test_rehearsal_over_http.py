"""A plan with rules, routes and runbooks: rehearsed, replayed over what was stored, and its runbooks opened."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

from midwatch.cli.main import midwatch

HOUR_MS = 3_600_000
RULES = """groups:
  - name: queues
    interval: 1m
    rules:
      - alert: QueueLong
        expr: queue_length > 100
        for: 5m
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.queue }} is long", runbook: queues}
"""
ROUTES = """route:
  receiver: slack
  group_wait: 30s
  routes:
    - matchers: [severity="critical"]
      receiver: on-call
receivers:
  - name: on-call
    webhook_configs: [{url: "http://127.0.0.1:9/page"}]
  - name: slack
    webhook_configs: [{url: "http://127.0.0.1:9/slack"}]
"""
RUNBOOK = """# Long queues

```promql title="Length" range=2h
queue_length{queue="{{ $labels.queue }}"}
```

- [ ] Stop the senders
"""
PLAN = {
    "midwatch.yml": "retention: {metrics: 30d}\n",
    "rules/queues.yml": RULES,
    "alertmanager.yml": ROUTES,
    "runbooks/queues.md": RUNBOOK,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose plan these tests change."""
    started = Server(
        tmp_path_factory.mktemp("rehearsal"), options=("--retention", "metrics=0", "--private-networks", "127.0.0.0/8")
    ).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """A server on which the queue was long for ten minutes an hour ago, with the plan in force."""
    now = time.time_ns() // 1_000_000
    samples = [
        {"value": 150.0 if 60 <= minutes < 70 else 3.0, "timestamp": now - minutes * 60_000}
        for minutes in range(120, 0, -1)
    ]
    series = remote_write.series_1({"__name__": "queue_length", "queue": "mail"}, samples=samples)
    metadata = [{"type": 2, "metric_family_name": "queue_length", "help": "", "unit": ""}]
    with server.door() as door:
        body = remote_write.packed(remote_write.version_1(series, metadata=metadata))
        assert door.post(remote_write.PATH, content=body, headers=remote_write.HEADERS_1).status_code in (200, 204)
    with server.api() as client:
        eventually(
            lambda: client.get("/prometheus/api/v1/query", params={"query": "queue_length"}).json()["data"]["result"]
        )
        applied = client.post("/api/v1/plan/apply", json={"files": PLAN}).json()
        assert applied["ok"], applied
        assert "QueueLong" in client.get("/api/v1/drills").text, "what is applied can be rehearsed at once"
        yield client


def call(server: Server, *arguments: str) -> Any:
    return CliRunner().invoke(midwatch, [*arguments, "--data", str(server.data)])


def test_a_drill_tells_who_is_told_of_what_when(server: Server, api: httpx.Client) -> None:
    """By HTTP and by the command line; nothing of it is stored, and `verify` knows of it then."""
    before = call(server, "verify", "--alerts")
    assert before.exit_code == 1
    assert "QueueLong" in before.output
    found = api.post("/api/v1/drills", json={"alert": "QueueLong", "at": "2026-11-30T03:00:00Z"}).json()
    assert (found["passed"], found["told"]) == (True, ["on-call"])
    kinds = [one["kind"] for one in found["entries"]]
    assert kinds == ["incident", "pending", "firing", "notified", "over", "resolved", "notified"]
    at = {one["kind"]: one["after_seconds"] for one in reversed(found["entries"])}
    assert at["firing"] - at["pending"] == 300
    assert found["watched"]["threshold"] == 100
    assert found["entries"][0]["at"].startswith("2026-11-30T03:00:00")
    printed = call(server, "drill", "QueueLong")
    assert printed.exit_code == 0, printed.output
    assert "on-call is told by webhook: 1 firing (first_notification)" in printed.output
    listed = api.get("/api/v1/drills").json()["rules"]
    (mine,) = [one for one in listed if one["alert"] == "QueueLong"]
    assert (mine["passed"], mine["changed"], mine["told"]) == (True, False, ["on-call"])
    assert "QueueLong" not in api.get("/api/v1/alerts").text


def test_a_live_drill_sends_a_test_and_reports_the_answers(server: Server, api: httpx.Client) -> None:
    """Each receiver that would be told gets a marked message; one whose channel refuses it is told and fails."""
    came: list[tuple[str, Any]] = []
    answers = [200, 410]

    class Phone(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append((self.path, json.loads(body)))
            self.send_response(answers[min(len(came), len(answers)) - 1])
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Phone) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{listening.server_port}"
        live = {**PLAN, "alertmanager.yml": ROUTES.replace("http://127.0.0.1:9", url)}
        assert api.post("/api/v1/plan/apply", json={"files": live}).json()["ok"]
        good, refused = call(server, "drill", "QueueLong", "--live"), call(server, "drill", "QueueLong", "--live")
        assert api.post("/api/v1/plan/apply", json={"files": PLAN}).json()["ok"]
        listening.shutdown()
    assert (good.exit_code, "sent to on-call by webhook[0]: delivered in" in good.output) == (0, True), good.output
    assert (refused.exit_code, "not delivered" in refused.output) == (1, True), refused.output
    assert [path for path, _ in came] == ["/page", "/page"]
    assert "This is a drill of QueueLong. Nothing is wrong." in json.dumps(came[0][1])


def test_a_backtest_tells_when_it_would_have_fired(server: Server, api: httpx.Client) -> None:
    """Once, for the ten minutes less five of `for`; with another threshold never; also a rule that is not in force."""
    found = api.post("/api/v1/backtests", json={"alert": "QueueLong", "start": "now-3h"}).json()
    assert (found["fired"], found["verdict"]) == (1, "")
    (span,) = found["spans"]
    assert span["labels"]["queue"] == "mail"
    # The last sample of a gauge counts for five minutes more only where no other comes: it ends with the next one.
    assert 240 <= found["firing_seconds"] <= 360
    assert [one["receiver"] for one in found["messages"]] == ["on-call", "on-call"]
    higher = api.post("/api/v1/backtests", json={"alert": "QueueLong", "start": "now-3h", "threshold": 200}).json()
    assert (higher["fired"], higher["verdict"]) == (0, "never")
    assert "> 200" in higher["query"]
    tried = RULES.replace("> 100", "> 1").replace("QueueLong", "QueueThere")
    always = api.post("/api/v1/backtests", json={"rule": tried, "start": "now-90m", "end": "now-10m"}).json()
    assert (always["alert"], always["fired"], always["verdict"]) == ("QueueThere", 1, "always")
    printed = call(server, "backtest", "QueueLong", "--over", "3h")
    assert printed.exit_code == 0, printed.output
    assert "1 times in 181 evaluations" in printed.output


def test_mistakes_are_told(api: httpx.Client) -> None:
    """An alert that nobody has, a rule that is none, a stretch that is too long."""
    cases: list[tuple[str, dict[str, Any], int, str]] = [
        ("/api/v1/drills", {"alert": "Nothing"}, 404, "no alerting rule in force is called so"),
        ("/api/v1/backtests", {"start": "now-1h"}, 400, "expected either alert or rule"),
        (
            "/api/v1/backtests",
            {"rule": "groups: [{name: g, rules: [{alert: A, expr: up >}]}]", "start": "now-1h"},
            400,
            "cannot parse",
        ),
        ("/api/v1/backtests", {"alert": "QueueLong", "start": "now-400d"}, 400, "at most 92 days"),
    ]
    for path, body, status, message in cases:
        answer = api.post(path, json=body)
        assert (answer.status_code, message in answer.text) == (status, True), answer.text


def test_a_runbook_is_opened_by_labels(api: httpx.Client) -> None:
    """Its live block is filled in, and without the label it says what is missing; ticks need an alert."""
    listed = api.get("/api/v1/runbooks").json()["runbooks"]
    assert [(one["name"], one["steps"], one["live_blocks"]) for one in listed] == [("queues", 1, 1)]
    found = api.get("/api/v1/runbooks/queues", params={"label": "queue=mail"}).json()
    live = next(one for one in found["blocks"] if one["kind"] == "promql")
    assert (live["query"], live["missing"]) == ('queue_length{queue="mail"}', [])
    bare = api.get("/api/v1/runbooks/queues").json()
    assert next(one for one in bare["blocks"] if one["kind"] == "promql")["missing"] == ["queue"]
    assert api.get("/api/v1/runbooks/none").status_code == 404
    tick = {"runbook": "queues", "fingerprint": "0" * 16, "step": "0" * 16, "done": True}
    assert api.post("/api/v1/runbook-ticks", json=tick).status_code == 404


def test_apply_refuses_what_the_store_knows_to_be_wrong(api: httpx.Client) -> None:
    """What was sent as a gauge has no rate; the plan before stays in force. A missing runbook is refused, too."""
    wrong = RULES.replace("queue_length > 100", "rate(queue_length[5m]) > 1").replace(", runbook: queues", "")
    refused = api.post("/api/v1/plan/apply", json={"files": {**PLAN, "rules/queues.yml": wrong}}).json()
    assert refused["ok"] is False
    errors = {
        one["message"].partition(":")[0]: one["line"] for one in refused["problems"] if one["severity"] == "error"
    }
    assert errors == {
        "rate() over queue_length, which is a gauge": 6,
        "QueueLong has no runbook": 5,
    }
    names = [one["alert"] for one in api.get("/api/v1/drills").json()["rules"]]
    assert "QueueLong" in names


def test_promtools_unit_tests_run_beside_their_rules(tmp_path: Path) -> None:
    """Without a server; an expectation that is not met is told with its line and fails."""
    (tmp_path / "rules.yml").write_text(RULES)
    tests = tmp_path / "tests.yml"
    text = """rule_files: [rules.yml]
tests:
  - input_series:
      - {series: 'queue_length{queue="mail"}', values: "150x10"}
    alert_rule_test:
      - eval_time: 6m
        alertname: QueueLong
        exp_alerts:
          - exp_labels: {severity: critical, queue: mail}
            exp_annotations: {summary: mail is long, runbook: queues}
"""
    tests.write_text(text)
    good = CliRunner().invoke(midwatch, ["test-rules", str(tests)])
    assert (good.exit_code, "1 tests, 1 expectations" in good.output) == (0, True), good.output
    tests.write_text(text.replace("eval_time: 6m", "eval_time: 4m"))
    bad = CliRunner().invoke(midwatch, ["test-rules", str(tests)])
    assert bad.exit_code == 1
    assert f"{tests}:6:9: test 1: alertname=QueueLong: expected" in bad.output
