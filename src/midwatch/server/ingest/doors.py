"""The doors over HTTP: OTLP and NDJSON. Plain Starlette handlers; what they share is `Ingest`."""

import math
from collections.abc import Awaitable, Callable, Mapping

from google.rpc.status_pb2 import Status
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.checks import ndjson, otlp_check
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.model.errors import MidwatchError, RateLimited, Unavailable, UnsupportedMedia
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.otlp.json import from_message
from midwatch.server.protocols.otlp.messages import KINDS, OtlpKind

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
_GRPC_CODES = {400: 3, 401: 16, 403: 7, 413: 8, 415: 3, 429: 8, 503: 14}
_CORS_HEADERS = (
    "authorization, content-type, content-encoding, x-midwatch-key, x-request-id, traceparent, tracestate, baggage"
)
_PREFLIGHT_SECONDS = "7200"

Handler = Callable[[Request], Awaitable[Response]]


def otlp_doors(ingest: Ingest) -> list[Route]:
    """`/v1/traces`, `/v1/metrics`, `/v1/logs` (OTLP/HTTP 1.x)."""
    routes = []
    for otlp in KINDS:
        routes.append(Route(otlp.path, _otlp(ingest, otlp), methods=["POST"]))
        routes.append(Route(otlp.path, _preflight, methods=["OPTIONS"]))
    return routes


def ndjson_doors(ingest: Ingest) -> list[Route]:
    """`/ingest/ndjson`."""

    async def handle(request: Request) -> Response:
        cors = _cors(request.headers)
        try:
            items = await ingest.take(
                SegmentKind.NDJSON_LOGS, request.headers, request.query_params, request.stream(), ndjson
            )
        except MidwatchError as error:
            answer = {"error": error.message, "code": error.code}
            return JSONResponse(answer, status_code=error.status, headers={**_retry_after(error), **cors})
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"accepted": items}, headers=cors)

    return [
        Route("/ingest/ndjson", handle, methods=["POST"]),
        Route("/ingest/ndjson", _preflight, methods=["OPTIONS"]),
    ]


def _otlp(ingest: Ingest, otlp: OtlpKind) -> Handler:
    checks = {PROTOBUF: otlp_check(otlp, json=False), JSON: otlp_check(otlp, json=True)}

    async def handle(request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        cors = _cors(request.headers)
        try:
            check = checks.get(content_type)
            if check is None:
                ingest.note_refusal("", otlp.kind, UnsupportedMedia.code)
                raise UnsupportedMedia(f"content-type={content_type!r}: expected {PROTOBUF} or {JSON}")
            await ingest.take(otlp.kind, request.headers, request.query_params, request.stream(), check)
        except MidwatchError as error:
            return _otlp_failure(error, json=content_type == JSON, cors=cors)
        except ClientDisconnect:
            return Response(status_code=400)
        success = otlp.response()
        body = from_message(success) if content_type == JSON else success.SerializeToString()
        return Response(body, media_type=content_type, headers=cors)

    return handle


def _otlp_failure(error: MidwatchError, *, json: bool, cors: dict[str, str]) -> Response:
    """A `google.rpc.Status` in the request's encoding, as OTLP wants it."""
    status = Status(code=_GRPC_CODES.get(error.status, 2), message=error.message)
    body = from_message(status) if json else status.SerializeToString()
    headers = {**_retry_after(error), **cors}
    return Response(body, status_code=error.status, media_type=JSON if json else PROTOBUF, headers=headers)


def _retry_after(error: MidwatchError) -> dict[str, str]:
    if isinstance(error, RateLimited | Unavailable):
        return {"retry-after": str(max(1, math.ceil(error.retry_after_seconds)))}
    return {}


def _cors(headers: Mapping[str, str]) -> dict[str, str]:
    """Any page may ask; whether its data is taken depends on its key's origins. No cookies are ever used here."""
    origin = headers.get("origin")
    return {"access-control-allow-origin": origin, "vary": "origin"} if origin else {}


async def _preflight(request: Request) -> Response:
    headers = _cors(request.headers)
    headers["access-control-allow-methods"] = "POST"
    headers["access-control-allow-headers"] = _CORS_HEADERS
    headers["access-control-max-age"] = _PREFLIGHT_SECONDS
    return Response(status_code=204, headers=headers)
