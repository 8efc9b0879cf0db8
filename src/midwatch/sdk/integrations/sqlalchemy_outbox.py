"""`midwatch.outbox` for who declares tables with SQLAlchemy: `domain_events` is one of the app's own metadata."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, registry
from sqlalchemy.types import TypeEngine

from midwatch.contract import events as names
from midwatch.contract.event_table import OBJECTS, SQLITE, TABLE, TEXTS
from midwatch.sdk.event_tables import Row, insert
from midwatch.sdk.events import fields_of
from midwatch.sdk.outbox import row_of

_UNSENT = text("sent_at IS NULL AND refused IS NULL")


class Outbox:
    """The table, and what puts events into it.

    The table is one of `metadata`, so that migrations and `create_all` make it; it is what `midwatch events ddl` makes.
    Unlike the rest of the SDK this raises what the database says: an event that could not be kept must not be committed
    without.
    """

    def __init__(self, metadata: MetaData, *, table: str = TABLE) -> None:
        self.table = Table(table, metadata, *_columns(), *_indexes(table))
        self._row = type("OutboxRow", (), {})
        registry(metadata=metadata).map_imperatively(self._row, self.table)

    def event(
        self,
        session: Any,
        name: str,
        *,
        entity: names.Who = None,
        event_id: str = "",
        **attributes: Any,
    ) -> str:
        """As `midwatch.event`, with the transaction of a Session, AsyncSession or Connection; its id."""
        return self._put(session, row_of(name, fields_of(entity, event_id, attributes), "", {}))

    def transition(self, session: Any, kind: str, entity_id: Any, from_: str, to: str, **attributes: Any) -> str:
        """As `midwatch.transition`, with that transaction. What is rolled back is not counted, and neither is this."""
        fields = fields_of((kind, entity_id), "", {names.STATE_FROM: from_, names.STATE_TO: to, **attributes})
        return self._put(session, row_of(names.TRANSITION, fields, "", {}))

    def _put(self, session: Any, values: Row) -> str:
        if isinstance(session, (Session, Connection)):
            insert(session, values, self.table.name)
        else:
            # An AsyncSession adds without waiting: the row is written when it flushes.
            row: Any = self._row()
            for column, value in values.items():
                setattr(row, column, _typed(column, value))
            session.add(row)
        return str(values["event_id"])


class _Moment(TypeDecorator[datetime]):
    """A time as `ddl` has it: SQLite has none, and keeps the text of ISO 8601."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == SQLITE else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == SQLITE else value


def _columns() -> list[Column[Any]]:
    whole = BigInteger().with_variant(Integer, SQLITE)
    objects = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    return [
        Column("position", whole, primary_key=True, autoincrement=True),
        Column("event_id", Text, nullable=False, unique=True),
        Column("type", Text, nullable=False),
        Column("occurred_at", _Moment, nullable=False),
        *(Column(name, Text) for name in TEXTS if name not in ("event_id", "type")),
        Column("sequence", whole),
        *(Column(name, objects) for name in OBJECTS),
        Column("claimed_until", Double, nullable=False, default=0.0, server_default="0"),
        Column("sent_at", _Moment),
        Column("refused", Text),
    ]


def _indexes(table: str) -> list[Index]:
    return [
        Index(f"{table}_unsent", "position", postgresql_where=_UNSENT, sqlite_where=_UNSENT),
        Index(f"{table}_entity", "entity_type", "entity_id", "position"),
        Index(f"{table}_correlation", "correlation_id"),
    ]


def _typed(column: str, value: str | None) -> Any:
    if value is None:
        return None
    if column in OBJECTS:
        return json.loads(value)
    if column == "sequence":
        return int(value)
    return datetime.fromisoformat(value) if column == "occurred_at" else value
