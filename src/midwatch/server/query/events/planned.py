"""What the plan says of entities, and what it has against an event."""

from collections.abc import Iterator, Mapping
from typing import Any

from midwatch.contract.plan.sections.entities import OF_EVENTS, Entities, Entity


class PlannedEntities:
    """Of the plan in force. An effect of the plan puts it."""

    def __init__(self) -> None:
        self.kinds: Entities = {}

    def put(self, entities: Entities) -> None:
        self.kinds = entities

    def remarks(self, event: Mapping[str, Any]) -> list[str]:
        """Of an event as the API has it."""
        kind = event["entity"]["type"] if event["entity"] else ""
        entity = self.kinds.get(kind)
        return [] if entity is None else list(_remarks(entity, event))


def is_legal(entity: Entity | None, before: str, after: str) -> bool:
    """Of a kind that the plan says nothing of everything is."""
    return entity is None or not entity.transitions or entity.legal(before, after)


def _remarks(entity: Entity, event: Mapping[str, Any]) -> Iterator[str]:
    before, after = event["from_state"], event["to_state"]
    for state in (before, after):
        if state and state not in entity.states:
            yield f"{state} is no state of the plan"
    if after and not is_legal(entity, before, after):
        yield f"illegal transition: {before} → {after}" if before else f"illegal beginning: {after}"
    form = entity.events.get(event["type"])
    if form is None:
        return
    metadata = event["metadata"]
    for key in form.required:
        there = event[key] not in (None, "") if key in OF_EVENTS and key not in metadata else key in metadata
        if not there:
            yield f"{key} is missing"
    if form.allowed is not None:
        for key in sorted(metadata.keys() - {*form.allowed, *form.required}):
            yield f"{key} is not among the allowed keys"
