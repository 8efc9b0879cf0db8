"""kill -9 while a PostHog client sends: every acknowledged event counts once, and who is whom is known."""

import random
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually

pytestmark = pytest.mark.faults
ROUNDS = 12
CLICKS = 20
TRY_AGAIN_SECONDS = 0.02


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", options=("--retention", "events=0")).start()
    yield server
    server.stop()


class Client:
    """Sends visits one after the other; one without an answer is sent again as it was, as PostHog's clients do."""

    def __init__(self, server: Server) -> None:
        self.event = f"clicked-{uuid.uuid4().hex[:8]}"
        self.acknowledged = 0
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Client":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _visit(self) -> list[dict[str, Any]]:
        """Half of it before one is known by a name, which the last event tells."""
        visitor, person = f"visitor-{uuid.uuid4().hex}", f"person-{uuid.uuid4().hex}"
        clicks: list[dict[str, Any]] = [
            {"event": self.event, "distinct_id": one} for one in [visitor, person] * (CLICKS // 2)
        ]
        known: dict[str, Any] = {
            "event": "$identify",
            "distinct_id": person,
            "properties": {"$anon_distinct_id": visitor},
        }
        return [{"uuid": str(uuid.uuid4()), "properties": {}, **one} for one in [*clicks, known]]

    def _send(self) -> None:
        waiting = self._visit()
        while not self._stop.is_set():
            try:
                answer = httpx.post(f"{self._server.url}/batch/", json={"api_key": KEY, "batch": waiting}, timeout=60)
            except httpx.TransportError:
                self._stop.wait(TRY_AGAIN_SECONDS)
                continue
            if answer.status_code == 200:
                self.acknowledged += 1
                waiting = self._visit()
            else:
                assert answer.status_code == 503, answer.text


def test_kills_lose_and_double_no_product_event(victim: Server) -> None:
    """A dozen kills at random moments; then trends count each click once, and each visitor as one person."""
    chance = random.Random(4400)
    with Client(victim) as client:
        for _ in range(ROUNDS):
            before = client.acknowledged
            eventually(lambda: client.acknowledged > before, seconds=60)  # noqa: B023
            time.sleep(chance.uniform(0.0, 1.0))
            victim.kill()
            victim.start()
    with victim.api() as api:
        eventually(lambda: api.get("/api/v1/system/status").json()["wal"]["segments_waiting"] == 0, seconds=120)

        def counted(**asked: str) -> int:
            answer = api.get("/api/v1/analytics/trends", params={"event": client.event, **asked})
            assert answer.status_code == 200, answer.text
            return int(answer.json()["total"])

        def as_sent() -> bool:
            events, persons = counted(), counted(measure="units")
            print(f"{client.acknowledged} visits acknowledged; {events} events of {persons} persons there")
            # The last one may have come in without an answer to it.
            return any((events, persons) == (CLICKS * n, n) for n in (client.acknowledged, client.acknowledged + 1))

        eventually(as_sent, seconds=60)
