"""Names of events that are logged."""

from collections.abc import Iterator

from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import EVENT
from midwatch.audit.javascript.module import Module
from midwatch.audit.words import EVENT_NAME


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    for one in module.log_calls:
        for given in module.arguments(one.call)[:2]:
            properties = module.properties(given) or {}
            named = next(
                (properties[key] for key in ("event", "event_name", "event.name", "msg") if key in properties), given
            )
            said = module.string(named)
            if said and EVENT_NAME.fullmatch(said):
                yield module.fact(EVENT, said, one.call)
                break
