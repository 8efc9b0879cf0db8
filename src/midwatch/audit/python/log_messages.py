"""Values that are written into a message instead of beside it."""

import ast
from collections.abc import Iterator

from midwatch.audit.catalog import VALUES_IN_MESSAGE
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.python.module import Module


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    for one in module.log_calls:
        message = message_of(one.call, one.level)
        if message is not None and (how := _how(message)):
            yield module.finding(VALUES_IN_MESSAGE, one.call, f"the message is put together with {how}")


def message_of(call: ast.Call, level: str) -> ast.expr | None:
    """The argument that is the message: `log()` has a level before it."""
    position = 1 if level == "log" and len(call.args) > 1 else 0
    return call.args[position] if len(call.args) > position else None


def is_constant(call: ast.Call, level: str) -> bool:
    message = message_of(call, level)
    return message is not None and not _how(message)


def _how(message: ast.expr) -> str | None:
    if isinstance(message, ast.JoinedStr):
        return "an f-string" if any(isinstance(one, ast.FormattedValue) for one in message.values) else None
    if isinstance(message, ast.BinOp):
        sides = (message.left, message.right)
        if isinstance(message.op, ast.Mod) and _is_text(message.left):
            return "%"
        if isinstance(message.op, ast.Add) and any(map(_is_text, sides)) and not all(map(_is_text, sides)):
            return "+"
    if isinstance(message, ast.Call) and isinstance(message.func, ast.Attribute) and message.func.attr == "format":
        return ".format()" if _is_text(message.func.value) else None
    return None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
