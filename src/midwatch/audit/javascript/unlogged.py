"""Handlers that answer or go on, and log nothing."""

from collections.abc import Iterator

from midwatch.audit.catalog import HANDLER_WITHOUT_LOG
from midwatch.audit.finding import BROWSER, Fact, Finding
from midwatch.audit.javascript.expected import is_expected
from midwatch.audit.javascript.handlers import does_nothing, handlers, keeps, says_why, told
from midwatch.audit.javascript.module import Module


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    for handler in handlers(module):
        if (
            does_nothing(module, handler)
            or is_expected(module, handler)
            or told(module, handler)
            or keeps(module, handler)
            or says_why(module, handler)
        ):
            continue
        if module.side == BROWSER:
            yield module.finding(
                HANDLER_WITHOUT_LOG, handler.node, "a failure in the browser is told to nobody but its user", "low"
            )
        else:
            yield module.finding(HANDLER_WITHOUT_LOG, handler.node, "catches everything, goes on, and logs nothing")
