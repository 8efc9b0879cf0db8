"""Bodies to all but the doors are bounded while they are read, whoever sends them, their length told or not."""

import asyncio
import re
import socket
import uuid
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Message
from tests.conftest import KEY as INGEST_KEY
from tests.conftest import TOKEN, Server
from tests.eventually import becomes_true
from tests.integration.auth.routes import DSN, KEY, MAIN

from midwatch.server.http.abandoned import MESSAGES_MAX, AbandonedMiddleware
from midwatch.server.http.body_limit import (
    ALERTS_BYTES_MAX,
    BODY_BYTES_MAX,
    DASHBOARD_BYTES_MAX,
    PLAN_BYTES_MAX,
    STATUS_BYTES_MAX,
)
from midwatch.server.http.form import FORM

COMPLETE = {
    "POST /ack": "POST /ack?n=a&s=a",
    "POST /status/unsubscribe": "POST /status/unsubscribe?id=a&s=a",
    "POST /ping/{first}/{second}": "POST /ping/{uuid}/start",
    "POST /ping/{first}/{second}/{third}": f"POST /ping/{INGEST_KEY}/body-limit/start",
}
"""Read only where all before the body is right."""
OWN_ERRORS = ("/loki/", "/alertmanager/")
PLACE = re.compile(r"\{\w+(:\w+)?\}")
JSON = {"content-type": "application/json"}
BODILESS = {
    "POST /api/v1/users/{user_id}/link",
    "POST /api/v1/dead-letters/{letter_id}/retry",
    "POST /api/v1/auth/logout",
    "POST /api/v1/system/backups",
    "POST /api/v1/dashboards/{uid}/versions/{version}/restore",
    "POST /api/v1/notifications/{id}/resend",
    "POST /status/confirm",
    "POST /api/v1/replays/{replay_id}/watch",
    *(f"POST {path}" for path in ("/flags", "/flags/", "/decide", "/decide/", "/s", "/s/")),
}
DOORS = (KEY, DSN)
"""They unpack, and count what is unpacked."""
SENTRY = ("/api/{project:int}/", "/api/0/")
"""Doors, too, and uploads of source maps: tests/integration/releases has their bounds."""
READING = [
    line
    for line, needs in MAIN.items()
    if line.split()[0] in {"POST", "PUT", "PATCH"}
    and needs not in DOORS
    and not line.split()[1].startswith(SENTRY)
    and line not in BODILESS
]


def limit_of(path: str) -> int:
    if path.startswith("/api/v1/plan/"):
        return PLAN_BYTES_MAX
    if path.startswith("/alertmanager/api/v2/alerts"):
        return ALERTS_BYTES_MAX
    if path.startswith("/status/"):
        return STATUS_BYTES_MAX
    return DASHBOARD_BYTES_MAX if path.startswith("/api/v1/dashboard") else BODY_BYTES_MAX


def asking(path: str) -> dict[str, str]:
    """FastAPI reads JSON before it asks who they are; what a handler reads itself is read of those who may ask."""
    if path.startswith(("/ack", "/status/")):
        return {"content-type": FORM}
    asks_first = path.startswith(("/prometheus/", "/alertmanager/"))
    return {**JSON, "authorization": f"Bearer {TOKEN}"} if asks_first else JSON


def piecewise(size_bytes: int) -> Iterator[bytes]:
    """A JSON string of this size, in chunks of unknown number."""
    yield b'"'
    for start in range(0, size_bytes - 2, 1 << 16):
        yield b"a" * min(1 << 16, size_bytes - 2 - start)
    yield b'"'


@pytest.mark.parametrize("line", READING)
def test_no_route_reads_more_than_its_limit(server: Server, line: str) -> None:
    """One byte more is a 413 to anybody, told beforehand or not; up to the limit it is judged by what it says."""
    path = re.sub(r"\{issue_id:int\}", "1", COMPLETE.get(line, line))
    method, path = PLACE.sub(str(uuid.UUID(int=0)), path).split()
    limit = limit_of(path)
    with httpx.Client(base_url=server.url, headers=asking(path), timeout=60) as anybody:
        for body in (piecewise(limit + 1), b"".join(piecewise(limit + 1))):
            answer = anybody.request(method, path, content=body)
            assert answer.status_code == 413, answer.text
            assert f"at most {limit:,} bytes" in answer.text
            assert path.startswith(OWN_ERRORS) or answer.json()["code"] == "too_large"
        assert anybody.request(method, path, content=piecewise(limit)).status_code in {200, 400, 401, 403, 404, 422}


async def test_a_body_that_nobody_reads_stays_with_its_sender() -> None:
    """While a question is answered no more of its body is taken in than a few messages."""
    received, go_on = 0, asyncio.Event()

    async def receive() -> Message:
        nonlocal received
        received += 1
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def question(*_: object) -> None:
        await go_on.wait()

    async def send(_: Message) -> None:
        return

    asked = asyncio.ensure_future(
        AbandonedMiddleware(question)({"type": "http", "method": "GET", "path": "/api/v1/logs"}, receive, send)
    )
    await becomes_true(lambda: received > MESSAGES_MAX)
    for _ in range(1000):
        await asyncio.sleep(0)
    go_on.set()
    await asked
    assert received == MESSAGES_MAX + 1


def test_a_stream_drops_what_comes_after_its_request(server: Server) -> None:
    """A tail of logs reads no body: a long one that comes along neither ends it nor is an error in the log."""
    address, word = httpx.URL(server.url), f"flood{uuid.uuid4().hex}"
    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        head = f"GET /api/v1/logs/tail?query={word} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n"
        connection.sendall(f"{head}content-length: {2 * BODY_BYTES_MAX}\r\n\r\n".encode())
        answer = connection.recv(1 << 16)
        connection.sendall(b"a" * 2 * BODY_BYTES_MAX)
        with server.door(content_type="application/x-ndjson") as door:
            assert door.post("/ingest/ndjson", content=word).status_code == 200
        while word.encode() not in answer:
            piece = connection.recv(1 << 16)
            assert piece, answer
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200")
    assert "response already started" not in server.output()
