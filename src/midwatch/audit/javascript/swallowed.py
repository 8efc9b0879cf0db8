"""Handlers that leave nothing of what they caught."""

from collections.abc import Iterator

from midwatch.audit.catalog import SWALLOWED_EXCEPTION
from midwatch.audit.finding import BROWSER, Fact, Finding, Severity
from midwatch.audit.inventory import CATCH
from midwatch.audit.javascript.expected import is_expected
from midwatch.audit.javascript.handlers import Handler, does_nothing, handlers, says_why, told
from midwatch.audit.javascript.module import Module


def look(module: Module) -> Iterator[Finding | Fact]:
    for handler in handlers(module):
        nothing = does_nothing(module, handler)
        yield module.fact(
            CATCH,
            "catch" if handler.is_clause else ".catch()",
            handler.node,
            None if nothing and is_expected(module, handler) else told(module, handler),
        )
        if module.kind == "app" and nothing and not is_expected(module, handler) and not says_why(module, handler):
            yield _swallowed(module, handler)


def _swallowed(module: Module, handler: Handler) -> Finding:
    empty = (
        not any(one.type != "comment" for one in handler.body.named_children) and handler.body.type == "statement_block"
    )
    message = "catches everything and does nothing" if empty else "catches everything and goes on with a constant"
    severity: Severity = "high" if empty and module.side != BROWSER else "medium"
    return module.finding(SWALLOWED_EXCEPTION, handler.node, message, severity)
