"""Django, behind WSGI and behind ASGI: `midwatch.instrument(application)`."""

import sys
from functools import partial
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception

from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations.asgi import AsgiMiddleware, Told
from midwatch.sdk.integrations.wsgi import WsgiMiddleware, answer_of
from midwatch.sdk.loggers import take_over_streams
from midwatch.sdk.setup import running

_OBSERVED = "_midwatch_observed"


def instrument(app: BaseHandler) -> None:
    """Put our middleware around the handler that `get_wsgi_application` or `get_asgi_application` made."""
    if hasattr(app, _OBSERVED):
        return
    handle, server = partial(type(app).__call__, app), running().web
    middleware: Any
    if isinstance(app, WSGIHandler):
        middleware = WsgiMiddleware(handle, server=server)
    elif isinstance(app, ASGIHandler):
        middleware = AsgiMiddleware(handle, server=server)
    else:
        raise TypeError(f"cannot instrument {type(app).__qualname__}: expected a WSGIHandler or an ASGIHandler")
    resolve = app.resolve_request

    def resolved(request: Any) -> Any:
        match = resolve(request)
        _matched(request, match)
        return match

    app.resolve_request = resolved
    setattr(app, _OBSERVED, middleware)
    # Servers call the object: what a call does is its class's to say.
    observed = _call_in_async if isinstance(app, ASGIHandler) else _call
    app.__class__ = type(type(app).__name__, (type(app),), {"__call__": observed})
    got_request_exception.connect(_failed, dispatch_uid="midwatch")
    take_over_streams(("django", "django.server"))


def _call(app: Any, environ: Any, start_response: Any) -> Any:
    return app._midwatch_observed(environ, start_response)


async def _call_in_async(app: Any, scope: Any, receive: Any, send: Any) -> None:
    await app._midwatch_observed(scope, receive, send)


@guarded
def _matched(request: Any, match: Any) -> None:
    told = _told(request)
    if told is not None and match.route:
        told.route = "/" + match.route.replace("^", "").removesuffix("$").lstrip("/")


@guarded
def _failed(request: Any = None, **_: Any) -> None:
    told = _told(request)
    if told is not None:
        told.error = sys.exc_info()[1]


def _told(request: Any) -> Any:
    scope = getattr(request, "scope", None)
    return answer_of(request.META) if scope is None else Told.of(scope)
