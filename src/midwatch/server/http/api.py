"""The application on the main port: API, doors, compatibility routes, health, page; one visible list."""

from collections.abc import Callable, Iterable, Sequence

from fastapi import APIRouter, Depends, FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from starlette.types import ExceptionHandler

from midwatch._version import __version__
from midwatch.server.http.abandoned import AbandonedMiddleware
from midwatch.server.http.body_limit import BodyLimitMiddleware
from midwatch.server.http.errors import install_error_handlers
from midwatch.server.http.known_params import only_known
from midwatch.server.http.request_id import RequestIdMiddleware
from midwatch.server.http.routes.page import PAGE_PATH
from midwatch.server.http.security_headers import SecurityHeadersMiddleware
from midwatch.server.http.status_place import Place, StatusPlaceMiddleware
from midwatch.server.model.measure import Counts

DESCRIPTION = """
Everything the page shows, for programs. Sign in with an API token (`Authorization: Bearer mwt_…`). Times are RFC 3339
in UTC, epoch numbers, or relative (`now-1h`). Errors are a `Problem`: what went wrong, what to do next, the request id.
"""


def build_api(
    *,
    doors: Iterable[BaseRoute],
    routers: Sequence[APIRouter],
    refused: Counts,
    status_place: Callable[[], Place] = Place,
) -> FastAPI:
    """The whole main port. `routers` are tried in order; the page's catch-all comes last. Errors count in `refused`."""
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
            Middleware(StatusPlaceMiddleware, place=status_place),
            Middleware(BodyLimitMiddleware),
        ],
        separate_input_output_schemas=False,
    )
    install_error_handlers(app, refused)
    app.router.routes.extend(doors)
    own = [*app.router.routes, *(route for router in routers for route in router.routes)]
    app.state.routes = [route for route in own if isinstance(route, Route) and route.path != PAGE_PATH]
    for router in routers:
        app.include_router(router, dependencies=[Depends(only_known)])
    return app


def build_doors(doors: Iterable[BaseRoute], elsewhere: ExceptionHandler) -> Starlette:
    """The application on the OTLP port: the doors and nothing else, which `elsewhere` says."""
    middleware = [Middleware(RequestIdMiddleware)]
    return Starlette(routes=list(doors), middleware=middleware, exception_handlers={HTTPException: elsewhere})
