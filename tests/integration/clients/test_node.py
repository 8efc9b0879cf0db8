"""Clients from npm: the OpenTelemetry JS SDK over HTTP/JSON, and pino piped to the NDJSON door."""

import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tools import npm

NODE = Path(__file__).parent / "node"


def run_node(script: str, **environment: str) -> str:
    """What a script of ours, run by Node.js, printed."""
    env = {**npm.node_environment(), **environment}
    done = subprocess.run(["node", script], cwd=NODE, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows_of(api: httpx.Client, sql: str) -> list[list[Any]]:
    answer = api.post("/api/v1/sql", json={"query": sql})
    assert answer.status_code == 200, answer.text
    return answer.json()["rows"]


def test_the_javascript_sdk_is_understood(server: Server) -> None:
    """Spans with links, events and exceptions, a record of theirs, a counter, a histogram: types and ties survive."""
    service = f"js-{uuid.uuid4().hex[:8]}"
    printed = run_node("sdk.mjs", MIDWATCH_URL=server.otlp_http_url, MIDWATCH_KEY=KEY, SERVICE=service)
    trace_id = printed.strip()
    with server.api() as api:

        def whole() -> dict[str, Any] | None:
            answer = api.get(f"/api/v1/traces/{trace_id}")
            return answer.json() if answer.status_code == 200 and answer.json()["log_count"] else None

        trace = eventually(whole)
        by_name = {span["name"]: span for span in trace["spans"]}
        assert set(by_name) == {"GET /sessions/:id", "query"}
        assert trace["environment"] == "staging"
        child = api.get(f"/api/v1/traces/{trace_id}/spans/{by_name['query']['span_id']}").json()
        sent = {"attempt": 2, "warm": False, "ratio": 0.5, "tags": ["a", "b"], "db.system.name": "postgresql"}
        assert {key: child["attributes"][key] for key in sent} == sent
        assert (child["status"], child["status_message"], child["scope"]) == ("error", "no room left", "tests")
        assert child["parent_span_id"] == by_name["GET /sessions/:id"]["span_id"]
        assert [event["name"] for event in child["events"]] == ["retry", "exception"]
        assert child["events"][1]["attributes"]["exception.message"] == "no room left"
        assert [link["span_id"] for link in child["links"]] == [child["parent_span_id"]]
        (record,) = api.get("/api/v1/logs", params={"query": f"trace_id:{trace_id}"}).json()["rows"]
        assert (record["body"], record["level"], record["service"]) == ("session failed", "error", service)
        assert record["attributes"] == {"session.id": "s-1", "attempt": 2}

        def points() -> list[list[Any]]:
            found = rows_of(
                api,
                "SELECT MetricName, toString(MetricType), Value, Count, Sum, Attributes['plan'] FROM metric_points"
                f" WHERE ServiceName = '{service}' ORDER BY MetricName LIMIT 1 BY MetricName",
            )
            return found if len(found) == 2 else []

        boot, created = eventually(points)
        assert boot[:2] == ["session.boot", "histogram"]
        assert (int(boot[3]), boot[4], boot[5]) == (1, 120, "free")
        assert created[:3] == ["sessions.created", "sum", 3]


def test_lines_of_pino_are_understood(server: Server) -> None:
    """Levels, messages, child bindings, errors and private keys of pino's lines, piped as they are."""
    service, trace_id = f"pino-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    lines = run_node("lines.mjs", SERVICE=service, TRACE_ID=trace_id, SPAN_ID="1234567890abcdef")
    with server.door(content_type="application/x-ndjson") as door:
        answer = door.post("/ingest/ndjson?wait=visible", content=lines)
    assert answer.status_code == 200, answer.text
    with server.api() as api:
        found = api.get("/api/v1/logs", params={"query": f"service:{service}"}).json()["rows"]
    assert sorted((row["level"], row["body"]) for row in found) == [
        ("error", "session failed"),
        ("fatal", "gone"),
        ("info", "session created"),
        ("warn", "slow boot"),
    ]
    by_body = {row["body"]: row for row in found}
    assert by_body["session created"]["attributes"]["sessionId"] == "s-1"
    assert by_body["session created"]["attributes"]["card.number"] == "[removed]"
    slow = by_body["slow boot"]
    assert (slow["trace_id"], slow["span_id"], slow["attributes"]["requestId"]) == (trace_id, "1234567890abcdef", 7)
    failed = by_body["session failed"]["attributes"]
    assert (failed["exception.type"], failed["exception.message"]) == ("TypeError", "no room left")
    assert "lines.mjs" in failed["exception.stacktrace"]


@pytest.fixture(autouse=True)
def packages() -> None:
    """`make test` installs them; a test run by hand says what is missing."""
    assert (NODE / "node_modules").is_dir(), f"run `python tools/npm.py {NODE.relative_to(npm.ROOT)}` first"
    os.environ.setdefault("NODE_NO_WARNINGS", "1")
