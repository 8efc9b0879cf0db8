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
    entity: str | tuple[str, Any] | None = None,
    event_id: str = "",
    level: str = "info",
    **attributes: Any,
) -> str:
    """Something happened, such as `linkup.locked`; returns its id, empty before `init`.

    Args:
        name: What happened; few names, such as a dashboard lists.
        entity: What it happened to: `("linkup", 42)` or `"linkup:42"`.
        event_id: An id of the app's own, by which a repetition is the same event.
        level: Of the line.
        attributes: Whatever belongs to it.
    """
    with guard:
        return tell(name, fields_of(entity, event_id, attributes), level=level)
    return ""


def transition(kind: str, entity_id: Any, from_: str, to: str, **attributes: Any) -> str:
    """An entity has gone from one state to another; returns the event's id, empty before `init`."""
    with guard:
        _TRANSITIONS.labels(**{"entity": kind, "from": from_, "to": to}).inc()
    with guard:
        fields = fields_of((kind, entity_id), "", {names.STATE_FROM: from_, names.STATE_TO: to, **attributes})
        return tell(names.TRANSITION, fields)
    return ""


def fields_of(entity: str | tuple[str, Any] | None, event_id: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
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
