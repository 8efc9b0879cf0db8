"""What loggers write to their standard output and what platforms' drains send, through `POST /ingest/ndjson`."""

import gzip
import json
import subprocess
import sys
import time
import uuid
from base64 import b64encode
from typing import Any

import pytest
from tests.conftest import KEY, Server
from tests.integration.clients.conftest import RunNode

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def push(server: Server, body: bytes, **headers: str) -> None:
    with server.door(content_type=headers.pop("content_type", "application/x-ndjson")) as door:
        answer = door.post("/ingest/ndjson", params={"wait": "visible"}, content=body, headers=headers)
        assert (answer.status_code, answer.json().get("visible", True)) == (200, True), answer.text


def found(server: Server, query: str) -> dict[str, dict[str, Any]]:
    """Rows by their body."""
    with server.api() as api:
        answer = api.get("/api/v1/logs", params={"query": query, "limit": 1000, "start": "now-2h"})
        assert answer.status_code == 200, answer.text
        return {row["body"]: row for row in answer.json()["rows"]}


def iso(ms: int) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ms // 1000))}.{ms % 1000:03}000000Z"


@pytest.mark.node
@pytest.mark.xdist_group("node")
def test_pino_piped(server: Server, run_node: RunNode) -> None:
    """Numeric levels, child loggers, the error serialiser with a cause, labels with ISO times."""
    service = f"pino-{uuid.uuid4().hex[:8]}"
    output = run_node("pino.mjs", {"SERVICE": service, "TRACE_ID": TRACE, "SPAN_ID": SPAN})
    sent = {line.get("msg") or line["message"]: line for line in map(json.loads, output.splitlines())}
    push(server, output)
    rows = found(server, f"service:{service}")
    assert rows.keys() == sent.keys()
    for level in ("trace", "debug", "info", "warn", "error", "fatal"):
        row = rows[f"at {level}"]
        assert (row["level"], row["timestamp"]) == (level, iso(sent[f"at {level}"]["time"]))
        assert (row["environment"], row["attributes"]) == ("staging", {"pid": 77, "hostname": "box"})
    typed = rows["typed text"]["attributes"]
    same = {"requestId": "r-1", "sessionId": "s-1", "count": 2, "ratio": 0.5, "ok": False, "tags": ["a", 1]}
    assert typed == {**same, "user.id": "u-1", "user.roles": ["x"], "pid": 77, "hostname": "box"}
    inside = rows["in a trace"]
    assert (inside["trace_id"], inside["span_id"], inside["attributes"]["component"]) == (TRACE, SPAN, "cart")
    error = rows["cannot reserve"]["attributes"]
    assert (error["exception.type"], error["exception.message"]) == ("RangeError", "no stock")
    assert error["err.code"] == "E_STOCK"
    assert error["exception.stacktrace"] == sent["cannot reserve"]["err"]["stack"]
    assert "caused by: Error: inner" in rows["outer"]["attributes"]["exception.stacktrace"]
    assert rows["labels and ISO times"]["level"] == "warn"
    assert rows["labels and ISO times"]["timestamp"][:23] == sent["labels and ISO times"]["time"][:23]
    for query in ("session.id:s-1", "sessionId:s-1", "http.request.header.x-request-id:r-1"):
        assert found(server, f"service:{service} {query}").keys() == {"typed text", "in a trace", "cannot reserve"}


STRUCTLOG = """
import sys, structlog
processors = [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer()]
structlog.configure(processors=processors)
log = structlog.get_logger().bind(service=sys.argv[1])
structlog.contextvars.bind_contextvars(correlation_id="c-9")
log.info("session created", attempt=2, ratio=0.5, ok=True, tags=["a"], event_name="session.created")
try:
    {}["cart"]
except KeyError:
    log.exception("cart_lost", user_id="u-1")
"""


def test_structlog_piped(server: Server) -> None:
    """Its `event` is the message, its exception a stack trace, its context variables attributes."""
    service = f"structlog-{uuid.uuid4().hex[:8]}"
    done = subprocess.run([sys.executable, "-c", STRUCTLOG, service], capture_output=True, check=True, timeout=60)
    sent = {line["event"]: line for line in map(json.loads, done.stdout.splitlines())}
    push(server, done.stdout)
    rows = found(server, f"service:{service}")
    created, lost = rows["session created"], rows["cart_lost"]
    assert (created["level"], lost["level"], lost["event_name"]) == ("info", "error", "cart_lost")
    for row in (created, lost):
        assert row["timestamp"] == sent[row["body"]]["timestamp"].removesuffix("Z") + "000Z"
        assert row["attributes"]["correlation_id"] == "c-9"
    same = {"attempt": 2, "ratio": 0.5, "ok": True, "tags": ["a"], "event_name": "session.created"}
    assert created["attributes"] == {**same, "correlation_id": "c-9"}
    assert "KeyError: 'cart'" in lost["attributes"]["exception.stacktrace"]
    assert found(server, f"service:{service} user.id:u-1").keys() == {"cart_lost"}


def test_cloudflare_logpush(server: Server) -> None:
    """The test of the address, then a gzipped batch of HTTP requests and of a Worker's events; Basic with the key."""
    zone, worker, now = uuid.uuid4().hex, f"worker-{uuid.uuid4().hex[:8]}", int(time.time() * 1000)
    packed = {"content-encoding": "gzip", "authorization": "Basic " + b64encode(f"midwatch:{KEY}".encode()).decode()}
    with server.door(key=None, content_type="application/octet-stream") as door:
        assert door.get("/ingest/ndjson").status_code == 200
        probe = door.post("/ingest/ndjson", content=gzip.compress(b'{"content":"tests"}'), headers=packed)
        assert (probe.status_code, probe.json()) == (200, {"accepted": 0})
    seconds = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now // 1000))
    request = {"RayID": "8a1", "EdgeStartTimestamp": seconds, "EdgeResponseStatus": 503, "ClientRequestHost": zone}
    event = {"EventTimestampMs": now, "Outcome": "exception", "ScriptName": worker, "EventType": "fetch"}
    event |= {"Event": {"RayID": "8a2", "Request": {"Method": "GET"}}, "Logs": [{"Level": "log", "Message": ["hi"]}]}
    event |= {"Exceptions": [{"Name": "TypeError", "Message": "x is null", "TimestampMs": now}]}
    body = gzip.compress("".join(json.dumps(line) + "\n" for line in (request, event)).encode())
    push(server, body, content_type="application/octet-stream", **packed)
    (row,) = found(server, f"ClientRequestHost:{zone}").values()
    assert row["timestamp"] == seconds.removesuffix("Z") + ".000000000Z"
    assert row["attributes"] == {"RayID": "8a1", "EdgeResponseStatus": 503, "ClientRequestHost": zone}
    assert found(server, f"ClientRequestHost:{zone} EdgeResponseStatus:>=500")
    (row,) = found(server, f"service:{worker}").values()
    assert row["timestamp"] == iso(now)
    assert row["attributes"]["Exceptions"] == event["Exceptions"]
    assert (row["attributes"]["Event.RayID"], row["attributes"]["Outcome"]) == ("8a2", "exception")


def test_vercel_drain(server: Server) -> None:
    """JSON arrays, the address verified, a request's trace, status -1 for a function that crashed."""
    project, now = f"shop-{uuid.uuid4().hex[:8]}", int(time.time() * 1000)
    always = {"deploymentId": "dpl_1", "source": "lambda", "host": "shop.vercel.app", "projectId": "prj_1"}
    always |= {"projectName": project, "environment": "preview", "timestamp": now}
    proxy = {"timestamp": now - 5, "method": "GET", "path": "/cart?x=1", "statusCode": 500, "userAgent": ["curl"]}
    lines = [
        {**always, "id": "1", "level": "info", "message": "Adding customer", "type": "stdout", "requestId": "r-7"},
        {**always, "id": "2", "level": "error", "message": "crashed", "statusCode": -1, "proxy": proxy},
        {**always, "id": "3", "level": "warning", "message": "slow", "trace.id": TRACE, "span.id": SPAN},
    ]
    with server.door(content_type="application/json") as door:
        params = {"wait": "visible", "vercel_verify": "v-1"}
        answer = door.post("/ingest/ndjson", params=params, content=json.dumps(lines))
        assert (answer.status_code, answer.json(), answer.headers["x-vercel-verify"]) == (200, {"accepted": 3}, "v-1")
    rows = found(server, f"service:{project}")
    assert {body: row["level"] for body, row in rows.items()} == {
        "Adding customer": "info",
        "crashed": "error",
        "slow": "warn",
    }
    assert {(row["timestamp"], row["environment"]) for row in rows.values()} == {(iso(now), "preview")}
    assert rows["crashed"]["attributes"]["statusCode"] == -1
    assert rows["crashed"]["attributes"]["proxy.userAgent"] == ["curl"]
    assert (rows["slow"]["trace_id"], rows["slow"]["span_id"]) == (TRACE, SPAN)
    assert found(server, f"service:{project} http.response.status_code:<0").keys() == {"crashed"}


def test_railway_drain(server: Server) -> None:
    """As Locomotive, Railway's log shipper, sends them: service and environment under `_metadata`."""
    service, now = f"rail-{uuid.uuid4().hex[:8]}", int(time.time() * 1000)
    text = iso(now).replace("000000Z", "Z")
    known = {"serviceName": service, "environmentName": "production", "deploymentId": "d-1"}
    line = {"_metadata": known, "message": "Hello", "level": "warn", "severity": "warn", "example_float": 1.25}
    line |= dict.fromkeys(("time", "_time", "dt", "datetime", "ts", "timestamp"), text)
    push(server, json.dumps([line | {"example_int_slice": [1, 2]}]).encode(), content_type="application/json")
    row = found(server, f"service:{service}")["Hello"]
    assert (row["level"], row["environment"], row["timestamp"]) == ("warn", "production", iso(now))
    kept = {"_metadata.deploymentId": "d-1", "example_float": 1.25, "example_int_slice": [1, 2]}
    assert row["attributes"] == {**kept, "_time": text, "dt": text}
