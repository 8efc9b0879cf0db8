"""Routes whose parameters may come in a form, as Loki's and its clients' do where a query is long."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.routing import APIRoute

from midwatch.server.model.errors import BadRequest

FORM = "application/x-www-form-urlencoded"


class FormRoute(APIRoute):
    """A POST's form is read as if it stood in the address; where both name a parameter, the form's goes first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def with_form(request: Request) -> Response:
            if request.method == "POST" and (form := await _form(request)):
                # Last, since the last of several counts.
                query = b"&".join(filter(None, (request.scope["query_string"], form)))
                request = Request({**request.scope, "query_string": query}, request.receive)
            return await handle(request)

        return with_form


async def _form(request: Request) -> bytes:
    """
    Raises:
        BadRequest: a form that cannot be read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body or kind not in ("", FORM):
        return b""
    try:
        return urlencode(parse_qsl(body.decode(), keep_blank_values=True)).encode()
    except ValueError:
        raise BadRequest("the body is no form: expected name=value pairs joined by &, in UTF-8") from None
