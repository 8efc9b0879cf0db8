"""Unexpected errors that are logged without their stack."""

import ast
from collections.abc import Iterator

from midwatch.audit.catalog import STACK_LOST
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.python.handlers import is_broad
from midwatch.audit.python.module import LogCall, Module, has_unknown_keywords, keyword

_LEVELS = ("error", "critical", "fatal")


def look(module: Module) -> Iterator[Finding | Fact]:
    logs = {one.call: one for one in module.log_calls}
    for handler in module.all(ast.ExceptHandler):
        if module.kind != "app" or not is_broad(module, handler):
            continue
        inside = [one for statement in handler.body for one in ast.walk(statement)]
        calls = [one for one in inside if isinstance(one, ast.Call)]
        raises = any(isinstance(one, ast.Raise) for one in inside)
        if raises or any(_keeps_stack(module, call, logs) for call in calls):
            continue
        first = next((one for one in calls if one in logs and logs[one].level in _LEVELS), None)
        if first is not None:
            yield module.finding(STACK_LOST, first, f"logged with {logs[first].level}() and no exc_info")


def _keeps_stack(module: Module, call: ast.Call, logs: dict[ast.Call, LogCall]) -> bool:
    name = module.dotted(call.func)
    if name.endswith((".exception", "capture_exception", "record_exception", "notify_exception")) or name.startswith(
        "traceback."
    ):
        return True
    given = keyword(call, "exc_info") or keyword(call, "stack_info")
    if given is not None:
        return not (isinstance(given, ast.Constant) and not given.value)
    return has_unknown_keywords(call) and call in logs
