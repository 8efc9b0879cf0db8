"""A disk that fills up under a whole server: a tmpfs of 500 MB in a mount namespace of its own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import Load

pytestmark = pytest.mark.faults

MIB = 1 << 20
RESERVE = 100 * MIB
DAY_NS = 86_400_000_000_000
MOUNT = 'mount -t tmpfs -o size=500m none "$1" && exec "$2" -m tests.faults.test_store_full_disk "$1"'


def test_a_full_disk_gives_up_the_oldest_day_then_refuses_then_recovers(tmp_path: Path) -> None:
    """Below the reserve the oldest day goes with a loud line; below half of it doors say 503; room mends it."""
    alone = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run(
        [*alone, "sh", "-c", MOUNT, "sh", str(tmp_path), sys.executable],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    assert "as promised" in done.stdout


class Ballast:
    """A file that leaves so much of the disk free."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "ballast"

    def leave(self, free_bytes: int) -> None:
        self._path.unlink(missing_ok=True)
        size = shutil.disk_usage(self._path.parent).free - free_bytes
        with self._path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def remove(self) -> None:
        self._path.unlink()


def days_there(server: Server, service: str) -> int:
    query = f"SELECT uniqExact(toDate(Timestamp)) FROM spans WHERE ServiceName = '{service}'"
    with server.api() as api:
        return int(api.post("/api/v1/sql", json={"query": query}).json()["rows"][0][0])


def fill(directory: Path) -> None:
    environment = {"MIDWATCH_DISK_RESERVE": str(RESERVE)}
    server = Server(directory / "data", environment, options=("--retention", "traces=0,logs=0,metrics=0")).start()
    try:
        fill_disk_of(server, Ballast(directory))
    finally:
        server.stop()
    print("as promised")


def fill_disk_of(server: Server, ballast: Ballast) -> None:
    with server.door() as door:
        for days in (3, 2):
            at = time.time_ns() - days * DAY_NS
            for _ in range(16):
                spans = [
                    bodies.span(start_time_unix_nano=at, attributes={"x": os.urandom(15_000).hex()}) for _ in range(50)
                ]
                body = bodies.traces("old", spans).SerializeToString()
                assert door.post("/v1/traces?wait=visible", content=body).status_code == 200
    assert days_there(server, "old") == 2
    load = Load(server)
    with load:
        load.acknowledge(500)
        ballast.leave(RESERVE - 4 * MIB)
        eventually(lambda: days_there(server, "old") == 1, seconds=60)
        assert "disk.evicting" in server.output()
        load.acknowledge(500)
        print("the oldest day went")
        ballast.leave(RESERVE // 2 - 20 * MIB)
        eventually(lambda: all(fate.refused for fate in load.fates.values()), seconds=60)
        with server.door() as door:
            answer = door.post("/v1/logs", content=load.body("logs"))
        assert answer.status_code == 503, answer.text
        assert b"the disk is full" in answer.content, answer.content
        print("then doors refused")
        ballast.remove()
        load.acknowledge(500, seconds=60)
    load.judge()


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
