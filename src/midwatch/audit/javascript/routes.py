"""Request handlers, health endpoints, error handlers, and what they answer."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.finding import NODE, Fact, Finding
from midwatch.audit.inventory import (
    ERROR_ANSWER,
    ERROR_HANDLER,
    HEALTH,
    LAST_RESORT,
    REQUEST_LOG,
    ROUTE,
    SERVER,
    SHUTDOWN,
)
from midwatch.audit.javascript.module import FUNCTIONS, Module, walk
from midwatch.audit.words import DEPENDENCY_CALL, HEALTH_PATH

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "all", "options", "head", "route"})
_ROUTERS = re.compile(r"(?i)(?:^|\.)(?:\w*app|\w*router|server|fastify|api|routes?|express\(\)|Router\(\))$")
_NEXT_ROUTE = re.compile(r"(?:^|/)app/(.*?/?)route\.[jt]sx?$")
_NEXT_PAGES = re.compile(r"(?:^|/)pages/(api/.*?)(?:/index)?\.[jt]sx?$")
_EXPORTED = re.compile(
    r"export\s+(?:async\s+)?(?:function|const)\s+(GET|POST|PUT|PATCH|DELETE)\b|export\s*\{[^}]*\b(GET|POST|PUT|PATCH|DELETE)\b"
)
_RAW_HEALTH = re.compile(r"(?:url|pathname|path)\s*={2,3}\s*[\"'`](/[\w/-]+)[\"'`]")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_SHUTDOWN = re.compile(
    r"terminus|close-with-grace|http-terminator|http-graceful-shutdown|stoppable|gracefulShutdown|graceful-shutdown|enableShutdownHooks"
)
_UNHANDLED = ("unhandledRejection", "uncaughtException", "uncaughtExceptionMonitor")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.side != NODE or module.kind == "test":
        return
    yield from _next(module)
    for call in module.calls:
        name = module.called(call)
        receiver, _, word = name.rpartition(".")
        if word in _METHODS and _ROUTERS.search(receiver):
            yield from _route(module, call, word)
        elif word == "use" and receiver:
            yield from _middleware(module, call)
        elif word in ("setErrorHandler", "onError") and receiver:
            yield module.fact(ERROR_HANDLER, word, call)
        elif word == "listen" and re.search(r"(?i)server|app|http|fastify|^new |listen", receiver):
            yield module.fact(SERVER, f"{receiver}.listen", call)
        elif name in ("process.on", "process.once"):
            event = module.string(module.argument(call, 0)) or ""
            if event in ("SIGTERM", "SIGINT"):
                yield module.fact(SHUTDOWN, event, call)
            elif event in _UNHANDLED:
                yield module.fact(LAST_RESORT, event, call)
        yield from _answer(module, call)
    if found := _SHUTDOWN.search(module.text):
        yield module.fact(SHUTDOWN, found[0], module.text.count("\n", 0, found.start()) + 1)
    for match in _RAW_HEALTH.finditer(module.text):
        if HEALTH_PATH.match(match[1]):
            yield module.fact(HEALTH, match[1], module.text.count("\n", 0, match.start()) + 1)
    if re.search(r"(?:^|/)instrumentation\.[jt]s$", module.name) and "onRequestError" in module.text:
        yield module.fact(ERROR_HANDLER, "onRequestError", 1)
    if re.search(r"implements ExceptionFilter|@Catch\(", module.text):
        yield module.fact(ERROR_HANDLER, "exception filter", 1)


def _next(module: Module) -> Iterator[Fact]:
    found = _NEXT_ROUTE.search(module.name) or _NEXT_PAGES.search(module.name)
    if found is None:
        return
    path = "/" + re.sub(r"\([^)]*\)/", "", found[1]).rstrip("/")
    tries = "catch" in module.nodes
    methods = [match[1] or match[2] for match in _EXPORTED.finditer(module.text)] or ["*"]
    for method in methods:
        yield module.fact(ROUTE, f"{method} {path}", 1, tries)
    if HEALTH_PATH.match(path):
        yield module.fact(HEALTH, path, 1, any(DEPENDENCY_CALL.search(module.called(one)) for one in module.calls))


def _route(module: Module, call: Node, word: str) -> Iterator[Fact]:
    given = module.arguments(call)
    path = module.string(given[0]) if given else None
    if word == "route" and given and (options := module.properties(given[0])):
        path = module.string(options.get("url"))
    elif len(given) < 2:
        return
    if path is None or not (path == "*" or path.startswith("/")):
        return
    handles = [one for one in given[1:] if one.type in FUNCTIONS]
    tries = any(one.type == "try_statement" for handler in handles for one in walk(handler))
    yield module.fact(ROUTE, f"{word.upper()} {path}", call, tries if handles else None)
    if HEALTH_PATH.match(path):
        called = [module.called(one) for handler in handles for one in walk(handler) if one.type == "call_expression"]
        checks = any(DEPENDENCY_CALL.search(one) for one in called if not one.startswith(("res.", "reply.")))
        yield module.fact(HEALTH, path, call, checks if handles else None)


def _middleware(module: Module, call: Node) -> Iterator[Fact]:
    for given in module.arguments(call):
        if given.type in FUNCTIONS:
            parameters = given.child_by_field_name("parameters")
            if parameters is not None and len([one for one in parameters.named_children if one.type != "comment"]) == 4:
                yield module.fact(ERROR_HANDLER, "error middleware", call)
            text = module.said(given)
            if re.search(r"Date\.now|performance\.now|hrtime", text) and any(
                one.type == "call_expression" and module.log_call(one) for one in walk(given)
            ):
                yield module.fact(REQUEST_LOG, "middleware", call)
        elif re.search(r"(?i)error_?(?:handler|middleware)|handle_?error", module.said(given)):
            yield module.fact(ERROR_HANDLER, module.said(given), call)


def _answer(module: Module, call: Node) -> Iterator[Fact]:
    """`{ code: 'RATE_LIMITED' }` with its status."""
    for given in module.arguments(call):
        body = module.properties(given)
        code = module.string(body.get("code")) if body else None
        if body and code and _CODE.fullmatch(code) and (body.keys() & {"ok", "message", "error", "success"}):
            status = re.search(r"status\W{1,3}(\d{3})", module.said(call))
            yield module.fact(ERROR_ANSWER, f"{status[1]} {code}" if status else code, call)
