"""Handlers that leave nothing of what they caught, and bare ones."""

import ast
from collections.abc import Iterator

from midwatch.audit.catalog import BARE_EXCEPT, SWALLOWED_EXCEPTION
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import CATCH
from midwatch.audit.python.expected import is_expected
from midwatch.audit.python.handlers import does_nothing, is_broad, says_why, told
from midwatch.audit.python.module import Module
from midwatch.audit.words import REASON


def look(module: Module) -> Iterator[Finding | Fact]:
    for handler in module.all(ast.ExceptHandler):
        broad = is_broad(module, handler)
        yield module.fact(
            CATCH, "any exception" if broad else "named exceptions", handler, told(module, handler) if broad else None
        )
        if module.kind != "app":
            continue
        if handler.type is None and not any(
            isinstance(one, ast.Raise) for line in handler.body for one in ast.walk(line)
        ):
            yield module.finding(BARE_EXCEPT, handler, "catches SystemExit and KeyboardInterrupt, too")
        if broad and does_nothing(handler) and not is_expected(module, handler) and not says_why(module, handler):
            yield _swallowed(module, handler)
    for call in module.all(ast.Call):
        if (
            module.kind == "app"
            and module.dotted(call.func) == "contextlib.suppress"
            and any(module.dotted(one) in ("Exception", "BaseException") for one in call.args)
            and not REASON.search(module.source(call))
        ):
            yield module.finding(SWALLOWED_EXCEPTION, call, "suppress() of any exception")


def _swallowed(module: Module, handler: ast.ExceptHandler) -> Finding:
    caught = "any exception" if handler.type is not None else "anything"
    last = handler.body[-1]
    end = {ast.Return: "returns a constant", ast.Continue: "goes on with the next", ast.Break: "leaves the loop"}.get(
        type(last), "does nothing"
    )
    return module.finding(
        SWALLOWED_EXCEPTION, handler, f"catches {caught} and {end}", "high" if end != "returns a constant" else "medium"
    )
