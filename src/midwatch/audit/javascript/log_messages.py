"""Values that are written into a message instead of beside it."""

from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import VALUES_IN_MESSAGE
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.javascript.module import Module

_PARTS_MAX = 30
"""Of a message that is joined with `+`."""


def look(module: Module) -> Iterator[Finding | Fact]:
    """The console has no fields: that is told as `print-as-log` already."""
    if module.kind != "app":
        return
    for one in module.log_calls:
        if one.logger == "console":
            continue
        how = next((how for given in module.arguments(one.call) if (how := _how(module, given))), None)
        if how:
            yield module.finding(VALUES_IN_MESSAGE, one.call, f"the message is put together with {how}")


def is_constant(module: Module, call: Node) -> bool:
    return not any(_how(module, one) for one in module.arguments(call))


def _how(module: Module, node: Node, depth: int = _PARTS_MAX) -> str | None:
    if node.type == "template_string":
        return "a template" if any(one.type == "template_substitution" for one in node.named_children) else None
    if node.type == "binary_expression" and module.said(node.child_by_field_name("operator")) == "+":
        sides = [node.child_by_field_name("left"), node.child_by_field_name("right")]
        texts = [
            one
            for one in sides
            if one is not None and (module.string(one) is not None or (depth and _how(module, one, depth - 1)))
        ]
        return "+" if texts and not all(module.string(one) is not None for one in sides if one is not None) else None
    return None
