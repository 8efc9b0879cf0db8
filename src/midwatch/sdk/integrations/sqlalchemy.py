"""SQLAlchemy: `midwatch.instrument(sqlalchemy)` for every engine, or one engine, sync or async."""

from types import ModuleType
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from midwatch.sdk import database
from midwatch.sdk.guard import guarded

_STATEMENT = "_midwatch_statement"


def instrument(target: Any) -> None:
    """What is executed is told, and connections that fail are counted."""
    engine: Any = Engine if isinstance(target, ModuleType) else getattr(target, "sync_engine", target)
    if event.contains(engine, "before_cursor_execute", _before):
        return
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "after_cursor_execute", _after)
    event.listen(engine, "handle_error", _failed)


@guarded
def _before(connection: Any, _: Any, statement: str, parameters: Any, context: Any, many: Any) -> None:
    if context is None or getattr(context, _STATEMENT, None) is not None:
        # The engine is observed by itself and with all of them.
        return
    url = connection.engine.url
    where = {"db.namespace": url.database, "server.address": url.host, "server.port": url.port}
    begun = database.begin(
        connection.dialect.name, statement, {key: value for key, value in where.items() if value}, many=bool(many)
    )
    setattr(context, _STATEMENT, begun)


@guarded
def _after(connection: Any, _: Any, statement: str, parameters: Any, context: Any, many: Any) -> None:
    _end(context, None)


@guarded
def _failed(failure: Any) -> None:
    error = failure.original_exception
    if not _end(failure.execution_context, error) and failure.connection is None:
        database.not_connected(failure.dialect.name, error)


def _end(context: Any, error: BaseException | None) -> bool:
    statement = getattr(context, _STATEMENT, None)
    if statement is None:
        return False
    setattr(context, _STATEMENT, None)
    database.end(statement, error)
    return True
