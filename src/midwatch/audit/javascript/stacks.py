"""Errors of which only the text is logged."""

import re
from collections.abc import Iterator

from midwatch.audit.catalog import STACK_LOST
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.javascript.handlers import Handler, handlers
from midwatch.audit.javascript.module import LogCall, Module, walk

_LEVELS = ("error", "fatal", "critical")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    for handler in handlers(module):
        inside = list(walk(handler.body))
        logs = [log for one in inside if one.type == "call_expression" and (log := module.log_call(one))]
        first = next((one for one in logs if one.level in _LEVELS), None)
        thrown = any(one.type == "throw_statement" for one in inside)
        if first is not None and handler.name and not thrown and not _stack(module, handler, logs):
            yield module.finding(STACK_LOST, first.call, f"`{handler.name}.message` alone is logged")


def _stack(module: Module, handler: Handler, logs: list[LogCall]) -> bool:
    """Whether the error itself is logged or handed on; or where its text alone is not."""
    body = module.said(handler.body)
    name = re.escape(handler.name)
    if not re.search(rf"\b{name}\??\.message\b", " ".join(module.said(one.call) for one in logs)):
        return True
    return re.search(rf"\b{name}\??\.stack|[(,:{{]\s*(?:\.\.\.)?{name}\s*[,)}}\n]|captureException", body) is not None
