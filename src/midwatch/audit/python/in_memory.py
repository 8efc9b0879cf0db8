"""Metrics, rate limits and state that live in one process."""

import ast
import re
from collections.abc import Iterator

from midwatch.audit.catalog import IN_MEMORY_METRICS, IN_MEMORY_RATE_LIMIT, IN_MEMORY_STATE
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import METRIC, RATE_LIMIT, STATE
from midwatch.audit.python.module import Module, keyword, text_of
from midwatch.audit.words import METRICS_NAME, RATE_LIMIT_NAME

_MAKERS = (
    "dict",
    "list",
    "set",
    "collections.defaultdict",
    "collections.deque",
    "collections.Counter",
    "collections.OrderedDict",
)
_CHANGES = frozenset(
    {
        "append",
        "appendleft",
        "add",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "remove",
        "discard",
        "clear",
        "extend",
        "popleft",
    }
)
_HANDLES = re.compile(
    r"(?i)(?:app|router|api|bp|blueprint|sio|socketio|routes)(?:\(\))?\.(?:get|post|put|patch|delete|route|websocket|event|on)$"
)
_LIMITERS = ("slowapi.Limiter", "flask_limiter.Limiter")
_EXPORTED = (
    "prometheus_client.Counter",
    "prometheus_client.Gauge",
    "prometheus_client.Histogram",
    "prometheus_client.Summary",
    "midwatch.counter",
    "midwatch.histogram",
    "midwatch.gauge",
)


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    changed = _changed(module)
    for statement in module.tree.body:
        target, value = _assigned(statement)
        if isinstance(target, ast.Name) and _is_holder(module, value) and target.id in changed:
            yield from _held(module, statement, target.id)
    for call in module.all(ast.Call):
        name = module.dotted(call.func)
        if name in _EXPORTED or name.endswith(
            (".create_counter", ".create_histogram", ".create_up_down_counter", ".create_observable_gauge")
        ):
            yield module.fact(METRIC, (text_of(call.args[0]) if call.args else None) or name, call, True)
        elif name in _LIMITERS:
            where = keyword(call, "storage_uri")
            shared = where is not None and not (text_of(where) or "redis").startswith("memory")
            yield module.fact(RATE_LIMIT, name, call, shared)
            if not shared and "RATELIMIT_STORAGE" not in module.text:
                yield module.finding(IN_MEMORY_RATE_LIMIT, call, f"{name} without storage_uri counts in memory")


def _held(module: Module, statement: ast.stmt, name: str) -> Iterator[Finding | Fact]:
    if RATE_LIMIT_NAME.search(name):
        yield module.fact(RATE_LIMIT, name, statement, False)
        yield module.finding(IN_MEMORY_RATE_LIMIT, statement, f"`{name}` counts in memory of this process")
    elif METRICS_NAME.search(name):
        yield module.fact(METRIC, name, statement, False)
        yield module.finding(IN_MEMORY_METRICS, statement, f"`{name}` is in memory of this process")
    elif _serves(module):
        yield module.fact(STATE, name, statement)
        yield module.finding(IN_MEMORY_STATE, statement, f"`{name}` is changed while requests are served")


def _assigned(statement: ast.stmt) -> tuple[ast.expr | None, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.targets[0], statement.value
    if isinstance(statement, ast.AnnAssign):
        return statement.target, statement.value
    return None, None


def _is_holder(module: Module, value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return module.dotted(value.func) in _MAKERS
    return isinstance(value, ast.Dict | ast.List | ast.Set) or (
        isinstance(value, ast.Constant) and isinstance(value.value, int) and not isinstance(value.value, bool)
    )


def _changed(module: Module) -> frozenset[str]:
    """Names that functions change in place, or by `global`."""
    found: set[str] = set()
    for call in module.all(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _CHANGES and module.function(call) is not None:
            found |= {_root(call.func.value)}
    changes: list[tuple[ast.stmt, list[ast.expr]]] = [(node, targets) for node, targets, _ in module.assignments]
    changes += [(one, [one.target]) for one in module.all(ast.AugAssign)]
    changes += [(one, one.targets) for one in module.all(ast.Delete)]
    for node, targets in changes:
        if module.function(node) is not None:
            found |= {_root(one) for one in targets if isinstance(one, ast.Subscript)}
    for named in module.all(ast.Global):
        found |= set(named.names)
    return frozenset(found - {""} - _shadowed(module))


def _shadowed(module: Module) -> set[str]:
    """Names that are local to some function as well: what is changed there may be another."""
    found = set()
    globals_of = {name for one in module.all(ast.Global) for name in one.names}
    for node, targets, _ in module.assignments:
        if module.function(node) is not None:
            found |= {one.id for one in targets if isinstance(one, ast.Name)}
    for function in module.functions:
        found |= {one.arg for one in [*function.args.args, *function.args.kwonlyargs]}
    return found - globals_of


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _serves(module: Module) -> bool:
    """Whether requests or messages are handled in this file."""
    return any(_HANDLES.search(called) for _, _, called in module.decorated)
