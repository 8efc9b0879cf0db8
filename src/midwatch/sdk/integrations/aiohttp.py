"""aiohttp's client: `midwatch.instrument(aiohttp)` for every session that is opened from then on, or one session."""

from functools import wraps
from types import ModuleType
from typing import Any

import aiohttp

from midwatch.sdk import http_client
from midwatch.sdk.guard import guarded

_DONE = "_midwatch"


def instrument(target: Any) -> None:
    """Every request is told, with the redirects that it follows."""
    if not isinstance(target, ModuleType):
        if not any(hasattr(one, _DONE) for one in target.trace_configs):
            target.trace_configs.append(_config())
        return
    session: Any = aiohttp.ClientSession
    opened = session.__init__
    if hasattr(opened, _DONE):
        return

    @wraps(opened)
    def observed(self: Any, *args: Any, **kwargs: Any) -> None:
        opened(self, *args, **kwargs)
        self.trace_configs.append(_config())

    setattr(observed, _DONE, True)
    session.__init__ = observed


def _config() -> Any:
    config = aiohttp.TraceConfig()
    setattr(config, _DONE, True)
    config.on_request_start.append(_started)
    config.on_request_end.append(_ended)
    config.on_request_exception.append(_failed)
    config.freeze()
    return config


async def _started(_: Any, context: Any, told: aiohttp.TraceRequestStartParams) -> None:
    context.outgoing = _begin(told)


async def _ended(_: Any, context: Any, told: aiohttp.TraceRequestEndParams) -> None:
    if context.outgoing is not None:
        pairs = ((name.lower(), value) for name, value in told.response.headers.items())
        limits = [one for one in pairs if http_client.says_limit(one[0])]
        http_client.answered(context.outgoing, told.response.status, limits)


async def _failed(_: Any, context: Any, told: aiohttp.TraceRequestExceptionParams) -> None:
    if context.outgoing is not None:
        http_client.failed(context.outgoing, told.exception)


@guarded
def _begin(told: aiohttp.TraceRequestStartParams) -> http_client.Outgoing | None:
    url = told.url
    return http_client.begin(told.method, str(url), url.host or "", url.port, url.path, told.headers)
