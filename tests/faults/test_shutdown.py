"""SIGTERM under load: what was acknowledged is stored or waits in the log; nobody hangs."""

import signal
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import Load

pytestmark = pytest.mark.faults
EXIT_SECONDS_MAX = 40.0
TURNS = 4


def test_termination_under_load_loses_nothing(tmp_path: Path) -> None:
    """Four times: SIGTERM while two senders send; it ends with 0 in its time, and the next start goes on."""
    server = Server(tmp_path / "data").start()
    with Load(server) as load:
        for _ in range(TURNS):
            load.acknowledge(1000)
            assert server.process is not None
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(EXIT_SECONDS_MAX) == 0
            print(f"ended after {time.monotonic() - began:.1f} s")
            server.start()
    load.judge()
    server.stop()


def test_who_waits_for_visibility_is_answered_at_the_end(tmp_path: Path) -> None:
    """Callers of `?wait=visible` learn at SIGTERM that their data is durable (200 when seen, 202 when not yet)."""
    server = Server(tmp_path / "data").start()
    load = Load(server)
    answers: list[int] = []

    def send() -> None:
        with server.door() as door:
            try:
                answers.append(door.post("/v1/traces?wait=visible", content=load.body("traces")).status_code)
            except httpx.ConnectError:
                answers.append(0)

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    with server.api() as api:
        eventually(
            lambda: f'midwatch_ingest_bodies_total{{signal="traces"}} {len(senders)}' in api.get("/metrics").text
        )
    server.stop()
    for sender in senders:
        sender.join(EXIT_SECONDS_MAX)
    assert len(answers) == len(senders)
    assert set(answers) <= {200, 202}, answers
