"""The official OpenTelemetry SDK for JavaScript sends over OTLP/HTTP with JSON; every value is found as it was."""

import json
import time
import uuid
from typing import Any

import httpx
import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.clients.conftest import RunNode

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("node"), pytest.mark.thorough]

ATTRIBUTES = {
    "text": "größe 🦉",
    "empty": "",
    "count": 42,
    "ratio": 0.25,
    "negative": -7,
    "yes": True,
    "no": False,
    "words": ["a", "b"],
    "numbers": [1, 2.5],
    "flags": [True, False],
}


def at(seconds: int, nanos: int) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{nanos:09}Z"


def same(found: dict[str, Any], sent: dict[str, Any]) -> None:
    """Equal, types included: 1 is neither True nor 1.0."""
    kept = {name: found.get(name) for name in sent}
    assert json.dumps(kept) == json.dumps(sent)


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_what_the_javascript_sdk_sends_arrives_whole(server: Server, run_node: RunNode, compression: str) -> None:
    """Spans with events, links and an exception, logs inside of them, and metrics of every kind."""
    service, seconds = f"js-{uuid.uuid4().hex[:8]}", int(time.time()) - 60
    variables = {"MIDWATCH_URL": server.otlp_http_url, "MIDWATCH_KEY": KEY, "SERVICE": service}
    output = run_node("whole.mjs", {**variables, "SECONDS": str(seconds), "COMPRESSION": compression})
    ids = json.loads(output)
    with server.api() as api:
        check_trace(api, ids, service, seconds)
        check_logs(api, ids, service, seconds)
        check_metrics(api, service)


def check_trace(api: httpx.Client, ids: dict[str, Any], service: str, seconds: int) -> None:
    trace_id, child_id = ids["child"]["traceId"], ids["child"]["spanId"]

    def whole() -> dict[str, Any] | None:
        answer = api.get(f"/api/v1/traces/{trace_id}")
        return answer.json() if answer.status_code == 200 else None

    trace = eventually(whole)
    assert (trace["start"], trace["duration_ns"]) == (at(seconds, 123456789), 987654321 - 123456789)
    assert (trace["environment"], trace["missing_parents"]) == ("staging", [])
    bars = {bar["name"]: bar for bar in trace["spans"]}
    assert bars["charge card"]["parent_span_id"] == ids["parent"]["spanId"]
    assert (bars["charge card"]["status"], bars["POST /orders"]["status"]) == ("error", "unset")

    parent = api.get(f"/api/v1/traces/{trace_id}/spans/{ids['parent']['spanId']}").json()
    assert (parent["service"], parent["kind"], parent["scope"].split()[0]) == (service, "server", "shop")
    same(parent["attributes"], ATTRIBUTES)
    same(parent["resource"], {"process.pid": 4711, "host.tags": ["eu", "spot"]})
    (link,) = parent["links"]
    assert (link["trace_id"], link["span_id"]) == (ids["earlier"]["traceId"], ids["earlier"]["spanId"])
    assert link["attributes"]["reason"] == "retry"

    child = api.get(f"/api/v1/traces/{trace_id}/spans/{child_id}").json()
    assert (child["kind"], child["status_message"]) == ("client", "card expired")
    assert (child["start"], child["duration_ns"]) == (at(seconds, 200000001), 100000001)
    asked, thrown = child["events"]
    assert (asked["name"], asked["offset_ns"], asked["attributes"]["bank"]) == ("asked", 210000000 - 123456789, "B")
    assert (thrown["name"], thrown["attributes"]["exception.type"]) == ("exception", "TypeError")
    assert "whole.mjs" in thrown["attributes"]["exception.stacktrace"]


def check_logs(api: httpx.Client, ids: dict[str, Any], service: str, seconds: int) -> None:
    def both() -> dict[str, Any] | None:
        rows = api.get("/api/v1/logs", params={"query": f"service:{service}"}).json()["rows"]
        return {row["level"]: row for row in rows} if len(rows) == 2 else None

    rows = eventually(both)
    error = rows["error"]
    assert (error["body"], error["event_name"], error["severity_text"]) == ("card expired", "card.refused", "ERROR")
    assert (error["trace_id"], error["span_id"]) == (ids["child"]["traceId"], ids["child"]["spanId"])
    assert error["timestamp"] == at(seconds, 250000003)
    assert error["scope"] == "payments"
    same(error["attributes"], {**ATTRIBUTES, "bytes": "AP8=", "map": {"city": "Bern", "zip": 3000}})
    debug = rows["debug"]
    assert (json.loads(debug["body"]), debug["trace_id"]) == ({"order": 7, "paid": False}, "")
    assert debug["timestamp"] == at(seconds, 9)


def check_metrics(api: httpx.Client, service: str) -> None:
    columns = (
        "MetricName, toString(MetricType), toString(Temporality), IsMonotonic, Value, Unit, Description, Count, Sum,"
        " BucketCounts, ExplicitBounds, Attributes, AttributeTypes"
    )
    sql = f"SELECT {columns} FROM metric_points WHERE ServiceName = '{service}' ORDER BY MetricName"

    def all_five() -> dict[str, list[Any]] | None:
        answer = api.post("/api/v1/sql", json={"query": sql})
        assert answer.status_code == 200, answer.text
        rows = answer.json()["rows"]
        return {row[0]: row[1:] for row in rows} if len(rows) == 5 else None

    points = eventually(all_five)
    assert points["orders"][:6] == ["sum", "cumulative", True, 3, "{order}", "Orders taken"]
    assert points["carts.open"][:4] == ["sum", "cumulative", False, -2]
    assert [points["queue.depth"][0], points["queue.depth"][3]] == ["gauge", 0.5]
    histogram = points["job.duration"]
    assert [histogram[0], *histogram[6:10]] == ["histogram", 3, 5.55, [1, 1, 1], [0.1, 1.0]]
    assert points["job.size"][0] == "exponential_histogram"
    texts, kinds = points["orders"][10], points["orders"][11]
    assert texts["words"] == '["a","b"]'
    types = {"text": 1, "empty": 1, "count": 3, "ratio": 4, "negative": 3, "yes": 2, "no": 2}
    assert dict(zip(texts, kinds, strict=True)) == {**types, "words": 5, "numbers": 5, "flags": 5}
