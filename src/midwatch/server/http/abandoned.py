"""A reader who goes away takes the question along: its work is cancelled, and with it what the engine runs for it."""

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_API = "/api/v1/"
_SQL = "/api/v1/sql"
_LOKI = "/loki/api/v1/"
_METRICS = "/prometheus/api/v1/"
_METRIC_CHANGES = ("write", "otlp/", "admin/")
MESSAGES_MAX = 64
"""Of a body that nobody reads; more are left with the sender, and a goodbye behind them is not seen."""


class AbandonedMiddleware:
    """Cancels questions to the API whose client has disconnected; changes always run to their end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_question(scope):
            await self._app(scope, receive, send)
            return
        messages: asyncio.Queue[Message] = asyncio.Queue(MESSAGES_MAX)
        work = asyncio.ensure_future(self._app(scope, messages.get, send))
        watch = asyncio.ensure_future(_watch(receive, messages, work))
        try:
            await asyncio.wait([work])
            if not work.cancelled():
                work.result()
        finally:
            work.cancel()
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch


def _is_question(scope: Scope) -> bool:
    path = str(scope.get("path", ""))
    if scope["type"] != "http":
        return False
    if path.startswith(_METRICS):
        return not path.removeprefix(_METRICS).startswith(_METRIC_CHANGES)
    return (scope["method"] == "GET" and path.startswith((_API, _LOKI))) or (scope["method"] == "POST" and path == _SQL)


async def _watch(receive: Receive, messages: asyncio.Queue[Message], work: asyncio.Future[None]) -> None:
    """Hand the request on; what comes after it can only be the disconnect."""
    while True:
        message = await receive()
        await messages.put(message)
        if message["type"] == "http.disconnect":
            work.cancel()
            return
