"""A person's names out of the workspace's texts. Accounts of the team, keys and sessions are no part of it."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, String, Table, Text, cast, delete, or_, select, update
from sqlalchemy.orm import Session

from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import Base

_OWN = frozenset({"users", "sessions", "signin_links", "api_tokens", "ingest_keys", "leases"})
"""Tables about the team itself, and about servers."""
Without = Callable[[str], str]
"""A text without the names."""


class WorkspaceErasing:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, names: tuple[str, ...], without: Without) -> int:
        """Rows that hold one of the names."""
        return await self._database.call(lambda session: _each(session, names, without, change=False))

    async def erase(self, names: tuple[str, ...], without: Without) -> int:
        """The names are replaced; rows that are found by them are deleted."""
        return await self._database.call(lambda session: _each(session, names, without, change=True))


def _each(session: Session, names: tuple[str, ...], without: Without, *, change: bool) -> int:
    return sum(
        _of_table(session, table, names, without, change=change)
        for table in Base.metadata.sorted_tables
        if table.name not in _OWN
    )


def _of_table(session: Session, table: Table, names: tuple[str, ...], without: Without, *, change: bool) -> int:
    columns = [column for column in table.columns if isinstance(column.type, String | Text | JSON)]
    if not columns:
        return 0
    keys = list(table.primary_key.columns)
    # As JSON has them, too; `without` decides.
    written = {part for name in names for part in (name, json.dumps(name)[1:-1])}
    like = [cast(column, Text).ilike(f"%{_escaped(part)}%", escape="~") for column in columns for part in written]
    count = 0
    chosen = list(dict.fromkeys((*keys, *columns)))
    for row in list(session.execute(select(*chosen).where(or_(*like)))):
        values = dict(zip((column.name for column in chosen), row, strict=True))
        new = {column.name: _without(values[column.name], without) for column in columns}
        changed = {name: value for name, value in new.items() if value != values[name]}
        if not changed:
            continue
        count += 1
        if not change:
            continue
        mine = [key == values[key.name] for key in keys]
        if any(key.name in changed for key in keys):
            session.execute(delete(table).where(*mine))
        else:
            session.execute(update(table).where(*mine).values(**changed))
    return count


def _without(value: Any, without: Without) -> Any:
    if isinstance(value, str):
        return without(value)
    if isinstance(value, list):
        return [_without(one, without) for one in value]
    if isinstance(value, dict):
        return {without(str(key)): _without(one, without) for key, one in value.items()}
    return value


def _escaped(text: str) -> str:
    return text.replace("~", "~~").replace("%", "~%").replace("_", "~_")
