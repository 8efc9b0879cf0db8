"""Sentry's door for envelopes: admitted by the DSN's key, split into items, each handed to whoever takes its type."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.ingest import Ingest
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.errors import BadRequest, MidwatchError, NotFound, RateLimited, Unauthorized, retry_seconds
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.protocols.sentry.auth import key_of
from midwatch.server.protocols.sentry.envelope import BadEnvelope, read_envelope

TakeItem = Callable[[IngestGrant, bytes], Awaitable[None]]
"""Durable on return. Raises MidwatchError: not kept, and why."""
TYPES = frozenset(
    {
        "attachment",
        "check_in",
        "client_report",
        "event",
        "feedback",
        "log",
        "metric",
        "profile",
        "profile_chunk",
        "raw_security",
        "replay_event",
        "replay_recording",
        "replay_video",
        "session",
        "sessions",
        "span",
        "statsd",
        "trace_metric",
        "transaction",
        "user_report",
    }
)
"""Those that SDKs send; others count as `other`."""
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
}
_PREFLIGHT = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "x-sentry-auth, content-type, content-encoding, sentry-trace, baggage",
    "access-control-max-age": "7200",
}


class SentryDoors:
    """`items`: who takes which type. What nobody takes is counted and not kept; its sender is answered all the same."""

    def __init__(self, ingest: Ingest, items: Mapping[str, TakeItem]) -> None:
        self._ingest, self._items = ingest, items
        self._counts = Counts(
            "midwatch_sentry_items_total", "Items of Sentry's envelopes, by type and outcome", ("type", "outcome")
        )

    def routes(self) -> list[Route]:
        found = []
        for path in ("/api/{project:int}/envelope/", "/api/{project:int}/envelope"):
            found.append(Route(path, self._envelope, methods=["POST"]))
            found.append(Route(path, self._preflight, methods=["OPTIONS"]))
        return found

    def measures(self) -> Iterable[Measure]:
        yield from self._counts.measures()

    async def admit(self, request: Request) -> tuple[IngestGrant, bytes]:
        """Whose request it is, and its body unpacked. Raises MidwatchError."""
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
        try:
            grant, raw = await self.admit(request)
            try:
                envelope = read_envelope(raw)
            except BadEnvelope as error:
                raise BadRequest(f"cannot read the envelope: {error}", code="bad_envelope") from None
            failure: MidwatchError | None = None
            for item in envelope.items:
                kind = item.type if item.type in TYPES else "other"
                take = self._items.get(item.type)
                if take is None:
                    self._counts.add(kind, "not_kept")
                    continue
                try:
                    await take(grant, item.payload)
                    self._counts.add(kind, "kept")
                except MidwatchError as error:
                    self._counts.add(kind, error.code)
                    failure = error
            if failure is not None:
                raise failure
        except MidwatchError as error:
            return sentry_failure(error)
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"id": envelope.headers.get("event_id")}, headers=_CORS)

    async def _preflight(self, _request: Request) -> Response:
        return Response(status_code=204, headers=_CORS | _PREFLIGHT)


def sentry_failure(error: MidwatchError) -> Response:
    """As Sentry's relay answers: SDKs log `detail`, and wait as they are told."""
    headers = _CORS | {"x-sentry-error": error.message.encode("ascii", "replace").decode()[:500]}
    if (seconds := retry_seconds(error)) is not None:
        headers["retry-after"] = str(seconds)
        if isinstance(error, RateLimited):
            headers["x-sentry-rate-limits"] = f"{seconds}::key"
    return JSONResponse({"detail": error.message, "code": error.code}, error.status, headers=headers)
