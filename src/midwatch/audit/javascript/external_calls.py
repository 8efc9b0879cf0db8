"""Calls over the network, and their time-outs. What a browser asks of its own server has a user waiting; it is not told."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import CALL_WITHOUT_TIMEOUT
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import CALL, RETRY
from midwatch.audit.javascript.module import Module
from midwatch.audit.libraries import MODELS, VENDOR, javascript_roles

_AXIOS = re.compile(r"^axios(?:\.(?:get|post|put|patch|delete|head|request))?$")
_HTTP = re.compile(r"^(?:node:)?https?\.(?:get|request)$")
_BODY = ("post", "put", "patch")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    axios_bound = (
        re.search(r"axios\.defaults\.timeout|axios\.create\(\s*\{[^}]*timeout|\.defaults\.timeout", module.text)
        is not None
    )
    for call in module.calls:
        name = module.resolved(call)
        bound = _bound(module, call, name, axios_bound=axios_bound)
        if bound is not None:
            yield module.fact(CALL, name.removesuffix("()"), call, bound if module.is_server else None)
            if not bound and module.is_server:
                yield module.finding(CALL_WITHOUT_TIMEOUT, call, _message(name))
        elif re.search(r"(?i)(?:^|\.)(?:with_?retry|retry|pRetry|backOff)$", module.called(call)):
            yield module.fact(RETRY, module.called(call), call)
    for made in module.nodes.get("new", ()):
        package = module.names.get(module.called(made).partition(".")[0], "")
        roles = javascript_roles(package.rpartition(".")[0] or package)[1]
        if set(roles) & {MODELS, VENDOR}:
            yield module.fact(CALL, f"new {module.called(made)}", made)


def _bound(module: Module, call: Node, name: str, *, axios_bound: bool) -> bool | None:
    """Whether it has a time-out, or hands on options that cannot be seen; None where it is no call over the network."""
    given = module.arguments(call)
    if name in ("fetch", "node-fetch", "undici.fetch", "node-fetch.default", "global.fetch", "globalThis.fetch"):
        if not given or (text := module.said(given[0])).startswith(("'/", '"/', "`/")) or "localhost" in text:
            return None
        return _has(module, given[1:2], ("signal", "timeout", "dispatcher")) or given[0].type == "new_expression"
    if _AXIOS.match(name):
        last = (
            given[2:3]
            if name.endswith(_BODY)
            else given[1:2]
            if "." in name and not name.endswith("request")
            else given[:1]
        )
        if last and last[0].type in ("string", "template_string") and not axios_bound:
            return False
        return axios_bound or _has(module, last, ("timeout", "signal", "cancelToken"))
    if name == "axios.create":
        return None
    if _HTTP.match(name):
        around = next(
            (
                one
                for one in module.above(call)
                if one.type in ("function_declaration", "arrow_function", "method_definition", "program")
            ),
            call,
        )
        return (
            any(_has(module, [one], ("timeout", "signal")) for one in given if one.type != "arrow_function")
            or "setTimeout(" in module.said(around)
            or "'timeout'" in module.text
        )
    return None


def _has(module: Module, given: list[Node], names: tuple[str, ...]) -> bool:
    """True, too, for options that cannot be seen here."""
    for one in given:
        if one.type == "object":
            properties = module.properties(one)
            if properties is None or any(key in properties for key in names):
                return True
        elif one.type not in ("string", "template_string", "null", "undefined"):
            return True
    return False


def _message(name: str) -> str:
    if "fetch" in name:
        return "fetch() without a signal waits five minutes for an answer to begin"
    return f"{name}() waits for ever unless it is given a timeout"
