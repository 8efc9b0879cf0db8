"""Requests that are made again, by a library or by the app: counted by how that ended."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard

HOST = "127.0.0.1"
FAILURES = 2


class Unsteady(BaseHTTPRequestHandler):
    asked: Counter[str]

    def do_GET(self) -> None:
        self.asked[self.path] += 1
        busy = self.path.startswith("/busy") and self.asked[self.path] <= FAILURES
        self.send_response(503 if busy or self.path == "/down" else 200)
        self.end_headers()
        self.wfile.write(b"answered")

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def unsteady() -> Iterator[tuple[str, Counter[str]]]:
    handler = type("Handler", (Unsteady,), {"asked": Counter()})
    server = ThreadingHTTPServer((HOST, 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}", handler.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def asked(run: Run) -> Iterator[Counter[str]]:
    with unsteady() as (url, asked):
        app = run(f"{APPS}.trying_again", ASKED=url, NOBODY=f"http://{HOST}:{free_port()}")
        assert app.popen.wait(60) == 0, app.output()
        yield asked


def test_retries_are_counted_by_how_they_end(asked: Counter[str], heard: Heard) -> None:
    """Those of urllib3, of a loop, of a decorated coroutine, and of a client that is not observed."""
    assert asked == {"/busy-requests": 3, "/down": 6, "/busy-httpx": 3, "/other": 1, "/busy-aiohttp": 2}
    outcomes = {one.labels["outcome"]: one.value for one in heard.points("api_retries_total", host=HOST)}
    # busy-requests: failed, recovered. down: twice failed, gave up. nobody: the same. busy-httpx: failed, recovered.
    # busy-aiohttp: gave up.
    assert outcomes == {"recovered": 2, "failed": 1 + 2 + 2 + 1, "gave_up": 3}
    others = {one.labels["outcome"]: one.value for one in heard.points("api_retries_total", host="sms.example")}
    assert others == {"recovered": 1, "failed": 1}


def test_what_a_library_sends_again_is_one_request(asked: Counter[str], heard: Heard) -> None:
    """With how often it was sent again, on its span and its line."""
    again = {
        one.attributes["path"]: int(one.attributes["retries"])
        for one in heard.lines("external call")
        if "retries" in one.attributes
    }
    assert again == {"/busy-requests": 2, "/down": 3, "/": 3}
    counts = [
        one.attributes["http.request.resend_count"]
        for one in heard.spans("GET")
        if one.attributes.get("http.request.resend_count")
    ]
    assert sorted(counts) == [2, 3, 3]
