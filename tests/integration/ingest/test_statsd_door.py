"""The door of DogStatsD when the log cannot take what it brings, and when it is closed."""

import asyncio
import socket

import pytest
from tests.eventually import becomes_true

from midwatch.server.ingest import statsd
from midwatch.server.ingest.statsd import WAITED_TOO_LONG, StatsdDoor
from midwatch.server.ingest.statsd_sockets import StatsdSockets
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import WallClock
from midwatch.server.model.errors import Unauthorized, Unavailable
from midwatch.server.model.signal import SegmentKind

GRANT = IngestGrant("k", "k", 1, None, (), None)


class Log:
    """Takes bodies, or not."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.taken: list[tuple[SegmentKind, int]] = []
        self.asked = 0

    async def put(self, kind: SegmentKind, _grant: IngestGrant, _body: bytes, items: int) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.taken.append((kind, items))


@pytest.fixture
def log() -> Log:
    return Log()


async def opened(log: Log) -> tuple[StatsdDoor, "asyncio.Task[None]", int]:
    sockets = StatsdSockets()
    sockets.open_udp("127.0.0.1", 0)
    door = StatsdDoor(sockets, log.put, lambda: GRANT, WallClock(), instance="here", flush_seconds=0.05)
    assert sockets.udp_port is not None
    return door, asyncio.create_task(door.run()), sockets.udp_port


def send(port: int, text: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(text.encode(), ("127.0.0.1", port))


async def test_what_cannot_be_taken_now_is_taken_later_and_once(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full log is asked again; what comes meanwhile waits behind; at the end each point was taken once."""
    monkeypatch.setattr(statsd, "RETRY_SECONDS", 0.02)
    door, running, port = await opened(log)
    log.error = Unavailable("the log is full")
    send(port, "a:1|c\nb:1|c\n_sc|db|0")
    await becomes_true(lambda: log.asked >= 3)
    log.error = None
    await becomes_true(lambda: len(log.taken) == 2)
    send(port, "c:1|c")
    await asyncio.sleep(0.01)
    await door.close()
    running.cancel()
    assert log.taken == [(SegmentKind.OTLP_METRICS, 3), (SegmentKind.OTLP_LOGS, 1), (SegmentKind.OTLP_METRICS, 1)]
    assert door.dropped == {}


async def test_what_nobody_may_write_is_given_up_and_counted(log: Log) -> None:
    """A key that was revoked: asked once, then counted by its points."""
    door, running, port = await opened(log)
    log.error = Unauthorized("the key is gone")
    send(port, "a:1|c\nb:1|c")
    await becomes_true(lambda: door.dropped.get(WAITED_TOO_LONG))
    assert door.dropped[WAITED_TOO_LONG].count == 2
    assert log.asked == 1
    await door.close()
    running.cancel()
