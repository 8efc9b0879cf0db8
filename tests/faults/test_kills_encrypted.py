"""kill -9 of server and engine under load with a key for the log, changed on the way: nothing is lost or doubled."""

import base64
import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest
from tests.conftest import Server
from tests.faults.load import Load

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
ROUNDS = 9
KEYS = [f"w{number}:{base64.b64encode(bytes([number] * 32)).decode()}" for number in range(1, 4)]


def test_kills_lose_and_double_nothing_under_keys(tmp_path: Path) -> None:
    """Server and engine in turns; every third round has a newer key in front."""
    server = Server(tmp_path / "data", {"MIDWATCH_WAL_KEY": KEYS[0]}).start()
    chance = random.Random(4711)
    with Load(server) as load:
        for turn in range(ROUNDS):
            load.acknowledge(100, seconds=60)
            time.sleep(chance.uniform(0.0, 0.8))
            assert server.process is not None
            if turn % 3 == 2:
                children = psutil.Process(server.process.pid).children()
                (engine,) = [child for child in children if "engine" in " ".join(child.cmdline())]
                os.kill(engine.pid, signal.SIGKILL)
            else:
                server.kill()
                newest = min(turn // 3, len(KEYS) - 1)
                server.environment = {"MIDWATCH_WAL_KEY": ",".join(reversed(KEYS[: newest + 1]))}
                server.start()
    load.judge()
    server.stop()
