"""Dependencies that are tried at the start, and whose failure is only logged."""

import ast
import re
from collections.abc import Iterator

from midwatch.audit.catalog import FAILED_START_IGNORED
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.python.handlers import logged
from midwatch.audit.python.module import Module, calls_in

_START = re.compile(
    r"(?i)^(?:lifespan|startup|on_?startup|start_?up|init_?(?:db|app|database)|create_app|connect_to_\w+|bootstrap)$"
)
_CONNECTS = re.compile(
    r"\.(?:connect|ping|create_all|create_pool|server_info|authenticate|from_url|open)$|asyncpg\.(?:connect|create_pool)"
)


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    for attempt in module.all(ast.Try):
        function = module.function(attempt)
        if function is None or not _START.match(function.name):
            continue
        connects = any(_CONNECTS.search(module.dotted(call.func)) for line in attempt.body for call in calls_in(line))
        for handler in attempt.handlers:
            if connects and logged(module, handler) and not _ends(module, handler):
                yield module.finding(FAILED_START_IGNORED, handler, f"{function.name}() logs the failure and goes on")


def _ends(module: Module, handler: ast.ExceptHandler) -> bool:
    for statement in handler.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Raise | ast.Assign | ast.Continue):
                return True
            if isinstance(node, ast.Call) and re.search(r"exit|abort|sleep", module.dotted(node.func)):
                return True
    return False
