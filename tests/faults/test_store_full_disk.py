"""A disk that fills up under a whole server: a tmpfs of 500 MB in a mount namespace of its own."""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests import bodies
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import Load
from tests.faults.small_disk import KEPT, run_on_small_disk

pytestmark = pytest.mark.faults

MIB = 1 << 20
RESERVE = 100 * MIB
DAY_NS = 86_400_000_000_000


def test_a_full_disk_gives_up_the_oldest_day_then_refuses_then_recovers(tmp_path: Path) -> None:
    """Below the reserve the oldest day goes with a loud line; below half of it doors say 503; room mends it."""
    print(run_on_small_disk("tests.faults.test_store_full_disk", tmp_path, "500m", seconds=300))


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


def loudest(server: Server, event: str) -> dict[str, Any]:
    """The first line of the server's log about this, which comes with the guard's next look."""
    line = eventually(lambda: next((line for line in server.output().splitlines() if f'"{event}"' in line), None))
    found: dict[str, Any] = json.loads(line)
    return found


def measure(server: Server, name: str, label: str = "") -> float:
    with server.api() as api:
        lines = api.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and label in line)


def disk_says(server: Server) -> str:
    with server.api() as api:
        (check,) = [check for check in api.get("/ready").json()["checks"] if check["name"] == "disk"]
    assert not check["healthy"]
    return str(check["message"])


def fill(directory: Path) -> None:
    environment = {"MIDWATCH_DISK_RESERVE": str(RESERVE)}
    server = Server(directory / "data", environment, options=("--retention", "traces=0,logs=0,metrics=0")).start()
    try:
        fill_disk_of(server, Ballast(directory))
    finally:
        server.stop()
    print(KEPT)


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
        told = loudest(server, "disk.evicting")
        assert (told["level"], told["table"], told["reserve_bytes"]) == ("error", "spans", RESERVE), told
        assert measure(server, "midwatch_partitions_evicted_total") == 1
        load.acknowledge(500)
        print("the oldest day went")
        ballast.leave(RESERVE // 2 - 20 * MIB)
        eventually(lambda: all(fate.refused for fate in load.fates.values()), seconds=60)
        with server.door() as door:
            answer = door.post("/v1/logs", content=load.body("logs"))
        assert answer.status_code == 503, answer.text
        assert b"the disk is full" in answer.content, answer.content
        assert int(answer.headers["retry-after"]) >= 1
        assert measure(server, "midwatch_ingest_refused_total", 'reason="disk_full"') > 0
        assert "new data is refused" in disk_says(server)
        assert loudest(server, "disk.full")["level"] == "error"
        print("then doors refused")
        ballast.remove()
        load.acknowledge(500, seconds=60)
    load.judge()


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
