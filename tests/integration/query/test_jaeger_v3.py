"""Jaeger's API v3, as Grafana's data source asks it with its newer endpoint (pkg/tsdb/jaeger/grpc_client.go)."""

import json
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import now_ns

V3 = "/jaeger/api/v3"


def send_trace(server: Server, service: str, start: int) -> tuple[str, Span]:
    """A request that failed, with an event and a link, and what it called in another service."""
    trace_id = uuid.uuid4().bytes
    attributes = {"http.response.status_code": 500, "retry": True, "share": 0.5, "hosts": ["a", "b"]}
    times = {"start_time_unix_nano": start, "end_time_unix_nano": start + 50_000_001}
    root = bodies.span(trace_id=trace_id, name="GET /orders", attributes=attributes, **times)
    root.kind, root.status.code, root.status.message = Span.SPAN_KIND_CLIENT, 2, "no room"
    event = root.events.add(name="exception", time_unix_nano=start + 1)
    event.attributes.add(key="exception.message").value.string_value = "full"
    root.links.add(trace_id=b"\xab" * 16, span_id=b"\xcd" * 8).attributes.add(key="why").value.string_value = "retry"
    child = bodies.span(
        trace_id=trace_id,
        parent_span_id=root.span_id,
        name="charge",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=start + 5,
        end_time_unix_nano=start + 9,
    )
    with server.door() as door:
        for name, span in ((service, root), (f"{service}-pay", child)):
            body = bodies.traces(name, [span]).SerializeToString()
            assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    return trace_id.hex(), root


def test_services_operations_search_and_a_trace(server: Server) -> None:
    """Each under its address, the trace as OTLP's JSON to the nanosecond; our own door takes that as it is."""
    service, start = f"jaeger{uuid.uuid4().hex[:8]}", now_ns()
    trace_id, root = send_trace(server, service, start)
    moment = datetime.fromtimestamp(start / 1e9, timezone(timedelta(hours=2)))
    # Grafana does not escape the times: the + of the zone comes as it is.
    low, high = ((moment + timedelta(seconds=by)).isoformat() for by in (-5, 5))
    between = f"query.start_time_min={low}&query.start_time_max={high}"
    with server.api() as api:

        def ask(path: str, **params: Any) -> Any:
            answer = api.get(f"{V3}/{path}", params=params or None)
            assert answer.status_code == 200, answer.text
            return answer.json()

        assert {service, f"{service}-pay"} <= set(ask("services")["services"])
        operations = ask("operations", service=service)
        assert operations == {"operations": [{"name": "GET /orders", "spanKind": "client"}]}
        assert ask("operations", service=service, spanKind="server") == {"operations": []}
        window = {"start_time": low, "end_time": high}
        whole = ask(f"traces/{trace_id}", **window)
        tags = json.dumps({"http.response.status_code": "500"})
        for params in (
            {"query.service_name": service},
            {"query.serviceName": service, "query.operationName": "GET /orders", "query.searchDepth": "3"},
            {"query.service_name": service, "query.attributes": tags, "query.duration_min": "40ms"},
        ):
            found = api.get(f"{V3}/traces?{httpx.QueryParams(params)}&{between}")
            assert (found.status_code, found.json()) == (200, whole), params
        nothing = api.get(f"{V3}/traces", params={"query.service_name": service, "query.duration_min": "1s"})
        assert (nothing.status_code, nothing.json()["error"]) == (404, "No traces found")
    by_service = {
        {one["key"]: one["value"] for one in resource["resource"]["attributes"]}["service.name"][
            "stringValue"
        ]: resource
        for resource in whole["result"]["resourceSpans"]
    }
    ((parent,), (called,)) = (by_service[name]["scopeSpans"][0]["spans"] for name in (service, f"{service}-pay"))
    assert (parent["traceId"], parent["spanId"], parent["parentSpanId"]) == (trace_id, root.span_id.hex(), "")
    assert (called["parentSpanId"], called["kind"], called["name"]) == (root.span_id.hex(), 2, "charge")
    assert (parent["startTimeUnixNano"], parent["endTimeUnixNano"]) == (str(start), str(start + 50_000_001))
    assert (parent["kind"], parent["status"]) == (3, {"code": 2, "message": "no room"})
    values = {one["key"]: one["value"] for one in parent["attributes"]}
    assert values["http.response.status_code"] == {"intValue": "500"}
    assert (values["retry"], values["share"]) == ({"boolValue": True}, {"doubleValue": 0.5})
    assert values["hosts"] == {"arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}}
    message = {"key": "exception.message", "value": {"stringValue": "full"}}
    assert parent["events"] == [{"timeUnixNano": str(start + 1), "name": "exception", "attributes": [message]}]
    why = [{"key": "why", "value": {"stringValue": "retry"}}]
    assert parent["links"] == [{"traceId": "ab" * 16, "spanId": "cd" * 8, "attributes": why}]
    with server.door() as door:
        taken = door.post("/v1/traces", json=whole["result"], headers={"content-type": "application/json"})
    assert (taken.status_code, taken.json().get("partialSuccess", {})) == (200, {})


@pytest.mark.parametrize(
    ("path", "params", "status", "says"),
    [
        (f"traces/{'0' * 31}8", {}, 404, "No traces found"),
        ("traces/nothing", {}, 422, "trace_id"),
        ("traces", {"query.startTimeMin": "soon"}, 400, "query.startTimeMin='soon'"),
        ("traces", {"query.durationMin": "soon"}, 400, "query.durationMin='soon': expected 1.2s"),
        ("traces", {"query.attributes": "a=b"}, 400, "query.attributes='a=b': expected a JSON object"),
        ("traces", {"query.searchDepth": "0"}, 400, "query.searchDepth='0': expected 1 to 1,500"),
        ("traces", {"query.serviceName": "x" * 2001}, 400, "query.serviceName: expected at most 2,000"),
        (
            "traces",
            {"query.startTimeMin": "2026-01-02T00:00:00Z", "query.startTimeMax": "2026-01-01T00:00:00Z"},
            400,
            "query.startTimeMax: expected a time after",
        ),
    ],
)  # fmt: skip
def test_refused(server: Server, path: str, params: dict[str, str], status: int, says: str) -> None:
    """In Jaeger's shape; the parameter is named as it was asked for."""
    with server.api() as api:
        answer = api.get(f"{V3}/{path}", params=params)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["errors"][0]["msg"]
