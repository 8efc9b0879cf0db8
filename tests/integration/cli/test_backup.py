"""The commands of docs/running.md: back up a server that is at work, wreck its data, restore, and find everything."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.faults.load import Load

pytestmark = pytest.mark.faults

COUNTS = """SELECT (SELECT count() FROM spans), (SELECT uniqExact(SpanId) FROM spans),
(SELECT sum(Count) FROM service_red), (SELECT count() FROM logs), (SELECT sum(Count) FROM log_volume)"""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    """Start a server on a directory of this name; all are stopped in the end."""
    started: list[Server] = []

    def start(name: str) -> Server:
        started.append(Server(tmp_path / name).start())
        return started[-1]

    yield start
    for server in started:
        if server.process is not None and server.process.poll() is None:
            server.stop()


def midwatch(*arguments: str, ok: bool = True) -> str:
    command = [sys.executable, "-m", "midwatch", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.strip() if ok else done.stderr


def counts(server: Server) -> list[int]:
    with server.api() as api:
        eventually(lambda: api.get("/api/v1/system/status").json()["wal"]["segments_waiting"] == 0, seconds=60)
        return [int(count) for count in api.post("/api/v1/sql", json={"query": COUNTS}).json()["rows"][0]]


def emails(data: Path) -> set[str]:
    return {user["email"] for user in json.loads(midwatch("users", "list", "--json", "--data", str(data)))["users"]}


def test_back_up_wreck_restore(tmp_path: Path, at: Callable[[str], Server]) -> None:
    """Same counts in tables and roll-ups, same users, same keys, same blobs; the plan's settings file comes along."""
    server = at("data")
    load = Load(server)
    for _ in range(5):
        assert load.send("traces", load.body("traces")) == load.send("logs", load.body("logs")) == 200
    midwatch("users", "add", "erna@example.org", "--data", str(server.data))
    key = midwatch("keys", "create", "web", "--data", str(server.data))
    blob = server.data / "blobs" / "attachments" / "1" / "screenshot"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"pixels")
    before, people = counts(server), emails(server.data)
    assert before == [250] * 5
    left_over = server.data / "backups" / "2026-01-01T00-00-00.000.unfinished"
    left_over.mkdir()
    made = Path(midwatch("backup", "--data", str(server.data)))
    assert list(made.parent.iterdir()) == [made]
    kept = shutil.move(made, tmp_path / "elsewhere")
    server.kill()
    shutil.rmtree(server.data)

    assert midwatch("restore", str(kept), "--data", str(tmp_path / "new")).startswith(f"{tmp_path / 'new'}: as it was")
    restored = at("new")
    assert counts(restored) == before
    assert emails(restored.data) == people
    assert (restored.data / blob.relative_to(server.data)).read_bytes() == b"pixels"
    for one in (key, KEY):
        with restored.door(one) as door:
            body = load.body("logs")
            assert door.post("/v1/logs?wait=visible", content=body).status_code == 200
    assert restored.output().count('"store.migrated"') == 0


def test_a_backup_under_load_has_all_from_before_it(tmp_path: Path, at: Callable[[str], Server]) -> None:
    """Taken while segments are written: nothing from before is missing, nothing is double, and roll-ups agree."""
    server = at("data")
    with Load(server) as load:
        load.acknowledge(1000)
        floor = {signal: fate.acknowledged for signal, fate in load.fates.items()}
        made = midwatch("backup", "--data", str(server.data))
        load.acknowledge(200)
    server.kill()
    midwatch("restore", made, "--data", str(tmp_path / "new"))
    spans, distinct, counted, records, lines = counts(at("new"))
    assert spans == distinct == counted
    assert records == lines
    assert floor["traces"] <= spans <= load.fates["traces"].acknowledged + load.fates["traces"].unknown
    assert floor["logs"] <= records <= load.fates["logs"].acknowledged + load.fates["logs"].unknown
    assert midwatch("dead-letters", "list", "--data", str(tmp_path / "new")) == "no dead letters"


def test_what_cannot_be_restored_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    """No backup, a directory in use, a damaged backup: one line each; what is there stays, and nothing new is made."""
    assert "expected a directory that `midwatch backup` made" in midwatch(
        "restore", str(tmp_path / "none"), "--data", str(tmp_path / "new"), ok=False
    )
    broken = tmp_path / "broken"
    (broken / "store").mkdir(parents=True)
    (broken / "backup.json").write_text(
        json.dumps({"version": "0", "time": "2026-01-01T00:00:00Z", "parts": ["store"]})
    )
    told = midwatch("restore", str(broken), "--data", str(tmp_path / "new"), ok=False)
    assert "cannot restore the store" in told, told
    assert not list(tmp_path.glob("new*"))
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("mine")
    told = midwatch("restore", str(broken), "--data", str(tmp_path / "used"), ok=False)
    assert "a restore overwrites nothing" in told
    assert (tmp_path / "used" / "file").read_text() == "mine"
