"""Clients of httpx, and of httpx2, its successor with the same inner shape: each request that they send is told."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from midwatch.sdk import http_client
from midwatch.sdk.http_client import Outgoing

SEND = "_send_single_request"
"""Below redirects and authentication: each request by itself."""
_DONE = "_midwatch"


def observe(client: Any) -> None:
    """One client, or a class of clients; twice is once."""
    send = getattr(client, SEND)
    if hasattr(send, _DONE):
        return

    @wraps(send)
    def observed(*args: Any) -> Any:
        outgoing = _begin(args[-1])
        if outgoing is None:
            return send(*args)
        try:
            response = send(*args)
        except BaseException as error:
            http_client.failed(outgoing, error)
            raise
        http_client.answered(outgoing, response.status_code, _limits(response))
        return response

    _put(client, observed)


def observe_in_async(client: Any) -> None:
    """The same for asynchronous ones."""
    send = getattr(client, SEND)
    if hasattr(send, _DONE):
        return

    @wraps(send)
    async def observed(*args: Any) -> Any:
        outgoing = _begin(args[-1])
        if outgoing is None:
            return await send(*args)
        try:
            response = await send(*args)
        except BaseException as error:
            http_client.failed(outgoing, error)
            raise
        http_client.answered(outgoing, response.status_code, _limits(response))
        return response

    _put(client, observed)


def _put(client: Any, observed: Callable[..., Any]) -> None:
    setattr(observed, _DONE, True)
    setattr(client, SEND, observed)
    for below in ("httpcore", "httpcore2"):
        # At debug they tell the headers of answers, cookies too.
        logging.getLogger(below).setLevel(logging.INFO)


def _begin(request: Any) -> Outgoing | None:
    url = request.url
    return http_client.begin(request.method, str(url), url.host, url.port, url.path, request.headers)


def _limits(response: Any) -> list[tuple[str, str]]:
    pairs = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw)
    return [pair for pair in pairs if http_client.says_limit(pair[0])]
