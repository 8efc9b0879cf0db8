"""Names of events that are logged."""

import ast
from collections.abc import Iterator

from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import EVENT
from midwatch.audit.python.log_messages import message_of
from midwatch.audit.python.module import Module, keyword, text_of
from midwatch.audit.words import EVENT_NAME

_OUR_EVENTS = {"midwatch.event": 0, "midwatch.outbox": 1, "midwatch.outbox_async": 1}
"""Where the name of the event stands among the arguments."""


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    for one in module.log_calls:
        said = text_of(keyword(one.call, "event")) or text_of(message_of(one.call, one.level))
        if said and EVENT_NAME.fullmatch(said):
            yield module.fact(EVENT, said, one.call)
    for call in module.all(ast.Call):
        place = _OUR_EVENTS.get(module.dotted(call.func))
        if place is not None and len(call.args) > place and (name := text_of(call.args[place])):
            yield module.fact(EVENT, name, call)
