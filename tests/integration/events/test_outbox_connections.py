"""`midwatch.outbox` in a transaction of each driver of PostgreSQL: gone with a roll-back, and on the server once."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator

import asyncpg
import psycopg
import psycopg2
import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.integration.events.test_outbox_and_poller import Place
from tests.postgresql import new_database

import midwatch
from midwatch.contract.event_table import POSTGRESQL, ddl
from midwatch.sdk.event_relay import EventRelay

pytestmark = pytest.mark.thorough

CHANGE = "INSERT INTO linkups (state) VALUES ('locked')"
AFTER = {"members": 4, "name": "L'Été"}


@pytest.fixture
def place(server: Server) -> Iterator[Place]:
    """A database of a team's with the table, whose events this process tells."""
    with new_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ddl(POSTGRESQL))
            connection.execute("CREATE TABLE linkups (state text)")
        dsn = f"http://{KEY}@{server.otlp_http_url.removeprefix('http://')}"
        midwatch.init(service="worker", environment="test", dsn=dsn)
        yield Place(server, url, dsn)
        midwatch.shutdown()


@pytest.fixture
def kind() -> str:
    return f"linkup.{uuid.uuid4().hex[:8]}"


def arrived(place: Place, kind: str, known: list[str]) -> None:
    """Those alone, once each, with their change; a second relay finds nothing left to send."""
    with psycopg.connect(place.url) as connection:
        rows = [row[0] for row in connection.execute("SELECT event_id FROM domain_events ORDER BY position")]
        changes = connection.execute("SELECT count(*) FROM linkups").fetchone()
    assert rows == known
    assert changes == (len(known),)
    relay = EventRelay(lambda: psycopg.connect(place.url))
    assert (relay.deliver(), relay.deliver()) == (len(known), 0)
    eventually(lambda: place.ids(kind) == sorted(known))
    for one in place.events(type=kind):
        assert (one["entity"], one["sequence"]) == ({"type": "linkup", "id": "7"}, 3)
        assert (one["after"], one["metadata"]) == (AFTER, {"note": "it's 100%"})


FIELDS = {"entity": "linkup:7", "sequence": 3, "after": AFTER, "note": "it's 100%"}


async def test_asyncpg(place: Place, kind: str) -> None:
    connection = await asyncpg.connect(place.url)
    rolled_back = connection.transaction()
    await rolled_back.start()
    await connection.execute(CHANGE)
    await midwatch.outbox_async(connection, kind, **FIELDS)
    await rolled_back.rollback()
    async with connection.transaction():
        await connection.execute(CHANGE)
        known = await midwatch.outbox_async(connection, kind, **FIELDS)
        assert await midwatch.outbox_async(connection, kind, event_id=known) == known
    await connection.close()
    arrived(place, kind, [known])


async def test_a_connection_of_a_pool_of_asyncpg(place: Place, kind: str) -> None:
    """What a pool lends is no connection by its class, and behaves as one."""
    made = asyncpg.create_pool(place.url, min_size=1, max_size=1)
    async with made as pool, pool.acquire() as connection, connection.transaction():
        await connection.execute(CHANGE)
        known = await midwatch.outbox_async(connection, kind, **FIELDS)
    arrived(place, kind, [known])


async def test_sqlalchemy_over_asyncpg(place: Place, kind: str) -> None:
    engine = create_async_engine(place.url.replace("postgresql://", "postgresql+asyncpg://"))
    async with AsyncSession(engine) as session:
        await (await session.connection()).exec_driver_sql(CHANGE)
        known = await midwatch.outbox_async(session, kind, **FIELDS)
        await session.commit()
        await midwatch.outbox_async(session, kind, **FIELDS)
        await session.rollback()
    await engine.dispose()
    arrived(place, kind, [known])


def test_psycopg2(place: Place, kind: str) -> None:
    """By the connection, and by a cursor of it."""
    connection = psycopg2.connect(place.url)
    with connection.cursor() as cursor:
        cursor.execute(CHANGE)
        midwatch.outbox(connection, kind, **FIELDS)
        connection.rollback()
        cursor.execute(CHANGE)
        first = midwatch.outbox(connection, kind, **FIELDS)
        cursor.execute(CHANGE)
        second = midwatch.outbox(cursor, kind, **FIELDS)
        connection.commit()
    connection.close()
    arrived(place, kind, [first, second])


def test_a_relay_over_psycopg2(place: Place, kind: str) -> None:
    """By its connections, and by an engine on it."""
    with psycopg.connect(place.url) as connection:
        known = sorted(midwatch.outbox(connection, kind, **FIELDS) for _ in range(3))
    assert EventRelay(lambda: psycopg2.connect(place.url)).deliver() == 3
    with psycopg.connect(place.url) as connection:
        more = midwatch.outbox(connection, kind, **FIELDS)
    engine = create_engine(place.url.replace("postgresql://", "postgresql+psycopg2://"))
    assert EventRelay(engine, keep_sent=False).deliver() == 1
    engine.dispose()
    eventually(lambda: place.ids(kind) == sorted([*known, more]))
    with psycopg.connect(place.url) as connection:
        left = connection.execute("SELECT count(*), count(sent_at) FROM domain_events").fetchone()
    assert left == (3, 3)


DJANGO = """
import json, sys
from urllib.parse import urlsplit
import django
from django.conf import settings
import midwatch
url, kind, fields = urlsplit(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
settings.configure(DATABASES={"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username or "",
    "HOST": url.hostname, "PORT": url.port or 5432}})
django.setup()
from django.db import connection, transaction
midwatch.init(service="worker", environment="test")
def change():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO linkups (state) VALUES ('locked')")
    return midwatch.outbox(connection, kind, **fields)
try:
    with transaction.atomic():
        change()
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
with transaction.atomic():
    print(change())
    try:
        with transaction.atomic():
            change()
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
"""


def test_django(place: Place, kind: str) -> None:
    """In `transaction.atomic`, also one within another that is rolled back alone."""
    told = [sys.executable, "-c", DJANGO, place.url, kind, json.dumps(FIELDS)]
    done = subprocess.run(told, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    arrived(place, kind, [done.stdout.split()[-1]])
