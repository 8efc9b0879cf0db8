"""psycopg 3: `midwatch.instrument(psycopg)`, sync and async."""

from functools import wraps
from types import ModuleType
from typing import Any

import psycopg

from midwatch.sdk import database
from midwatch.sdk.database import Statement
from midwatch.sdk.guard import guarded

SYSTEM = "postgresql"
_DONE = "_midwatch"


def instrument(target: Any) -> None:
    """What cursors execute is told, and connections that fail are counted."""
    if not isinstance(target, ModuleType):
        raise TypeError(
            "cannot instrument one connection of psycopg: expected the module, midwatch.instrument(psycopg)"
        )
    if hasattr(psycopg.Cursor.execute, _DONE):
        return
    for name in ("execute", "executemany"):
        _observe(psycopg.Cursor, name)
        _observe_in_async(psycopg.AsyncCursor, name)
    _observe_connect()


def _observe(cursor: Any, name: str) -> None:
    execute = getattr(cursor, name)

    @wraps(execute)
    def observed(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        statement = _begin(self, query, name)
        if statement is None:
            return execute(self, query, *args, **kwargs)
        try:
            result = execute(self, query, *args, **kwargs)
        except BaseException as error:
            database.end(statement, error)
            raise
        database.end(statement)
        return result

    setattr(observed, _DONE, True)
    setattr(cursor, name, observed)


def _observe_in_async(cursor: Any, name: str) -> None:
    execute = getattr(cursor, name)

    @wraps(execute)
    async def observed(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        statement = _begin(self, query, name)
        if statement is None:
            return await execute(self, query, *args, **kwargs)
        try:
            result = await execute(self, query, *args, **kwargs)
        except BaseException as error:
            database.end(statement, error)
            raise
        database.end(statement)
        return result

    setattr(observed, _DONE, True)
    setattr(cursor, name, observed)


def _observe_connect() -> None:
    connection: Any = psycopg.Connection
    in_async: Any = psycopg.AsyncConnection
    module: Any = psycopg
    connect, connect_in_async = connection.connect.__func__, in_async.connect.__func__

    @wraps(connect)
    def observed(cls: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return connect(cls, *args, **kwargs)
        except psycopg.Error as error:
            database.not_connected(SYSTEM, error)
            raise

    @wraps(connect_in_async)
    async def observed_in_async(cls: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await connect_in_async(cls, *args, **kwargs)
        except psycopg.Error as error:
            database.not_connected(SYSTEM, error)
            raise

    connection.connect, in_async.connect = classmethod(observed), classmethod(observed_in_async)
    # The module's function is the class's as it was.
    module.connect = connection.connect


@guarded
def _begin(cursor: Any, query: Any, name: str) -> Statement | None:
    info = cursor.connection.info
    if isinstance(query, bytes):
        query = query.decode(errors="replace")
    elif not isinstance(query, str):
        query = query.as_string(cursor) if hasattr(query, "as_string") else ""
    where = {"server.address": info.host, "server.port": info.port, "db.namespace": info.dbname}
    return database.begin(SYSTEM, query, where, many=name == "executemany")
