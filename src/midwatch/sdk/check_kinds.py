"""What can be checked without writing a check: engines, pools, clients, addresses.

Each is known by the package of its class, so that nothing is imported that the app does not use.
"""

import http.client
import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from midwatch.sdk.checks import TIMEOUT_SECONDS, Call

HTTP_FAILS_FROM = 500
"""A 403 of a bucket or a 404 of an API that has no such page say that it is there."""


def check_of(target: Any, timeout_seconds: float = TIMEOUT_SECONDS) -> Call:
    """The call that checks it.

    Knows SQLAlchemy engines, psycopg connections, pools and addresses, Redis clients, http addresses, buckets as
    `(client, name)` of boto3's kind, and calls of the app's own, coroutine functions too.

    Raises:
        TypeError: it is none of these.
    """
    for kind in type(target).__mro__:
        known = _BY_PACKAGE.get(kind.__module__.partition(".")[0])
        if known is not None:
            return known(target)
    match target:
        case str() if target.startswith(("http://", "https://")):
            return lambda: _ask_http(target, timeout_seconds)
        case str() if target.startswith(("postgresql://", "postgres://")):
            return lambda: _ask_postgresql(target, timeout_seconds)
        case (client, str() as bucket) if hasattr(client, "head_bucket"):
            return lambda: client.head_bucket(Bucket=bucket)
        case _ if callable(target):
            call: Call = target
            return call
    raise TypeError(
        f"cannot check {type(target).__module__}.{type(target).__qualname__}: expected a SQLAlchemy engine, a psycopg "
        "connection or pool, a Redis client, an address (http, postgresql), (client, bucket), or a callable"
    )


def _sqlalchemy(engine: Any) -> Call:
    from sqlalchemy import text

    statement = text("SELECT 1")
    if hasattr(engine, "sync_engine"):

        async def ask() -> None:
            async with engine.connect() as connection:
                await connection.execute(statement)

        return ask

    def ask_sync() -> None:
        with engine.connect() as connection:
            connection.execute(statement)

    return ask_sync


def _psycopg(connection: Any) -> Call:
    if not inspect.iscoroutinefunction(connection.execute):
        return lambda: connection.execute("SELECT 1")

    async def ask() -> None:
        await connection.execute("SELECT 1")

    return ask


def _psycopg_pool(pool: Any) -> Call:
    if hasattr(pool, "__aenter__"):

        async def ask() -> None:
            async with pool.connection() as connection:
                await connection.execute("SELECT 1")

        return ask

    def ask_sync() -> None:
        with pool.connection() as connection:
            connection.execute("SELECT 1")

    return ask_sync


def _redis(client: Any) -> Call:
    if ".asyncio." not in type(client).__module__:
        ping: Call = client.ping
        return ping

    async def ask() -> None:
        await client.ping()

    return ask


def _ask_http(url: str, timeout_seconds: float) -> None:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_seconds)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        status = connection.getresponse().status
    finally:
        connection.close()
    if status >= HTTP_FAILS_FROM:
        raise ConnectionError(f"HTTP {status}")


def _ask_postgresql(url: str, timeout_seconds: float) -> None:
    import psycopg

    # libpq takes whole seconds, and two at least.
    with psycopg.connect(url, connect_timeout=max(2, round(timeout_seconds))) as connection:
        connection.execute("SELECT 1")


_BY_PACKAGE: dict[str, Callable[[Any], Call]] = {
    "sqlalchemy": _sqlalchemy,
    "psycopg": _psycopg,
    "psycopg_pool": _psycopg_pool,
    "redis": _redis,
}
