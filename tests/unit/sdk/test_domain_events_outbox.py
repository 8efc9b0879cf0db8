"""`midwatch.outbox`: rows of the team's own table, in the team's own transaction."""

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import midwatch
from midwatch.contract.event_table import COLUMNS, SQLITE, ddl
from midwatch.sdk.event_relay import EventRelay


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(ddl(SQLITE))
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def rows(database: sqlite3.Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in database.execute("SELECT * FROM domain_events ORDER BY position")]


def test_a_row_says_all_of_an_event_and_nothing_private(database: sqlite3.Connection) -> None:
    """Columns for what an event is, metadata for the rest; the ids of the work at hand; hashes and masks as in logs."""
    with midwatch.work("c-7"):
        known = midwatch.outbox(
            database,
            "linkup.locked",
            entity=("linkup", 42),
            actor="admin:7",
            state_from="broadcasting",
            state_to="locked",
            sequence=3,
            before={"members": 3, "token": "x"},
            after={"members": 4},
            region="eu",
            password="secret",
        )
    (row,) = rows(database)
    assert row["event_id"] == known
    assert (row["type"], row["entity_type"], row["entity_id"]) == ("linkup.locked", "linkup", "42")
    assert (row["actor_type"], row["actor_id"], row["sequence"]) == ("admin", "7", 3)
    assert (row["state_from"], row["state_to"], row["correlation_id"]) == ("broadcasting", "locked", "c-7")
    assert json.loads(row["before"]) == {"members": 3, "token": "[removed]"}
    assert json.loads(row["after"]) == {"members": 4}
    assert json.loads(row["metadata"]) == {"region": "eu", "password": "[removed]"}
    assert row["sent_at"] is None


def test_it_shares_the_fate_of_the_transaction(database: sqlite3.Connection) -> None:
    """What is rolled back is gone; the same id twice is one row and no error."""
    midwatch.outbox(database, "paid", event_id="evt_1")
    database.commit()
    midwatch.outbox(database, "refunded")
    database.rollback()
    midwatch.outbox(database, "paid", event_id="evt_1", again=True)
    database.commit()
    assert [(row["type"], row["event_id"], row["metadata"]) for row in rows(database)] == [("paid", "evt_1", "{}")]


def test_sqlalchemy_takes_it_along() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for statement in ddl(SQLITE).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    with Session(engine) as session:
        midwatch.outbox(session, "kept")
        session.commit()
        midwatch.outbox(session, "gone")
        session.rollback()
    with engine.begin() as connection:
        midwatch.outbox(connection, "kept too")
        found = connection.exec_driver_sql("SELECT type FROM domain_events ORDER BY position").scalars().all()
    assert found == ["kept", "kept too"]


class FakeAsyncpg:
    """Has what is used of asyncpg's connections."""

    __module__ = "asyncpg.connection"

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    async def execute(self, statement: str, *values: Any) -> None:
        self.asked.append((statement, values))


async def test_asyncpg_gets_numbered_texts() -> None:
    """One placeholder a column, each cast by the database: no encoder of its own is needed for JSON."""
    connection = FakeAsyncpg()
    known = await midwatch.outbox_async(connection, "paid", sequence=2)
    ((statement, values),) = connection.asked
    assert re.findall(r"\$(\d+)", statement) == [str(place) for place in range(1, len(COLUMNS) + 1)]
    assert values[0] == known
    assert values[COLUMNS.index("sequence")] == "2"


async def test_what_is_no_connection_is_said(database: sqlite3.Connection) -> None:
    with pytest.raises(TypeError, match=r"builtins\.object: expected a Session"):
        midwatch.outbox(object(), "paid")
    with pytest.raises(TypeError, match=r"midwatch\.outbox takes"):
        await midwatch.outbox_async(database, "paid")


def test_without_a_table_the_database_is_heard() -> None:
    """An event that cannot be kept must not be committed without: nothing is swallowed here."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        midwatch.outbox(sqlite3.connect(":memory:"), "paid")


def test_a_relay_before_init_sends_nothing(database: sqlite3.Connection) -> None:
    midwatch.outbox(database, "paid")
    assert EventRelay(lambda: database).deliver() == 0
    assert rows(database)[0]["claimed_until"] == 0
