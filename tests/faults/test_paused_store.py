"""A store that stands still: the doors stay open, and everything arrives once it goes on or was replaced."""

import os
import signal
from pathlib import Path

import psutil
import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import Load

pytestmark = pytest.mark.faults


def engine_of(server: Server) -> psutil.Process:
    assert server.process is not None
    children = psutil.Process(server.process.pid).children()
    return next(child for child in children if "engine" in " ".join(child.cmdline()))


def test_a_pause_of_the_store_is_survived(tmp_path: Path) -> None:
    """Stopped while ten thousand items come, then continued: the same process, and nothing lost or doubled."""
    server = Server(tmp_path / "data").start()
    engine = engine_of(server)
    with Load(server) as load, server.api() as api:
        load.acknowledge(500)
        os.kill(engine.pid, signal.SIGSTOP)
        load.acknowledge(10_000, seconds=90)
        ready = api.get("/ready", timeout=60)
        assert ready.status_code == 503, ready.text
        assert "store" in ready.text
        os.kill(engine.pid, signal.SIGCONT)
        load.acknowledge(500)
    load.judge()
    assert engine_of(server).pid == engine.pid
    server.stop()


def test_a_store_that_hangs_for_good_is_replaced(tmp_path: Path) -> None:
    """Stopped and never continued: the supervisor replaces it in little more than a minute, and all is there."""
    server = Server(tmp_path / "data").start()
    hung = engine_of(server)
    with Load(server) as load:
        load.acknowledge(500)
        os.kill(hung.pid, signal.SIGSTOP)
        eventually(lambda: not psutil.pid_exists(hung.pid), seconds=150)
        load.acknowledge(500)
    load.judge()
    server.stop()
