"""How much a request may bring that is not to a door. Bodies are read before anybody is asked who they are."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 1 << 20
"""Parsed as JSON it may take twenty times as much memory."""
PLAN_BYTES_MAX = 8 << 20
DASHBOARD_BYTES_MAX = 5 << 20
"""Large boards have half a megabyte, and a text in JSON is longer than it is by itself."""
ALERTS_BYTES_MAX = 8 << 20
"""A storm of ten thousand alerts at once has four megabytes."""
STATUS_BYTES_MAX = 32 << 10
"""What strangers may send to the status page: an address, and the names of a hundred components."""
_DOORS = (
    "/v1/",
    "/ingest/",
    "/prometheus/api/v1/write",
    "/prometheus/api/v1/otlp/",
    "/loki/api/v1/push",
    "/loki/otlp/",
    "/tunnel",
    *("/batch", "/capture", "/e/", "/engage", "/i/v0/", "/i/v1/analytics/", "/track"),
)
_PLAN = "/api/v1/plan/"
_DASHBOARDS = "/api/v1/dashboard"
_ALERTS = "/alertmanager/api/v2/alerts"
_STATUS = "/status/"


class BodyLimitMiddleware:
    """Ends reading where a body is longer than its route takes; the doors have their own limits.

    FastAPI's own `max_body_size` answers in plain text and does not say what the limit is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _limited(scope["path"]):
            await self._app(scope, receive, send)
            return
        limit = _limit(scope["path"])
        received, answering = 0, False

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A stream that is under way has read its request, and drops what still comes.
            if received > limit and not answering:
                # Of Starlette's kind: FastAPI makes a 400 of any other that comes while it reads.
                raise HTTPException(413, f"body: expected at most {limit:,} bytes")
            return message

        async def send_noted(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        await self._app(scope, receive_bounded, send_noted)


def _limited(path: str) -> bool:
    # Sentry's doors are `/api/<number of the project>/…`.
    return not path.startswith(_DOORS) and not (path.startswith("/api/") and path[5:6].isdigit())


def _limit(path: str) -> int:
    if path.startswith(_PLAN):
        return PLAN_BYTES_MAX
    if path.startswith(_ALERTS):
        return ALERTS_BYTES_MAX
    if path.startswith(_STATUS):
        return STATUS_BYTES_MAX
    return DASHBOARD_BYTES_MAX if path.startswith(_DASHBOARDS) else BODY_BYTES_MAX
