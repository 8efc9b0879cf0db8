"""Loki's doors: `/loki/api/v1/push` and its OTLP door. Refusals are plain text, as Loki's are."""

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.checks import LOKI_JSON_CHECK, LOKI_PROTOBUF_CHECK, Check
from midwatch.server.ingest.doors import JSON, NOT_VISIBLE, PROTOBUF, otlp_route, unread
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.model.errors import MidwatchError, retry_seconds
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.otlp.messages import KINDS

_KIND = SegmentKind.LOKI_LOGS
_CHECKS = {PROTOBUF: LOKI_PROTOBUF_CHECK, "": LOKI_PROTOBUF_CHECK, JSON: LOKI_JSON_CHECK}
"""By content type; none at all is protobuf, as Loki has it."""


def loki_doors(ingest: Ingest) -> list[Route]:
    """Push in protobuf (a snappy block) and in JSON (packed as at every door, or not); OTLP logs beside it."""

    async def push(request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            check = _CHECKS.get(content_type)
            if check is None:
                raise unread(ingest, _KIND, request, f"{PROTOBUF} or {JSON}")
            taken = await ingest.take(
                _KIND, _packed(request.headers, check), request.query_params, request.stream(), check
            )
        except MidwatchError as error:
            seconds = retry_seconds(error)
            headers = {} if seconds is None else {"retry-after": str(seconds)}
            return PlainTextResponse(error.message + "\n", error.status, headers)
        except ClientDisconnect:
            ingest.note_refusal("", _KIND, "sender_gone")
            return Response(status_code=400)
        if not taken.visible:
            return PlainTextResponse(NOT_VISIBLE + "\n", 202)
        return Response(status_code=204)

    logs = next(otlp for otlp in KINDS if otlp.kind is SegmentKind.OTLP_LOGS)
    return [
        Route("/loki/api/v1/push", push, methods=["POST"]),
        otlp_route(ingest, logs, "/loki/otlp/v1/logs"),
    ]


def _packed(headers: Headers, check: Check) -> Headers:
    """Protobuf comes as a snappy block, whether or not the sender says so; most do not."""
    if check is not LOKI_PROTOBUF_CHECK or headers.get("content-encoding", "").strip():
        return headers
    return Headers({**headers, "content-encoding": "snappy"})
