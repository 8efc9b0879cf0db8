"""WebSockets of ASGI 3."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from midwatch.sdk import web_sockets
from midwatch.sdk.web_socket_metrics import CLIENT, RECEIVED, SENT, SERVER
from midwatch.sdk.web_sockets import LOST, Socket

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def serve_socket(
    app: Any, scope: MutableMapping[str, Any], receive: Receive, send: Send, socket: Socket, route_of: Any
) -> None:
    """Run the app on a connection, and tell of it."""
    echo = [(name.encode(), value.encode()) for name, value in socket.arrived.echo]

    async def heard() -> Message:
        message = await receive()
        kind = message["type"]
        if kind == "websocket.receive":
            web_sockets.passed(socket, RECEIVED)
        elif kind == "websocket.disconnect":
            web_sockets.ended(socket, CLIENT, message.get("code") or LOST)
        return message

    async def told(message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            message = {**message, "headers": [*message.get("headers", ()), *echo]}
        elif kind == "websocket.close":
            web_sockets.ended(socket, SERVER, message.get("code") or 1000)
        try:
            await send(message)
        except BaseException:
            if kind == "websocket.send":
                web_sockets.not_delivered(socket)
            raise
        if kind == "websocket.send":
            web_sockets.passed(socket, SENT)
        elif kind == "websocket.accept":
            web_sockets.opened(socket, route_of(scope))

    error: BaseException | None = None
    try:
        await app(scope, heard, told)
    except BaseException as raised:
        error = raised
        raise
    finally:
        web_sockets.leave(socket, route_of(scope), error)
