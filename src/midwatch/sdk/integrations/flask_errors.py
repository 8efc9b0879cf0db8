"""Error envelopes for Flask."""

from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException

from midwatch.sdk.envelopes import envelope


def answer_errors(app: Flask) -> None:
    """Answer what is raised with an envelope; handlers that the app has for itself stay."""
    known = app.error_handler_spec[None][None]
    if HTTPException not in known and Exception not in known:
        app.register_error_handler(HTTPException, _http)


def _http(error: Any) -> Any:
    """What was raised and is no answer comes as a 500, with what it said left out."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    headers = {name: value for name, value in error.get_headers() if name.lower() not in ("content-type",)}
    return envelope(status, error.description or error.name), status, headers
