"""httpx, httpx2, requests and aiohttp against a real server: what is sent along, and what is told of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard

HOST = "127.0.0.1"


class Asked(BaseHTTPRequestHandler):
    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.seen.append((path, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response({"/moved": 302, "/refused": 429}.get(path, 200))
        if path == "/moved":
            self.send_header("Location", "/arrived")
        self.send_header("X-RateLimit-Limit", "5000")
        self.send_header("X-RateLimit-Remaining", "4987")
        self.send_header("X-RateLimit-Reset", "60")
        self.end_headers()
        self.wfile.write(b"answered")

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def asked() -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    handler = type("Handler", (Asked,), {"seen": []})
    server = ThreadingHTTPServer((HOST, 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}", handler.seen  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def seen(run: Run) -> Iterator[list[tuple[str, dict[str, str]]]]:
    with asked() as (url, seen):
        app = run(f"{APPS}.calling", ASKED=url, NOBODY=f"http://{HOST}:{free_port()}")
        assert app.popen.wait(60) == 0, app.output()
        yield seen


def test_calls_carry_the_ids_and_are_told(seen: list[tuple[str, dict[str, str]]], heard: Heard) -> None:
    """Each request has a span, whose id the other side gets; a redirect is a request of its own."""
    spans = {one.attributes["url.full"].partition("?")[0].rpartition("/")[2]: one for one in heard.spans()}
    paths = [path for path, _ in seen]
    of_httpx = ["/httpx", "/moved", "/arrived", "/refused", "/own"]
    assert paths == [*of_httpx, "/httpx2", "/requests", "/httpx-async", "/httpx2-async", "/aiohttp"]
    for path, headers in seen:
        span = spans[path.removeprefix("/")]
        assert (span.kind, span.name) == ("client", "GET")
        assert headers["traceparent"] == f"00-{span.trace_id}-{span.span_id}-03"
        assert headers["x-correlation-id"] == "order-77"
    assert dict(seen)["/own"]["x-request-id"] == "own-1"
    refused = spans["refused"]
    assert (refused.failed, refused.attributes["http.response.status_code"]) == (True, 429)
    lines = {one.attributes["path"]: one for one in heard.lines("external call")}
    assert (lines["/httpx"].level, lines["/httpx"].attributes["status"]) == ("info", "200")
    assert lines["/refused"].level == "warning"
    assert {one.attributes["correlation_id"] for one in lines.values()} == {"order-77"}
    assert b"q1w2e3r4" not in heard.all_bytes()


def test_calls_are_measured_with_what_the_api_still_allows(seen: object, heard: Heard) -> None:
    counts = {
        one.labels["status"]: one.value for one in heard.points("http_client_request_duration_seconds", host=HOST)
    }
    assert (counts["200"], counts["302"], counts["429"]) == (8, 1, 1)
    assert {one for one in counts if not one.isdigit()} == {
        "httpx.ConnectError",
        "httpx2.ConnectError",
        "requests.exceptions.ConnectionError",
        "aiohttp.client_exceptions.ClientConnectorError",
    }
    assert heard.points("api_rate_limited_total", host=HOST)[0].value == 1
    for name, value in (("limit", 5000), ("remaining", 4987), ("reset_seconds", 60)):
        assert heard.points(f"api_rate_limit_{name}", host=HOST)[0].value == value


def test_calls_without_an_answer_are_failures(seen: object, heard: Heard) -> None:
    failed = [one for one in heard.spans() if one.failed and "http.response.status_code" not in one.attributes]
    assert len(failed) == 4
    assert all("Error" in one.attributes["error.type"] for one in failed)
