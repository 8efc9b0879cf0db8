"""One remark on a story."""

from dataclasses import dataclass
from enum import StrEnum

from midwatch.server.query.story.lines import Line

LINES_MAX = 10
_UNITS = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


class Weight(StrEnum):
    BAD = "bad"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    kind: str
    weight: Weight
    text: str
    lines: tuple[str, ...]
    """Keys of the lines that it is about, the first where one should look."""


def remark(kind: str, weight: Weight, text: str, *lines: Line) -> Remark:
    return Remark(kind, weight, text, tuple(line.key for line in lines[:LINES_MAX]))


def lasted(nanoseconds: int) -> str:
    """A duration as a person says it."""
    seconds = nanoseconds / 1e9
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1000:.3g} ms"


def short(text: str, characters: int = 80) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
