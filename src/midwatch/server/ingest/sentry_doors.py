"""Sentry's doors: admitted by the DSN's key, checked, and written down as they came for the digest of issues.

`POST /api/{project}/envelope/`, `/store/`, `/security/`, and `/tunnel/` for pages that send everything to one address
of their own (develop.sentry.dev/sdk). Answers are `{"id": …}`, for any origin.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import cast

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.checks import Check
from midwatch.server.ingest.ingest import WRONG_PROJECT, Ingest
from midwatch.server.ingest.sentry_check import STORE_CHECK, SentryReceipt, envelope_check, security_check
from midwatch.server.ingest.unpack import begin_of
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.errors import (
    BadRequest,
    Forbidden,
    MidwatchError,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthorized,
    UnsupportedMedia,
    retry_seconds,
)
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.sentry.auth import key_of
from midwatch.server.protocols.sentry.dsn import Dsn, dsn_of, understood
from midwatch.server.protocols.sentry.envelope import HEADER_BYTES_MAX

TakeItem = Callable[[IngestGrant, bytes], Awaitable[None]]
"""Durable on return. Raises MidwatchError: not kept, and why."""
Handler = Callable[[Request], Awaitable[Response]]
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
}
_PREFLIGHT = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "x-sentry-auth, content-type, content-encoding, sentry-trace, baggage",
    "access-control-max-age": "7200",
}
_OF_BODY = ("content-encoding", "content-length", "origin", "x-midwatch-wait")


class SentryDoors:
    """`items`: who takes which type at once; the others go to the log, and what nobody knows is counted."""

    def __init__(self, ingest: Ingest, items: Mapping[str, TakeItem]) -> None:
        self._ingest, self._items = ingest, items
        self._direct = frozenset(items)
        self._counts = Counts(
            "midwatch_sentry_items_total", "Items of Sentry's envelopes, by type and outcome", ("type", "outcome")
        )

    def routes(self) -> list[Route]:
        found = []
        handlers: dict[str, Handler] = {
            "/api/{project:int}/envelope": self._envelope,
            "/api/{project:int}/store": self._store,
            "/api/{project:int}/security": self._security,
            "/api/{project:int}/csp-report": self._security,
            "/api/{project:int}/minidump": self._minidump,
            "/tunnel": self._envelope,
        }
        for path, handler in handlers.items():
            for written in (path, f"{path}/"):
                found.append(Route(written, handler, methods=["POST"]))
                found.append(Route(written, self._preflight, methods=["OPTIONS"]))
        return found

    def measures(self) -> Iterable[Measure]:
        yield from self._counts.measures()

    async def admit(self, request: Request) -> tuple[IngestGrant, bytes]:
        """Whose request it is, and its body unpacked: for addresses that keep no envelope. Raises MidwatchError."""
        key = request.path_params.get("key") or key_of(request.headers, request.query_params)
        try:
            grant, raw = await self._ingest.receive(key, request.headers, request.stream())
        except Unauthorized:
            if "key" in request.path_params:
                raise NotFound("cannot find this address: its key was mistyped or revoked") from None
            raise
        project = request.path_params["project"]
        if grant.project != project:
            raise BadRequest(f"project={project}: the key {grant.key_name} is of project {grant.project}")
        return grant, raw

    async def _envelope(self, request: Request) -> Response:
        agent = request.headers.get("user-agent", "") if "origin" in request.headers else ""
        return await self._answered(request, envelope_check(self._direct, agent), in_body=True)

    async def _store(self, request: Request) -> Response:
        return await self._answered(request, STORE_CHECK)

    async def _security(self, request: Request) -> Response:
        return await self._answered(request, security_check(request.headers.get("user-agent", "")))

    async def _minidump(self, _request: Request) -> Response:
        return sentry_failure(
            UnsupportedMedia("cannot take minidumps: Midwatch reads no native crashes; send events of another SDK")
        )

    async def _preflight(self, _request: Request) -> Response:
        return Response(status_code=204, headers=_CORS | _PREFLIGHT)

    async def _answered(self, request: Request, check: Check, *, in_body: bool = False) -> Response:
        project: int | None = request.path_params.get("project")
        try:
            key = key_of(request.headers, request.query_params)
            chunks: AsyncIterator[bytes] = request.stream()
            if in_body and not key:
                dsn, chunks = await _dsn_within(request)
                key = dsn.key if dsn else ""
                if dsn and project is None:
                    project = dsn.project
            try:
                receipt = await self._take(request, key, project, chunks, check)
            except (Unauthorized, Forbidden, BadRequest) as error:
                if isinstance(error, BadRequest) and error.code != WRONG_PROJECT:
                    raise
                read = understood(key, project, str(request.base_url))
                raise type(error)(f"{error.message} (the DSN as we read it: {read})", code=error.code) from None
        except MidwatchError as error:
            return sentry_failure(error)
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"id": receipt.event_id}, headers=_CORS)

    async def _take(
        self, request: Request, key: str, project: int | None, chunks: AsyncIterator[bytes], check: Check
    ) -> SentryReceipt:
        sent = {name: value for name in _OF_BODY if (value := request.headers.get(name)) is not None}
        headers = {**sent, "x-midwatch-key": key} if key else sent | _bearer(request)
        query = request.query_params
        taken = await self._ingest.take(SegmentKind.SENTRY, headers, query, chunks, check, project=project)
        receipt = cast(SentryReceipt, taken.receipt)
        failure: MidwatchError | None = None
        for (kind, outcome), count in receipt.counts.items():
            self._counts.add(kind, outcome, amount=count)
        grant = cast(IngestGrant, taken.grant)
        for kind, payload in receipt.direct:
            try:
                await self._items[kind](grant, payload)
                self._counts.add(kind, "kept")
            except MidwatchError as error:
                self._counts.add(kind, error.code)
                failure = error
        if receipt.refused:
            too_large = any(outcome == "item_too_large" for _, outcome in receipt.counts)
            message = f"cannot take all of the envelope: {receipt.refused}; its other items are kept"
            failure = TooLarge(message, code="item_too_large") if too_large else BadRequest(message, code="bad_item")
        if failure is not None:
            raise failure
        return receipt


def _bearer(request: Request) -> dict[str, str]:
    """Programs that know a key and no DSN may show it as at the other doors."""
    shown = request.headers.get("authorization")
    return {"authorization": shown} if shown else {}


def sentry_failure(error: MidwatchError) -> Response:
    """As Sentry's relay answers: SDKs log `detail`, and wait as they are told."""
    headers = _CORS | {"x-sentry-error": error.message.encode("ascii", "replace").decode()[:500]}
    if (seconds := retry_seconds(error)) is not None:
        headers["retry-after"] = str(seconds)
        if isinstance(error, RateLimited):
            headers["x-sentry-rate-limits"] = f"{seconds}::key"
    return JSONResponse({"detail": error.message, "code": error.code}, error.status, headers=headers)


async def _dsn_within(request: Request) -> tuple[Dsn | None, AsyncIterator[bytes]]:
    """The DSN that an envelope's own headers name, and the body as if nobody had looked into it."""
    encoding, stream = request.headers.get("content-encoding", ""), request.stream()
    held = b""
    begin = b""
    async for chunk in stream:
        held += chunk
        begin = begin_of(held, encoding, HEADER_BYTES_MAX)
        if b"\n" in begin or len(begin) >= HEADER_BYTES_MAX or len(held) > 2 * HEADER_BYTES_MAX:
            break

    async def whole() -> AsyncIterator[bytes]:
        yield held
        async for chunk in stream:
            yield chunk

    try:
        headers = orjson.loads(begin.partition(b"\n")[0])
    except orjson.JSONDecodeError:
        headers = None
    return dsn_of(headers.get("dsn")) if isinstance(headers, dict) else None, whole()
