"""WebSocket endpoints and Socket.IO's handlers."""

import ast
import re
from collections.abc import Iterator

from midwatch.audit.catalog import DISCONNECTS_UNSEEN
from midwatch.audit.finding import Fact, Finding
from midwatch.audit.inventory import SOCKET
from midwatch.audit.python.module import Function, Module, text_of

_EVENTS = re.compile(r"(?:^|\.)(?:sio|socketio|io|sio_server|socket_manager)\.(?:event|on)$")


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind != "app":
        return
    connects: list[Function] = []
    disconnects: list[Function] = []
    for function, decorator, word in module.decorated:
        if word.endswith((".websocket", ".websocket_route")):
            seen = "WebSocketDisconnect" in module.source(function) or "finally:" in module.source(function)
            yield module.fact(SOCKET, function.name, function, seen)
            if not seen:
                yield module.finding(
                    DISCONNECTS_UNSEEN, function, f"{function.name}() never looks at WebSocketDisconnect"
                )
        elif _EVENTS.search(word):
            event = text_of(decorator.args[0]) if isinstance(decorator, ast.Call) and decorator.args else function.name
            (connects if event == "connect" else disconnects if event == "disconnect" else []).append(function)
    for function in connects:
        yield module.fact(SOCKET, "connect", function, bool(disconnects))
        if not disconnects:
            yield module.finding(DISCONNECTS_UNSEEN, function, "a handler of connect, and none of disconnect")
