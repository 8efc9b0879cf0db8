"""Midwatch: observability that a small team runs by itself.

    import midwatch

    midwatch.init(service="api")
    midwatch.instrument(app)

Its names are those of `midwatch.sdk.api`, loaded when one is first used: importing this costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from midwatch._version import __version__ as __version__

if TYPE_CHECKING:
    from midwatch.sdk.api import *  # noqa: F403 - `__all__` there is the one list of what is public


def __getattr__(name: str) -> Any:
    if name == "testing":
        return import_module("midwatch.testing")
    api = import_module("midwatch.sdk.api") if name == "__all__" or not name.startswith("_") else None
    if name == "__all__" and api:
        return [*api.__all__, "__version__"]
    if api is None or name not in api.__all__:
        raise AttributeError(f"module 'midwatch' has no attribute {name!r}")
    found = globals()[name] = getattr(api, name)
    return found


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))
