"""Ping URLs of Healthchecks and cron URLs of Sentry: what a crontab can call with curl."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Request
from fastapi import Path as PathParam
from fastapi.responses import PlainTextResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.sentry_doors import SentryDoors, sentry_failure
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.errors import BadRequest, Conflict, MidwatchError, NotFound, retry_seconds
from midwatch.server.monitors.heartbeats.bridges import (
    HEALTHCHECKS,
    beat_of_ping,
    made_by_ping,
    take_read_check_in,
)
from midwatch.server.monitors.heartbeats.desk import Heard, HeartbeatDesk
from midwatch.server.protocols.healthchecks.pings import (
    BODY_BYTES_MAX,
    BadPing,
    Ping,
    action_of,
    is_slug,
    is_uuid,
    run_of,
)
from midwatch.server.protocols.sentry.check_in import BadCheckIn, check_in_of
from midwatch.server.workspace.heartbeats import Identity
from midwatch.server.workspace.keys import IngestKeys

_METHODS = ["GET", "HEAD", "POST"]
_HEADERS = {"ping-body-limit": str(BODY_BYTES_MAX), "access-control-allow-origin": "*", "cache-control": "no-store"}
_TEXT = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_RESPONSES = {200: _TEXT, 201: _TEXT, 400: _TEXT, 404: _TEXT, 409: _TEXT, 429: _TEXT, 503: _TEXT}
Part = Annotated[str, PathParam(max_length=512)]


def ping_routes(desk: HeartbeatDesk, keys: IngestKeys) -> APIRouter:
    """`/ping/<uuid>`, `/ping/<ping-key>/<slug>` and what may follow each; any ingest key is a ping key."""
    router = APIRouter(tags=["uptime"])

    async def by_id(heartbeat_id: str, action: str, request: Request) -> Response:
        ping, run, body = await _read(request, action)
        beat = beat_of_ping(ping, run, desk.now_ns())
        if not await desk.take_by_id(heartbeat_id.lower(), beat, HEALTHCHECKS, body):
            return _said("(not found)", 404)
        return _said("OK")

    async def by_slug(grant: IngestGrant, slug: str, action: str, request: Request) -> Response:
        ping, run, body = await _read(request, action)
        if not is_slug(slug):
            raise BadPing("slug: expected letters, digits, dots, dashes and underscores")
        beat, creates = beat_of_ping(ping, run, desk.now_ns()), request.query_params.get("create") == "1"
        try:
            row = await desk.by_slug(grant.project, slug)
        except NotFound:
            if not creates:
                return _said("(not found)", 404)
            identity = Identity(grant.project, slug, grant.environment or "")
            await desk.take(Heard(identity, beat, HEALTHCHECKS, body, made_by_ping()))
            return _said("Created", 201)
        except Conflict:
            return _said("ambiguous slug", 409)
        await desk.take_by_id(row.id, beat, HEALTHCHECKS, body)
        return _said("OK")

    async def answered(request: Request, first: str, second: str = "", third: str = "") -> Response:
        try:
            if is_uuid(first) and not third:
                return await by_id(first, second, request)
            grant = keys.find(first)
            if grant is None or not second:
                return _said("(not found)", 404)
            return await by_slug(grant, second, third, request)
        except BadPing as error:
            return _said(f"invalid url format: {error}", 400)
        except MidwatchError as error:
            seconds = retry_seconds(error)
            headers = {} if seconds is None else {"retry-after": str(seconds)}
            return _said(error.message, error.status, headers)

    for method in _METHODS:
        options = {"methods": [method], "response_class": PlainTextResponse, "responses": _RESPONSES}
        shown = {"include_in_schema": method != "HEAD"}

        async def one(first: Part, request: Request) -> Response:
            """A sign of life; a POST's body is kept with it."""
            return await answered(request, first)

        async def two(first: Part, second: Part, request: Request) -> Response:
            """`start`, `fail`, `log` or an exit status of a heartbeat by its UUID; or one by ping key and slug."""
            return await answered(request, first, second)

        async def three(first: Part, second: Part, third: Part, request: Request) -> Response:
            return await answered(request, first, second, third)

        router.add_api_route("/ping/{first}", one, name=f"ping_{method}", **options, **shown)  # type: ignore[arg-type]
        router.add_api_route("/ping/{first}/{second}", two, name=f"ping_2_{method}", **options, **shown)  # type: ignore[arg-type]
        router.add_api_route("/ping/{first}/{second}/{third}", three, name=f"ping_3_{method}", **options, **shown)  # type: ignore[arg-type]
    return router


async def _read(request: Request, action: str) -> tuple[Ping, str, str]:
    ping, run = action_of(action), run_of(request.query_params.get("rid", ""))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: max(0, BODY_BYTES_MAX - len(body))]
    return ping, run, bytes(body).decode(errors="replace")


def _said(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, headers={**_HEADERS, **(headers or {})})


def cron_doors(desk: HeartbeatDesk, doors: SentryDoors) -> list[Route]:
    """`/api/<project>/cron/<slug>/<key>/`, or without the key where a header has it."""

    async def cron(request: Request) -> Response:
        try:
            grant, raw = await doors.admit(request)
            said: dict[str, object] = dict(request.query_params)
            if isinstance(duration := said.get("duration"), str):
                said["duration"] = _number(duration)
            said.pop("monitor_config", None)
            if raw:
                said |= _json(raw)
            check_in = check_in_of(said, slug=request.path_params["slug"])
            await take_read_check_in(desk, grant, check_in)
        except (BadCheckIn, ValueError) as error:
            return sentry_failure(BadRequest(f"cannot read the check-in: {error}", code="bad_check_in"))
        except MidwatchError as error:
            return sentry_failure(error)
        return Response(status_code=202)

    paths = [f"/api/{{project:int}}/cron/{{slug}}{rest}" for rest in ("/{key}/", "/{key}", "/", "")]
    return [Route(path, cron, methods=_METHODS) for path in paths]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadCheckIn("duration: expected seconds") from None


def _json(raw: bytes) -> dict[str, object]:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadCheckIn(f"expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadCheckIn("expected a JSON object")
    return value
