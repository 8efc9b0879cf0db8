"""Headers that keep a browser from being turned against its user or keeping answers, on all of the main port's."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none';"
        b" base-uri 'none'; form-action 'self'; object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

_NOT_KEPT = (b"cache-control", b"no-store")
_ANSWERS = ("/api/", "/jaeger/", "/loki/")


class SecurityHeadersMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                kept = any(name == b"cache-control" for name, _ in own) or not scope["path"].startswith(_ANSWERS)
                message["headers"] = own + list(HEADERS) + ([] if kept else [_NOT_KEPT])
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
