"""The one place where errors become HTTP answers."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from midwatch.server.http.request_id import request_id_of
from midwatch.server.http.security_headers import HEADERS
from midwatch.server.model.errors import BadQuery, MidwatchError, retry_seconds
from midwatch.server.model.measure import Counts
from midwatch.server.promql.errors import QueryError
from midwatch.server.protocols.jaeger import shapes as jaeger
from midwatch.server.protocols.loki.failure import loki_text
from midwatch.server.schemas.base import Problem

log = structlog.get_logger(__name__)

_HTTP_CODES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}

_KINDS = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "unavailable",
    500: "internal",
    503: "unavailable",
}
"""Prometheus's `errorType` by status, where the error does not know it."""

_LOKI = "/loki/"
_ALERTMANAGER = "/alertmanager/"
_SENTRY = "/api/0/"
"""Whose tools show `detail`."""
_DOORS = "POST /v1/traces, /v1/logs, /v1/metrics and /ingest/ndjson"
WHERE_ROUTES_ARE = "the API is described at /api/v1/openapi.json"

_ERRORS = {
    400: "The request cannot be understood; `error` says why.",
    401: "Nobody is signed in.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "It exists already, or was changed meanwhile.",
    413: "Larger than a limit.",
    415: "A content type that is not read here.",
    422: "A field of the request is missing or wrong.",
    429: "Too often; `Retry-After` tells when again.",
    503: "A part Midwatch needs does not answer now; `Retry-After` tells when again.",
}
Responses = dict[int | str, dict[str, Any]]


def error_responses(shape: type[Problem]) -> Responses:
    """For `APIRouter(responses=…)`: what every route may answer besides its own, in this shape.

    The first names the shape, the others refer to it: FastAPI makes a validator for every model of every route, and a
    thousand of them for the same shape took a sixth of a start.
    """
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}
    described: Responses = {status: {"content": content, "description": text} for status, text in _ERRORS.items()}
    described[next(iter(_ERRORS))] = {"model": shape, "description": next(iter(_ERRORS.values()))}
    return described


PROBLEM_RESPONSES = error_responses(Problem)
"""What every route of the API may answer besides its own."""

PLAIN_RESPONSES: Responses = {
    status: {"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}}
    for status, text in _ERRORS.items()
}
"""The same of a compatible API whose errors are plain text."""


def counted_refusals() -> Counts:
    return Counts(
        "midwatch_api_refused_total", "Answers of the API that are errors, by status and code", ("status", "code")
    )


def install_error_handlers(app: FastAPI, refused: Counts) -> None:
    """Answer every error of the API as a `Problem` with its request id, and count it."""
    app.state.refused = refused
    app.add_exception_handler(MidwatchError, _on_midwatch_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_bug)


def problem_response(
    request: Request,
    *,
    status: int,
    error: str,
    code: str,
    headers: Mapping[str, str] | None = None,
    column: int | None = None,
    expected: list[str] | None = None,
    kind: str = "",
) -> Response:
    """A `Problem`, with what a compatible API's clients look for in it; Loki's and Alertmanager's read a text."""
    request.app.state.refused.add(str(status), code)
    error = error.encode("utf-8", "backslashreplace").decode()  # PromQL's texts may hold bytes that are no UTF-8.
    if request.url.path.startswith(_LOKI):
        return PlainTextResponse(error + "\n", status_code=status, headers=headers)
    if request.url.path.startswith(_ALERTMANAGER):
        return JSONResponse(error, status_code=status, headers=headers)
    problem = Problem(error=error, code=code, request_id=request_id_of(request.scope), column=column, expected=expected)
    content = problem.model_dump(exclude_none=True)
    if request.url.path.startswith("/jaeger/"):
        content |= jaeger.failure(status, error)
    if request.url.path.startswith(_SENTRY):
        content |= {"detail": error}
    if request.url.path.startswith("/prometheus/"):
        content |= {"status": "error", "errorType": kind or _KINDS.get(status, "bad_data")}
    return JSONResponse(content, status_code=status, headers=headers)


async def _on_midwatch_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, MidwatchError)
    headers: dict[str, str] = {}
    if (seconds := retry_seconds(error)) is not None:
        headers["retry-after"] = str(seconds)
    if error.status == 401:
        headers["www-authenticate"] = 'Bearer realm="midwatch"'
    if error.status >= 500:
        log.warning("request.unavailable", path=request.url.path, error=error.message, code=error.code)
    return problem_response(
        request,
        status=error.status,
        error=loki_text(error) if request.url.path.startswith(_LOKI) else error.message,
        code=error.code,
        headers=headers,
        column=error.column if isinstance(error, BadQuery) else None,
        expected=error.expected if isinstance(error, BadQuery) else None,
        kind=error.kind if isinstance(error, QueryError) else "",
    )


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    reasons = "; ".join(_reason(item) for item in error.errors()[:5])
    return problem_response(request, status=422, error=reasons, code="invalid_field")


def _reason(item: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0])
    said = str(item["msg"]).removeprefix("Value error, ")
    if tuple(item["loc"]) == ("body",) and item["type"] == "model_attributes_type":
        said = "expected a JSON object, with the header content-type: application/json"
    return f"{where}: {said}".encode("utf-8", "backslashreplace").decode()


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, text, headers = error.status_code, str(error.detail), error.headers
    if status == 405 and (methods := ", ".join(sorted(methods_of(request)))):
        headers = {"allow": methods}
        text = f"{request.method} {request.url.path[:200]}: expected one of {methods}"
    elif status == 405:
        status, headers = 404, None
        text = f"cannot find {request.url.path[:200]}: data is taken at {_DOORS}; {WHERE_ROUTES_ARE}"
    code = _HTTP_CODES.get(status, "http_error")
    return problem_response(request, status=status, error=text, code=code, headers=headers)


def methods_of(request: Request) -> set[str]:
    """The methods that this path has in the API or at the doors; empty where there is only the page."""
    path = request.url.path
    found = (route.methods or set() for route in request.app.state.routes if route.path_regex.match(path))
    return set[str]().union(*found)


async def _on_bug(request: Request, error: Exception) -> Response:
    request_id = request_id_of(request.scope)
    log.error("request.failed", path=request.url.path, request_id=request_id, exc_info=error)
    text = f"Midwatch failed at this request: it is in the server's log under request id {request_id}"
    # This answer is made outside of all middleware, which would add these.
    headers = {name.decode(): value.decode() for name, value in HEADERS} | {"x-request-id": request_id}
    return problem_response(request, status=500, error=text, code="internal", headers=headers)
