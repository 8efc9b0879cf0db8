"""Expressions that stand on each other, as nested SELECTs of as few levels as there are rungs.

The engine's analyzer resolves an alias anew wherever it is named, so that a heavy expression named eight times on one
level is planned eight times (`flatten.attributes.stage`); and each level costs planning for all of its columns, for
every INSERT. So what different parts work out stands side by side, rung by rung.
"""

from collections.abc import Mapping
from itertools import zip_longest

Ladder = tuple[Mapping[str, str], ...]
"""Columns by name, rung by rung; an expression may name columns of the rungs below it."""


def climbed(source: str, *ladders: Ladder) -> str:
    """`source` with all columns of all ladders."""
    for rungs in zip_longest(*ladders, fillvalue={}):
        columns = ", ".join(f"{expression} AS {name}" for rung in rungs for name, expression in rung.items())
        source = f"SELECT *, {columns}\nFROM ({source})"
    return source
