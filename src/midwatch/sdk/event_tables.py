"""One INSERT for every kind of connection: SQLAlchemy, Django, psycopg, psycopg2, asyncpg, sqlite3; none is imported.

All values go as texts and are cast by the database, so that no driver has an opinion on JSON or times.
"""

from collections.abc import Callable, Mapping
from typing import Any

from midwatch.contract.event_table import COLUMNS, OBJECTS, POSTGRESQL, SQLITE, TABLE

Row = Mapping[str, str | None]
_CASTS = {POSTGRESQL: {**dict.fromkeys(OBJECTS, "jsonb"), "sequence": "bigint", "occurred_at": "timestamptz"}}


def insert(connection: Any, row: Row, table: str = TABLE) -> None:
    """Raises TypeError, and what the database says."""
    library = _library(connection)
    if library == "sqlalchemy":
        connection.execute(_clause(_sqlalchemy_dialect(connection), table), dict(row))
    elif library == "sqlite3":
        connection.execute(_statement(SQLITE, lambda name, _: f":{name}", table), dict(row))
    elif library == "django":
        with connection.cursor() as cursor:
            cursor.execute(_statement(connection.vendor, _pyformat, table), dict(row))
    elif library in ("psycopg", "psycopg2") and not _is_async(connection):
        statement = _statement(POSTGRESQL, _pyformat, table)
        if hasattr(connection, "execute"):
            connection.execute(statement, dict(row))
        else:
            with connection.cursor() as cursor:
                cursor.execute(statement, dict(row))
    else:
        raise _unknown(connection, "midwatch.outbox_async takes asynchronous ones")


async def insert_async(connection: Any, row: Row) -> None:
    """Raises TypeError, and what the database says."""
    library = _library(connection)
    if library == "sqlalchemy" and hasattr(connection, "run_sync"):
        sync = getattr(connection, "sync_session", None) or connection.sync_connection
        await connection.execute(_clause(_sqlalchemy_dialect(sync), TABLE), dict(row))
    elif library == "asyncpg":
        statement = _statement(POSTGRESQL, lambda _, place: f"${place}", TABLE)
        await connection.execute(statement, *(row[column] for column in COLUMNS))
    elif library == "psycopg" and _is_async(connection):
        await connection.execute(_statement(POSTGRESQL, _pyformat, TABLE), dict(row))
    else:
        raise _unknown(connection, "midwatch.outbox takes those that are not asynchronous")


def _library(connection: Any) -> str:
    """Where the connection's class, or one that it is made of, comes from."""
    known = ("sqlalchemy", "sqlite3", "psycopg", "psycopg2", "asyncpg", "django")
    for kind in type(connection).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in known:
            # Django's `connection` stands for the one of the thread.
            return library
    return ""


def _is_async(connection: Any) -> bool:
    return type(connection).__name__.startswith("Async")


def _sqlalchemy_dialect(connection: Any) -> str:
    bound = connection.get_bind() if hasattr(connection, "get_bind") else connection
    return str(bound.dialect.name)


def _clause(dialect: str, table: str) -> Any:
    from sqlalchemy import text  # the app has it: it made the connection

    return text(_statement(dialect, lambda name, _: f":{name}", table))


def _pyformat(name: str, _: int) -> str:
    return f"%({name})s"


def _statement(dialect: str, placeholder: Callable[[str, int], str], table: str) -> str:
    """An event that is there already is left as it is: what an app does twice is one event."""
    if dialect not in (POSTGRESQL, SQLITE):
        raise TypeError(f"cannot write events into {dialect}: expected postgresql or sqlite")
    casts = _CASTS.get(dialect, {})
    values = []
    for place, column in enumerate(COLUMNS, 1):
        value = placeholder(column, place)
        # Twice, where it is no text: else a driver asks for a number or a time.
        value = f"CAST({value} AS text)"
        values.append(f"CAST({value} AS {casts[column]})" if column in casts else value)
    names = ", ".join(COLUMNS)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(values)}) ON CONFLICT (event_id) DO NOTHING"


def _unknown(connection: Any, hint: str) -> TypeError:
    kind = type(connection)
    return TypeError(
        f"cannot write an event with {kind.__module__}.{kind.__qualname__}: expected a Session or Connection of"
        f" SQLAlchemy, Django's connection, or one of psycopg, psycopg2 or sqlite3; {hint}"
    )
