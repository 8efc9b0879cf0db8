"""Jaeger's query API, as the Jaeger UI and Grafana's Jaeger data source ask it."""

import json
import uuid
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import now_ns


def test_what_grafana_and_the_jaeger_ui_ask(server: Server) -> None:
    """Services, operations, traces by service, tags and duration, one trace, dependencies: in Jaeger's shapes."""
    service, trace_id, start = f"jaeger{uuid.uuid4().hex[:8]}", uuid.uuid4().bytes, now_ns()
    root = bodies.span(
        trace_id=trace_id,
        name="GET /orders",
        start_time_unix_nano=start,
        end_time_unix_nano=start + 50_000_000,
        attributes={"http.response.status_code": 500, "retry": True, "share": 0.5},
    )
    root.status.code = 2
    event = root.events.add(name="exception", time_unix_nano=start + 1_000_000)
    event.attributes.add(key="exception.message").value.string_value = "no room"
    child = bodies.span(
        trace_id=trace_id,
        parent_span_id=root.span_id,
        name="charge",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=start + 2_000_000,
        end_time_unix_nano=start + 30_000_000,
    )
    with server.door() as door:
        for name, span in ((service, root), (f"{service}-pay", child)):
            body = bodies.traces(name, [span]).SerializeToString()
            assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    with server.api() as api:

        def ask(path: str, **params: Any) -> Any:
            answer = api.get(f"/jaeger/api/{path}", params=params)
            assert answer.status_code == 200, answer.text
            return answer.json()["data"]

        assert {service, f"{service}-pay"} <= set(ask("services"))
        assert ask(f"services/{service}/operations") == ["GET /orders"]
        assert [one["name"] for one in ask("operations", service=service)] == ["GET /orders"]
        assert ask("operations", service=service, spanKind="client") == []
        window = {"start": start // 1000 - 10**6, "end": start // 1000 + 10**7, "limit": 20}
        tags = json.dumps({"http.response.status_code": "500"})
        for more, count in (
            ({}, 1),
            ({"operation": "GET /orders"}, 1),
            ({"operation": "nothing"}, 0),
            ({"tags": tags, "minDuration": "40ms"}, 1),
            ({"minDuration": "1s"}, 0),
            ({"tags": json.dumps({"error": "true"})}, 1),
            ({"tag": ["http.response.status_code:500", "retry:true"]}, 1),
            ({"tag": "retry:false"}, 0),
            ({"tags": json.dumps({"span.kind": "server", "otel.status_code": "ERROR"})}, 1),
            ({"tags": json.dumps({"span.kind": "client"})}, 0),
            ({"limit": 1500}, 1),
        ):
            found = ask("traces", service=service, **{**window, **more})
            assert len(found) == count, more
        (trace,) = ask(f"traces/{trace_id.hex()}")
        assert ask("traces", traceID=[trace_id.hex().upper(), "ab" * 16]) == [trace]
        dependencies = ask("dependencies", endTs=start // 1_000_000 + 60_000, lookback=3_600_000)
    spans = {span["operationName"]: span for span in trace["spans"]}
    parent = spans["GET /orders"]
    assert (trace["traceID"], parent["startTime"], parent["duration"]) == (trace_id.hex(), start // 1000, 50_000)
    tags_of = {tag["key"]: (tag["type"], tag["value"]) for tag in parent["tags"]}
    assert tags_of["http.response.status_code"] == ("int64", 500)
    assert tags_of["retry"] == ("bool", True)
    assert tags_of["share"] == ("float64", 0.5)
    assert tags_of["error"] == ("bool", True)
    assert tags_of["span.kind"] == ("string", "server")
    (log,) = parent["logs"]
    assert {"key": "exception.message", "type": "string", "value": "no room"} in log["fields"]
    (reference,) = spans["charge"]["references"]
    assert reference == {"refType": "CHILD_OF", "traceID": trace_id.hex(), "spanID": parent["spanID"]}
    assert {process["serviceName"] for process in trace["processes"].values()} == {service, f"{service}-pay"}
    assert {"parent": service, "child": f"{service}-pay", "callCount": 1} in dependencies


def test_a_service_with_a_slash_has_operations(server: Server) -> None:
    """Grafana escapes the name into the path."""
    service = f"shop/{uuid.uuid4().hex[:8]}"
    with server.door() as door:
        body = bodies.traces(service, [bodies.span(start_time_unix_nano=now_ns(), name="sell")]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    with server.api() as api:
        answer = api.get(f"/jaeger/api/services/{service.replace('/', '%2F')}/operations")
    assert answer.json()["data"] == ["sell"]


def test_errors_are_in_jaegers_shape(server: Server) -> None:
    """So that both show the sentence and not a line of JSON."""
    with server.api() as api:
        missing = api.get(f"/jaeger/api/traces/{'0' * 31}7")
        wrong = api.get("/jaeger/api/traces", params={"service": "x", "minDuration": "soon"})
    assert missing.status_code == 404
    assert missing.json()["data"] is None
    assert missing.json()["errors"] == [{"code": 404, "msg": f"trace not found: {'0' * 31}7"}]
    assert wrong.status_code == 400
    assert "minDuration='soon'" in wrong.json()["errors"][0]["msg"]
