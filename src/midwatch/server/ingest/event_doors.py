"""`POST /ingest/events`: domain events as JSON, one, an array, or one a line.

What is wrong with an event is said with its index, and the others are taken: 200 where all are, 207 where some are, and
the status of the first where none is.
"""

from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.checks import JSON_BYTES_MAX, Body, Check
from midwatch.server.ingest.doors import (
    LINE_TYPES,
    NOT_VISIBLE,
    content_type_of,
    cors_of,
    gone,
    preflight,
    retry_after,
    unread,
)
from midwatch.server.ingest.ingest import Ingest, Taken
from midwatch.server.model.errors import BadRequest, MidwatchError
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.domain_events.lines import BadEvents, Refused, read_body

PATH = "/ingest/events"
TOLD_MAX = 20
"""Refused events of a body that its answer names."""
_KIND = SegmentKind.DOMAIN_EVENTS


class EventsRefused(BadRequest):
    """No event of a body can be kept."""

    def __init__(self, refused: tuple[Refused, ...]) -> None:
        first = refused[0]
        super().__init__(f"event {first.index}: {first.reason}", code="bad_event")
        self.refused = refused

    def __reduce__(self) -> Any:  # it comes from another process
        return type(self), (self.refused,)


def domain_events(raw: bytes) -> Body:
    """Events as lines; those that cannot be kept are refused beside the others."""
    try:
        found = read_body(raw)
    except BadEvents as error:
        raise BadRequest(f"cannot read the body: {error}") from None
    refused = tuple(found.refused)
    if refused and not found.events:
        raise EventsRefused(refused)
    said = f"{len(refused)} of {found.events + len(refused)} events" if refused else ""
    return Body(found.lines, found.events, retry_is_copy=found.timed, refused=said, receipt=refused)


_CHECK = Check(domain_events, JSON_BYTES_MAX)


def event_doors(ingest: Ingest) -> list[Route]:
    async def handle(request: Request) -> Response:
        headers = cors_of(request.headers)
        try:
            if content_type_of(request) not in LINE_TYPES:
                raise unread(ingest, _KIND, request, "application/json or application/x-ndjson")
            taken = await ingest.take(_KIND, request.headers, request.query_params, request.stream(), _CHECK)
        except EventsRefused as error:
            status = max(one.status for one in error.refused)
            answer = {"accepted": 0, "error": error.message, "code": error.code, **_refusals(error.refused)}
            return JSONResponse(answer, status, headers=headers)
        except MidwatchError as error:
            answer = {"error": error.message, "code": error.code}
            return JSONResponse(answer, error.status, headers={**retry_after(error), **headers})
        except ClientDisconnect:
            return gone(ingest, _KIND)
        return _answer(taken, headers)

    return [Route(PATH, handle, methods=["POST"]), Route(PATH, preflight, methods=["OPTIONS"])]


def _answer(taken: Taken, headers: dict[str, str]) -> Response:
    refused = taken.receipt
    assert isinstance(refused, tuple)
    answer: dict[str, Any] = {"accepted": taken.items, **(_refusals(refused) if refused else {})}
    if not taken.visible:
        answer |= {"visible": False, "detail": NOT_VISIBLE}
    status = 207 if refused else 200 if taken.visible else 202
    return JSONResponse(answer, status, headers=headers)


def _refusals(refused: tuple[Refused, ...]) -> dict[str, Any]:
    told = [
        {"index": one.index, "id": one.event_id, "status": one.status, "error": one.reason}
        for one in refused[:TOLD_MAX]
    ]
    return {"refused": len(refused), "errors": told}
