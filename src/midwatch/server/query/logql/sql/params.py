"""Users' values as bound parameters of a statement."""

from typing import Any


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
