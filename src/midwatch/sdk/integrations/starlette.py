"""Starlette, and what is built on it."""

from typing import Any

from starlette.applications import Starlette

from midwatch.sdk.integrations.asgi import AsgiMiddleware
from midwatch.sdk.setup import running

_DONE = "_midwatch"


def instrument(app: Starlette) -> None:
    """Put our middleware outermost: outside of Starlette's own, which answers what the app raised."""
    if hasattr(app, _DONE):
        return
    setattr(app, _DONE, True)
    build, server = app.build_middleware_stack, running().web

    def observed() -> Any:
        return AsgiMiddleware(build(), server=server)

    app.build_middleware_stack = observed  # type: ignore[method-assign]
    if app.middleware_stack is not None:
        app.middleware_stack = AsgiMiddleware(app.middleware_stack, server=server)
