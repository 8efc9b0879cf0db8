"""Server-sent events of real apps under uvicorn and gunicorn."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard

Serve = Callable[..., Process]
ROUTE = "/progress/{job_id}"
IDS = {"x-correlation-id": "order-77", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}


def events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """As the specification reads them."""
    fields: dict[str, Any] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield {**fields, "data": json.loads(fields["data"])}
            fields = {}


def test_each_event_carries_the_ids_of_its_request(serve: Serve, heard: Heard) -> None:
    """And so do the lines of who makes them; the stream's span is a child of the request's."""
    app = serve("streaming:app")
    with httpx.stream("GET", f"{app.url}/progress/j1", headers=IDS) as answer:
        told = list(events(answer))
    assert [(one["event"], one["id"], one["data"]["step"]) for one in told] == [
        ("progress", str(n), n) for n in range(3)
    ]
    assert {one["data"]["ids"]["x-correlation-id"] for one in told} == {"order-77"}
    ended = eventually(lambda: heard.lines("stream ended"))[0]
    assert (ended.level, ended.attributes["by"], ended.attributes["sent"]) == ("info", "server", 3)
    request, stream = heard.spans(f"GET {ROUTE}")[0], eventually(lambda: heard.spans(f"STREAM {ROUTE}"))[0]
    assert (request.kind, request.attributes["http.response.status_code"]) == ("server", 200)
    assert (stream.parent_id, stream.attributes["stream.ended_by"]) == (request.span_id, "server")
    assert {one["data"]["ids"]["traceparent"].split("-")[2] for one in told} == {stream.span_id}
    lines = [*heard.lines("telling"), ended]
    assert {one.trace_id for one in (*lines, request, stream)} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    assert {one.attributes["correlation_id"] for one in lines} == {"order-77"}


def test_a_stream_is_as_slow_as_its_head(serve: Serve, heard: Heard) -> None:
    """Somebody who listens for more than a second is no slow request, and is counted while he listens."""
    app = serve("streaming:app")
    with httpx.stream("GET", f"{app.url}/progress/j1?steps=1000&pause=0.05") as answer:
        listening = events(answer)
        next(listening)
        eventually(lambda: [one for one in heard.points("http_active_streams", route=ROUTE) if one.value == 1])
        assert [one.value for one in heard.points("http_active_connections")] == [0]
        for _ in range(22):
            next(listening)
    ended = eventually(lambda: heard.lines("stream ended"))[0]
    assert (ended.level, ended.attributes["by"], ended.attributes["duration_ms"] > 1000) == ("info", "client", True)
    assert eventually(lambda: heard.spans(f"STREAM {ROUTE}"))[0].seconds > 1
    assert heard.spans(f"GET {ROUTE}")[0].seconds < 1
    lasting = eventually(lambda: heard.points("http_stream_duration_seconds", route=ROUTE, by="client"))
    assert lasting[0].value == 1
    assert heard.points("http_active_streams", route=ROUTE)[0].value == 0
    assert heard.points("http_requests_total", route=ROUTE, status="200")[0].value == 1
    assert heard.points("http_request_duration_seconds", route=ROUTE)[0].value == 1
    assert [one.message for one in heard.lines() if one.level != "info"] == []


def test_a_stream_that_fails_is_an_error(serve: Serve, heard: Heard) -> None:
    app = serve("streaming:app")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{app.url}/progress/j1?fail=true")
    ended = eventually(lambda: heard.lines("stream ended"))[0]
    assert (ended.level, ended.attributes["exception.message"]) == ("error", "the job is lost")
    assert eventually(lambda: heard.spans(f"STREAM {ROUTE}"))[0].failed
    assert not heard.spans(f"GET {ROUTE}")[0].failed


def test_a_stream_of_flask(run: Run, heard: Heard) -> None:
    """Under gunicorn: the same."""
    port = free_port()
    bind = f"127.0.0.1:{port}"
    app = run("gunicorn", f"{APPS}.streaming:flasked", "--bind", bind, "--worker-class", "gthread", listens_at=port)
    with httpx.stream("GET", f"{app.url}/progress/j1", headers=IDS) as answer:
        assert [one["data"]["ids"]["x-correlation-id"] for one in events(answer)] == ["order-77"] * 3
    ended = eventually(lambda: heard.lines("stream ended"))[0]
    assert (ended.level, ended.attributes["by"], ended.attributes["sent"]) == ("info", "server", 3)
    request = heard.spans("GET /progress/<job_id>")[0]
    assert request.seconds < 1 < eventually(lambda: heard.spans("STREAM /progress/<job_id>"))[0].seconds
    assert {one.trace_id for one in heard.lines("telling")} == {request.trace_id}
