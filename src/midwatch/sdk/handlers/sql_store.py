"""Runs in a table of the team's own database, by an engine of SQLAlchemy."""

import json
import time
from contextlib import suppress
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from midwatch.contract.handlers import State
from midwatch.sdk import forks
from midwatch.sdk.handlers.model import StoredRun

TABLE = "midwatch_handler_runs"
_CLOCKS = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "mysql": "SELECT unix_timestamp(now(6))",
    "mariadb": "SELECT unix_timestamp(now(6))",
}
"""Others, such as SQLite, are on one machine, whose clock is ours."""


def table_of(metadata: MetaData, name: str = TABLE) -> Table:
    """The table, as one of the app's own: migrations and `create_all` make it."""
    return Table(
        name,
        metadata,
        Column("id", String(32), primary_key=True),
        Column("handler", String(200), nullable=False),
        Column("key", String(200), nullable=False),
        Column("state", String(16), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("fence", Integer, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("lease_until", Float(53), nullable=False),
        Column("started_at", Float(53), nullable=False),
        Column("ended_at", Float(53), nullable=False),
        Column("is_known", Boolean, nullable=False),
        Column("told_revision", Integer, nullable=False),
        Column("order_id", String(64), nullable=False),
        Column("queued_order", String(64), nullable=False),
        Column("payload", LargeBinary(1 << 20), nullable=False),
        Column("about", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("look_at", Float(53), nullable=True, index=True),
        Column("forget_at", Float(53), nullable=False, index=True),
    )


class SqlStore:
    def __init__(self, engine: Engine, table: Table | None = None) -> None:
        self._engine = engine
        self.table = table_of(MetaData()) if table is None else table
        self._clock = _CLOCKS.get(engine.dialect.name)
        forks.in_child(self._forked)
        # The first connection is not made by a thread of ours: a child that is forked meanwhile would wait for ever for
        # what SQLAlchemy locks then. Where the database is away, whoever runs a handler is told.
        with suppress(SQLAlchemyError):
            self._engine.connect().close()

    def create(self) -> None:
        """Make the table where there is none."""
        self.table.metadata.create_all(self._engine, tables=[self.table])

    def _forked(self) -> None:
        """Our threads may have opened connections in a parent that by itself had none: they are the parent's."""
        self._engine.dispose(close=False)

    def now(self) -> float:
        with self._engine.connect() as connection:
            return self._time(connection)

    def look(self, run_id: str) -> tuple[float, StoredRun | None]:
        with self._engine.connect() as connection:
            row = connection.execute(select(self.table).where(self.table.c.id == run_id)).first()
            return self._time(connection), None if row is None else _run_of(row)

    def _time(self, connection: Connection) -> float:
        return time.time() if self._clock is None else float(connection.execute(text(self._clock)).scalar_one())

    def put(self, run: StoredRun, revision: int, forget_at: float) -> bool:
        values = {name: getattr(run, name) for name in StoredRun.__slots__}
        values |= {"state": str(run.state), "about": json.dumps(dict(run.about))}
        values |= {"look_at": run.looked_at, "forget_at": forget_at}
        table = self.table
        try:
            with self._engine.begin() as connection:
                if not revision:
                    connection.execute(insert(table).values(values))
                    return True
                ours = (table.c.id == run.id) & (table.c.revision == revision)
                return connection.execute(update(table).where(ours).values(values)).rowcount == 1
        except IntegrityError:
            if revision:
                raise
            return False

    def to_look_at(self, at: float, limit: int) -> list[StoredRun]:
        due = select(self.table).where(self.table.c.look_at <= at).order_by(self.table.c.look_at).limit(limit)
        with self._engine.connect() as connection:
            return [_run_of(row) for row in connection.execute(due)]

    def forget(self, before: float) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(self.table).where(self.table.c.forget_at < before))


def _run_of(row: Any) -> StoredRun:
    fields = {name: getattr(row, name) for name in StoredRun.__slots__}
    about, state = json.loads(row.about), State(row.state)
    return StoredRun(**{**fields, "payload": bytes(row.payload), "about": about, "state": state})
