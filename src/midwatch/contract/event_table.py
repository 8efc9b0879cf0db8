"""The table `domain_events` in a team's own database: the SDK writes it, relays and the server read it."""

TABLE = "domain_events"
TEXTS = (
    *("event_id", "type", "entity_type", "entity_id", "actor_type", "actor_id", "state_from", "state_to"),
    *("correlation_id", "trace_id", "span_id", "service", "environment"),
)
"""Columns that are text."""
OBJECTS = ("before", "after", "metadata")
"""Columns that are JSON objects."""
COLUMNS = (*TEXTS, "sequence", "occurred_at", *OBJECTS)
"""What an event is."""
POSTGRESQL, SQLITE = "postgresql", "sqlite"
DIALECTS = (POSTGRESQL, SQLITE)
_KEY = {
    POSTGRESQL: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    SQLITE: "integer PRIMARY KEY AUTOINCREMENT",
}
_TIME = {POSTGRESQL: ("timestamptz", "now()"), SQLITE: ("text", "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))")}
_JSON = {POSTGRESQL: "jsonb", SQLITE: "text"}
_WHOLE = {POSTGRESQL: "bigint", SQLITE: "integer"}
_REAL = {POSTGRESQL: "double precision", SQLITE: "real"}


def ddl(dialect: str) -> str:
    """The statements that make the table, for `postgresql` or `sqlite`; running them again changes nothing."""
    time, now = _TIME[dialect]
    json = _JSON[dialect]
    return f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    position {_KEY[dialect]},
    event_id text NOT NULL UNIQUE,
    type text NOT NULL,
    occurred_at {time} NOT NULL DEFAULT {now},
    entity_type text,
    entity_id text,
    sequence {_WHOLE[dialect]},
    actor_type text,
    actor_id text,
    state_from text,
    state_to text,
    before {json},
    after {json},
    metadata {json},
    correlation_id text,
    trace_id text,
    span_id text,
    service text,
    environment text,
    claimed_until {_REAL[dialect]} NOT NULL DEFAULT 0,
    sent_at {time},
    refused text
);
CREATE INDEX IF NOT EXISTS {TABLE}_unsent ON {TABLE} (position) WHERE sent_at IS NULL AND refused IS NULL;
CREATE INDEX IF NOT EXISTS {TABLE}_entity ON {TABLE} (entity_type, entity_id, position);
CREATE INDEX IF NOT EXISTS {TABLE}_correlation ON {TABLE} (correlation_id);
"""
