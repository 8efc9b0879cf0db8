"""Users' values as bound parameters of a statement."""

from typing import Any

from midwatch.server.model.errors import BadQuery

STATEMENT_CHARACTERS_MAX = 200_000
"""What the store reads is a little more; every label that a template or filter names is some hundred characters."""


class Params:
    """`{l0:String}` … with the values they stand for; the same text is bound once."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.values = dict(given)
        self._names: dict[str, str] = {}

    def text(self, value: str) -> str:
        """How the value is written in SQL."""
        name = self._names.get(value)
        if name is None:
            name = self._names[value] = f"l{len(self._names)}"
            self.values[name] = value
        return f"{{{name}:String}}"


def bounded(sql: str) -> str:
    """The statement, if the store can read it.

    Raises:
        BadQuery: a query of too many parts.
    """
    if len(sql) > STATEMENT_CHARACTERS_MAX:
        raise BadQuery("the query names too many labels: shorten its filters and templates")
    return sql
