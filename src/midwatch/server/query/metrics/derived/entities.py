"""Transitions that the plan's `entities` does not have, as a counter."""

from collections.abc import Iterator

from midwatch.contract.plan.sections.entities import Entities
from midwatch.server.query.metrics.derived.metric import Derived
from midwatch.server.query.search.language import bind

SERIES_MAX = 10_000


def of_entities(entities: Entities) -> tuple[Derived, ...]:
    judged = {kind: entity for kind, entity in entities.items() if entity.transitions}
    if not judged:
        return ()
    params: dict[str, str | float | int] = {}

    def legal() -> Iterator[tuple[str, str, str]]:
        for kind, entity in judged.items():
            for before in ("", *entity.states):
                yield from ((kind, before, after) for after in entity.states if entity.legal(before, after))

    texts: dict[str, str] = {}

    def bound(text: str) -> str:
        """Each text as one parameter, however often it is named."""
        return texts.setdefault(text, bind(params, text)) if text not in texts else texts[text]

    kinds = ", ".join(bound(kind) for kind in judged)
    triples = ", ".join(f"({', '.join(map(bound, one))})" for one in legal())
    where = f"""EntityType IN ({kinds}) AND StateTo != ''
        AND (toString(EntityType), toString(StateFrom), toString(StateTo)) NOT IN ({triples})"""
    return (
        Derived(
            "illegal_transitions_total",
            "counter",
            "Transitions of entities that the plan does not have, by kind and states",
            "domain_events",
            (
                *(("job", "ServiceName"), ("env", "Environment"), ("entity", "EntityType")),
                *(("from", "StateFrom"), ("to", "StateTo")),
            ),
            SERIES_MAX,
            where=where,
            params=params,
        ),
    )
