"""Loki's live tail: a WebSocket that sends the lines that a query finds as they become visible."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from midwatch.server.http.auth import Guard
from midwatch.server.http.loki_params import LINES_MAX, SINCE_SECONDS, span_of
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, MidwatchError
from midwatch.server.protocols.loki.answers import CATEGORIZE, streams
from midwatch.server.protocols.loki.failure import loki_text
from midwatch.server.query.logql.syntax import parse
from midwatch.server.query.logql.syntax.ast import LogQuery
from midwatch.server.query.logql.tail import Batch, LogQLTail
from midwatch.server.query.source import Scope

LINES_DEFAULT = 100
TAILS_MAX = 50
"""Loki's own default is ten a tenant. Each asks the store once a second."""
_TRY_AGAIN = 1013
"""RFC 6455's registry of close codes: the server asks to be called later."""


def loki_tail_routes(tail: LogQLTail, guard: Guard, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/loki/api/v1")
    open_tails: set[WebSocket] = set()

    @router.websocket("/tail")
    async def follow(socket: WebSocket) -> None:
        """First the last lines since `start`, at most `limit`; then each once, as it becomes visible."""
        asked = socket.query_params
        try:
            await guard.reader(socket, Role.VIEWER)
            if len(open_tails) >= TAILS_MAX:
                raise BadRequest(f"max concurrent tail requests limit exceeded: {TAILS_MAX}")
            query, limit = _log_query(asked.get("query", "")), _limit(asked.get("limit", ""))
            span = span_of(asked.get("start", ""), "", "", clock.now_ns(), seconds=SINCE_SECONDS)
            batches = tail.follow(query, Scope(span), limit)
            first = await anext(batches)
        except MidwatchError as error:
            await socket.send_denial_response(PlainTextResponse(loki_text(error) + "\n", error.status))
            return
        await socket.accept()
        open_tails.add(socket)
        categorized = CATEGORIZE in socket.headers.get("x-loki-response-encoding-flags", "")
        sending = asyncio.ensure_future(_send(socket, first, batches, categorized=categorized))
        try:
            await _until_gone(socket, sending)
        finally:
            open_tails.discard(socket)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    return router


async def _send(socket: WebSocket, first: Batch, batches: AsyncGenerator[Batch, None], *, categorized: bool) -> None:
    """Until the client is gone, or the store does not answer: then it is told to call again."""
    try:
        async with contextlib.aclosing(batches):
            if first.lines:
                await socket.send_text(_frame(first, categorized=categorized))
            async for batch in batches:
                await socket.send_text(_frame(batch, categorized=categorized))
    except MidwatchError as error:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(_TRY_AGAIN, error.message[:120])
    except (WebSocketDisconnect, RuntimeError):
        return


async def _until_gone(socket: WebSocket, sending: asyncio.Future[None]) -> None:
    """A client sends nothing but its goodbye."""
    while not sending.done():
        reading = asyncio.ensure_future(socket.receive())
        waited: list[asyncio.Future[Any]] = [reading, sending]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            reading.cancel()
            return
        if reading.result()["type"] == "websocket.disconnect":
            return


def _frame(batch: Batch, *, categorized: bool) -> str:
    frame: dict[str, object] = {"streams": streams(batch.lines, categorized=categorized)}
    if batch.left_out:
        frame["dropped_entries"] = [
            {"labels": {}, "timestamp": str(batch.lines[0].time_ns if batch.lines else 0), "count": batch.left_out}
        ]
    if categorized:
        frame["encodingFlags"] = [CATEGORIZE]
    return orjson.dumps(frame).decode()


def _log_query(text: str) -> LogQuery:
    query = parse(text)
    if not isinstance(query, LogQuery):
        raise BadRequest("only log queries can be tailed: a metric query has no lines")
    return query


def _limit(text: str) -> int:
    if not text:
        return LINES_DEFAULT
    if not text.isascii() or not text.isdigit() or int(text[:10]) > LINES_MAX:
        raise BadRequest(f"limit={text[:20]!r}: expected a number up to {LINES_MAX}")
    return int(text)
