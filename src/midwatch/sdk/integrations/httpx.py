"""httpx: `midwatch.instrument(httpx)` for every client, or one client."""

import logging
from types import ModuleType
from typing import Any

import httpx

from midwatch.sdk.httpx_clients import observe, observe_in_async


def instrument(target: Any) -> None:
    """Every request that is sent is told, each redirect by itself."""
    if isinstance(target, ModuleType):
        observe(httpx.Client)
        observe_in_async(httpx.AsyncClient)
    elif isinstance(target, httpx.AsyncClient):
        observe_in_async(target)
    else:
        observe(target)
    # Its line of each request says less than ours.
    logging.getLogger("httpx").setLevel(logging.WARNING)
