"""Flask."""

from typing import Any

from flask import Flask, got_request_exception, request

from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations.wsgi import WsgiMiddleware, answer_of
from midwatch.sdk.setup import running


def instrument(app: Flask) -> None:
    """Put our middleware around the app's WSGI door."""
    if isinstance(app.wsgi_app, WsgiMiddleware):
        return
    app.wsgi_app = WsgiMiddleware(app.wsgi_app, server=running().web)  # type: ignore[method-assign]
    app.before_request_funcs.setdefault(None, []).insert(0, _matched)
    # Flask answers what was raised by itself: the server sees no exception.
    got_request_exception.connect(_failed, app)


@guarded
def _matched() -> None:
    answer, rule = answer_of(request.environ), request.url_rule
    if answer is not None and rule is not None:
        answer.route = request.environ.get("SCRIPT_NAME", "") + rule.rule


@guarded
def _failed(_: Any, exception: BaseException, **__: Any) -> None:
    answer = answer_of(request.environ)
    if answer is not None:
        answer.error = exception
