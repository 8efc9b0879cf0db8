"""YAML 1.1 as a value that remembers where each part of it stands.

Duplicate keys are problems; anchors work, and merge keys where they are asked for; dates stay the text they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from midwatch.contract.plan.problem import Problem

NODES_MAX = 20_000
"""Aliases count each time they are used: a plan that unfolds to more is refused."""
DEPTH_MAX = 30
TEXT_MAX = 256 * 1024
"""Characters of one file; reading so much takes about a second."""

Path = tuple[str | int, ...]
Mark = tuple[int, int]
_MERGE = "tag:yaml.org,2002:merge"
_NUMBERS_AND_FLAGS = {"tag:yaml.org,2002:" + kind for kind in ("bool", "int", "float", "null")}


@dataclass(slots=True)
class Document:
    """`keys` has the marks of keys of mappings, `values` those of values, `texts` scalars as they are written."""

    file: str
    value: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str, *, at_key: bool = False) -> Problem:
        """A problem at the nearest place above `path` that stands in the text."""
        marks = self.keys if at_key else self.values
        while path and path not in marks:
            path, marks = path[:-1], self.values
        line, column = marks.get(path, (1, 1))
        return Problem(self.file, line, column, message)


class _TooMuch(Exception):
    pass


def read_document(file: str, text: str, *, merge_keys: bool = False) -> Document:
    """Parse; what is wrong with the YAML itself is in `problems`.

    `merge_keys`: `<<` takes in what another mapping has, as in files that were written for programs that know it.
    """
    document = Document(file)
    if len(text) > TEXT_MAX:
        message = f"expected at most {TEXT_MAX:,} characters, got {len(text):,}"
        document.problems.append(Problem(file, 1, 1, message))
        return document
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is not None:
            document.value = _Builder(document, loader, merge_keys=merge_keys).build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        document.problems.append(Problem(file, *where, f"cannot read this as YAML: {reason}"))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        document.problems.append(Problem(file, line, column, f"cannot read this as YAML: {error.reason}"))
    except (_TooMuch, RecursionError):
        reason = f"expected at most {NODES_MAX:,} values, aliases counted each time, nested {DEPTH_MAX} deep at most"
        document.problems.append(Problem(file, 1, 1, reason))
    return document


class _Builder:
    def __init__(self, document: Document, loader: yaml.SafeLoader, *, merge_keys: bool) -> None:
        self._document = document
        self._loader = loader
        self._merge_keys = merge_keys
        self._nodes = 0

    def build(self, node: yaml.Node, path: Path) -> Any:
        self._count()
        if len(path) > DEPTH_MAX:
            raise _TooMuch
        self._document.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node, merged in self._pairs(node):
            mark = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._document.problems.append(Problem(self._document.file, *mark, "expected a key that is a text"))
                continue
            key = str(key_node.value)
            if key in found and merged:
                continue
            if key in found:
                first = self._document.keys[(*path, key)][0]
                message = f"{key}: stands here a second time; the first is on line {first}"
                self._document.problems.append(Problem(self._document.file, *mark, message))
                continue
            self._document.keys[(*path, key)] = mark
            found[key] = self.build(value_node, (*path, key))
        return found

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node, bool]]:
        """Keys and values, its own before those that it merges in."""
        merging: list[yaml.Node] = []
        for key, value in node.value:
            if self._merge_keys and key.tag == _MERGE:
                merging += value.value if isinstance(value, yaml.SequenceNode) else [value]
            else:
                yield key, value, False
        for other in merging:
            self._count()
            if not isinstance(other, yaml.MappingNode):
                mark = (other.start_mark.line + 1, other.start_mark.column + 1)
                self._document.problems.append(Problem(self._document.file, *mark, "<<: expected mappings to merge"))
                continue
            for key, value, _ in self._pairs(other):
                self._count()
                yield key, value, True

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise _TooMuch

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        text = str(node.value)
        self._document.texts[path] = text
        if node.tag not in _NUMBERS_AND_FLAGS:
            return text
        try:
            return self._loader.construct_object(node)
        except (ValueError, OverflowError):
            return text
