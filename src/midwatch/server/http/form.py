"""Forms that stand in for, or beside, the parameters of an address, as Prometheus's and Loki's clients send them."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.routing import APIRoute

from midwatch.server.model.errors import BadRequest

FORM = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> list[tuple[str, str]]:
    """Its pairs, in order; none where the body is empty or of another type.

    Raises:
        BadRequest: a form that cannot be read.
    """
    if request.method == "GET":
        return []
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body or kind not in ("", FORM):
        return []
    try:
        return parse_qsl(body.decode(), keep_blank_values=True)
    except ValueError:
        raise BadRequest("the body is no form: expected name=value pairs joined by &, in UTF-8") from None


class FormRoute(APIRoute):
    """A form is read as if it stood in the address; where both name a parameter, the form's goes first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def with_form(request: Request) -> Response:
            if form := urlencode(await read_form(request)).encode():
                # Last, since the last of several counts.
                query = b"&".join(filter(None, (request.scope["query_string"], form)))
                request = Request({**request.scope, "query_string": query}, request.receive)
            return await handle(request)

        return with_form
