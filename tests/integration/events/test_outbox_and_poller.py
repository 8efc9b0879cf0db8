"""From a team's transaction to the server: by the relay in the app, by the server's own reading, and by both."""

import json
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.otlp_sink import running_sink
from tests.postgresql import new_database

import midwatch
from midwatch.contract.event_table import POSTGRESQL, SQLITE, ddl
from midwatch.sdk.event_relay import EventRelay

pytestmark = pytest.mark.thorough

PLAN = """
event_sources:
  - {name: app, url_file: app-url, every: 1s, overlap: 2s, service: app, environment: test}
  - name: audit
    url_file: app-url
    table: audit.entries
    every: 1s
    overlap: 2s
    entity: invoice
    columns:
      {position: created_at, id: id, type: action, time: created_at, entity_id: invoice, actor_id: who, metadata: load}
  - {name: forbidden, url_file: other-url, table: nobody.knows, every: 1s}
"""
AUDIT = """CREATE SCHEMA audit; CREATE TABLE audit.entries (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), action text,
    created_at timestamptz DEFAULT now(), invoice int, who text, load jsonb)"""


@dataclass
class Place:
    server: Server
    url: str
    dsn: str

    def events(self, **wanted: str) -> list[dict[str, Any]]:
        with self.server.api() as api:
            asked = {"start": "now-1d", "limit": "1000", **wanted}
            found: list[dict[str, Any]] = api.get("/api/v1/events", params=asked).json()["events"]
            return found

    def ids(self, type_: str) -> list[str]:
        return sorted(one["id"] for one in self.events(type=type_))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("events")
    (plan := directory / "plan").mkdir()
    with new_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ddl(POSTGRESQL))
            connection.execute(AUDIT)
        (plan / "midwatch.yml").write_text(PLAN)
        (plan / "app-url").write_text(url + "\n")
        (plan / "other-url").write_text("postgresql://nobody@127.0.0.1:1/nothing")
        options = ("--plan", str(plan), "--private-networks", "127.0.0.0/8")
        server = Server(directory / "data", options=options).start()
        yield Place(server, url, f"http://{KEY}@{urlsplit(server.otlp_http_url).netloc}")
        server.stop()


@pytest.fixture
def telling(place: Place) -> Iterator[Place]:
    midwatch.init(service="worker", environment="test", dsn=place.dsn)
    yield place
    midwatch.shutdown()


def test_committed_events_arrive_once_and_others_never(telling: Place, tmp_path: Path) -> None:
    """Psycopg, SQLAlchemy, SQLite; read by the relay and by the server at once."""
    kind = f"linkup.{uuid.uuid4().hex[:8]}"
    with midwatch.work("c-events"), psycopg.connect(telling.url) as connection:
        first = midwatch.outbox(
            connection, kind, entity="linkup:1", actor="admin:7", state_to="created", region="eu", amount=3
        )
        connection.commit()
        midwatch.outbox(connection, kind, entity="linkup:2")
        connection.rollback()
    engine = create_engine(telling.url.replace("postgresql://", "postgresql+psycopg://"))
    with Session(engine) as session:
        second = midwatch.outbox(session, kind, entity="linkup:1", state_from="created", state_to="locked")
        session.commit()
    file = tmp_path / "app.db"
    with sqlite3.connect(file) as other:
        other.executescript(ddl(SQLITE))
        third = midwatch.outbox(other, kind, entity="linkup:3")
        other.commit()
    assert EventRelay(lambda: sqlite3.connect(file)).deliver() == 1
    delivered = midwatch.relay(engine, interval_seconds=0.05)
    try:
        eventually(lambda: telling.ids(kind) == sorted((first, second, third)))
    finally:
        delivered.stop()
        engine.dispose()
    one = next(one for one in telling.events(type=kind) if one["id"] == first)
    assert one["entity"] == {"type": "linkup", "id": "1"}
    assert one["actor"] == {"type": "admin", "id": "7"}
    assert (one["correlation_id"], one["service"], one["environment"]) == ("c-events", "worker", "test")
    assert one["metadata"] == {"region": "eu", "amount": 3}
    with telling.server.api() as api:
        history = api.get("/api/v1/entities/linkup/1").json()
    assert history["state"] == "locked"
    with psycopg.connect(telling.url) as connection:
        left = connection.execute("SELECT count(*) FROM domain_events WHERE sent_at IS NULL").fetchone()
    assert left == (0,)


def test_lists_and_maps_within_objects_arrive_whole(telling: Place, tmp_path: Path) -> None:
    """By a call, by the relay, and read from the table: the same objects."""
    kind = f"order.{uuid.uuid4().hex[:8]}"
    after = {"lines": [{"sku": "a", "price": {"minor": 5}}], "tags": ["x", ["y"]], "note": '{"not": "json"'}
    metadata = {"request": {"headers": {"accept": ["*/*"]}}, "written": "[1]", "flat": {"a": 1}}
    midwatch.event(kind, entity="order:call", before={"lines": []}, after=after, **metadata)
    with sqlite3.connect(tmp_path / "app.db") as database:
        database.executescript(ddl(SQLITE))
        midwatch.outbox(database, kind, entity="order:relay", before={"lines": []}, after=after, **metadata)
    assert EventRelay(lambda: sqlite3.connect(tmp_path / "app.db")).deliver() == 1
    with psycopg.connect(telling.url) as connection:
        midwatch.outbox(connection, kind, entity="order:table", before={"lines": []}, after=after, **metadata)
    eventually(lambda: len(telling.ids(kind)) == 3)
    for one in telling.events(type=kind):
        told = (one["before"], one["after"], {**one["metadata"], "written": None})
        assert told == ({"lines": []}, after, {**metadata, "written": None}), one["entity"]


def test_events_of_several_services_stay_theirs_in_one_batch(telling: Place, tmp_path: Path) -> None:
    """One relay sends what all services of a database have written."""
    kind = f"linkup.{uuid.uuid4().hex[:8]}"
    with sqlite3.connect(tmp_path / "app.db") as database:
        database.executescript(ddl(SQLITE))
        for service in ("api", "worker", "api"):
            event_id = midwatch.outbox(database, kind)
            database.execute("UPDATE domain_events SET service = ? WHERE event_id = ?", (service, event_id))
    assert EventRelay(lambda: sqlite3.connect(tmp_path / "app.db")).deliver() == 3
    eventually(lambda: len(telling.ids(kind)) == 3)
    assert sorted(one["service"] for one in telling.events(type=kind)) == ["api", "api", "worker"]


async def test_async_connections_write_too(telling: Place) -> None:
    kind = f"async.{uuid.uuid4().hex[:8]}"
    async with await psycopg.AsyncConnection.connect(telling.url) as connection:
        first = await midwatch.outbox_async(connection, kind)
        await connection.commit()
    engine = create_async_engine(telling.url.replace("postgresql://", "postgresql+psycopg://"))
    async with AsyncSession(engine) as session:
        second = await midwatch.outbox_async(session, kind)
        await session.commit()
    async with engine.connect() as one:
        await midwatch.outbox_async(one, kind)
        await one.rollback()
    await engine.dispose()
    eventually(lambda: telling.ids(kind) == sorted((first, second)))


def test_a_transaction_that_ends_late_is_seen(place: Place) -> None:
    """Its events have lower positions than others that were read before; of times as positions, too."""
    kind = f"late.{uuid.uuid4().hex[:8]}"
    with psycopg.connect(place.url) as slow, psycopg.connect(place.url) as quick:
        late = midwatch.outbox(slow, kind)
        slow.execute("INSERT INTO audit.entries (action, invoice, who) VALUES (%s, 5, 'ann')", (kind,))
        soon = midwatch.outbox(quick, kind)
        quick.execute("INSERT INTO audit.entries (action, invoice, load) VALUES (%s, 6, '{\"n\": 1}')", (kind,))
        quick.commit()
        eventually(lambda: len(place.ids(kind)) == 2)
        # Longer than the overlap: only the snapshot knows that this transaction has not ended.
        seen: set[str] = set()
        eventually(lambda: seen.add(_read_at(place)) or len(seen) > 5)  # type: ignore[func-returns-value]
        slow.commit()
    eventually(lambda: len(place.ids(kind)) == 4, seconds=40)
    assert {late, soon} < set(place.ids(kind))
    of_audit = [one for one in place.events(type=kind) if one["entity"]]
    assert sorted(one["entity"]["id"] for one in of_audit) == ["5", "6"]
    assert {one["entity"]["type"] for one in of_audit} == {"invoice"}


def _read_at(place: Place) -> str:
    with place.server.api() as api:
        sources = {one["name"]: one for one in api.get("/api/v1/events/sources").json()["sources"]}
    return str(sources["app"]["read_at"])


def test_a_source_that_cannot_be_read_says_why(place: Place) -> None:
    """And holds up no other."""
    with place.server.api() as api:

        def failing() -> dict[str, Any] | None:
            found = {one["name"]: one for one in api.get("/api/v1/events/sources").json()["sources"]}
            return found["forbidden"] if found["forbidden"]["state"] == "failing" else None

        assert "PostgreSQL" in eventually(failing)["error"]


KILLED = """
import os, signal, sys, psycopg, midwatch
from midwatch.sdk import event_relay
midwatch.init(service="worker", environment="test", dsn=sys.argv[2])
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
event_relay._Database.settle = die
event_relay.EventRelay(lambda: psycopg.connect(sys.argv[1])).deliver()
"""


def test_a_relay_that_is_killed_between_send_and_mark_doubles_nothing(telling: Place) -> None:
    """It was sent, and is sent again by the next, when the claim of the dead is over."""
    kind = f"killed.{uuid.uuid4().hex[:8]}"
    with new_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute(ddl(POSTGRESQL))
            known = sorted(midwatch.outbox(connection, kind, number=number) for number in range(5))
        done = subprocess.run([sys.executable, "-c", KILLED, url, telling.dsn], timeout=60, check=False)
        assert done.returncode == -signal.SIGKILL
        eventually(lambda: telling.ids(kind) == known)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE domain_events SET claimed_until = 0")
        assert EventRelay(lambda: psycopg.connect(url)).deliver() == 5
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE domain_events SET sent_at = NULL")
        midwatch.event(kind, event_id=known[0])
        assert midwatch.flush()
    with telling.server.api() as api:
        more = f"{kind}.after"
        midwatch.event(more)
        assert midwatch.flush()
        eventually(lambda: telling.ids(more))
        assert telling.ids(kind) == known
        verdict = api.get("/api/v1/events/verify").json()
    assert (verdict["intact"], verdict["next"]) == (True, None)


def test_one_that_is_refused_holds_up_no_other() -> None:
    """It is found among the others and set aside in the table, with what the server said."""
    with running_sink() as sink, new_database() as url:
        midwatch.init(service="worker", dsn=sink.dsn)
        try:
            with psycopg.connect(url) as connection:
                connection.execute(ddl(POSTGRESQL))
                known = [midwatch.outbox(connection, "paid", number=number) for number in range(20)]
            bad = known[7].encode()
            sink.check = lambda body: 400 if bad in body else 200
            assert EventRelay(lambda: psycopg.connect(url)).deliver() == 19
            with psycopg.connect(url) as connection:
                rows = connection.execute(
                    "SELECT event_id, refused FROM domain_events WHERE refused IS NOT NULL"
                ).fetchall()
            sent = [about["event.id"] for _, about in sink.events("paid")]
        finally:
            midwatch.shutdown()
    assert [row[0] for row in rows] == [known[7]]
    assert rows[0][1].startswith("400")
    assert sorted(sent) == sorted({*known} - {known[7]})


@pytest.mark.faults
def test_what_the_server_was_told_survives_its_death(place: Place) -> None:
    """kill -9 between the doors and the chain, at named moments and without: every event once, the chain intact."""
    kind = f"survives.{uuid.uuid4().hex[:8]}"
    sent = []
    for turn, fault in enumerate(("events_after_links", "events_after_rows", "")):
        place.server.stop()
        place.server.environment = {"MIDWATCH_FAULT": fault} if fault else {}
        place.server.start()
        with place.server.door(content_type="application/json") as door:
            events = [{"id": f"{kind}-{turn}-{number}", "type": kind} for number in range(20)]
            assert door.post("/ingest/events", content=json.dumps(events)).status_code == 200
            sent += [one["id"] for one in events]
        assert place.server.process is not None
        if fault:
            process = place.server.process
            eventually(lambda process=process: process.poll() is not None)  # type: ignore[misc]
    eventually(lambda: place.ids(kind) == sorted(sent), seconds=60)
    with place.server.api() as api:
        assert api.get("/api/v1/events/verify").json()["intact"]
