"""Whoever writes the store alone is found from outside: by the API, and by the status of `midwatch events verify`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import TOKEN, Server
from tests.eventually import eventually
from tests.integration.other_store.conftest import OtherStore, other_engine, other_store

pytestmark = pytest.mark.thorough

__all__ = ["other_engine", "other_store"]
SENT = [{"id": f"e{number}", "type": "paid", "metadata": {"amount": number}} for number in range(1, 7)]


@pytest.fixture
def stored(other_store: OtherStore, tmp_path: Path) -> Iterator[Server]:
    """A server that has taken in the events, and whose store others write, too."""
    server = Server(tmp_path / "data", options=("--store", other_store.url)).start()
    with server.door(content_type="application/json") as door:
        assert door.post("/ingest/events", content=json.dumps(SENT)).status_code == 200
    with server.api() as api:
        eventually(lambda: len(api.get("/api/v1/events").json()["events"]) == len(SENT), seconds=60)
    yield server
    server.stop()


def verified(server: Server) -> tuple[int, dict[str, Any]]:
    """The command's status, and what it says."""
    command = [sys.executable, "-m", "midwatch", "events", "verify", "--json", "--url", server.url, "--token", TOKEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def test_a_chain_that_was_tampered_with_ends_the_command_with_1(stored: Server, other_store: OtherStore) -> None:
    """An event that no link leads to, one that was changed or taken away, another link: each by what does not fit."""
    status, found = verified(stored)
    assert (status, found["intact"], found["events"]) == (0, True, len(SENT))
    events, links = (f"{other_store.database}.{table}" for table in ("domain_events", "event_chain"))
    at_once = "SETTINGS mutations_sync = 1"
    for statement, kind, known in (
        (f"INSERT INTO {events} SELECT * REPLACE ('f' AS EventId) FROM {events} WHERE Position = 6", "added", ""),
        (f"ALTER TABLE {events} UPDATE Metadata = '{{}}' WHERE EventId = 'e5' {at_once}", "changed", "e5"),
        (f"ALTER TABLE {events} DELETE WHERE EventId = 'e4' {at_once}", "missing", "e4"),
        (f"ALTER TABLE {links} UPDATE Digest = repeat('0', 64) WHERE EventId = 'e3' {at_once}", "broken", "e3"),
    ):
        other_store.ask(statement)
        status, found = verified(stored)
        assert (status, found["intact"], found["problem"]["kind"]) == (1, False, kind), found
        assert known in ("", found["problem"]["event_id"])


def test_an_event_that_was_told_is_not_told_otherwise(stored: Server) -> None:
    """The same id with other words, without a key, with one that was revoked: the first stands, and the chain."""
    forged = json.dumps([{"id": "e3", "type": "paid", "metadata": {"amount": 1_000_000}}])
    with stored.api() as api:
        key = api.post("/api/v1/keys", json={"name": "gone"}).json()
        assert api.delete(f"/api/v1/keys/{key['id']}").status_code == 204

        def refused() -> bool:
            with stored.door(key["key"], content_type="application/json") as door:
                return door.post("/ingest/events", content=forged).status_code == 401

        eventually(refused)
        with stored.door(None, content_type="application/json") as door:
            assert door.post("/ingest/events", content=forged).status_code == 401
        with stored.door(content_type="application/json") as door:
            last = json.dumps([{"id": "last", "type": "paid"}])
            assert door.post("/ingest/events", content=forged).status_code == 200
            assert door.post("/ingest/events", content=last).status_code == 200
        eventually(lambda: len(api.get("/api/v1/events").json()["events"]) == len(SENT) + 1, seconds=60)
        assert api.get("/api/v1/events/e3").json()["metadata"] == {"amount": 3}
    assert verified(stored)[0] == 0
