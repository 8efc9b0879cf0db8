"""A FastAPI app under uvicorn: what it sends of the requests that it serves."""

import concurrent.futures
import uuid
from collections.abc import Callable

import httpx

from tests.eventually import eventually
from tests.integration.sdk.conftest import Process, half_read
from tests.integration.sdk.heard import Heard, Span

Serve = Callable[..., Process]
APP = "fast:app"


def span_of(heard: Heard, name: str) -> Span:
    return eventually(lambda: heard.spans(name))[0]


def test_a_request_is_one_span_two_lines_and_metrics(serve: Serve, heard: Heard) -> None:
    """The route's template names the span, the lines and the series; every line carries the request's ids."""
    app, sent = serve(APP), str(uuid.uuid4())
    answer = httpx.get(
        f"{app.url}/items/7?page=2&api_key=q1w2e3r4", headers={"x-trace-id": sent, "x-request-id": "req-1"}
    )
    assert answer.headers["x-trace-id"] == sent
    assert answer.headers["x-request-id"] == "req-1"
    span = span_of(heard, "GET /items/{item_id}")
    assert (span.kind, span.trace_id, span.parent_id) == ("server", sent.replace("-", ""), "")
    assert span.attributes["http.route"] == "/items/{item_id}"
    assert span.attributes["http.response.status_code"] == 200
    assert (span.attributes["correlation_id"], span.attributes["request_id"]) == (sent, "req-1")
    assert "page=2" in span.attributes["url.query"]
    lines = eventually(lambda: [one for one in heard.lines() if one.trace_id == span.trace_id] or None)
    assert [one.message for one in lines] == ["request started", "looked up", "request completed"]
    assert {one.span_id for one in lines} == {span.span_id}
    assert {one.attributes["request_id"] for one in lines} == {"req-1"}
    assert {one.attributes["correlation_id"] for one in lines} == {sent}
    done = lines[-1].attributes
    assert (done["route"], done["status"], done["method"]) == ("/items/{item_id}", 200, "GET")
    assert 0 < done["duration_ms"] < 1000
    series = {"method": "GET", "route": "/items/{item_id}", "status": "200"}
    eventually(lambda: heard.points("http_requests_total", **series))
    assert heard.points("http_request_duration_seconds", **series)[0].value == 1
    assert heard.points("http_active_connections")[0].value == 0
    assert len(heard.spans()) == 1
    assert b"q1w2e3r4" not in heard.all_bytes() + app.output().encode()


def test_a_failure_is_a_500_with_its_exception_and_ids(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    answer = httpx.get(f"{app.url}/broken", headers={"x-request-id": "req-2"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] == "req-2"
    span = span_of(heard, "GET /broken")
    assert span.failed
    assert span.attributes["error.type"] == "ValueError"
    assert [one["exception.type"] for one in span.events] == ["ValueError"]
    line = eventually(lambda: heard.lines("request completed"))[0]
    assert (line.level, line.attributes["status"]) == ("error", 500)
    assert "no such item" in line.attributes["exception.message"]
    assert b"anna@example.com" not in heard.all_bytes()
    assert httpx.get(f"{app.url}/items/1").status_code == 200


def test_a_request_over_a_second_is_a_warning(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    httpx.get(f"{app.url}/slow")
    line = eventually(lambda: heard.lines("request completed"))[0]
    assert (line.level, line.attributes["slow"]) == ("warning", True)
    assert line.attributes["duration_ms"] > 1000


def test_health_checks_say_nothing(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    assert httpx.get(f"{app.url}/health").status_code == 200
    httpx.get(f"{app.url}/items/1")
    span_of(heard, "GET /items/{item_id}")
    assert len(heard.spans()) == 1
    assert not [one for one in heard.lines() if one.attributes.get("path") == "/health"]


def test_a_stream_lasts_to_its_last_byte(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    httpx.get(f"{app.url}/stream/6")
    assert span_of(heard, "GET /stream/{chunks}").seconds > 0.25


def test_what_runs_after_the_answer_is_not_its_duration(serve: Serve, heard: Heard) -> None:
    """The span ends with the last byte; a failure of the work after it is a line of the same request."""
    app = serve(APP)
    answer = httpx.get(f"{app.url}/later")
    assert span_of(heard, "GET /later").seconds < 0.45
    failed = eventually(lambda: [one for one in heard.lines() if "exception.message" in one.attributes])
    assert failed[0].attributes["request_id"] == answer.headers["x-request-id"]
    assert heard.lines("request completed")[0].level == "info"


def test_a_client_that_is_gone_is_told_and_no_error(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    with half_read(app.url, "/stream/1000"):
        pass
    line = eventually(lambda: heard.lines("request completed"))[0]
    assert line.attributes["client_gone"] is True
    assert line.level == "info"
    assert span_of(heard, "GET /stream/{chunks}").failed is False


def test_concurrent_requests_keep_their_ids_apart(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    with concurrent.futures.ThreadPoolExecutor(16) as threads, httpx.Client() as client:
        done = list(
            threads.map(lambda n: client.get(f"{app.url}/mixed/{n}", headers={"x-request-id": f"r{n}"}), range(60))
        )
    assert [one.headers["x-request-id"] for one in done] == [f"r{n}" for n in range(60)]
    eventually(lambda: len(heard.lines("request completed")) == 60)
    mixed = heard.lines("mixed in")
    assert len(mixed) == 180
    for line in mixed:
        number = line.attributes["expected"]
        assert (line.attributes["number"], line.attributes["request_id"]) == (number, f"r{number}")


def test_what_a_handler_binds_is_on_the_completed_line(serve: Serve, heard: Heard) -> None:
    """In a handler that runs in a thread, too."""
    app = serve(APP)
    httpx.get(f"{app.url}/mixed/3")
    httpx.get(f"{app.url}/plain/4")
    by_path = eventually(
        lambda: (
            len(heard.lines("request completed")) == 2
            and {one.attributes["path"]: one.attributes for one in heard.lines("request completed")}
        )
    )
    assert by_path["/mixed/3"]["number"] == 3
    assert by_path["/plain/4"]["user_id"] == "user-4"


def test_a_mounted_app_is_told_once_with_its_mount(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    httpx.get(f"{app.url}/inner/things/5")
    span = span_of(heard, "GET /inner/things/{thing_id}")
    assert span.attributes["http.route"] == "/inner/things/{thing_id}"
    assert len(heard.spans()) == 1


def test_what_matches_no_route_makes_no_series_of_its_own(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    for number in range(5):
        assert httpx.get(f"{app.url}/nowhere/{number}").status_code == 404
    points = eventually(lambda: [p for p in heard.points("http_requests_total", status="404") if p.value == 5])
    assert "route" not in points[0].labels


def test_the_app_serves_though_no_server_is_there(serve: Serve) -> None:
    app = serve(APP, MIDWATCH_DSN="http://key@127.0.0.1:9")
    assert [httpx.get(f"{app.url}/items/{n}").status_code for n in range(20)] == [200] * 20
    assert app.stop() in (0, -15)


def test_nothing_is_lost_at_sigterm(serve: Serve, heard: Heard) -> None:
    """Under uvicorn, which has taken the signal for itself before the app is imported."""
    app = serve(APP, OTEL_METRIC_EXPORT_INTERVAL="60000")
    for number in range(50):
        httpx.get(f"{app.url}/items/{number}")
    app.stop()
    assert len(heard.spans("GET /items/{item_id}")) == 50
    assert len(heard.lines("request completed")) == 50
    assert heard.points("http_requests_total", status="200")[0].value == 50
