"""What waits for the store, and what it could not take, under a key: looked for on the disk while the store is held."""

import base64
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import WalKeys
from midwatch.server.wal.encryption import encrypted, read_content
from midwatch.server.wal.frames import FrameHeader, encode_frame
from tests import bodies
from tests.conftest import TOKEN, Server
from tests.eventually import eventually
from tests.integration.forward.conftest import endpoint, texts
from tests.integration.privacy import senders
from tests.integration.privacy.canaries import Canaries
from tests.integration.privacy.decoded import Search
from tests.otlp_sink import running_sink

pytestmark = pytest.mark.thorough

OLD = f"w1:{base64.b64encode(b'o' * 32).decode()}"
NEW = f"w2:{base64.b64encode(b'n' * 32).decode()}"
ENCRYPTED = {"MIDWATCH_WAL_KEY": OLD}
ROTATED = {"MIDWATCH_WAL_KEY": f"{NEW},{OLD}"}
POISON = b"\x0a\xff\xff\xff\xff\x0f this is no request, canary-4711@leak.example"


def _hold(server: Server, what: signal.Signals) -> None:
    assert server.process is not None
    children = psutil.Process(server.process.pid).children()
    (engine,) = [child for child in children if "engine" in " ".join(child.cmdline())]
    os.kill(engine.pid, what)


def _held_and_stored(
    directory: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> tuple[set[str], set[str], Canaries]:
    """What of every signal was found on the disk while the store was held, and then once all of it was stored."""
    monkeypatch.setattr(senders, "VISIBLE", {})
    (directory / "plan").mkdir()
    (directory / "plan" / "midwatch.yml").write_text("privacy:\n  region: DE\n")
    server = Server(directory / "data", environment, ("--plan", str(directory / "plan"))).start()
    canaries = Canaries()
    try:
        with server.api() as api:
            _hold(server, signal.SIGSTOP)
            for send in (
                senders._traces,
                senders._logs,
                senders._metrics,
                senders._ndjson,
                senders._loki,
                senders._remote_write,
                senders._product_events,
            ):
                send(server, canaries)
            search = Search(canaries.forms())
            held = set(search.in_directory(server.data))
            _hold(server, signal.SIGCONT)
            eventually(lambda: api.get("/api/v1/system/status").json()["wal"]["segments_waiting"] == 0, seconds=60)
            answer = api.post("/api/v1/sql", json={"query": "SELECT count() FROM spans"}).json()
            assert answer["rows"] == [[1]]
            assert api.get("/api/v1/dead-letters").json()["total"] == 0
    finally:
        server.stop()
    return held, set(search.in_directory(server.data)), canaries


@pytest.mark.faults
def test_without_a_key_every_canary_is_found_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the search cannot find here, its silence would say nothing of."""
    held, stored, canaries = _held_and_stored(tmp_path, {}, monkeypatch)
    assert {canaries.planted[value] for value in canaries.planted.keys() - held} == set()
    assert stored == set()


@pytest.mark.faults
def test_with_one_none_is_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the log nor in anything that the engine spools on its way into the tables."""
    held, stored, canaries = _held_and_stored(tmp_path, ENCRYPTED, monkeypatch)
    assert {canaries.planted[value] for value in held | stored} == set()


@pytest.fixture
def poisoned(tmp_path: Path) -> Iterator[Server]:
    """A server with a dead letter: a body that no store can read came between good ones."""
    server = Server(tmp_path / "data", dict(ENCRYPTED)).start()
    server.stop()
    good = bodies.logs("api", [{"body": "good"}]).SerializeToString()
    header, kind = FrameHeader(1, "k1", "", time.time_ns(), b""), SegmentKind.OTLP_LOGS
    frames = b"".join(bytes(part) for body in (good, POISON, good) for part in encode_frame(kind, header, body))
    segment = f"{time.time_ns() // 10**6:012x}{0:020x}"
    path = server.data / "wal" / f"{segment}.{kind}.wal"
    path.write_bytes(encrypted(WalKeys.of(OLD), segment, frames))
    server.start()
    with server.api() as api:
        eventually(lambda: api.get("/api/v1/dead-letters").json()["total"] == 1, seconds=60)
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def _cli(server: Server, *arguments: str) -> str:
    command = [sys.executable, "-m", "midwatch", *arguments, "--data", str(server.data)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def _logs_of(server: Server) -> int:
    with server.api() as api:
        answer = api.post("/api/v1/sql", json={"query": "SELECT count() FROM logs"}).json()
    return int(answer["rows"][0][0])


def test_a_dead_letter_is_encrypted_listed_tried_again_and_backed_up(poisoned: Server, tmp_path: Path) -> None:
    """Also once the key was changed; its backup starts with the key, and without it says which one is missing."""
    eventually(lambda: _logs_of(poisoned) == 2)
    (letter,) = json.loads(_cli(poisoned, "dead-letters", "list", "--json"))["letters"]
    assert "canary-4711@leak.example" in _cli(poisoned, "dead-letters", "show", letter["id"])
    search = Search({b"canary-4711": "canary", b"this is no request": "poison", b"cannot be read": "error"})
    assert search.in_directory(poisoned.data) == {}
    poisoned.stop()
    poisoned.environment = dict(ROTATED)
    poisoned.start()
    _cli(poisoned, "dead-letters", "retry", letter["id"])
    with poisoned.api() as api:
        again = eventually(lambda: api.get("/api/v1/dead-letters").json()["letters"] or None, seconds=60)
    assert again[0]["id"] != letter["id"]
    backup = Path(_cli(poisoned, "backup").strip().splitlines()[-1])
    poisoned.stop()
    poisoned.environment = {"MIDWATCH_WAL_KEY": NEW}
    assert search.in_directory(poisoned.data) == {}
    poisoned.start()
    with poisoned.api() as api:
        assert api.get("/api/v1/dead-letters").json()["total"] == 1
    poisoned.stop()
    restored = tmp_path / "restored"
    command = [sys.executable, "-m", "midwatch", "restore", str(backup), "--data", str(restored)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    refused = subprocess.run(
        [sys.executable, "-m", "midwatch", "up", "--data", str(restored), "--port", "0", "--statsd-port", "-1"],
        check=False,
        env={**os.environ, "MIDWATCH_API_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert refused.returncode != 0
    assert "encrypted with the key w2, which is not among wal_key" in refused.stdout + refused.stderr
    assert "put that key behind the newest one" in refused.stdout + refused.stderr
    server = Server(restored, dict(ROTATED)).start_as_it_is()
    try:
        with server.api() as api:
            (found,) = api.get("/api/v1/dead-letters").json()["letters"]
            assert "canary-4711" in api.get(f"/api/v1/dead-letters/{found['id']}").json()["preview"]
        assert _logs_of(server) == 2
    finally:
        server.stop()


def test_dead_letters_go_for_their_age_and_it_is_told(poisoned: Server) -> None:
    """Two weeks by default; then it is gone from the disk, and among the limits hit, the figures and the log."""
    poisoned.stop()
    keys = WalKeys.of(OLD)
    (facts,) = (poisoned.data / "dead-letters").glob("*.json")
    told = json.loads(bytes(read_content(facts, keys)))
    told["time_ns"] -= 15 * 86_400 * 10**9
    facts.write_bytes(encrypted(keys, facts.name, json.dumps(told).encode()))
    poisoned.start()
    with poisoned.api() as api:
        eventually(lambda: api.get("/api/v1/dead-letters").json()["total"] == 0, seconds=30)
        hits = api.get("/api/v1/system/limits").json()["hits"]
        (hit,) = [one for one in hits if one["reason"] == "dead_letter_expired"]
        assert (hit["signal"], hit["count"]) == ("logs", 1)
        assert "--dead-letters" in hit["explanation"]
        assert "midwatch_dead_letters_expired_total 1" in api.get("/metrics").text
    assert "dead_letters.expired" in poisoned.output()
    assert list((poisoned.data / "dead-letters").iterdir()) == []


@pytest.mark.faults
def test_forwarding_reads_encrypted_segments_over_restarts_and_keys(tmp_path: Path) -> None:
    """A destination that is away at first gets everything once, in order."""
    with running_sink() as sink:
        plan = {"forward": [{"name": "there", "endpoint": endpoint(sink)}]}
        server = Server(tmp_path / "data", dict(ENCRYPTED), ("--scrape-files", str(tmp_path))).start()
        sink.status = 503
        sent = []

        def log(count: int) -> None:
            with server.door() as door:
                for _ in range(count):
                    sent.append(f"line {len(sent)} canary-4711")
                    content = bodies.logs("api", [{"body": sent[-1]}]).SerializeToString()
                    assert door.post("/v1/logs", content=content).status_code == 200

        try:
            with server.api() as api:
                applied = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": json.dumps(plan)}}).json()
                assert applied["ok"], applied
            log(20)
            server.kill()
            server.environment = dict(ROTATED)
            server.start()
            log(20)
            waiting = list((server.data / "forward").rglob("*.wal"))
            assert len(waiting) >= 2
            assert not any(b"canary-4711" in path.read_bytes() for path in waiting)
            sink.status = 200
            eventually(lambda: set(texts(sink)) >= set(sent), seconds=60)
            assert list(dict.fromkeys(texts(sink))) == sent
        finally:
            server.stop()


def test_all_that_is_kept_is_its_owners_alone(poisoned: Server) -> None:
    """Log, dead letters, blobs, workspace, store and backups, below a data directory that others may enter."""
    canaries = Canaries()
    senders._errors(poisoned, canaries)
    with poisoned.api() as api:
        eventually(lambda: (poisoned.data / "blobs").exists() and api.get("/api/v1/dead-letters").json()["total"])
    _cli(poisoned, "backup")
    assert stat.S_IMODE((poisoned.data / "store").stat().st_mode) == 0o700
    open_to_others = {
        str(path.relative_to(poisoned.data)): oct(path.stat().st_mode)
        for path in poisoned.data.rglob("*")
        if path.is_file() or path.is_dir()
        if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
        # The engine's own files, each below a directory of ours; and the log of this test.
        if not {"store", "server.log"} & set(path.relative_to(poisoned.data).parts)
    }
    kept = {path.relative_to(poisoned.data).parts[0] for path in poisoned.data.rglob("*") if path.is_file()}
    assert {"wal", "dead-letters", "blobs", "workspace.db", "backups"} <= kept
    assert open_to_others == {}
