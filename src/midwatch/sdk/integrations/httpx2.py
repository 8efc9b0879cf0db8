"""httpx2: `midwatch.instrument(httpx2)` for every client, or one client."""

import logging
from types import ModuleType
from typing import Any

import httpx2

from midwatch.sdk.httpx_clients import observe, observe_in_async


def instrument(target: Any) -> None:
    """Every request that is sent is told, each redirect by itself."""
    if isinstance(target, ModuleType):
        observe(httpx2.Client)
        observe_in_async(httpx2.AsyncClient)
    elif isinstance(target, httpx2.AsyncClient):
        observe_in_async(target)
    else:
        observe(target)
    # Its line of each request says less than ours.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
