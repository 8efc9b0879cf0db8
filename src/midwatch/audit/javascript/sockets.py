"""Socket.IO, ws and WebSockets of the browser: errors, disconnects and acknowledgements."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from midwatch.audit.catalog import DISCONNECTS_UNSEEN, EMIT_WITHOUT_ACK, SOCKET_ERRORS_UNHEARD
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import EMIT, SOCKET
from midwatch.audit.javascript.module import FUNCTIONS, Module, walk
from midwatch.audit.words import OBSERVED

_SOCKET_IO = ("socket.io", "socket.io-client")
_EVENT = re.compile(r"(?:^|\.)on(?:ce)?$")
_OWN = frozenset({"connect", "connection", "disconnect", "disconnecting", "error", "connect_error"})
_EMITS = re.compile(
    r"(?i)(?:^|\.)(?:io|socket|sock|client|namespace|nsp|server)(?:\.(?:broadcast|volatile|local|current)|\??\.(?:to|in|of|except)\(\))*\.emit$"
)


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    yield from _plain(module)
    emits_by_type = re.search(r"from [\"']socket\.io", module.text) is not None
    if any(one in module.imported for one in _SOCKET_IO) or emits_by_type:
        yield from _listened(module)
        yield from _emits(module)
    if "socket.io-client" in module.imported:
        yield from _clients(module)


def _listened(module: Module) -> Iterator[Finding | Fact]:
    """A handler of connections: does it look at how they end?"""
    for call in module.calls:
        event = module.string(module.argument(call, 0))
        if not _EVENT.search(module.called(call)):
            continue
        handler = module.argument(call, 1)
        if event == "connection" and handler is not None and handler.type in FUNCTIONS:
            ends = "disconnect" in module.said(handler)
            yield module.fact(
                SOCKET, "connection", call, re.search(r"[\"']error[\"']", module.said(handler)) is not None
            )
            if not ends:
                yield module.finding(
                    DISCONNECTS_UNSEEN, call, "connections are taken, and their ends are not looked at"
                )
        elif (
            event == "disconnect"
            and handler is not None
            and handler.type in FUNCTIONS
            and not _observed(module, handler)
        ):
            yield module.finding(
                DISCONNECTS_UNSEEN,
                call,
                "a disconnect leaves at most a line on the console: no count, no reason to search by",
            )


def _observed(module: Module, handler: Node) -> bool:
    """A logger, a counter or a report is called; the console is none."""
    for one in walk(handler.child_by_field_name("body")):
        if one.type == "call_expression":
            log = module.log_call(one)
            if log is not None and log.logger != "console":
                return True
            name = module.called(one)
            if (
                log is None
                and (OBSERVED.search(name) or re.search(r"(?i)track|telemetry|metric|count|stat", name))
                and not name.endswith(".emit")
            ):
                return True
    return False


def _emits(module: Module) -> Iterator[Finding | Fact]:
    """One finding a file: the first."""
    sent = []
    for call in module.calls:
        if not _EMITS.search(module.called(call)):
            continue
        event = module.string(module.argument(call, 0)) or "?"
        given = module.arguments(call)
        acknowledged = len(given) > 1 and (
            given[-1].type in FUNCTIONS
            or (
                given[-1].type == "identifier"
                and re.search(r"(?i)ack|callback|^cb$", module.said(given[-1])) is not None
            )
        )
        yield module.fact(EMIT, event, call, acknowledged)
        if event not in _OWN and not acknowledged:
            sent.append((call, event))
    if sent and "emitWithAck" not in module.text:
        names = ", ".join(dict.fromkeys(f"`{event}`" for _, event in sent[:4]))
        yield module.finding(
            EMIT_WITHOUT_ACK,
            sent[0][0],
            f"{len(sent)} emits in this file ask for no acknowledgement: {names}{' …' if len(sent) > 4 else ''}",
        )


def _clients(module: Module) -> Iterator[Finding | Fact]:
    heard = re.search(r"[\"'`](?:connect_error|reconnect_error|error)[\"'`]", module.text) is not None
    makers = {
        local
        for local, source in module.names.items()
        if source in ("socket.io-client", "socket.io-client.io", "socket.io-client.connect", "socket.io-client.default")
    }
    for call in module.calls:
        if module.called(call) in makers:
            yield module.fact(SOCKET, "socket.io-client", call, heard)
            if not heard:
                yield module.finding(SOCKET_ERRORS_UNHEARD, call, "nobody listens to connect_error in this file")


def _plain(module: Module) -> Iterator[Finding | Fact]:
    heard = re.search(r"onerror|[\"'`]error[\"'`]", module.text) is not None
    for made in module.nodes.get("new", ()):
        name = module.called(made)
        if name in ("WebSocket", "ReconnectingWebSocket", "EventSource", "window.WebSocket"):
            yield module.fact(SOCKET, name, made, heard)
            if not heard:
                yield module.finding(SOCKET_ERRORS_UNHEARD, made, f"a {name} without onerror")
