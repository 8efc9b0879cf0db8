"""One story from a request over Celery and a Redis stream to a WebSocket: the same ids in every process.

Real uvicorn, Celery worker, Redis, and a client that reads what is pushed.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import redis
from websockets.sync.client import connect

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard

REDIS = "redis://127.0.0.1:6379/0"
STORY = f"{APPS}.story_shop"
SPANS = ("POST /orders/{order}", "charge", "step charge card", "XADD", "push order")
LINES = ("request started", "taken", "request completed", "charged", "pushing")
EVENTS = ("order.taken", "order.charged", "order.pushed")
MADE: set[str] = set()
"""An id that was made, and is none of those that were sent."""


def hexadecimal(one: str) -> str:
    return one.replace("-", "")


def variants() -> list[tuple[str, dict[str, str], str, set[str]]]:
    """What is sent; which trace that is, and which correlation ids its story has (one, where it was sent once)."""
    a, b, c, d, e, f, g, h = (str(uuid.uuid4()) for _ in range(8))
    parent = {"traceparent": f"00-{hexadecimal(a)}-00f067aa0ba902b7-01"}
    other = {"traceparent": f"00-{hexadecimal(b)}-00f067aa0ba902b7-01", "x-trace-id": h, "x-correlation-id": "story-2"}
    both = {c, hexadecimal(c)}
    return [
        ("traceparent", parent, hexadecimal(a), MADE),
        ("traceparent wins", other, hexadecimal(b), {"story-2"}),
        ("a UUID as x-trace-id", {"x-trace-id": c}, hexadecimal(c), both),
        ("the same in 32 digits, the same story", {"x-trace-id": hexadecimal(c)}, hexadecimal(c), both),
        ("a UUID as x-correlation-id", {"x-correlation-id": d}, hexadecimal(d), {d}),
        ("a UUID as x-request-id", {"x-request-id": e}, hexadecimal(e), {e}),
        ("capitals", {"x-trace-id": f.upper()}, hexadecimal(f), {f.upper()}),
        ("anything else", {"x-correlation-id": "order-77"}, "", {"order-77"}),
        ("a request id that is none", {"x-request-id": "r-7"}, "", {"r-7"}),
        ("what is no id", {"x-correlation-id": "a b;c", "traceparent": f"00-{hexadecimal(g)}"}, "", MADE),
        ("nothing", {}, "", MADE),
    ]


@pytest.fixture
def prefix() -> Iterator[str]:
    prefix = f"midwatch-{uuid.uuid4().hex[:12]}"
    yield prefix
    with redis.Redis.from_url(REDIS) as client:
        for key in client.scan_iter(f"*{prefix}*"):
            client.delete(key)


def of(heard: Heard, order: str) -> dict[str, list[Any]]:
    """What was told of an order, by name: each thing once."""
    lines = [one for one in heard.lines() if one.attributes.get("order", one.attributes.get("entity.id")) == order]
    lines += [one for one in heard.lines() if one.attributes.get("path") == f"/orders/{order}"]
    traces = {one.trace_id for one in lines}
    found: dict[str, list[Any]] = {}
    for one in lines:
        found.setdefault(one.message, []).append(one)
    for span in heard.spans():
        if span.trace_id in traces:
            found.setdefault(span.name, []).append(span)
    return found


def test_every_span_line_and_event_of_a_story_has_its_ids(run: Run, heard: Heard, prefix: str) -> None:
    told = {"REDIS": REDIS, "PREFIX": prefix}
    ports = free_port(), free_port()
    worker = run("celery", "-A", f"{STORY}:tasks", "worker", "--concurrency=1", "--without-mingle", **told)
    shop = run("uvicorn", f"{STORY}:shop", "--port", str(ports[0]), listens_at=ports[0], **told)
    desk = run("uvicorn", f"{STORY}:desk", "--port", str(ports[1]), listens_at=ports[1], **told)
    sent = variants()
    pushed: dict[str, dict[str, str]] = {}
    with connect(f"{desk.url.replace('http', 'ws')}/orders") as socket:
        answers = {
            name: httpx.post(f"{shop.url}/orders/{number}", headers=headers).headers
            for number, (name, headers, _, _) in enumerate(sent)
        }
        for _ in sent:
            frame = json.loads(socket.recv(60))
            pushed[frame["order"]] = frame["ids"]
    wanted = {*SPANS, *LINES, *EVENTS}
    eventually(lambda: all(wanted <= of(heard, str(number)).keys() for number in range(len(sent))), seconds=60)
    for number, (name, headers, trace, correlation) in enumerate(sent):
        found = {key: ones for key, ones in of(heard, str(number)).items() if key in wanted}
        ids = pushed[str(number)]
        correlations = {one.attributes["correlation_id"] for ones in found.values() for one in ones}
        traces = {one.trace_id for ones in found.values() for one in ones}
        assert traces == {trace or ids["traceparent"].split("-")[1]}, name
        assert correlations == (correlation or {ids["x-correlation-id"]}), name
        assert ids["x-correlation-id"] == answers[name]["x-correlation-id"], name
        assert ids["traceparent"].split("-")[1] in traces, name
        if not trace:
            assert not {hexadecimal(one) for one in headers.values()} & traces, name
        if correlation is MADE:
            assert not set(headers.values()) & correlations, name
    assert worker.popen.poll() is None, worker.output()
    services = {one.resource["service.instance.id"] for one in heard.lines()}
    assert len(services) >= 3
