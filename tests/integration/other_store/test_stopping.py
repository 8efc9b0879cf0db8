"""SIGTERM while the store is away: the server ends in its time, and the next start stores what waited."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.faults.load import ITEMS_A_BODY, SIGNALS, Load
from tests.integration.other_store.conftest import OtherStore
from tests.integration.other_store.wire import CAN_VANISH, WHY_NOT, Wire

from midwatch.server.app import DRAIN_SECONDS

pytestmark = pytest.mark.faults

END_SECONDS_MAX = 2 * DRAIN_SECONDS
"""As much again for connections that end, and a machine that is busy."""
BODIES = 10

AWAY: dict[str, tuple[Callable[[Wire], None], Callable[[Wire], None]]] = {
    "refuses": (Wire.down, Wire.up),
    "hangs": (Wire.hold, Wire.release),
    "vanished": (Wire.forget, Wire.cut),
}
"""How it goes, and how it comes back: what a store that hung had received is carried out then."""


@pytest.mark.parametrize(
    "how",
    [
        "hangs",
        pytest.param("refuses", marks=pytest.mark.faults),
        pytest.param("vanished", marks=[pytest.mark.faults, pytest.mark.skipif(not CAN_VANISH, reason=WHY_NOT)]),
    ],
)
def test_a_server_ends_while_its_store_is_away(tmp_path: Path, other_store: OtherStore, wire: Wire, how: str) -> None:
    """Whether the store refuses, hangs or vanished amid INSERTs and queries: status 0 in time, and nothing is lost."""
    server = Server(tmp_path / "data", options=("--store", other_store.through(wire))).start()
    with server.api() as api:
        eventually(lambda: api.get("/ready").status_code == 200, seconds=30)
    with Load(server) as load:
        load.acknowledge(500)
        goes, comes_back = AWAY[how]
        goes(wire)
        load.acknowledge(500)
        assert server.process is not None
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(END_SECONDS_MAX * 3) == 0
        took = time.monotonic() - began
    assert took < END_SECONDS_MAX, server.output()[-3000:]
    print(f"ended after {took:.1f} s")
    comes_back(wire)
    server.start()
    load.judge()
    server.stop()


def test_a_server_ends_that_never_reached_its_store(tmp_path: Path, other_store: OtherStore, wire: Wire) -> None:
    """Nothing can be stored, so nothing is waited for; all of it is stored by a start that finds the store."""
    wire.down()
    server = Server(tmp_path / "data", options=("--store", other_store.through(wire))).start()
    load = Load(server)
    for _ in range(BODIES):
        for name in SIGNALS:
            assert load.send(name, load.body(name)) == 200
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < DRAIN_SECONDS
    assert server.process is not None
    assert server.process.returncode == 0, server.output()[-3000:]
    wire.up()
    server.start()
    load.judge()
    assert load.fates["traces"].acknowledged == BODIES * ITEMS_A_BODY
    server.stop()
