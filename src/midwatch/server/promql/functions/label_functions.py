"""label_replace, label_join and the sorting functions: what looks at labels alone."""

import re
from dataclasses import replace

import numpy as np

from midwatch.server.promql.block import Block
from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Bools
from midwatch.server.promql.labels import NAME, Labels, get, is_label_name, replaced
from midwatch.server.promql.matchers import Found, compile_pattern
from midwatch.server.promql.syntax.text import clean

_GROUP = re.compile(r"\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})")
_DIGITS = re.compile(r"(\d+)")


def label_replace(block: Block, target: str, replacement: str, source: str, pattern: str) -> Block:
    """Set a label from what a pattern finds in another."""
    try:
        compiled = compile_pattern(pattern)
    except ValueError:
        raise ExecutionError(f"invalid regular expression in label_replace(): {pattern}") from None
    if not is_label_name(target):
        raise ExecutionError(f"invalid destination label name in label_replace(): {target}")
    changed: dict[int, Labels] = {}
    for row, labels in enumerate(block.labels):
        found = compiled.fullmatch(get(labels, source))
        if found is not None:
            changed[row] = replaced(labels, {target: clean(_expand(replacement, found))})
    return _relabelled(block, changed, target)


def _expand(template: str, found: Found) -> str:
    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        try:
            return found.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, KeyError):
            return ""

    return _GROUP.sub(group, template)


def label_join(block: Block, target: str, separator: str, sources: list[str]) -> Block:
    """Set a label to others' values put together."""
    for source in sources:
        if not is_label_name(source):
            raise ExecutionError(f"invalid source label name in label_join(): {source}")
    if not is_label_name(target):
        raise ExecutionError(f"invalid destination label name in label_join(): {target}")
    joined = {
        row: replaced(labels, {target: clean(separator.join(get(labels, source) for source in sources))})
        for row, labels in enumerate(block.labels)
    }
    return _relabelled(block, joined, target)


def _relabelled(block: Block, changed: dict[int, Labels], target: str) -> Block:
    dropped: Bools = block.dropped.copy()
    if target == NAME:  # A name that is set on purpose stays.
        dropped[list(changed)] = False
    labels = [changed.get(row, before) for row, before in enumerate(block.labels)]
    return replace(block, labels=labels, drop_name=dropped).unique()


def sort_by_value(block: Block, *, descending: bool) -> Block:
    """Rows of an instant vector; NaN last either way."""
    block = block.floats()
    if block.steps != 1 or not block.rows:
        return block
    values = block.values[:, 0]
    order = np.argsort(-values if descending else values, kind="stable")
    return block.pick(order)


def sort_by_label(block: Block, names: list[str], *, descending: bool) -> Block:
    """By labels as people order them: numbers in them by size; then by all labels."""
    if block.steps != 1:
        return block

    def key(row: int) -> tuple[list[list[tuple[int, int, str]]], Labels]:
        labels = block.labels[row]
        return [natural(get(labels, name)) for name in names], labels

    return block.pick(sorted(range(block.rows), key=key, reverse=descending))


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key in which 9 comes before 10."""
    parts = _DIGITS.split(text)
    return [(0, int(part), part) if part.isdigit() else (1, 0, part) for part in parts if part]
