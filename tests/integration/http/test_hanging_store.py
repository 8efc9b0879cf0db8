"""The status is looked at just when something hangs: it must not hang with it."""

import os
import signal
import time

import psutil
from tests.conftest import Server


def test_the_status_answers_while_the_engine_hangs(server: Server) -> None:
    """Within what its own check takes, and it says which part does not answer."""
    assert server.process is not None
    children = psutil.Process(server.process.pid).children()
    (engine,) = [one for one in children if "midwatch.server.engine.child" in one.cmdline()]
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with server.api() as api:
            status = api.get("/api/v1/system/status").json()
        assert time.monotonic() - began < 8
        assert not status["ready"]
        assert [check["name"] for check in status["checks"] if not check["healthy"]] == ["store"]
        assert status["signals"] == []
    finally:
        os.kill(engine.pid, signal.SIGCONT)
