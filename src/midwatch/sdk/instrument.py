"""`instrument` and `answer_errors`: the one way to have an app, a client or a library observed."""

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

BY_MODULE = {
    "aiohttp": "aiohttp",
    "anthropic": "anthropic",
    "arq": "arq",
    "celery": "celery",
    "django": "django",
    "fastapi": "fastapi",
    "flask": "flask",
    "httpx": "httpx",
    "httpx2": "httpx2",
    "openai": "openai",
    "psycopg": "psycopg",
    "redis": "redis",
    "requests": "requests",
    "rq": "rq",
    "socketio": "socketio",
    "sqlalchemy": "sqlalchemy",
    "starlette": "starlette",
}
"""Which file instruments an object, by the package that it is, or that its class (or one of its bases)
comes from."""

ERRORS_BY_MODULE = {"fastapi": "starlette_errors", "flask": "flask_errors", "starlette": "starlette_errors"}


def instrument(target: Any, **options: Any) -> None:
    """Observe an app or client: spans, lines and metrics of what it does. Twice is once.

    A module (`httpx`, `redis`) stands for all clients that are made of it. `options` are those of its kind: see
    docs/instrumenting.md.

    Raises:
        TypeError: nothing here knows how to observe it, and the message lists what can be; or it has no such option.
    """
    import_module(f"midwatch.sdk.integrations.{_known(target, BY_MODULE)}").instrument(target, **options)


def answer_errors(app: Any) -> None:
    """Let a FastAPI, Starlette or Flask app answer what goes wrong with `{ok: false, code, message, request_id}`.

    Raises:
        TypeError: It is none of these.
    """
    import_module(f"midwatch.sdk.integrations.{_known(app, ERRORS_BY_MODULE)}").answer_errors(app)


def _known(target: Any, by_module: Mapping[str, str]) -> str:
    if isinstance(target, ModuleType):
        packages = [target.__name__]
    else:
        packages = [kind.__module__ for kind in type(target).__mro__]
    for package in packages:
        found = by_module.get(package.partition(".")[0])
        if found is not None:
            return found
    known = ", ".join(sorted(by_module))
    shown = repr(target) if isinstance(target, ModuleType) else f"{packages[0]}.{type(target).__qualname__}"
    raise TypeError(f"cannot instrument {shown}: expected one of {known}")
