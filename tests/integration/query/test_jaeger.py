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
        window = {"start": start // 1000 - 10**6, "end": start // 1000 + 10**7, "limit": 20}
        tags = json.dumps({"http.response.status_code": "500"})
        for more, count in (
            ({}, 1),
            ({"operation": "GET /orders"}, 1),
            ({"operation": "nothing"}, 0),
            ({"tags": tags, "minDuration": "40ms"}, 1),
            ({"minDuration": "1s"}, 0),
            ({"tags": json.dumps({"error": "true"})}, 1),
        ):
            found = ask("traces", service=service, **window, **more)
            assert len(found) == count, more
        (trace,) = ask(f"traces/{trace_id.hex()}")
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
