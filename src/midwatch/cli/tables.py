"""Plain tables for terminals, and JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click

CELL_MAX = 100


def print_table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Columns as wide as they need; control characters are shown as escapes, not sent to the terminal."""
    cells = [[cell(value) for value in row] for row in rows]
    if not cells:
        click.echo(empty)
        return
    widths = [max(len(row[index]) for row in [list(heads), *cells]) for index in range(len(heads))]
    for row in [[head.upper() for head in heads], *cells]:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value) or "-"
    text = printable(str(value))
    return text if len(text) <= CELL_MAX else text[: CELL_MAX - 1] + "…"


def printable(text: str) -> str:
    """What other people sent, made harmless for a terminal: control characters become escapes."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def bytes_text(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
