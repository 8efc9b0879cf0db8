"""The doors over HTTP: OTLP and NDJSON. Plain Starlette handlers; what they share is `Ingest`."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from google.protobuf.message import Message
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.checks import JSON_LINES_CHECK, NDJSON_CHECK, otlp_check
from midwatch.server.ingest.ingest import WAIT_HEADER, Ingest, Taken
from midwatch.server.model.errors import MidwatchError, UnsupportedMedia, retry_seconds
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.otlp.failure import failure
from midwatch.server.protocols.otlp.json import from_message
from midwatch.server.protocols.otlp.messages import KINDS, OtlpKind

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
NOT_VISIBLE = "the data is durable and not yet visible to queries; do not send it again"
LINE_TYPES = frozenset(
    {
        "",
        JSON,
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/json-lines",
        "application/gzip",
        "application/x-gzip",
        "application/octet-stream",
        "application/x-www-form-urlencoded",  # what curl says of any --data-binary
        "text/plain",
        "text/x-ndjson",
    }
)
_VERCEL_VALUE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_CORS_HEADERS = (
    "authorization, content-type, content-encoding, x-midwatch-key, x-request-id, traceparent, tracestate, baggage, "
    + WAIT_HEADER
)
_PREFLIGHT_SECONDS = "7200"

Handler = Callable[[Request], Awaitable[Response]]


def otlp_doors(ingest: Ingest) -> list[Route]:
    """`/v1/traces`, `/v1/metrics`, `/v1/logs` (OTLP/HTTP 1.x)."""
    routes = []
    for otlp in KINDS:
        routes.append(otlp_route(ingest, otlp, otlp.path))
        routes.append(Route(otlp.path, preflight, methods=["OPTIONS"]))
    return routes


def otlp_route(ingest: Ingest, otlp: OtlpKind, path: str) -> Route:
    """One of these doors, at its own path or where another product has it."""
    return Route(path, _otlp(ingest, otlp), methods=["POST"])


def ndjson_doors(ingest: Ingest) -> list[Route]:
    """`/ingest/ndjson`: `{"accepted": n}`, or `{"error": …, "code": …}`.

    With `?vercel_verify=<value>` in a drain's address every answer carries it as `x-vercel-verify`, which is how Vercel
    is shown that an address is ours.
    """

    async def handle(request: Request) -> Response:
        headers = {**cors_of(request.headers), **_vercel(request)}
        content_type = content_type_of(request)
        try:
            if content_type not in LINE_TYPES:
                raise unread(ingest, SegmentKind.NDJSON_LOGS, request, "application/x-ndjson or application/json")
            sent = request.headers
            if content_type in ("application/gzip", "application/x-gzip") and "content-encoding" not in sent:
                sent = Headers({**sent, "content-encoding": "gzip"})
            check = JSON_LINES_CHECK if content_type == JSON else NDJSON_CHECK
            taken = await ingest.take(SegmentKind.NDJSON_LOGS, sent, request.query_params, request.stream(), check)
        except MidwatchError as error:
            answer = {"error": error.message, "code": error.code}
            return JSONResponse(answer, status_code=error.status, headers={**retry_after(error), **headers})
        except ClientDisconnect:
            return gone(ingest, SegmentKind.NDJSON_LOGS)
        if not taken.visible:
            late = {"accepted": taken.items, "visible": False, "detail": NOT_VISIBLE}
            return JSONResponse(late, status_code=202, headers=headers)
        return JSONResponse({"accepted": taken.items}, headers=headers)

    async def verify(request: Request) -> Response:
        return JSONResponse({}, headers=_vercel(request))

    return [
        Route("/ingest/ndjson", handle, methods=["POST"]),
        Route("/ingest/ndjson", preflight, methods=["OPTIONS"]),
        Route("/ingest/ndjson", verify, methods=["GET", "HEAD"]),
    ]


def _otlp(ingest: Ingest, otlp: OtlpKind) -> Handler:
    checks = {PROTOBUF: otlp_check(otlp, json=False), JSON: otlp_check(otlp, json=True)}
    success = {PROTOBUF: otlp.response().SerializeToString(), JSON: from_message(otlp.response())}
    late = otlp_answer(otlp, Taken(0, visible=False))
    not_visible = {PROTOBUF: late.SerializeToString(), JSON: from_message(late)}

    async def handle(request: Request) -> Response:
        content_type = content_type_of(request)
        cors = cors_of(request.headers)
        try:
            check = checks.get(content_type)
            if check is None:
                raise unread(ingest, otlp.kind, request, f"{PROTOBUF} or {JSON}")
            taken = await ingest.take(otlp.kind, request.headers, request.query_params, request.stream(), check)
        except MidwatchError as error:
            return _otlp_failure(error, json=content_type == JSON, cors=cors)
        except ClientDisconnect:
            return gone(ingest, otlp.kind)
        body, status = (success, 200) if taken.visible else (not_visible, 202)
        return Response(body[content_type], status, media_type=content_type, headers=cors)

    return handle


def otlp_answer(otlp: OtlpKind, taken: Taken) -> Message:
    """The answer to a body that was taken; OTLP's `partial_success` also carries what is no refusal."""
    answer: Any = otlp.response()
    if not taken.visible:
        answer.partial_success.error_message = NOT_VISIBLE
    return cast(Message, answer)


def content_type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unread(ingest: Ingest, kind: SegmentKind, request: Request, expected: str) -> MidwatchError:
    """What a request is refused with whose content type its door does not read."""
    error = UnsupportedMedia(f"content-type={content_type_of(request)[:100]!r}: expected {expected}")
    return ingest.refuse(kind, request.headers, request.query_params, error)


def gone(ingest: Ingest, kind: SegmentKind) -> Response:
    """The sender went away before its body was whole."""
    ingest.note_refusal("", kind, "sender_gone")
    return Response(status_code=400)


def _vercel(request: Request) -> dict[str, str]:
    value = request.query_params.get("vercel_verify", "")
    return {"x-vercel-verify": value} if _VERCEL_VALUE.fullmatch(value) else {}


def otlp_elsewhere(request: Request, error: Exception) -> Response:
    """Another path or method than the doors have: most often a base address where a signal's was asked for."""
    assert isinstance(error, HTTPException)
    paths = ", ".join(otlp.path for otlp in KINDS)
    said = f"{request.method} {request.url.path[:200]}: expected POST to one of {paths}"
    status = failure(error.status_code, said, None)
    json = content_type_of(request) != PROTOBUF
    return _status_answer(
        status, error.status_code, json=json, headers={**(error.headers or {}), **cors_of(request.headers)}
    )


def _otlp_failure(error: MidwatchError, *, json: bool, cors: dict[str, str]) -> Response:
    """In the request's encoding, as OTLP wants it."""
    status = failure(error.status, error.message, retry_seconds(error))
    return _status_answer(status, error.status, json=json, headers={**retry_after(error), **cors})


def _status_answer(status: Message, http_status: int, *, json: bool, headers: Mapping[str, str]) -> Response:
    body = from_message(status) if json else status.SerializeToString()
    return Response(body, http_status, media_type=JSON if json else PROTOBUF, headers=headers)


def retry_after(error: MidwatchError) -> dict[str, str]:
    seconds = retry_seconds(error)
    return {} if seconds is None else {"retry-after": str(seconds)}


def cors_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Any page may ask; whether its data is taken depends on its key's origins. No cookies are ever used here."""
    if not (origin := headers.get("origin")):
        return {}
    # Without the last a page's exporter cannot see how long it shall wait.
    exposed = "retry-after, x-request-id"
    return {"access-control-allow-origin": origin, "vary": "origin", "access-control-expose-headers": exposed}


async def preflight(request: Request) -> Response:
    headers = cors_of(request.headers)
    headers["access-control-allow-methods"] = "POST"
    headers["access-control-allow-headers"] = _CORS_HEADERS
    headers["access-control-max-age"] = _PREFLIGHT_SECONDS
    return Response(status_code=204, headers=headers)
