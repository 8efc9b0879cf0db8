"""A Python file, read: its tree, what names stand for, and what rules ask again and again."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from midwatch.audit.finding import PYTHON, Fact, Finding, Rule, Severity
from midwatch.audit.snippets import snippet
from midwatch.audit.sources import Kind
from midwatch.audit.words import LOG_LEVELS, LOGGER_NAME

N = TypeVar("N", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOGGER_MAKERS = ("getLogger", "get_logger", "getChild", "get_task_logger")
_NAME_DEPTH = 20


class Unparsable(Exception):
    """No Python of this version; the message says where."""


@dataclass(frozen=True, slots=True)
class LogCall:
    call: ast.Call
    level: str
    logger: str


@dataclass
class Module:
    name: str
    text: str
    kind: Kind
    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    nodes: dict[type[ast.AST], list[Any]] = field(default_factory=dict)

    def all(self, *types: type[N]) -> Iterator[N]:
        for one in types:
            yield from self.nodes.get(one, ())

    @property
    def functions(self) -> Iterator[Function]:
        yield from self.all(ast.FunctionDef)
        yield from self.all(ast.AsyncFunctionDef)

    @property
    def decorated(self) -> Iterator[tuple[Function, ast.expr, str]]:
        """Each function with each of its decorators, and what that is called."""
        for function in self.functions:
            for one in function.decorator_list:
                yield function, one, self.dotted(one.func if isinstance(one, ast.Call) else one)

    @property
    def assignments(self) -> Iterator[tuple[ast.stmt, list[ast.expr], ast.expr | None]]:
        """Each with its targets and its value, annotated or not."""
        for node in self.all(ast.Assign):
            yield node, node.targets, node.value
        for annotated in self.all(ast.AnnAssign):
            yield annotated, [annotated.target], annotated.value

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def imports(self) -> dict[str, str]:
        """Local name → what it stands for, dotted."""
        found: dict[str, str] = {}
        for node in self.all(ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        for source in self.all(ast.ImportFrom):
            if not source.level and source.module:
                for alias in source.names:
                    found[alias.asname or alias.name] = f"{source.module}.{alias.name}"
        return found

    @cached_property
    def imported(self) -> dict[str, int]:
        """Every module and member that is imported, dotted → line."""
        found: dict[str, int] = {}
        for node in self.all(ast.Import):
            for alias in node.names:
                found.setdefault(alias.name, node.lineno)
        for source in self.all(ast.ImportFrom):
            if not source.level and source.module:
                for alias in source.names:
                    found.setdefault(f"{source.module}.{alias.name}", source.lineno)
        return found

    @cached_property
    def loggers(self) -> frozenset[str]:
        """Names that loggers were given."""
        found = set()
        for node in self.all(ast.Assign):
            if isinstance(node.value, ast.Call) and self.dotted(node.value.func).endswith(_LOGGER_MAKERS):
                found |= {self.dotted(target) for target in node.targets}
        return frozenset(found)

    @cached_property
    def log_calls(self) -> list[LogCall]:
        return [one for call in self.all(ast.Call) if (one := self._log_call(call))]

    @cached_property
    def logging_nodes(self) -> frozenset[ast.AST]:
        return frozenset(one.call for one in self.log_calls)

    @cached_property
    def is_command(self) -> bool:
        """Whether it is run by a person at a terminal."""
        shells = ("argparse", "click", "typer", "django.core.management", "fire", "tqdm", "rich")
        return self.kind == "script" or any(name.startswith(shells) for name in self.imported) or self._ends_itself

    @property
    def _ends_itself(self) -> bool:
        """A program that runs through and exits, without a logger."""
        return re.search(r"\bsys\.exit\(|\bSystemExit\(|__main__", self.text) is not None and not self.log_calls

    def dotted(self, node: ast.AST | None) -> str:
        """`a.b.c` with imports filled in; `()` stands for a call, `[]` for an index. Empty where it is neither."""
        parts: list[str] = []
        for _ in range(_NAME_DEPTH):
            if isinstance(node, ast.Attribute):
                parts.append(f".{node.attr}")
                node = node.value
            elif isinstance(node, ast.Call):
                parts.append("()")
                node = node.func
            elif isinstance(node, ast.Subscript):
                parts.append("[]")
                node = node.value
            elif isinstance(node, ast.Await):
                node = node.value
            elif isinstance(node, ast.Name):
                return self.imports.get(node.id, node.id) + "".join(reversed(parts))
            else:
                break
        return ""

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def function(self, node: ast.AST) -> Function | None:
        """The nearest function around it."""
        return next((one for one in self.above(node) if isinstance(one, FUNCTIONS)), None)

    def in_main_guard(self, node: ast.AST) -> bool:
        return any(isinstance(one, ast.If) and is_main_guard(one) for one in self.above(node))

    def source(self, node: ast.AST) -> str:
        """The lines of a node."""
        start, end = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        return "\n".join(self.lines[start - 1 : end])

    def column(self, node: ast.AST) -> int:
        """In characters, from 1: the parser counts bytes."""
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""  # type: ignore[attr-defined]
        offset: int = node.col_offset  # type: ignore[attr-defined]
        return len(line.encode()[:offset].decode(errors="replace")) + 1 if not line.isascii() else offset + 1

    def finding(self, rule: Rule, node: ast.AST, message: str, severity: Severity | None = None) -> Finding:
        if self.kind == "script" and rule.name not in ("private-data-in-log",):
            severity = "low"
        line: int = node.lineno  # type: ignore[attr-defined]
        around = [one.name for one in self.above(node) if isinstance(one, (*FUNCTIONS, ast.ClassDef))]
        shown = snippet(self.lines[line - 1]) if line <= len(self.lines) else ""
        return Finding(
            rule,
            self.name,
            line,
            self.column(node),
            message,
            severity or rule.severity,
            shown,
            ".".join(reversed(around)),
        )

    def fact(self, kind: str, name: str, node: ast.AST | int, covered: bool | None = None) -> Fact:  # noqa: FBT001 -- a third word of each fact
        if isinstance(node, int):
            return Fact(kind, name, PYTHON, self.name, node, covered)
        return Fact(kind, name, PYTHON, self.name, node.lineno, covered, self.column(node))  # type: ignore[attr-defined]

    def _log_call(self, call: ast.Call) -> LogCall | None:
        func = call.func
        if not isinstance(func, ast.Attribute) or func.attr not in LOG_LEVELS:
            return None
        receiver = func.value
        while isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
            if receiver.func.attr in _LOGGER_MAKERS:
                return LogCall(call, func.attr, "logging")
            if receiver.func.attr not in ("bind", "opt", "new", "patch", "contextualize", "unbind"):
                return None
            receiver = receiver.func.value
        name = self.dotted(receiver)
        last = name.rpartition(".")[2].rstrip("()")
        if name in self.loggers or name == "logging" or last in _LOGGER_MAKERS or LOGGER_NAME.search(last):
            return LogCall(call, func.attr, name)
        return None


def parse(name: str, text: str, kind: Kind) -> Module:
    """Raises Unparsable."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise Unparsable(f"is no Python that can be read: line {error.lineno}: {error.msg}") from None
    except (RecursionError, MemoryError, ValueError) as error:
        raise Unparsable(f"cannot be read: {type(error).__name__}: nested too deep, or no text") from None
    module = Module(name, text, kind, tree)
    parents, nodes = module.parents, module.nodes
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        nodes.setdefault(type(node), []).append(node)
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.expr_context):
                parents[child] = node
                stack.append(child)
    return module


def is_main_guard(node: ast.If) -> bool:
    """`if __name__ == "__main__":`"""
    return (
        isinstance(node.test, ast.Compare) and isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
    )


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def has_unknown_keywords(call: ast.Call) -> bool:
    """Whether `**options` hands on what cannot be seen here."""
    return any(one.arg is None for one in call.keywords)


def text_of(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))
