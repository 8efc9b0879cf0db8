"""What is asked and answered of values that may be private, and what the store tells them by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

NEVER = r"\x00{9}"
"""A pattern that nothing has."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What tells a row in which something may be private; without patterns nothing is looked at."""

    patterns: tuple[str, ...] = ()
    """Of what a value looks like."""
    names: tuple[str, ...] = ()
    """Of names in a text with a value behind them."""
    treated: str = NEVER
    """A pattern of keys whose values are looked at, however they look."""
    ruled: str = NEVER
    """A pattern of keys that the denylist does not decide on, for rules hold over it."""

    @property
    def leafwise(self) -> str:
        """A pattern of JSON that is surely looked at for the names in it, so that its values go one by one."""
        return "|".join(f"(?:{name})" for name in self.names) or NEVER


class Cell(NamedTuple):
    """One text of a row, or a value under a key."""

    hash: int
    place: str
    """The column that it is of."""
    service: str
    key: str
    kind: int
    """Its type, as the arrays beside maps tell it: 1 text, 2 flag, 3 and 4 numbers, 5 array, 6 map, 7 bytes."""
    value: str


class Answer(NamedTuple):
    hash: int
    text: str | None
    """What may be stored; None where it is left out with its key."""
    found: tuple[str, ...]
    """For what something was taken out; empty where nothing was."""


class Cleaner(Protocol):
    async def clean(self, signal: str, cells: Sequence[Cell]) -> list[Answer]:
        """Of each cell, or of fewer where there is no time for all."""
        ...
