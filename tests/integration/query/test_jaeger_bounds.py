"""Jaeger's API when much is asked: an answer is bounded in spans and bytes, and says what was left out."""

import uuid
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import now_ns

pytestmark = pytest.mark.thorough

SPANS_MAX = 20_000
MB = 10**6


def send(server: Server, service: str, spans: list[Span]) -> None:
    with server.door() as door:
        body = bodies.traces(service, spans).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200


def spans_of(trace_id: bytes, count: int, **attributes: Any) -> list[Span]:
    start = now_ns()
    times = [{"start_time_unix_nano": start + at, "end_time_unix_nano": start + at + 10**6} for at in range(count)]
    return [bodies.span(trace_id=trace_id, attributes=attributes, **fields) for fields in times]


def ask(server: Server, service: str, limit: int) -> tuple[dict[str, dict[str, Any]], int]:
    with server.api() as api:
        answer = api.get("/jaeger/api/traces", params={"service": service, "limit": limit}, timeout=60)
    assert answer.status_code == 200, answer.text
    return {trace["traceID"]: trace for trace in answer.json()["data"]}, len(answer.content)


def test_many_spans_are_shared_out(server: Server) -> None:
    """500 traces with 30,000 spans: small ones are whole, large ones begin at their beginning."""
    service = f"jb{uuid.uuid4().hex[:8]}"
    large = [uuid.uuid4().bytes for _ in range(10)]
    small = [uuid.uuid4().bytes for _ in range(490)]
    send(server, service, [span for trace_id in small for span in spans_of(trace_id, 2)])
    for trace_id in large:
        send(server, service, spans_of(trace_id, 2902))
    found, _ = ask(server, service, 500)
    assert len(found) == 500
    assert all(len(found[one.hex()]["spans"]) == 2 and found[one.hex()]["warnings"] is None for one in small)
    shares = [len(found[one.hex()]["spans"]) for one in large]
    assert shares == [(SPANS_MAX - 980) // 10] * 10
    (warning,) = found[large[0].hex()]["warnings"]
    assert "the first 1,902 of 2,902 spans" in warning
    starts = [span["startTime"] for span in found[large[0].hex()]["spans"]]
    assert starts == sorted(starts)


def test_heavy_spans_are_shared_out_too(server: Server) -> None:
    """50 MB of attributes: a part comes, and a trace of which no span has its place comes with its first alone."""
    service = f"jb{uuid.uuid4().hex[:8]}"
    heavy, giant, light = (uuid.uuid4().bytes for _ in range(3))
    many = {f"text.{index}": "x" * 32_000 for index in range(30)}
    for _ in range(2):
        send(server, service, spans_of(heavy, 20, **many))
    send(server, service, spans_of(giant, 1, **{f"text.{index}": "x" * 32_000 for index in range(250)}))
    send(server, service, spans_of(light, 40))
    found, size = ask(server, service, 500)
    assert size < 40 * MB
    assert 10 < len(found[heavy.hex()]["spans"]) < 40
    assert "of 40 spans" in found[heavy.hex()]["warnings"][0]
    assert len(found[light.hex()]["spans"]) == 40
    assert len(found[giant.hex()]["spans"]) == 1

    fillers = [uuid.uuid4().bytes for _ in range(10)]
    send(server, service, [span for trace_id in fillers for span in spans_of(trace_id, 1)])
    found, size = ask(server, service, 500)
    assert size < 40 * MB
    (span,) = found[giant.hex()]["spans"]
    assert "the first 1 of 1 spans, without attributes" in found[giant.hex()]["warnings"][0]
    assert not [tag for tag in span["tags"] if tag["key"].startswith("text.")]
