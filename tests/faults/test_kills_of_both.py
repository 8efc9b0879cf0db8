"""kill -9 of server and engine at the same moment, and of an engine that is just starting."""

import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import Load
from tests.faults.test_paused_store import engine_of

pytestmark = pytest.mark.faults
TURNS = 10


def test_both_killed_at_once_lose_nothing(tmp_path: Path) -> None:
    """Ten times, as when the machine's power goes: the next start has all that was acknowledged."""
    chance = random.Random(7)
    server = Server(tmp_path / "data").start()
    with Load(server) as load:
        for _ in range(TURNS):
            load.acknowledge(200)
            time.sleep(chance.uniform(0, 0.5))
            assert server.process is not None
            engine = engine_of(server)
            for pid in (engine.pid, server.process.pid):
                os.kill(pid, signal.SIGKILL)
            server.process.wait()
            psutil.wait_procs([engine], timeout=20)
            server.start()
    load.judge()
    server.stop()


def test_an_engine_killed_while_it_starts_comes_back(tmp_path: Path) -> None:
    """Five engines die as soon as they are there; the doors stay open, and the sixth stores everything."""
    server = Server(tmp_path / "data").start()
    with Load(server) as load:
        load.acknowledge(200)
        before = engine_of(server)
        for _ in range(5):
            before.kill()
            psutil.wait_procs([before], timeout=20)
            before = eventually(lambda old=before: _another(server, old))
            load.acknowledge(100)
        before.kill()
    load.judge()
    server.stop()


def _another(server: Server, old: psutil.Process) -> psutil.Process | None:
    try:
        found = engine_of(server)
    except StopIteration:
        return None
    return found if found.pid != old.pid else None
