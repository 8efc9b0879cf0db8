"""Clients of Redis and PostgreSQL, whose `error` event ends the process where nobody listens."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import CLIENT_ERRORS_UNHEARD
from midwatch.audit.finding import NODE, Fact, Finding
from midwatch.audit.inventory import CLIENT
from midwatch.audit.javascript.module import Module

_MAKERS = {"redis.createClient", "redis.createCluster", "pg.Pool", "pg.Client"}
_SURVIVES = {"ioredis", "ioredis.Redis", "ioredis.default"}
"""ioredis writes to stderr where nobody listens, and goes on."""


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.side != NODE or module.kind != "app":
        return
    for call in [*module.calls, *module.nodes.get("new", ())]:
        name = module.resolved(call)
        if name not in _MAKERS and name not in _SURVIVES:
            continue
        heard = _heard(module, call)
        yield module.fact(CLIENT, name, call, heard)
        if not heard:
            if name in _SURVIVES:
                yield module.finding(
                    CLIENT_ERRORS_UNHEARD,
                    call,
                    "errors of this client go to stderr, and reconnections are not seen",
                    "medium",
                )
            else:
                yield module.finding(
                    CLIENT_ERRORS_UNHEARD, call, f"the client of {name}() has no listener for `error` in this file"
                )


def _heard(module: Module, call: Node) -> bool:
    parent = next(
        (
            one
            for one in module.above(call)
            if one.type
            in ("variable_declarator", "assignment_expression", "public_field_definition", "field_definition")
        ),
        None,
    )
    if parent is None:
        return ".on('error'" in module.text or '.on("error"' in module.text
    target = module.said(
        parent.child_by_field_name("name")
        or parent.child_by_field_name("left")
        or parent.child_by_field_name("property")
    )
    name = re.escape(target.split(".")[-1].split(":")[0].strip())
    if re.search(rf"\b{name}!?\??\s*\.(?:on|once|addListener)\(\s*[\"'`]error[\"'`]", module.text):
        return True
    return re.search(r"\.on\(\s*[\"'`]error[\"'`]", module.said(parent)) is not None or (
        re.search(r"for \(const \w+ of|forEach", module.text) is not None and '.on("error"' in module.text
    )
