"""The application on the main port: API, doors, compatibility routes, health, page; one visible list."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from midwatch._version import __version__
from midwatch.server.http.abandoned import AbandonedMiddleware
from midwatch.server.http.errors import install_error_handlers
from midwatch.server.http.request_id import RequestIdMiddleware
from midwatch.server.http.routes.page import PAGE_PATH
from midwatch.server.http.security_headers import SecurityHeadersMiddleware

DESCRIPTION = """
Everything the page shows, for programs. Sign in with an API token (`Authorization: Bearer mwt_…`). Times are RFC 3339
in UTC, epoch numbers, or relative (`now-1h`). Errors are a `Problem`: what went wrong, what to do next, the request id.
"""


def build_api(*, doors: Iterable[BaseRoute], routers: Sequence[APIRouter]) -> FastAPI:
    """The whole main port. `routers` are tried in order; the page's catch-all comes last."""
    app = FastAPI(
        title="Midwatch",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(SecurityHeadersMiddleware),
            Middleware(AbandonedMiddleware),
        ],
        separate_input_output_schemas=False,
    )
    install_error_handlers(app)
    app.router.routes.extend(doors)
    own = [*app.router.routes, *(route for router in routers for route in router.routes)]
    app.state.routes = [route for route in own if isinstance(route, Route) and route.path != PAGE_PATH]
    for router in routers:
        app.include_router(router)
    return app


def build_doors(doors: Iterable[BaseRoute]) -> Starlette:
    """The application on the OTLP port: the doors and nothing else."""
    return Starlette(routes=list(doors), middleware=[Middleware(RequestIdMiddleware)])
