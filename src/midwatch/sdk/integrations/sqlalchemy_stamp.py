"""Rows that say in which story they were written last: `class Linkup(Correlated, Base)`, or a column of a table.

Inserts and updates carry the correlation id of the work at hand, one row or many, by the ORM or by Core. What is
written outside of any work leaves the id that is there.
"""

from typing import Any

from sqlalchemy import Column, ColumnDefault, String, bindparam, event, func, inspect
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, object_session
from sqlalchemy.orm.attributes import flag_modified

from midwatch.sdk import context
from midwatch.sdk.context import ID_MAX
from midwatch.sdk.guard import guarded

CORRELATION_ID = "correlation_id"


def correlation_column(name: str = CORRELATION_ID) -> "Column[str | None]":
    """The column, for a `Table`: text of 128 characters with an index, NULL for what no work has written."""
    return _kept(Column(name, String(ID_MAX), nullable=True, index=True, default=_at_hand))


class Correlated:
    """A mixin for mapped classes: the column `correlation_id`."""

    @declared_attr
    def correlation_id(cls) -> Mapped[str | None]:
        made = mapped_column(String(ID_MAX), nullable=True, index=True, default=_at_hand)
        _kept(made.column)
        return made


def _at_hand() -> str | None:
    return context.current().correlation_id or None


def _kept(column: "Column[str | None]") -> "Column[str | None]":
    """Every UPDATE that says nothing of the column sets it, to what it was where there is no work at hand."""
    event.listen(column, "after_parent_attach", _set_on_update)
    return column


def _set_on_update(column: "Column[Any]", _: Any) -> None:
    # One expression for each: the statement is compiled once, and asks for the id when it is executed.
    at_hand: Any = bindparam(None, callable_=_at_hand, type_=String(ID_MAX))
    column.onupdate = ColumnDefault(func.coalesce(at_hand, column), for_update=True)
    column.onupdate._set_parent(column)


@event.listens_for(Correlated, "before_update", propagate=True)
@guarded
def _updating(_: Any, __: Any, row: Any) -> None:
    """Rows that a session flushes get it as a value: one that the database computes would be read again, which an
    AsyncSession cannot do behind the app's back."""
    session = object_session(row)
    if session is None or not session.is_modified(row, include_collections=False):
        return
    state, found = inspect(row), _at_hand()
    if state.attrs[CORRELATION_ID].history.has_changes():
        return
    if found:
        row.correlation_id = found
    elif CORRELATION_ID in state.dict:
        flag_modified(row, CORRELATION_ID)
