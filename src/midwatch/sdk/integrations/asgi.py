"""ASGI 3: FastAPI, Starlette, Litestar, Quart, Django's ASGI handler, anything that is served by uvicorn."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from midwatch.sdk import event_loop, web_sockets
from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations.asgi_sockets import serve_socket
from midwatch.sdk.propagation import NAMES
from midwatch.sdk.setup import flush
from midwatch.sdk.sse_streams import is_stream
from midwatch.sdk.web import WebServer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_CARRIED = {name.encode(): name for name in NAMES}


CLIENT_GONE = 499
"""nginx's status for a request that nobody waits for any more; no client ever sees it."""
FLUSH_SECONDS = 2.0
HOSTS_MAX = 64
"""Under which a server is asked for, and which are remembered: a few, unless somebody tries names."""
_TOLD = "midwatch.told"
_FASTAPI = "fastapi.telemetry"
"""Where FastAPI keeps its own telemetry of a request; with None here, mounted apps make none either."""


@dataclass(slots=True)
class Told:
    """What a framework lets us know of a request, where Starlette's ways do not tell it."""

    route: str = ""
    error: BaseException | None = None
    """What was raised and answered by the framework."""

    @staticmethod
    def of(scope: Scope) -> "Told | None":
        """None where nothing is told of the request."""
        found = scope.get(_TOLD)
        return found if isinstance(found, Told) else None


class AsgiMiddleware:
    """Around the whole app, outside of its own error handling: it sees what the client gets."""

    def __init__(self, app: App, *, server: WebServer) -> None:
        self._app = app
        self._server = server
        self._watches_loop = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan" or not self._watches_loop:
            event_loop.watch()
            self._watches_loop = True
        if kind == "lifespan":
            await self._app(scope, receive, _flushed(send))
        elif kind not in ("http", "websocket") or scope["path"] in self._server.quiet or _TOLD in scope:
            await self._app(scope, receive, send)
        elif kind == "websocket":
            scope[_TOLD], scope[_FASTAPI] = Told(), None
            read = _read(scope)
            socket = web_sockets.begin(scope["path"], *read) if read else None
            if socket is None:
                await self._app(scope, receive, send)
            else:
                await serve_socket(self._app, scope, receive, send, socket, route_of)
        else:
            scope[_FASTAPI] = None
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        noted = scope[_TOLD] = Told()
        server = self._server
        read = _read(scope)
        exchange = server.begin(scope["method"], scope["path"], *read) if read else None
        if exchange is None:
            await self._app(scope, receive, send)
            return
        echo = [(name.encode(), value.encode()) for name, value in exchange.arrived.echo]
        status, answered, finished, gone = 0, False, False, False

        async def heard() -> MutableMapping[str, Any]:
            nonlocal gone
            message = await receive()
            # When the answer is complete, servers say so too.
            if message["type"] == "http.disconnect" and not answered:
                gone = True
            return message

        async def told(message: MutableMapping[str, Any]) -> None:
            nonlocal status, answered, finished
            kind = message["type"]
            if kind == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), *echo]}
                await send(message)
                if status < 400 and exchange.stream is None and _streams(message):
                    server.stream(exchange, status, noted.route or route_of(scope))
                return
            await send(message)
            if exchange.stream is not None:
                exchange.stream.sent += bool(message.get("body"))
            if not answered and _is_last(kind, message):
                answered = True
                # A 500 waits: what raised it comes after the answer to it.
                if status < 500:
                    finished = True
                    server.finish(exchange, status, noted.route or route_of(scope), None)

        error: BaseException | None = None
        try:
            await self._app(scope, heard, told)
        except BaseException as raised:
            error = raised
            raise
        finally:
            if not finished:
                if gone and (error is None or type(error).__name__ == "ClientDisconnect"):
                    status, error = CLIENT_GONE if status in (0, 500) else status, None
                status = status or 500
                gone = gone and status < 500
                route = noted.route or route_of(scope)
                server.finish(exchange, status, route, error or noted.error, client_gone=gone)
                error = None
            server.leave(exchange, error)


def _streams(message: MutableMapping[str, Any]) -> bool:
    for name, value in message["headers"]:
        if name == b"content-type":
            return is_stream(value.decode("latin-1"))
    return False


def _is_last(kind: str, message: MutableMapping[str, Any]) -> bool:
    return (kind == "http.response.body" and not message.get("more_body")) or kind == "http.response.pathsend"


def _flushed(send: Send) -> Send:
    """What waits is sent when the app has shut down: a server that took the signals ends the process without a word."""

    async def told(message: MutableMapping[str, Any]) -> None:
        if message["type"].startswith("lifespan.shutdown."):
            # On the loop: nothing is served any more.
            flush(FLUSH_SECONDS)
        await send(message)

    return told


def route_of(scope: Scope) -> str:
    """The template that matched, with the mounts above it; empty where the framework tells none."""
    route = scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    if not isinstance(path, str):
        return ""
    mounted = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
    return mounted + path if mounted and not path.startswith(mounted) else path


@lru_cache(HOSTS_MAX)
def _server(host: bytes) -> dict[str, Any]:
    """Of the header; what is returned is shared, and only read."""
    name, _, port = host.decode("latin-1").rpartition(":")
    if port.isdigit() and name:
        return {"server.address": name, "server.port": int(port)}
    return {"server.address": host.decode("latin-1")}


@guarded
def _read(scope: Scope) -> tuple[dict[str, str], dict[str, Any]]:
    carrier: dict[str, str] = {}
    attributes: dict[str, Any] = {"url.scheme": scope.get("scheme", "http")}
    carried = _CARRIED
    for name, value in scope["headers"]:
        if name in carried:
            carrier[carried[name]] = value.decode("latin-1")
        elif name == b"user-agent":
            attributes["user_agent.original"] = value.decode("latin-1")
        elif name == b"host":
            attributes |= _server(value)
    if scope.get("client"):
        attributes["client.address"] = scope["client"][0]
    attributes["network.protocol.version"] = scope.get("http_version", "1.1")
    if scope.get("query_string"):
        attributes["url.query"] = scope["query_string"].decode("latin-1")
    return carrier, attributes
