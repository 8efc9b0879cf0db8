"""Lists whose members are equal in what they are ordered by have an order all the same: every list of the query API."""

import random
import uuid
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import now_ns

SERVICES = [f"service-{index:02}" for index in range(24)]
OPERATIONS = [f"GET /{index:02}" for index in range(24)]


@pytest.fixture(scope="module")
def environment(server: Server) -> str:
    """In an environment of its own: services, operations, edges and values that all occur equally often."""
    name, start = f"ties{uuid.uuid4().hex[:8]}", now_ns()
    times = {"start_time_unix_nano": start, "end_time_unix_nano": start + 10**7}
    shuffled = random.Random(7)

    def spans(count: int) -> list[Span]:
        found = [bodies.span(name=OPERATIONS[index], **times) for index in range(count)]
        shuffled.shuffle(found)
        return found

    with server.door() as door:

        def send(path: str, message: Any, *, wait: bool = True) -> None:
            asked = {"wait": "visible"} if wait else {}
            answer = door.post(path, params=asked, content=message.SerializeToString())
            assert answer.status_code == 200, answer.text

        resource = {"deployment.environment.name": name}
        services = shuffled.sample(SERVICES, len(SERVICES))
        for service in services:
            # What came before is visible with what comes last.
            last = service == services[-1]
            served = spans(len(OPERATIONS))
            calls = [
                bodies.span(
                    kind=Span.SPAN_KIND_CLIENT,
                    name="call",
                    attributes={"server.address": f"host-{index:02}"},
                    **times,
                )
                for index in shuffled.sample(range(8), 8)
            ]
            send("/v1/traces", bodies.traces(service, [*served, *calls], **resource), wait=last)
            records = [
                {
                    "body": "tie",
                    "time_unix_nano": start,
                    "severity_number": 1 + index,
                    "attributes": {"value": f"v{index:02}"},
                }
                for index in shuffled.sample(range(24), 24)
            ]
            send("/v1/logs", bodies.logs(service, records, **resource), wait=last)
        one = bodies.span(trace_id=uuid.UUID(name.removeprefix("ties").rjust(32, "a")).bytes, **times)
        for index in (2, 0, 1):
            parts = [bodies.span(trace_id=one.trace_id, name=f"part {index}.{part}", **times) for part in range(3)]
            send("/v1/traces", bodies.traces(f"of-trace-{index}", parts))
    return name


def ask(server: Server, path: str, **params: Any) -> Any:
    with server.api() as api:
        answer = api.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_services_operations_and_the_map(server: Server, environment: str) -> None:
    """By requests, then by name."""
    services = ask(server, "services", env=environment)["services"]
    assert [one["name"] for one in services] == SERVICES
    operations = ask(server, f"services/{SERVICES[3]}", env=environment)["operations"]
    assert [one["name"] for one in operations if one["kind"] == "server"] == OPERATIONS
    drawn = ask(server, "service-map", env=environment)
    edges = [(one["source"], one["target"]) for one in drawn["edges"]]
    assert edges == [(service, f"host-{index:02}") for service in SERVICES for index in range(8)]
    assert [one["name"] for one in drawn["nodes"]] == [*SERVICES, *(f"host-{index:02}" for index in range(8))]


@pytest.mark.parametrize(
    ("path", "field", "expected"),
    [
        ("logs/facets", "value", [f"v{index:02}" for index in range(10)]),
        ("logs/facets", "service", SERVICES[:10]),
        ("traces/facets", "service", SERVICES[:10]),
    ],
)
def test_values_of_a_facet(server: Server, environment: str, path: str, field: str, expected: list[str]) -> None:
    """By count, then by value; counts are exact, and so is how many values there are."""
    asked = {"env": environment, "fields": f"level,{field}" if path.startswith("logs") else field}
    (facet,) = (one for one in ask(server, path, **asked)["facets"] if one["field"] == field)
    assert [one["value"] for one in facet["values"]] == expected
    assert {one["count"] for one in facet["values"]} == {32 if path.startswith("traces") else 24}
    assert facet["distinct"] == 24


def test_levels_of_a_bucket(server: Server, environment: str) -> None:
    """By name."""
    buckets = ask(server, "logs/histogram", env=environment)["buckets"]
    levels = [list(bucket["counts"]) for bucket in buckets if bucket["counts"]]
    assert levels == [["debug", "error", "fatal", "info", "trace", "warn"]]


def test_spans_of_one_moment(server: Server, environment: str) -> None:
    """As they came in; services of a trace by spans, then by name."""
    found = ask(server, f"traces/{environment.removeprefix('ties').rjust(32, 'a')}")
    assert [span["name"] for span in found["spans"]] == [
        f"part {index}.{part}" for index in (2, 0, 1) for part in range(3)
    ]
    assert [one["service"] for one in found["services"]] == ["of-trace-0", "of-trace-1", "of-trace-2"]
