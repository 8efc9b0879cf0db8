"""What an `except` clause does with what it caught."""

import ast
from collections.abc import Iterator

from midwatch.audit.python.module import Module
from midwatch.audit.words import MAY_FAIL, OBSERVED, REASON

BROAD = frozenset({"Exception", "BaseException", "builtins.Exception"})


def is_broad(module: Module, handler: ast.ExceptHandler) -> bool:
    """It takes also what nobody thought of."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or module.dotted(one) in BROAD for one in types)


def does_nothing(handler: ast.ExceptHandler) -> bool:
    """Passes, goes on, or returns a constant."""
    return all(_is_nothing(one) for one in handler.body)


def told(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether somebody may learn of it: it is logged, reported, raised again or handed on."""
    for node in _nodes(handler):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call):
            if node in module.logging_nodes or OBSERVED.search(module.dotted(node.func)):
                return True
            handed_on = [*node.args, *(one.value for one in node.keywords)]
            if (
                handler.name
                and any(isinstance(one, ast.Name) and one.id == handler.name for one in handed_on)
                and module.dotted(node.func) not in ("str", "repr", "type", "isinstance")
            ):
                return True
    return False


def logged(module: Module, handler: ast.ExceptHandler) -> bool:
    """In the strict sense: a log call, a printed line, or a report."""
    for node in _nodes(handler):
        if isinstance(node, ast.Call):
            name = module.dotted(node.func)
            if (
                node in module.logging_nodes
                or name == "print"
                or "capture" in name
                or "traceback" in name
                or ("log" in name.lower() and "login" not in name.lower())
            ):
                return True
    return False


def says_why(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whoever writes down why, in the handler or right above what is tried, has decided it: no mistake."""
    if REASON.search(module.source(handler)):
        return True
    attempt = module.parents[handler]
    above = module.lines[attempt.lineno - 2].strip() if isinstance(attempt, ast.Try | ast.TryStar) else ""
    return above.startswith("#") and bool(REASON.search(above) and MAY_FAIL.search(above))


def uses_exception(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Name) and node.id == handler.name for node in _nodes(handler))


def _nodes(handler: ast.ExceptHandler) -> Iterator[ast.AST]:
    for statement in handler.body:
        yield from ast.walk(statement)


def _is_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass | ast.Continue | ast.Break):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant) or _empty(statement.value)
    return False


def _empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    return isinstance(value, ast.List | ast.Tuple | ast.Set) and not value.elts
