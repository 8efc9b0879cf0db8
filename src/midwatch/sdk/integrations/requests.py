"""requests: `midwatch.instrument(requests)` for every session, or one session."""

from contextvars import ContextVar
from functools import wraps
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.util.retry import Retry

from midwatch.sdk import http_client
from midwatch.sdk.guard import guarded
from midwatch.sdk.http_client import Outgoing

_DONE = "_midwatch"
_resent: ContextVar[list[int] | None] = ContextVar("midwatch.resent", default=None)
"""How often urllib3 has sent the request at hand again, in a list of one."""


def instrument(target: Any) -> None:
    """Every request that is sent is told, each redirect by itself; what urllib3 sends again is one request."""
    session: Any = requests.Session if isinstance(target, ModuleType) else target
    choose = session.get_adapter
    if hasattr(choose, _DONE):
        return

    @wraps(choose)
    def observed(*args: Any, **kwargs: Any) -> Any:
        return _Observed(choose(*args, **kwargs))

    setattr(observed, _DONE, True)
    session.get_adapter = observed
    _count_what_is_sent_again()


class _Observed:
    """An adapter that tells what it sends."""

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        outgoing = _begin(request)
        if outgoing is None:
            return self._adapter.send(request, *args, **kwargs)
        resent = [0]
        token = _resent.set(resent)
        try:
            response = self._adapter.send(request, *args, **kwargs)
        except BaseException as error:
            http_client.failed(outgoing, error, resent=resent[0])
            raise
        finally:
            _resent.reset(token)
        pairs = ((name.lower(), value) for name, value in response.headers.items())
        limits = [one for one in pairs if http_client.says_limit(one[0])]
        http_client.answered(outgoing, response.status_code, limits, resent=resent[0])
        return response


def _count_what_is_sent_again() -> None:
    """urllib3 asks its `Retry` after each failure: it raises, or the request is sent again."""
    retry: Any = Retry
    increment = retry.increment
    if hasattr(increment, _DONE):
        return

    @wraps(increment)
    def observed(*args: Any, **kwargs: Any) -> Any:
        following = increment(*args, **kwargs)
        resent = _resent.get()
        if resent is not None:
            resent[0] += 1
        return following

    setattr(observed, _DONE, True)
    retry.increment = observed


@guarded
def _begin(request: requests.PreparedRequest) -> Outgoing | None:
    parts = urlsplit(request.url or "")
    host, port = parts.hostname or "", parts.port
    return http_client.begin(request.method or "", request.url or "", host, port, parts.path, request.headers)
