"""What was odd about an item is said on the item, in Settings → limits hit and in /metrics: one request a limit."""

import gzip
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests import bodies
from tests.conftest import KEY, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

LONG = "x" * 40_000
NAME = "n" * 2000
DEEP = {"a": [{"b": [1]}]}
PROTOBUF = "application/x-protobuf"


def event(**attributes: Any) -> Span.Event:
    return Span.Event(name="e", time_unix_nano=1, attributes=bodies.attributes(attributes))


def link(**attributes: Any) -> Span.Link:
    return Span.Link(trace_id=b"\x01" * 16, span_id=b"\x02" * 8, attributes=bodies.attributes(attributes))


def metric(**fields: Any) -> Any:
    request = bodies.gauge("s", fields.pop("name", "m"), 1.0)
    found = request.resource_metrics[0].scope_metrics[0].metrics[0]
    for name in ("description", "unit"):
        setattr(found, name, fields.pop(name, ""))
    for name, value in fields.items():
        setattr(found.gauge.data_points[0], name, value)
    return request


MANY = {f"k{number}": number for number in range(300)}
SPANS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("many attributes", "attributes_dropped", {"attributes": MANY}, {}),
    ("many attributes of the resource", "attributes_dropped", {}, MANY),
    ("many attributes of an event", "attributes_dropped", {"events": [event(**MANY)]}, {}),
    ("a long value", "attribute_truncated", {"attributes": {"a": LONG}}, {}),
    ("a long value of the resource", "attribute_truncated", {}, {"a": LONG}),
    ("a long stack trace of an event", "attribute_truncated", {"events": [event(stack=LONG)]}, {}),
    ("a long value of a link", "attribute_truncated", {"links": [link(a=LONG)]}, {}),
    ("a long array", "attribute_truncated", {"attributes": {"a": [LONG, LONG]}}, {}),
    ("a deep value", "value_nested_too_deep", {"attributes": {"a": DEEP}}, {}),
    ("an array in an event", "event_value_nested", {"events": [event(a=[1])]}, {}),
    ("an array in a link", "event_value_nested", {"links": [link(a=[1])]}, {}),
    ("a long name", "name_truncated", {"name": NAME}, {}),
    ("a long key", "name_truncated", {"attributes": {NAME: 1}}, {}),
    ("a long key of the resource", "name_truncated", {}, {NAME: 1}),
    ("a long service name", "name_truncated", {}, {"service.name": NAME}),
    ("a long status", "status_message_truncated", {"status": Status(message=LONG)}, {}),
    ("a long trace state", "trace_state_truncated", {"trace_state": "a=" + "b" * 600}, {}),
    ("no time", "time_missing", {"start_time_unix_nano": 0}, {}),
    ("an odd parent", "parent_span_id_invalid", {"parent_span_id": b"\x01" * 3}, {}),
    ("an odd trace", "trace_id_invalid", {"trace_id": b"\x01" * 3}, {}),
    ("an odd span", "span_id_invalid", {"span_id": b"\x01" * 3}, {}),
    ("an endless time", "time_clamped", {"start_time_unix_nano": 2**64 - 10**9}, {}),
]
RECORDS: list[tuple[str, str, dict[str, Any]]] = [
    ("a long body", "body_truncated", {"body": LONG * 10}),
    ("a long body that is a map", "body_truncated", {"body": {"a": LONG * 10}}),
    ("a deep body", "body_nested_too_deep", {"body": DEEP}),
    ("a long event name", "name_truncated", {"event_name": NAME}),
    ("a long level", "name_truncated", {"severity_text": "l" * 70}),
    ("no time", "time_missing", {"time_unix_nano": 0}),
    ("an endless time", "time_clamped", {"time_unix_nano": 2**64 - 1}),
]
LINES: list[tuple[str, str, bytes]] = [
    ("a long value", "attribute_truncated", json.dumps({"message": "m", "a": LONG}).encode()),
    ("a long message", "body_truncated", json.dumps({"message": LONG * 10}).encode()),
    ("a long line that is no JSON", "body_truncated", LONG.encode() * 10),
    ("many fields", "attributes_dropped", json.dumps({"message": "m", **MANY}).encode()),
    ("a long service", "name_truncated", json.dumps({"message": "m", "service": NAME}).encode()),
    ("a long level", "name_truncated", json.dumps({"message": "m", "level": "l" * 70}).encode()),
    ("no time", "time_missing", json.dumps({"message": "m"}).encode()),
]
POINTS: list[tuple[str, str, dict[str, Any]]] = [
    ("a long name", "name_truncated", {"name": NAME}),
    ("a long description", "name_truncated", {"description": "d" * 5000}),
    ("a long unit", "name_truncated", {"unit": "u" * 100}),
    ("no time", "time_missing", {"time_unix_nano": 0}),
    ("an endless time", "time_clamped", {"time_unix_nano": 2**64 - 1}),
]


Row = tuple[str, str, str, str, str, bytes]
"""Name, reason, signal, path, content type and body of a request."""


def sent() -> list[Row]:
    found: list[Row] = []
    for name, reason, fields, resource in SPANS:
        body = bodies.traces("s", [bodies.span(**fields)], **resource).SerializeToString()
        found.append((f"span with {name}", reason, "traces", "/v1/traces", PROTOBUF, body))
    for name, reason, record in RECORDS:
        body = bodies.logs("s", [{"body": "b", **record}]).SerializeToString()
        found.append((f"record with {name}", reason, "logs", "/v1/logs", PROTOBUF, body))
    for name, reason, line in LINES:
        found.append((f"line with {name}", reason, "logs", "/ingest/ndjson", "application/x-ndjson", line))
    for name, reason, point in POINTS:
        body = metric(**point).SerializeToString()
        found.append((f"point with {name}", reason, "metrics", "/v1/metrics", PROTOBUF, body))
    return found


def all_hits(server: Server) -> dict[tuple[str, str], int]:
    """By signal and reason."""
    found: Counter[tuple[str, str]] = Counter()
    with server.api() as api:
        for hit in api.get("/api/v1/system/limits").json()["hits"]:
            found[hit["signal"], hit["reason"]] += hit["count"]
    return found


def hits(server: Server, signal: str, reason: str) -> tuple[int, str]:
    """How often, and in which words."""
    with server.api() as api:
        found = api.get("/api/v1/system/limits").json()["hits"]
    here = [hit for hit in found if (hit["signal"], hit["reason"]) == (signal, reason)]
    return sum(hit["count"] for hit in here), " ".join(hit["explanation"] for hit in here)


def counted(server: Server, name: str, *labels: str) -> float:
    with server.api() as api:
        lines = api.get("/metrics").text.splitlines()
    found = [line for line in lines if line.startswith(f"{name}{{") and all(label in line for label in labels)]
    return sum(float(line.rpartition(" ")[2]) for line in found)


@pytest.fixture(scope="module")
def before_and_after(server: Server) -> dict[str, tuple[int, int]]:
    """Every request of the table sent: hits of its reason before and after.

    Those of different reasons side by side: they wait until they are visible, and count apart. Lines do not, since most
    have no time, which counts too.
    """

    def send(row: Row) -> None:
        name, _, _, path, content_type, body = row
        with server.door(content_type=content_type) as door:
            answer = door.post(path, params={"wait": "visible"}, content=body)
        assert answer.status_code == 200, (name, answer.text)

    apart: dict[tuple[str, str], list[Row]] = {}
    rounds: list[tuple[Row | None, ...]] = []
    for row in sent():
        _, reason, signal, path, *_ = row
        if path == "/ingest/ndjson":
            rounds.append((row,))
        else:
            apart.setdefault((signal, reason), []).append(row)
    rounds.extend(zip_longest(*apart.values()))
    found, before = {}, all_hits(server)
    with ThreadPoolExecutor() as pool:
        for together in rounds:
            rows = [row for row in together if row is not None]
            list(pool.map(send, rows))
            after = all_hits(server)
            for name, reason, signal, *_ in rows:
                found[name] = before.get((signal, reason), 0), after[signal, reason]
            before = after
    return found


@pytest.mark.parametrize(("name", "reason", "signal"), [row[:3] for row in sent()], ids=[row[0] for row in sent()])
def test_each_limit_is_counted_and_explained(
    server: Server, before_and_after: dict[str, tuple[int, int]], name: str, reason: str, signal: str
) -> None:
    """One request over one limit is one more hit of its reason, with a sentence of its own, and is in /metrics."""
    before, after = before_and_after[name]
    assert after == before + 1
    _, explanation = hits(server, signal, reason)
    assert explanation.lower().rstrip(".") != reason.replace("_", " ")
    labels = (f'signal="{signal}"', f'reason="{reason}"')
    eventually(lambda: counted(server, "midwatch_limits_hit_total", *labels) >= after, seconds=30)


def test_what_a_door_refuses_is_counted_and_explained(server: Server) -> None:
    """A body over the limit, an unpackable one and an unknown key: status, /metrics, and a sentence."""
    bomb = gzip.compress(b"\0" * ((64 << 20) + 1))
    for status, reason, key, headers, body in (
        (413, "body_too_large", KEY, {"content-encoding": "gzip"}, bomb),
        (400, "bad_encoding", KEY, {"content-encoding": "gzip"}, b"no gzip"),
        (400, "bad_body", KEY, {}, b"\xff"),
        (401, "unauthorized", "nobody-knows-this", {}, b"x"),
    ):
        labels = ('signal="traces"', f'reason="{reason}"')
        before = counted(server, "midwatch_ingest_refused_total", *labels)
        with server.door(key) as door:
            assert door.post("/v1/traces", content=body, headers=headers).status_code == status
        assert counted(server, "midwatch_ingest_refused_total", *labels) == before + 1
        assert hits(server, "traces", reason)[1].startswith(f"Refused with {status}")


@pytest.mark.parametrize(
    ("query", "status", "code", "said"),
    [
        ("x" * 4001, 422, "invalid_field", "at most 4000"),
        ("a " * 101, 400, "bad_query", "100 terms"),
        ("(" * 31 + "a" + ")" * 31, 400, "bad_query", "deeper than 30"),
    ],
    ids=["characters", "terms", "depth"],
)
def test_searches_over_a_limit_are_counted_and_say_which(
    server: Server, query: str, status: int, code: str, said: str
) -> None:
    """Refused with the limit in the message, and one more refusal of the API."""
    labels = (f'status="{status}"', f'code="{code}"')
    before = counted(server, "midwatch_api_refused_total", *labels)
    with server.api() as api:
        answer = api.get("/api/v1/logs", params={"query": query})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert said in answer.json()["error"]
    assert counted(server, "midwatch_api_refused_total", *labels) == before + 1


def test_questions_are_counted(server: Server) -> None:
    """Each question to the store, by class and how it ended, with the seconds that it took."""
    name, before = "midwatch_queries_total", {}
    labels = (("page", "answered"), ("sql", "answered"), ("sql", "failed"))
    for kind, outcome in labels:
        before[kind, outcome] = counted(server, name, f'class="{kind}"', f'outcome="{outcome}"')
    seconds = counted(server, "midwatch_query_seconds_total")
    with server.api() as api:
        assert api.get("/api/v1/logs").status_code == 200
        assert api.post("/api/v1/sql", json={"query": "SELECT count() FROM logs"}).status_code == 200
        assert api.post("/api/v1/sql", json={"query": "SELECT nope FROM logs"}).status_code == 400
    for kind, outcome in labels:
        assert counted(server, name, f'class="{kind}"', f'outcome="{outcome}"') > before[kind, outcome], outcome
    assert counted(server, "midwatch_query_seconds_total") > seconds
