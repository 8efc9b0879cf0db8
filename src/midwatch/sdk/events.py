"""Domain events and changes of state: lines with a name and an id of their own."""

from collections.abc import Mapping
from typing import Any

from midwatch.contract import events as names
from midwatch.sdk.context import new_id
from midwatch.sdk.guard import Guard
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import METRICS, in_force

guard = Guard("events", PROBLEMS)
_TRANSITIONS = METRICS.counter("state_transitions_total", "Changes of state", ("entity", "from", "to"))


def event(
    name: str,
    *,
    entity: names.Who = None,
    actor: names.Who = None,
    sequence: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    event_id: str = "",
    level: str = "info",
    **attributes: Any,
) -> str:
    """Something happened, such as `linkup.locked`; returns its id, empty before `init`.

    Args:
        name: What happened; few names, such as a dashboard lists.
        entity: What it happened to: `("linkup", 42)` or `"linkup:42"`.
        actor: Who did it: `("admin", 7)` or `"admin:7"`.
        sequence: The number of the event among those of its entity, where the app counts them.
        before: What changed, as it was.
        after: As it is now.
        event_id: An id of the app's own, by which a repetition is the same event.
        level: Of the line.
        attributes: Whatever belongs to it.
    """
    with guard:
        fields = about(entity, actor, "", "", sequence, before, after)
        return tell(name, {**fields_of(None, event_id, attributes), **fields}, level=level)
    return ""


def transition(kind: str, entity_id: Any, from_: str, to: str, *, actor: names.Who = None, **attributes: Any) -> str:
    """An entity has gone from one state to another; returns the event's id, empty before `init`."""
    with guard:
        _TRANSITIONS.labels(**{"entity": kind, "from": from_, "to": to}).inc()
    with guard:
        fields = about((kind, entity_id), actor, from_, to)
        return tell(names.TRANSITION, {**fields_of(None, "", attributes), **fields})
    return ""


def about(
    entity: names.Who,
    actor: names.Who,
    state_from: str,
    state_to: str,
    sequence: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What an event says of its entity and of who did it, under the names that it is sent with; no nothing."""
    entity_type, entity_id = names.entity_of(entity)
    actor_type, actor_id = names.entity_of(actor)
    found = {
        names.ENTITY_TYPE: entity_type,
        names.ENTITY_ID: entity_id,
        names.ENTITY_SEQUENCE: sequence,
        names.ACTOR_TYPE: actor_type,
        names.ACTOR_ID: actor_id,
        names.STATE_FROM: state_from,
        names.STATE_TO: state_to,
        names.BEFORE: before,
        names.AFTER: after,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def fields_of(entity: names.Who, event_id: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What an event carries, with an id where it has none."""
    fields: dict[str, Any] = {**attributes, names.EVENT_ID: event_id or new_id()}
    kind, known = names.entity_of(entity)
    if kind:
        fields[names.ENTITY_TYPE] = kind
    if known:
        fields[names.ENTITY_ID] = known
    return fields


def tell(name: str, fields: Mapping[str, Any], *, level: str = "info", as_line: bool = True) -> str:
    """As a line and a record with that name, or a record alone; the id, empty where nothing is in force."""
    running = in_force()
    if running is None:
        return ""
    with guard:
        pipe = running.logs if as_line else running.logs.apart()
        pipe.emit(level, name, fields, event_name=name)
    return str(fields[names.EVENT_ID])
