"""Events that an app tells of: the attributes and names that SDK and server share.

An event is a log record with an event name (OpenTelemetry's logs data model) and an id by which it is told apart.
"""

EVENT_ID = "event.id"
"""A record that comes twice is the same event."""
ENTITY_TYPE, ENTITY_ID = "entity.type", "entity.id"
ENTITY_SEQUENCE = "entity.sequence"
"""The number of the event among those of its entity, where the app counts them."""
ACTOR_TYPE, ACTOR_ID = "actor.type", "actor.id"
"""Who did it: `user`, `admin`, `job` …, and which."""
BEFORE, AFTER = "event.before", "event.after"
"""What changed, as objects."""
STATE_FROM, STATE_TO = "state.from", "state.to"
TRANSITION = "state.transition"
"""The event's name where a state has changed."""

HEARTBEAT = "heartbeat"
HEARTBEAT_NAME, HEARTBEAT_STATUS = "heartbeat.name", "heartbeat.status"
HEARTBEAT_SCHEDULE, HEARTBEAT_TIME_ZONE = "heartbeat.schedule", "heartbeat.time_zone"
HEARTBEAT_EVERY_SECONDS, HEARTBEAT_GRACE_SECONDS = "heartbeat.every_seconds", "heartbeat.grace_seconds"
HEARTBEAT_DURATION_SECONDS = "heartbeat.duration_seconds"
OK, STARTED, FAILED = "ok", "started", "failed"
"""What a heartbeat's status can be."""

COST = "cost"
COST_KIND, COST_UNITS, COST_AMOUNT, COST_CURRENCY = "cost.kind", "cost.units", "cost.amount", "cost.currency"

SIGNS = (HEARTBEAT, COST)
"""Names of what has an id and is no domain event: it has places of its own."""

ALARM_SCHEDULED, ALARM_FIRED, ALARM_MISSED, ALARM_CANCELLED = (
    "alarm.scheduled",
    "alarm.fired",
    "alarm.missed",
    "alarm.cancelled",
)


Who = str | tuple[str, object] | None
"""An entity or an actor: `("linkup", 42)` or `"linkup:42"`."""


def entity_of(entity: Who) -> tuple[str, str]:
    """`("linkup", 42)` and `"linkup:42"` as type and id; a text without a colon is an id alone."""
    if entity is None:
        return "", ""
    if isinstance(entity, tuple):
        return str(entity[0]), str(entity[1])
    kind, colon, known = entity.partition(":")
    return (kind, known) if colon else ("", kind)
