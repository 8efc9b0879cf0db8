"""Where panels lie whose board says nothing of it: from left to right, each line filled, and even."""

from collections.abc import Sequence
from dataclasses import dataclass

from midwatch.server.schemas.dashboards.board import COLUMNS


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int
    widens: bool
    """Takes what is free right of it where it ends a line."""
    heightens: bool
    """Is as high as the highest of its line."""


def places(sizes: Sequence[Size]) -> list[dict[str, int]]:
    """Left to right, and a line further down where the next does not fit: `x`, `y`, `w`, `h` of each."""
    lines: list[list[Size]] = []
    for size in sizes:
        if not lines or sum(one.width for one in lines[-1]) + size.width > COLUMNS:
            lines.append([])
        lines[-1].append(size)
    found: list[dict[str, int]] = []
    y = 0
    for line in lines:
        x = 0
        highest = max(size.height for size in line)
        for at, size in enumerate(line, 1):
            width = COLUMNS - x if at == len(line) and size.widens else size.width
            found.append({"x": x, "y": y, "w": width, "h": highest if size.heightens else size.height})
            x += width
        y += highest
    return found
