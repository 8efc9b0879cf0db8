"""One id per request: taken over from `x-request-id` where it is a sane one, made otherwise, always echoed."""

import re
import secrets

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SANE = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_KEY = "midwatch.request_id"


def request_id_of(scope: Scope) -> str:
    """The id of the request that this scope belongs to; empty outside of the middleware."""
    return str(scope.get(_KEY, ""))


class RequestIdMiddleware:
    """Puts the id into the scope, the log context and the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = sent.decode() if _SANE.fullmatch(sent) else secrets.token_hex(8)
        scope[_KEY] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_with_id)
