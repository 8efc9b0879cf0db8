"""Events in the app's own database (PostgreSQL, SQLite): they commit or roll back with the change, none is lost."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

import midwatch
from midwatch.sdk import event_relay
from midwatch.sdk.integrations.sqlalchemy_outbox import Outbox
from midwatch.sdk.integrations.sqlalchemy_relay import Relay
from tests.eventually import eventually
from tests.otlp_sink import OtlpSink
from tests.postgresql import new_database

METADATA = MetaData()
LINKUPS = Table("linkups", METADATA, Column("id", Integer, primary_key=True), Column("state", String(20)))
OUTBOX = Outbox(METADATA)


@pytest.fixture(params=["postgresql", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path}/app.db")
        METADATA.create_all(engine)
        yield engine
        engine.dispose()
        return
    with new_database() as url:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        METADATA.create_all(engine)
        yield engine
        engine.dispose()


def ids(sink: OtlpSink, name: str = "linkup.locked") -> list[str]:
    return [about["event.id"] for _, about in sink.events(name)]


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return len(connection.execute(select(OUTBOX.table.c.position)).all())


def test_an_event_shares_the_fate_of_its_change(sent: OtlpSink, database: Engine) -> None:
    """What is committed is sent, with the ids of its work and without what is private; what is rolled back is not."""
    with midwatch.work("c-1"), Session(database) as session:
        session.execute(insert(LINKUPS).values(id=1, state="locked"))
        known = OUTBOX.event(session, "linkup.locked", entity=("linkup", 1), password="x", mail="a@example.com")
        session.commit()
        session.execute(insert(LINKUPS).values(id=2, state="locked"))
        OUTBOX.event(session, "linkup.locked", entity=("linkup", 2))
        session.rollback()
    with database.begin() as connection:
        OUTBOX.transition(connection, "linkup", 1, "locked", "done")
    assert waiting(database) == 2
    assert Relay(OUTBOX, database).deliver() == 2
    assert waiting(database) == 0
    ((_, about),) = sent.events("linkup.locked")
    assert (about["event.id"], about["entity.id"], about["correlation_id"]) == (known, "1", "c-1")
    assert (about["password"], about["mail"]) == ("[removed]", "[email]")
    ((_, about),) = sent.events("state.transition")
    assert (about["state.from"], about["state.to"]) == ("locked", "done")


async def test_an_async_session_tells_too(sent: OtlpSink) -> None:
    with new_database() as url:
        engine = create_async_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        async with AsyncSession(engine) as session:
            known = OUTBOX.event(session, "linkup.locked")
            await session.commit()
        relay_engine = create_engine(engine.url)
        assert Relay(OUTBOX, relay_engine).deliver() == 1
        assert ids(sent) == [known]
        relay_engine.dispose()
        await engine.dispose()


def tell(database: Engine, count: int) -> list[str]:
    with Session(database) as session:
        known = [OUTBOX.event(session, "linkup.locked", number=number) for number in range(count)]
        session.commit()
    return known


def test_none_is_lost_while_the_server_is_away(sent: OtlpSink, database: Engine) -> None:
    """It refuses for its own reasons, then comes back: all are sent, each with its id."""
    known = tell(database, 3)
    relay = Relay(OUTBOX, database, interval_seconds=0.02)
    for status in (503, 401, 404):
        sent.status = status
        assert relay.deliver() == 0
        assert waiting(database) == 3
    relay.start()
    sent.status = 200
    eventually(lambda: waiting(database) == 0)
    relay.stop()
    assert ids(sent) == known


def test_one_that_is_refused_holds_up_no_other(sent: OtlpSink, database: Engine) -> None:
    """It is found among the others and set aside in the table, with what the server said."""
    known = tell(database, 40)
    bad = known[17]
    sent.check = lambda body: 400 if bad.encode() in body else 200
    assert Relay(OUTBOX, database).deliver() == 39
    assert sorted(ids(sent)) == sorted(set(known) - {bad})
    with database.connect() as connection:
        (left,) = connection.execute(select(OUTBOX.table)).all()
    assert left.event_id == bad
    assert left.refused.startswith("400")
    assert Relay(OUTBOX, database).deliver() == 0


def test_relays_share_the_work(sent: OtlpSink) -> None:
    """Six at once over one table of PostgreSQL: each event once, none twice."""
    with new_database() as url:
        database = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=12)
        METADATA.create_all(database)
        known = tell(database, 3000)
        relays = [Relay(OUTBOX, database) for _ in range(6)]

        def work(relay: Relay) -> None:
            while waiting(database):
                relay.deliver()

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(work, relays))
        database.dispose()
    assert sorted(ids(sent)) == sorted(known)


PROGRAM = """
import os, signal, sys, midwatch
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import Session
from midwatch.sdk.integrations.sqlalchemy_outbox import Outbox
metadata = MetaData()
outbox = Outbox(metadata)
engine = create_engine(sys.argv[1])
metadata.create_all(engine)
midwatch.init(service="worker", dsn=sys.argv[2])
with Session(engine) as session:
    print(outbox.event(session, "linkup.locked"), flush=True)
    session.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_committed_outlives_its_process(sent: OtlpSink, tmp_path: Path) -> None:
    """Killed right after the commit; another process sends it."""
    url = f"sqlite:///{tmp_path}/app.db"
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, sent.dsn], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    database = create_engine(url)
    assert Relay(OUTBOX, database).deliver() == 1
    database.dispose()
    assert ids(sent) == [ended.stdout.strip()]


def test_a_relay_that_died_gives_its_events_back(
    sent: OtlpSink, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claimed and never settled: taken over when the claim is over, and not before."""
    known = tell(database, 2)
    monkeypatch.setattr("midwatch.sdk.event_relay.CLAIM_SECONDS", 0.5)
    monkeypatch.setattr(event_relay._Database, "settle", lambda *_: None)
    monkeypatch.setattr(sent, "status", 503)
    assert Relay(OUTBOX, database).deliver() == 0
    monkeypatch.undo()
    assert Relay(OUTBOX, database).deliver() == 0, "claimed by the dead"
    relay = Relay(OUTBOX, database)
    eventually(lambda: relay.deliver() == 2)
    assert ids(sent) == known
