"""Query parameters that a route does not have are a mistake: a filter that is misspelled would answer everything."""

import difflib

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from midwatch.server.model.errors import BadRequest

API = "/api/v1/"
"""Only here: what other products' clients send to their own routes is theirs."""


async def only_known(request: HTTPConnection) -> None:
    """As a dependency of every route.

    Raises:
        BadRequest: a parameter that is not one of the route's; the message names it and those that there are.
    """
    route = request.scope.get("route")
    # The page's catch-all also answers for what is below API; that it has no such method or path is what matters then.
    if not isinstance(route, APIRoute) or not route.path.startswith(API):
        return
    known = tuple(sorted(_of(route.dependant)))
    for name in request.query_params:
        if name not in known:
            raise BadRequest(_said(name[:60], known))


def _of(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_of(one) for one in dependant.dependencies))


def _said(name: str, known: tuple[str, ...]) -> str:
    if not known:
        return f"{name}: this route has no parameters"
    near = difflib.get_close_matches(name, known, n=1) or [one for one in known if name.startswith(one)]
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{name}: expected one of {', '.join(known)}{meant}"
