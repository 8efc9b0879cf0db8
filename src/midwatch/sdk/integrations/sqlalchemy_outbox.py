"""Events in a table of the app's own database: one commits or rolls back with the change that it tells of.

A relay sends what is in the table and then takes it out: each event at least once, and always with the same id.
"""

from dataclasses import dataclass
from time import time
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Integer, LargeBinary, MetaData, String, Table, insert
from sqlalchemy.engine import Connection
from sqlalchemy.orm import registry

from midwatch.contract import events as names
from midwatch.sdk.events import fields_of
from midwatch.sdk.log_lines import LogKeys
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.redaction_signals import in_force as redactors
from midwatch.sdk.setup import in_force
from midwatch.sdk.wire.logs import LogEncoder, LogRecord

TABLE = "midwatch_outbox"


class Outbox:
    """The table, and what puts events into it.

    The table is one of `metadata`, so that migrations and `create_all` make it. Unlike the rest of the SDK this raises
    what the database says: an event that could not be kept must not be committed without.
    """

    def __init__(self, metadata: MetaData, *, table: str = TABLE) -> None:
        self.table = Table(
            table,
            metadata,
            Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
            Column("event_id", String(128), nullable=False),
            Column("name", String(200), nullable=False),
            Column("record", LargeBinary, nullable=False),
            Column("created_at", Float, nullable=False),
            Column("claimed_by", String(36), nullable=False, default="", server_default="", index=True),
            Column("claimed_until", Float, nullable=False, default=0.0, server_default="0"),
            Column("refused", String(300), nullable=False, default="", server_default=""),
        )
        self._row = type("OutboxRow", (), {})
        registry(metadata=metadata).map_imperatively(self._row, self.table)

    def event(
        self,
        session: Any,
        name: str,
        *,
        entity: str | tuple[str, Any] | None = None,
        event_id: str = "",
        level: str = "info",
        **attributes: Any,
    ) -> str:
        """As `midwatch.event`, with the transaction of a Session, AsyncSession or Connection; its id."""
        return self._put(session, name, fields_of(entity, event_id, attributes), level)

    def transition(self, session: Any, kind: str, entity_id: Any, from_: str, to: str, **attributes: Any) -> str:
        """As `midwatch.transition`, with that transaction. What is rolled back is not counted, and neither is this."""
        fields = fields_of((kind, entity_id), "", {names.STATE_FROM: from_, names.STATE_TO: to, **attributes})
        return self._put(session, names.TRANSITION, fields, "info")

    def _put(self, session: Any, name: str, fields: dict[str, Any], level: str) -> str:
        kept = _Kept(str(fields[names.EVENT_ID]), name, _record(name, fields, level), time())
        values = {
            "event_id": kept.event_id[:128],
            "name": kept.name[:200],
            "record": kept.record,
            "created_at": kept.created_at,
        }
        if isinstance(session, Connection):
            session.execute(insert(self.table).values(values))
        else:
            row: Any = self._row()
            for column, value in values.items():
                setattr(row, column, value)
            # An AsyncSession adds without waiting, too: the row is written when it flushes.
            session.add(row)
        return kept.event_id


@dataclass(frozen=True, slots=True)
class _Kept:
    event_id: str
    name: str
    record: bytes
    created_at: float


def _record(name: str, fields: dict[str, Any], level: str) -> bytes:
    """Encoded as it will be sent, with the ids of the work at hand and without what is private."""
    made: list[LogRecord] = []
    running = in_force()
    if running is None:
        pipe = LogPipe(
            service="",
            environment="",
            keys=LogKeys(),
            redactor=redactors().logs,
            write=lambda _: None,
            send=made.append,
        )
    else:
        pipe = running.logs.apart(made.append)
    pipe.emit(level, name, fields, event_name=name)
    return LogEncoder().record(made[0])
