"""Domain events in the team's own database: written in the transaction of the change that they tell of.

The table is `domain_events` (`midwatch events ddl`). A relay in an app (`event_relay.py`), or the server's
`event_sources`, brings on what was committed. Unlike the rest of the SDK this raises what the database says: an event
that could not be kept must not be committed without.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from midwatch.contract import events as names
from midwatch.contract.event_table import COLUMNS, OBJECTS
from midwatch.sdk.event_tables import insert, insert_async
from midwatch.sdk.events import about, fields_of
from midwatch.sdk.log_lines import LogKeys
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.redaction_signals import in_force as redactors
from midwatch.sdk.setup import in_force
from midwatch.sdk.wire.logs import LogRecord

OF_COLUMNS = {
    "event_id": names.EVENT_ID,
    "entity_type": names.ENTITY_TYPE,
    "entity_id": names.ENTITY_ID,
    "sequence": names.ENTITY_SEQUENCE,
    "actor_type": names.ACTOR_TYPE,
    "actor_id": names.ACTOR_ID,
    "state_from": names.STATE_FROM,
    "state_to": names.STATE_TO,
    "before": names.BEFORE,
    "after": names.AFTER,
}
"""Columns, and the attributes that they are of."""


def outbox(
    connection: Any,
    type: str,
    *,
    entity: names.Who = None,
    actor: names.Who = None,
    state_from: str = "",
    state_to: str = "",
    sequence: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    event_id: str = "",
    **metadata: Any,
) -> str:
    """Write an event into the team's table `domain_events`, in the transaction at hand; its id.

    Args:
        connection: Whose transaction: a Session or Connection of SQLAlchemy, Django's `connection`, a connection or
            cursor of psycopg, psycopg2 or sqlite3.
        type: What happened; few names, such as `linkup.locked`.
        entity: What it happened to: `("linkup", 42)` or `"linkup:42"`.
        actor: Who did it: `("admin", 7)` or `"admin:7"`.
        state_from: The state that the entity was in; empty for a new one.
        state_to: The one that it is in now.
        sequence: The number of the event among those of the entity, where the app counts them.
        before: What changed, as it was.
        after: As it is now.
        event_id: An id of the app's own, by which a repetition is the same event.
        metadata: Whatever belongs to it.

    Raises:
        TypeError: the connection is of no known kind.
        Exception: what the database says.
    """
    row = row_of(type, about(entity, actor, state_from, state_to, sequence, before, after), event_id, metadata)
    insert(connection, row)
    return str(row["event_id"])


async def outbox_async(
    connection: Any,
    type: str,
    *,
    entity: names.Who = None,
    actor: names.Who = None,
    state_from: str = "",
    state_to: str = "",
    sequence: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    event_id: str = "",
    **metadata: Any,
) -> str:
    """As `outbox`, with an AsyncSession or AsyncConnection of SQLAlchemy, of psycopg, or a connection of asyncpg."""
    row = row_of(type, about(entity, actor, state_from, state_to, sequence, before, after), event_id, metadata)
    await insert_async(connection, row)
    return str(row["event_id"])


def row_of(type: str, fields: Mapping[str, Any], event_id: str, metadata: Mapping[str, Any]) -> dict[str, str | None]:
    """Texts by column, without what is private, and with the ids of the work at hand."""
    record, keys, service, environment = _told(type, {**fields_of(None, event_id, metadata), **fields})
    attributes = dict(record.attributes)
    found: dict[str, Any] = {column: attributes.pop(name, None) for column, name in OF_COLUMNS.items()}
    found |= {
        "type": record.event_name,
        "correlation_id": attributes.pop(keys.correlation_id, None),
        "trace_id": f"{record.trace_id:032x}" if record.trace_id else None,
        "span_id": f"{record.span_id:016x}" if record.span_id else None,
        "service": service or None,
        "environment": environment or None,
        "occurred_at": datetime.fromtimestamp(record.time_unix_nano / 1e9, UTC).isoformat(),
        "metadata": attributes,
    }
    return {column: _text(column, found[column]) for column in COLUMNS}


def _text(column: str, value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value, default=str) if column in OBJECTS else str(value)


def _told(type: str, fields: dict[str, Any]) -> tuple[LogRecord, LogKeys, str, str]:
    """The record that `midwatch.event` would send, the names of its keys, and whose it is."""
    made: list[LogRecord] = []
    running = in_force()
    if running is None:
        keys, service, environment = LogKeys(), "", ""
        redactor = redactors().logs
        pipe = LogPipe(service="", environment="", keys=keys, redactor=redactor, write=lambda _: None, send=made.append)
    else:
        pipe = running.logs.apart(made.append)
        keys, service, environment = pipe.keys, running.options.service, running.options.environment
    pipe.emit("info", type, fields, event_name=type)
    return made[0], keys, service, environment
