"""Loki's push API: what is taken, how it lands, and what is refused in Loki's words."""

import gzip
import json
import time
from typing import Any

import cramjam
import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from tests.conftest import KEY, Server
from tests.integration.loki.conftest import Ask, Push, body_of

PUSH = "/loki/api/v1/push"
JSON = {"content-type": "application/json"}


def pushed(server: Server, content: bytes, **headers: str) -> httpx.Response:
    with server.door() as door:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return door.post(PUSH, params={"wait": "visible"}, content=content, headers=named)


def row_of(client: httpx.Client, job: str) -> dict[str, Any]:
    rows = client.get("/api/v1/logs", params={"query": f"resource.job:{job}"}).json()["rows"]
    assert len(rows) == 1
    return dict(rows[0])


def test_a_pushed_line_is_a_log_record(client: httpx.Client, push: Push) -> None:
    """Labels say service, environment and level; metadata the trace; both stay as they were sent, secrets do not."""
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    metadata = {"trace_id": trace, "span_id": span, "user": "ann", "password": "hunter2"}
    entry = (time.time_ns() - 10**9, "it broke", metadata)
    job = push(entry, app="shop", deployment_environment="staging", severity="ERROR", q='a\\"b\\\\c\\u00e9')
    row = row_of(client, job)
    assert (row["body"], row["service"], row["environment"]) == ("it broke", "shop", "staging")
    assert (row["level"], row["severity_text"], row["trace_id"], row["span_id"]) == ("error", "ERROR", trace, span)
    labels = {"job": job, "app": "shop", "deployment_environment": "staging", "severity": "ERROR", "q": 'a"b\\cé'}
    assert row["resource"] == labels
    assert row["attributes"] == metadata | {"password": "[removed]"}


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("level=warn something", "warn"),
        ('{"severity":"CRITICAL","m":1}', "fatal"),
        ('{"lvl" : "Debug"}', "debug"),
        ("nothing said", "unknown"),
    ],
)
def test_a_line_s_own_level_is_found(client: httpx.Client, push: Push, line: str, level: str) -> None:
    """Where no label says it, the line's own field does, as Loki detects it."""
    assert row_of(client, push(line))["level"] == level


@pytest.mark.parametrize("packed", [False, True])
def test_json(server: Server, client: httpx.Client, packed: bool) -> None:
    """JSON with nanoseconds as text and metadata as a third element, plain and with gzip."""
    now, job = time.time_ns() - 10**9, f"json{time.time_ns()}"
    values = [[str(now), "line", {"traceID": "0" * 31 + "1"}]]
    body = json.dumps({"streams": [{"stream": {"job": job, "env": "dev"}, "values": values}]}).encode()
    headers = {**JSON, **({"content-encoding": "gzip"} if packed else {})}
    assert pushed(server, gzip.compress(body) if packed else body, **headers).status_code == 204
    row = row_of(client, job)
    assert (row["body"], row["environment"], row["trace_id"]) == ("line", "dev", "0" * 31 + "1")
    assert row["timestamp"].endswith(f"{now % 10**9:09d}Z")


def test_a_retry_is_stored_once(server: Server, ask: Ask) -> None:
    """promtail sends a batch again when its answer was lost: the same bytes are the same lines."""
    job = f"retry{time.time_ns()}"
    body = body_of({"job": job}, [(time.time_ns() - 10**9, "once", {})])
    assert [pushed(server, body).status_code for _ in range(2)] == [204, 204]
    count = ask("query", query=f'sum(count_over_time({{job="{job}"}}[1m]))')["result"]
    assert [one["value"][1] for one in count] == ["1"]


@pytest.mark.parametrize(
    ("content", "headers", "said"),
    [
        (b'{"streams":[{"stream":{},"values":[]}]}', JSON, "at least one label pair is required per stream"),
        (b'{"streams":[{"stream":{"1x":"y"},"values":[]}]}', JSON, "streams[0].stream: label name '1x'"),
        (b'{"streams":[{"stream":{"a":"b"},"values":[["now","x"]]}]}', JSON, "streams[0].values[0][0]='now'"),
        (b'{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}', JSON, "as a string of digits"),
        (b'{"streams":[{"stream":{"a":"b"},"values":[["1"]]}]}', JSON, 'expected ["<nanoseconds>", "line"]'),
        (b'{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"a":1}]]}]}', JSON, "values[0][2]: expected an object"),
        (b'{"entries":[]}', JSON, 'expected {"streams"'),
        (b"[", JSON, "expected JSON"),
        (b"no snappy at all", {}, "snappy"),
        (bytes(cramjam.snappy.compress_raw(b"\xff\xff")), {}, "logproto.PushRequest"),
        (bytes(cramjam.snappy.compress_raw(b"\x0a\x07\x0a\x05{a=b}")), {}, "error parsing labels {a=b}: 1:2"),
        (b"\x80\xc2\xd7\x2f" + bytes(5_000_000), {}, "100,000,000 bytes once unpacked"),
    ],
)
def test_refused(server: Server, content: bytes, headers: dict[str, str], said: str) -> None:
    """A 400 (413 for a bomb) in plain text that names what is wrong and where; nothing of it is kept."""
    answer = pushed(server, content, **headers)
    assert answer.status_code in (400, 413), answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert said in answer.text


def test_opentelemetry_s_exporter(server: Server, client: httpx.Client) -> None:
    """OTLP logs at Loki's own path, from OpenTelemetry's SDK."""
    import logging

    name = f"otlp{time.time_ns()}"
    headers = {"authorization": f"Bearer {KEY}", "x-midwatch-wait": "visible"}
    exporter = OTLPLogExporter(endpoint=f"{server.url}/loki/otlp/v1/logs", headers=headers)
    provider = LoggerProvider(Resource({"service.name": name, "k8s.pod.name": "p-1"}), shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    logger = logging.Logger("app")
    logger.addHandler(LoggingHandler(logger_provider=provider))
    logger.warning("over OTLP", extra={"http.route": "/x"})
    provider.shutdown()
    params = {"query": f'{{service_name="{name}", k8s_pod_name="p-1"}} | http_route="/x"'}
    result = client.get("/loki/api/v1/query", params=params).json()["data"]["result"]
    assert [line for stream in result for _, line in stream["values"]] == ["over OTLP"]
    assert result[0]["stream"]["level"] == "warn"
