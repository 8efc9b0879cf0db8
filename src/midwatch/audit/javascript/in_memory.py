"""Metrics, rate limits and state that live in one process."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import IN_MEMORY_METRICS, IN_MEMORY_RATE_LIMIT, IN_MEMORY_STATE
from midwatch.audit.finding import NODE, Fact, Finding
from midwatch.audit.inventory import METRIC, RATE_LIMIT, STATE
from midwatch.audit.javascript.module import Module
from midwatch.audit.words import METRICS_NAME, RATE_LIMIT_NAME

_HOLDERS = ("Map", "Set", "Array", "LRUCache")
_METRICS_FILE = re.compile(r"(?i)(?:^|/)(?:\w*metrics?|telemetry|stats)\.[cm]?[jt]s$")
_LIMITS_FILE = re.compile(r"(?i)(?:^|/)\w*(?:rate-?_?limit|throttle)\w*\.[cm]?[jt]s$")
_CHANGES = r"(?:\.(?:set|push|unshift|add|delete|clear|splice|shift|pop)\(|\[[^\]\n]+\](?:\.\w+)*\s*(?:=(?!=)|\+=|\+\+|-=|--|\?\?=|\|\|=)|(?:\.\w+)+\s*(?:=(?!=)|\+=|\+\+|-=|--)|\s*(?:\+=|\+\+|-=|--))"
_LIMITERS = ("express-rate-limit", "express-rate-limit.rateLimit", "express-rate-limit.default", "express-slow-down")
_HANDLES = re.compile(r"(?i)(?:^|\.)(?:app|router|io|socket|server)\.(?:get|post|put|patch|delete|on)$")
_EXPORTED = re.compile(r"^(?:client|prom|prometheus|promClient|PrometheusClient)\.(?:Counter|Gauge|Histogram|Summary)$")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.side != NODE or module.kind != "app":
        return
    for holder, name in _module_level(module):
        yield from _held(module, holder, name)
    for field in module.nodes.get("field", ()):
        name = module.said(field.child_by_field_name("name") or field.child_by_field_name("property"))
        if _is_holder(module, field.child_by_field_name("value")) and re.search(
            rf"this\.{re.escape(name)}{_CHANGES}", module.text
        ):
            yield from _held(module, field, name, in_class=True)
    for call in [*module.calls, *module.nodes.get("new", ())]:
        name = module.resolved(call)
        if name.startswith("prom-client") or _EXPORTED.match(name):
            options = module.properties(module.argument(call, 0))
            yield module.fact(METRIC, (module.string(options.get("name")) if options else None) or name, call, True)
        elif name in _LIMITERS or name in ("rate-limiter-flexible.RateLimiterMemory", "limiter.RateLimiter"):
            options = module.properties(module.argument(call, 0))
            shared = "Memory" not in name and "limiter." not in name and (options is None or "store" in options)
            yield module.fact(RATE_LIMIT, name, call, shared)
            if not shared:
                yield module.finding(IN_MEMORY_RATE_LIMIT, call, f"{name} without a store counts in memory")


def _module_level(module: Module) -> Iterator[tuple[Node, str]]:
    """Declarations at the top whose value functions change."""
    for statement in module.root.named_children:
        declaration = (
            statement.child_by_field_name("declaration") if statement.type == "export_statement" else statement
        )
        if declaration is None or declaration.type not in ("lexical_declaration", "variable_declaration"):
            continue
        for one in declaration.named_children:
            name = module.said(one.child_by_field_name("name")) if one.type == "variable_declarator" else ""
            value = one.child_by_field_name("value") if name else None
            counter = (
                value is not None and value.type == "number" and module.said(declaration).startswith(("let", "var"))
            )
            if re.fullmatch(r"[\w$]+", name) and (_is_holder(module, value) or counter) and _changed(module, name):
                yield one, name


def _is_holder(module: Module, value: Node | None) -> bool:
    if value is None:
        return False
    if value.type in ("as_expression", "satisfies_expression") and value.named_children:
        value = value.named_children[0]
    if value.type == "new_expression":
        return module.called(value) in _HOLDERS
    return value.type in ("object", "array")


def _changed(module: Module, name: str) -> bool:
    """Changed within a function, and not another's by the same name."""
    changes = re.compile(rf"(?<![\w$.]){re.escape(name)}{_CHANGES}".encode())
    for match in changes.finditer(module.content):
        node = module.root.descendant_for_byte_range(match.start(), match.start() + 1)
        if node is not None and node.type == "identifier" and module.in_function(node):
            return True
    return False


def _held(module: Module, node: Node, name: str, *, in_class: bool = False) -> Iterator[Finding | Fact]:
    if RATE_LIMIT_NAME.search(name) or _LIMITS_FILE.search(module.name):
        yield module.fact(RATE_LIMIT, name, node, False)
        yield module.finding(IN_MEMORY_RATE_LIMIT, node, f"`{name}` counts in memory of this process")
    elif METRICS_NAME.search(name) or _METRICS_FILE.search(module.name):
        yield module.fact(METRIC, name, node, False)
        yield module.finding(IN_MEMORY_METRICS, node, f"`{name}` is in memory of this process")
    elif not in_class and _serves(module):
        yield module.fact(STATE, name, node)
        yield module.finding(IN_MEMORY_STATE, node, f"`{name}` is changed while requests are served")


def _serves(module: Module) -> bool:
    """Whether requests or messages of sockets are handled in this file."""
    if re.search(r"/route\.[jt]sx?$|(?:^|/)pages/api/", module.name):
        return True
    for call in module.calls:
        if _HANDLES.search(module.called(call)) and module.string(module.argument(call, 0)) is not None:
            return True
    return False
