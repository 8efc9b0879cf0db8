"""Handlers of any exception that answer or go on, and log nothing."""

import ast
from collections.abc import Iterator

from midwatch.audit.catalog import HANDLER_WITHOUT_LOG
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.python.expected import is_expected
from midwatch.audit.python.handlers import does_nothing, is_broad, logged, says_why, told
from midwatch.audit.python.module import Module, keyword

_REFUSALS = ("fastapi.HTTPException", "starlette.exceptions.HTTPException", "HTTPException", "flask.abort", "abort")


def look(module: Module) -> Iterator[Finding | Fact]:
    for handler in module.all(ast.ExceptHandler):
        if (
            module.kind != "app"
            or not is_broad(module, handler)
            or does_nothing(handler)
            or is_expected(module, handler)
        ):
            continue
        if not told(module, handler) and not _keeps(handler) and not says_why(module, handler):
            yield module.finding(HANDLER_WITHOUT_LOG, handler, "catches any exception, goes on, and logs nothing")
        elif _answered(module, handler) and not logged(module, handler):
            yield module.finding(HANDLER_WITHOUT_LOG, handler, "any exception becomes an HTTP error, and is not logged")


def _keeps(handler: ast.ExceptHandler) -> bool:
    """The exception itself is put somewhere: into a field, a variable or what is returned."""
    for statement in handler.body:
        for node in ast.walk(statement):
            value = node.value if isinstance(node, ast.Assign | ast.Return | ast.AugAssign | ast.Yield) else None
            if (
                value is not None
                and handler.name
                and any(isinstance(one, ast.Name) and one.id == handler.name for one in ast.walk(value))
            ):
                return True
    return False


def _answered(module: Module, handler: ast.ExceptHandler) -> bool:
    """Ends in an HTTP error of the server's own."""
    for statement in handler.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and module.dotted(node.func) in _REFUSALS:
                status = keyword(node, "status_code") or (node.args[0] if node.args else None)
                value = status.value if isinstance(status, ast.Constant) else None
                return value in (500, 502, 503) or "500" in module.dotted(status)
    return False
