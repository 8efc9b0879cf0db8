"""Secrets and personal data among what is logged."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import PRIVATE_DATA_IN_LOG
from midwatch.audit.finding import Fact, Finding, Severity
from midwatch.audit.javascript.module import Module
from midwatch.audit.snippets import SECRET
from midwatch.audit.words import privacy_of

_WHOLE = {
    "headers": "all headers of a request",
    "body": "the whole body of a request",
    "cookies": "all cookies",
}
_REQUEST = re.compile(r"^(?:req|request|ctx\.request|ctx\.req|c\.req)\.(headers|body|cookies)$")
_DEPTH = 8


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    for one in module.log_calls:
        if one.logger == "console" and (module.is_command or module.in_development_only(one.call)):
            continue
        for node, what, severity in _private(module, one.call):
            yield module.finding(PRIVATE_DATA_IN_LOG, node, f"{what} in a log call", severity)
            break


def _private(module: Module, call: Node) -> Iterator[tuple[Node, str, Severity]]:
    for given in module.arguments(call):
        for node, name in _told(module, given, "", _DEPTH):
            dotted = module.dotted(node)
            if whole := _REQUEST.match(dotted):
                yield node, _WHOLE[whole[1]], "high"
            elif dotted == "process.env":
                yield node, "the whole environment", "high"
            elif node.type in ("string", "string_fragment"):
                if SECRET.search(module.said(node)):
                    yield node, "a secret, written out,", "high"
            elif kind := privacy_of(name):
                what = (
                    f"`{name}`, a secret by its name," if kind == "secret" else f"`{name}`, personal data by its name,"
                )
                yield node, what, "high" if kind == "secret" else "medium"


def _told(module: Module, node: Node, name: str, depth: int) -> Iterator[tuple[Node, str]]:
    """The values that will be readable in the line, each with the name that tells of it."""
    if depth == 0:
        return
    kind = node.type
    if kind == "template_string":
        for one in node.named_children:
            if one.type == "string_fragment":
                yield one, ""
            elif one.type == "template_substitution" and one.named_children:
                yield from _told(module, one.named_children[0], "", depth - 1)
    elif kind == "binary_expression":
        if module.said(node.child_by_field_name("operator")) in ("+", "||", "??"):
            for one in node.named_children:
                yield from _told(module, one, name, depth - 1)
    elif kind == "object":
        for one in node.named_children:
            value = one.child_by_field_name("value")
            if one.type == "pair" and value is not None:
                yield from _told(module, value, module.said(one.child_by_field_name("key")).strip("'\""), depth - 1)
            elif one.type == "shorthand_property_identifier":
                yield one, module.said(one)
    elif kind == "array":
        for one in node.named_children:
            yield from _told(module, one, name, depth - 1)
    elif kind in ("await_expression", "parenthesized_expression", "as_expression", "non_null_expression"):
        if node.named_children:
            yield from _told(module, node.named_children[0], name, depth - 1)
    elif kind == "call_expression":
        if module.called(node) in ("JSON.stringify", "String", "util.inspect", "inspect") and (
            value := module.argument(node, 0)
        ):
            yield from _told(module, value, name, depth - 1)
    elif kind == "member_expression":
        yield node, module.said(node.child_by_field_name("property"))
    elif kind == "identifier":
        yield node, module.said(node)
    elif kind == "subscript_expression":
        yield node, module.string(node.child_by_field_name("index")) or name
    elif kind == "string":
        yield node, ""
