"""Segments cut off and with bits flipped while the server was down: what is whole lands, the rest is said and kept."""

import random
import signal
from pathlib import Path

import psutil
import pytest
from tests.conftest import Server
from tests.faults.load import ITEMS_A_BODY, Load
from tests.faults.test_paused_store import engine_of

pytestmark = pytest.mark.faults
BODIES = 12


def segments_with_data(server: Server) -> list[Path]:
    return [path for path in (server.data / "wal").glob("*.wal") if path.stat().st_size]


@pytest.fixture
def waiting(tmp_path: Path) -> tuple[Server, Load]:
    """A killed server, with twelve acknowledged bodies of spans in its log and none in its store."""
    server = Server(tmp_path / "data").start()
    engine = engine_of(server)
    engine.send_signal(signal.SIGSTOP)
    load = Load(server)
    for _ in range(BODIES):
        assert load.send("traces", load.body("traces")) == 200
    server.kill()
    engine.kill()
    psutil.wait_procs([engine], timeout=20)
    assert segments_with_data(server)
    return server, load


def there(server: Server, load: Load) -> tuple[int, int, int]:
    """Spans, distinct spans, and what the roll-up counts."""
    with server.api() as api:
        named = f"WHERE ServiceName = '{load.service}'"
        query = f"SELECT count(), uniqExact(SpanId), (SELECT sum(Count) FROM service_red {named}) FROM spans {named}"
        rows, distinct, counted = api.post("/api/v1/sql", json={"query": query}).json()["rows"][0]
        return int(rows), int(distinct), int(counted or 0)


def settled(server: Server, load: Load) -> None:
    """The doors work: one more body goes through all of it."""
    with server.door() as door:
        assert door.post("/v1/traces?wait=visible", content=load.body("traces")).status_code == 200


def assert_one_letter(server: Server) -> None:
    """What was not whole is a dead letter that says where it lay."""
    with server.api() as api:
        (letter,) = api.get("/api/v1/dead-letters").json()["letters"]
    assert "not a whole frame" in letter["error"], letter
    assert "wal.damaged" in server.output()


def test_a_cut_off_tail_costs_its_last_frame(waiting: tuple[Server, Load]) -> None:
    """As after a power cut on a disk that lied about fsync: what is before the cut lands, and the cut frame is kept."""
    server, load = waiting
    path = max(segments_with_data(server), key=lambda one: one.stat().st_size)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 100)
    server.start()
    settled(server, load)
    rows, distinct, counted = there(server, load)
    assert rows == distinct == counted == BODIES * ITEMS_A_BODY
    assert_one_letter(server)
    server.stop()


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_bit_costs_one_frame(waiting: tuple[Server, Load], seed: int) -> None:
    """A flipped bit anywhere costs at most the frame that it lies in, which becomes a dead letter with its reason."""
    server, load = waiting
    path = max(segments_with_data(server), key=lambda one: one.stat().st_size)
    data = bytearray(path.read_bytes())
    data[random.Random(seed).randrange(len(data))] ^= 1 << (seed % 8)
    path.write_bytes(data)
    server.start()
    settled(server, load)
    rows, distinct, counted = there(server, load)
    assert rows == distinct == counted == BODIES * ITEMS_A_BODY
    assert_one_letter(server)
    server.stop()
