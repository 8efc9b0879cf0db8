"""Error envelopes for Starlette and FastAPI."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from midwatch.sdk.envelopes import envelope

FIELDS_SHOWN_MAX = 5


def answer_errors(app: Starlette) -> None:
    """Answer what is raised with an envelope; handlers that the app has for itself stay."""
    handlers: dict[Any, Any] = {HTTPException: _http, Exception: _broken}
    theirs: tuple[Any, ...] = ()
    if _is_fastapi(app):
        from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
        from fastapi.exceptions import RequestValidationError

        handlers[RequestValidationError] = _invalid
        theirs = (http_exception_handler, request_validation_exception_handler)
    for kind, handler in handlers.items():
        if app.exception_handlers.get(kind, None) in (None, *theirs):
            app.add_exception_handler(kind, handler)


def _is_fastapi(app: Starlette) -> bool:
    return any(kind.__module__.partition(".")[0] == "fastapi" for kind in type(app).__mro__)


async def _http(request: Request, error: Any) -> Response:
    return _answer(error.status_code, str(error.detail), getattr(error, "headers", None))


async def _invalid(request: Request, error: Any) -> Response:
    """Where what came is not as it should be: which fields and why, never their values."""
    found = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    more = f" (and {len(found) - FIELDS_SHOWN_MAX} more)" if len(found) > FIELDS_SHOWN_MAX else ""
    return _answer(400, "; ".join(found[:FIELDS_SHOWN_MAX]) + more, None)


async def _broken(request: Request, error: Exception) -> Response:
    return _answer(500, "", None)


def _answer(status: int, message: str, headers: Mapping[str, str] | None) -> Response:
    if status in (204, 304):
        return Response(status_code=status, headers=dict(headers or {}))
    return JSONResponse(envelope(status, message), status, headers)
