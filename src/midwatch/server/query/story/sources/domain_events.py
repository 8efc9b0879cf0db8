"""Domain events, changes of state among them: log records with an id of their own, so they are read with the others."""

from midwatch.contract import events
from midwatch.server.query.story.sources.shape import first_of

_EXCEPTION = "exception"


def is_event(name: str, facts: dict[str, str]) -> bool:
    """A record of an exception has an id, too, and is no event."""
    return bool(facts.get(events.EVENT_ID)) and name != _EXCEPTION


def detail_of(facts: dict[str, str]) -> str:
    """What it happened to, and from which state to which."""
    entity = ":".join(part for part in (first_of(facts, events.ENTITY_TYPE), first_of(facts, events.ENTITY_ID)) if part)
    state = " → ".join(part for part in (first_of(facts, events.STATE_FROM), first_of(facts, events.STATE_TO)) if part)
    return " ".join(part for part in (entity, state) if part)
