"""kill -9 at random moments under load, of server and engine: every acknowledged item is there exactly once."""

import contextlib
import os
import random
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.faults
ROUNDS = 50
SPANS_A_BODY = 50


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", options=("--retention", "traces=0,logs=0,metrics=0")).start()
    yield server
    server.stop()


def send_until(server: Server, service: str, deadline: float) -> tuple[int, int]:
    """Send bodies until the time or until nobody answers; returns spans acknowledged, and spans of unknown fate."""
    acknowledged = unknown = 0
    with server.door() as door:
        while time.monotonic() < deadline:
            body = bodies.traces(service, [bodies.span() for _ in range(SPANS_A_BODY)]).SerializeToString()
            try:
                answer = door.post("/v1/traces", content=body)
            except httpx.TransportError:
                unknown += SPANS_A_BODY
                break
            acknowledged += SPANS_A_BODY if answer.status_code == 200 else 0
    return acknowledged, unknown


def test_kills_lose_and_double_nothing(victim: Server) -> None:
    """Fifty kills, of the server and of the engine in turn; then rows, distinct ids and roll-ups agree."""
    chance = random.Random(4400)
    service, acknowledged, unknown = f"kill-{uuid.uuid4().hex[:8]}", 0, 0
    for turn in range(ROUNDS):
        seconds = chance.uniform(0.05, 1.0)
        if turn % 2:
            assert victim.process is not None
            engine = next(
                child
                for child in psutil.Process(victim.process.pid).children()
                if "engine" in " ".join(child.cmdline())
            )
            sent, lost = send_until(victim, service, time.monotonic() + seconds)
            os.kill(engine.pid, signal.SIGKILL)
            more, lost_more = send_until(victim, service, time.monotonic() + 0.3)
            acknowledged, unknown = acknowledged + sent + more, unknown + lost + lost_more
        else:
            sent, lost = send_until(victim, service, time.monotonic() + seconds)
            acknowledged, unknown = acknowledged + sent, unknown + lost
            victim.kill()
            victim.start()
    with victim.api() as api:
        eventually(lambda: api.get("/api/v1/system/status").json()["wal"]["segments_waiting"] == 0, seconds=120)

        def ask(query: str) -> list[object]:
            answer = api.post("/api/v1/sql", json={"query": query})
            assert answer.status_code == 200, answer.text
            return answer.json()["rows"][0]

        rows, distinct = ask(f"SELECT count(), uniqExact(SpanId) FROM spans WHERE ServiceName = '{service}'")
        rolled_up = ask(f"SELECT sum(Count) FROM service_red WHERE ServiceName = '{service}'")[0]
    assert rows == distinct == rolled_up
    assert acknowledged <= rows <= acknowledged + unknown


@pytest.mark.parametrize("point", ["before_insert", "after_insert", "between_targets"])
def test_kills_at_named_points(tmp_path: Path, point: str) -> None:
    """The server kills itself at a named point of the writer; after a restart everything is there once."""
    service = f"point-{uuid.uuid4().hex[:8]}"
    first = "after_insert" if point == "between_targets" else point
    server = Server(tmp_path / "data", environment={"MIDWATCH_FAULT": first}).start()
    body = bodies.traces(service, [bodies.span() for _ in range(SPANS_A_BODY)]).SerializeToString()
    with server.door() as door:
        assert door.post("/v1/traces", content=body).status_code == 200
    if first != point:
        # That point lies on the way of a segment of which a part is stored; the server may reach it before it is ready.
        assert server.process is not None
        server.process.wait(30)
        server.environment = {"MIDWATCH_FAULT": point}
        with contextlib.suppress(AssertionError):
            server.start()
    assert server.process is not None
    server.process.wait(30)
    server.environment = {}
    server.start()
    try:
        with server.api() as api:
            eventually(lambda: api.get("/api/v1/system/status").json()["wal"]["segments_waiting"] == 0, seconds=30)
            query = f"SELECT count(), uniqExact(SpanId) FROM spans WHERE ServiceName = '{service}'"
            assert api.post("/api/v1/sql", json={"query": query}).json()["rows"] == [[SPANS_A_BODY, SPANS_A_BODY]]
            rolled_up = f"SELECT sum(Count) FROM service_red WHERE ServiceName = '{service}'"
            assert api.post("/api/v1/sql", json={"query": rolled_up}).json()["rows"] == [[SPANS_A_BODY]]
    finally:
        server.stop()
