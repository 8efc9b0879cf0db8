"""kill -9 of a server amid INSERTs to a store that stays up: what the store has is looked up, and not repeated."""

import random
import time
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import ITEMS_A_BODY, Load
from tests.integration.other_store.conftest import OtherStore
from tests.integration.other_store.wire import Wire
from tests.integration.store.bodies import frame

from midwatch.server.model.signal import SegmentKind

pytestmark = pytest.mark.faults
ROUNDS = 8


def test_kills_while_the_store_stays_up(tmp_path: Path, other_store: OtherStore) -> None:
    """At random moments under load; the INSERT that is under way may still end at the store when the server is back."""
    chance = random.Random(8123)
    server = Server(tmp_path / "data", options=("--store", other_store.url)).start()
    engine = other_store.supervisor.pid
    with Load(server) as load:
        for _ in range(ROUNDS):
            load.acknowledge(200, seconds=60)
            time.sleep(chance.uniform(0, 1.0))
            server.kill()
            server.start()
    load.judge()
    assert other_store.supervisor.pid == engine
    server.stop()


@pytest.mark.parametrize("point", ["before_insert", "after_insert"])
def test_kills_at_named_points(tmp_path: Path, other_store: OtherStore, point: str) -> None:
    """Before the INSERT and after it, before the log forgets the segment: the next start finds out what is there."""
    server = Server(tmp_path / "data", options=("--store", other_store.url), environment={"MIDWATCH_FAULT": point})
    server.start()
    load = Load(server)
    assert load.send("traces", load.body("traces")) == 200
    assert server.process is not None
    server.process.wait(30)
    server.environment = {}
    server.start()
    assert load.send("logs", load.body("logs")) == 200
    load.judge()
    server.stop()


def test_lost_answers(tmp_path: Path, other_store: OtherStore) -> None:
    """The store does what it is told, and every other answer is lost: what it has is looked up, not repeated."""
    chance = random.Random(4400)
    wire = Wire(other_store.supervisor.port)
    wire.up()
    server = Server(tmp_path / "data", options=("--store", other_store.through(wire))).start()
    with server.api() as api:
        eventually(lambda: api.get("/ready").status_code == 200)
    with Load(server) as load:
        load.acknowledge(200)
        wire.loses = lambda _answer: chance.random() < 0.5
        load.acknowledge(1000, seconds=60)
        eventually(lambda: server.output().count("writer.retry") > 10, seconds=60)
        wire.loses = lambda _answer: False
    load.judge()
    server.stop()
    wire.close()


def test_poison_goes_to_the_dead_letters(tmp_path: Path, other_store: OtherStore) -> None:
    """A frame that the store cannot decode is found and buried, whoever runs the store; its neighbours land once."""
    server = Server(tmp_path / "data", options=("--store", other_store.url))
    load = Load(server)
    spans = [load.body("traces") for _ in range(6)]
    spans.insert(3, b"\x0a\x05\x12\x7f\x0a")
    (wal := server.data / "wal").mkdir(parents=True)
    path = wal / f"{time.time_ns() // 1_000_000:012x}7000{'8' * 16}.{SegmentKind.OTLP_TRACES}.wal"
    path.write_bytes(b"".join(frame(SegmentKind.OTLP_TRACES, body) for body in spans))
    load.fates["traces"].acknowledged = 6 * ITEMS_A_BODY
    server.start()
    assert load.send("logs", load.body("logs")) == 200
    load.judge()
    with server.api() as api:
        (letter,) = api.get("/api/v1/dead-letters").json()["letters"]
    assert letter["signal"] == "traces", letter
    server.stop()
