"""A TypeScript or JavaScript file, read: its tree, what names stand for, and what rules ask again and again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import tree_sitter
import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Node

from midwatch.audit.finding import NODE, Fact, Finding, Rule, Severity, Side
from midwatch.audit.javascript.side import side_of
from midwatch.audit.snippets import snippet
from midwatch.audit.sources import Kind
from midwatch.audit.words import LOG_LEVELS, LOGGER_NAME

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function_declaration",
        "generator_function",
    }
)
_QUERY = """
(call_expression) @call
(new_expression) @new
(catch_clause) @catch
(try_statement) @try
(import_statement) @import
(variable_declarator) @variable
(class_declaration) @class
(method_definition) @method
(function_declaration) @function
(assignment_expression) @assignment
(augmented_assignment_expression) @assignment
(update_expression) @assignment
(export_statement) @export
"""
_FIELD = {
    "javascript": "(field_definition) @field",
    "typescript": "(public_field_definition) @field",
    "tsx": "(public_field_definition) @field",
}
_NAME_DEPTH = 20
NESTING_MAX = 150
"""Of brackets. People do not write that; asking what stands around a node costs the square of it."""
_COMPONENT = (".vue", ".svelte")
_SCRIPT_BLOCK = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[{]+|[)\]}]+")
_DEVELOPMENT = re.compile(r"NODE_ENV|import\.meta\.env\.DEV|__DEV__|(?i:\bis_?dev|\bdebug|\bverbose)")
_TRANSPARENT = frozenset(
    {
        "await_expression",
        "parenthesized_expression",
        "non_null_expression",
        "as_expression",
        "satisfies_expression",
        "type_assertion",
    }
)


class Unparsable(Exception):
    """The message says where."""


@cache
def _parser(grammar: str) -> tuple[tree_sitter.Parser, tree_sitter.Query]:
    made = {
        "javascript": tree_sitter_javascript.language,
        "typescript": tree_sitter_typescript.language_typescript,
        "tsx": tree_sitter_typescript.language_tsx,
    }[grammar]
    language = tree_sitter.Language(made())
    return tree_sitter.Parser(language), tree_sitter.Query(language, f"{_QUERY}{_FIELD[grammar]}")


@dataclass(frozen=True, slots=True)
class LogCall:
    call: Node
    level: str
    logger: str
    """`console` for the console."""


@dataclass
class Module:
    name: str
    text: str
    content: bytes
    kind: Kind
    root: Node
    nodes: dict[str, list[Node]]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _side(self) -> tuple[Side, bool]:
        return side_of(self.name, self.text, frozenset(self.imported))

    @property
    def side(self) -> Side:
        return self._side[0]

    @property
    def is_server(self) -> bool:
        """For sure: nothing is told of what may run in a browser as well."""
        return self._side == (NODE, True)

    @cached_property
    def is_command(self) -> bool:
        shells = ("commander", "yargs", "inquirer", "@clack/prompts", "cac", "oclif", "meow", "chalk", "ora")
        return (
            self.kind == "script"
            or self.text.startswith("#!")
            or self._ends_itself
            or any(one in self.imported for one in shells)
        )

    @property
    def _ends_itself(self) -> bool:
        """A program that runs through and exits; services listen."""
        return (
            "process.exit(" in self.text
            and re.search(r"\.listen\(|\bexport\b|module\.exports|[sS]erver", self.text) is None
        )

    @cached_property
    def imported(self) -> dict[str, int]:
        """Modules that are imported or required → line. Types alone do not count."""
        found: dict[str, int] = {}
        for node in self.nodes.get("import", ()):
            source = node.child_by_field_name("source")
            if source is not None and not self.said(node).startswith("import type"):
                found.setdefault(self.string(source) or "", self.line(node))
        for call in self.nodes.get("call", ()):
            if self.dotted(call.child_by_field_name("function")) in ("require", "import") and (
                module := self.string(self.argument(call, 0))
            ):
                found.setdefault(module, self.line(call))
        for node in self.nodes.get("export", ()):
            if (source := node.child_by_field_name("source")) is not None:
                found.setdefault(self.string(source) or "", self.line(node))
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """Local name → `module` or `module.member`."""
        found: dict[str, str] = {}
        for node in self.nodes.get("import", ()):
            source = self.string(node.child_by_field_name("source")) or ""
            for one in walk(node):
                if one.type == "import_specifier":
                    name, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
                    if name is not None:
                        found[self.said(alias or name)] = f"{source}.{self.said(name)}"
                elif one.type == "namespace_import" or (
                    one.type == "identifier" and one.parent is not None and one.parent.type == "import_clause"
                ):
                    found[self.said(one).split(" ")[-1]] = source
        for node in self.nodes.get("variable", ()):
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if (
                name is not None
                and value is not None
                and value.type == "call_expression"
                and self.dotted(value.child_by_field_name("function")) == "require"
            ):
                source = self.string(self.argument(value, 0)) or ""
                if name.type == "identifier":
                    found[self.said(name)] = source
                for one in walk(name) if name.type == "object_pattern" else ():
                    if one.type == "shorthand_property_identifier_pattern":
                        found[self.said(one)] = f"{source}.{self.said(one)}"
        return found

    @cached_property
    def log_calls(self) -> list[LogCall]:
        return [one for call in self.nodes.get("call", ()) if (one := self.log_call(call))]

    @property
    def calls(self) -> list[Node]:
        return self.nodes.get("call", [])

    def said(self, node: Node | None) -> str:
        """The text of a node."""
        return "" if node is None else self.content[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def line(self, node: Node) -> int:
        return node.start_point.row + 1

    def dotted(self, node: Node | None) -> str:
        """`a.b.c`; `()` stands for a call, `[]` for an index. Empty where it is neither."""
        parts: list[str] = []
        for _ in range(_NAME_DEPTH):
            if node is None:
                break
            if node.type == "member_expression":
                parts.append(f".{self.said(node.child_by_field_name('property'))}")
                node = node.child_by_field_name("object")
            elif node.type == "call_expression":
                parts.append("()")
                node = node.child_by_field_name("function")
            elif node.type == "subscript_expression":
                parts.append("[]")
                node = node.child_by_field_name("object")
            elif node.type in _TRANSPARENT:
                node = node.named_children[0] if node.named_children else None
            elif node.type in (
                "identifier",
                "this",
                "super",
                "import",
                "property_identifier",
                "shorthand_property_identifier",
            ):
                return self.said(node) + "".join(reversed(parts))
            elif node.type == "new_expression":
                return f"new {self.dotted(node.child_by_field_name('constructor'))}" + "".join(reversed(parts))
            else:
                break
        return ""

    def called(self, call: Node) -> str:
        return self.dotted(call.child_by_field_name("function") or call.child_by_field_name("constructor"))

    def resolved(self, call: Node) -> str:
        """What is called, its first name as `module` or `module.member` where it was imported."""
        first, dot, rest = self.called(call).partition(".")
        return self.names.get(first, first) + dot + rest

    def arguments(self, call: Node) -> list[Node]:
        given = call.child_by_field_name("arguments")
        return [] if given is None else [one for one in given.named_children if one.type != "comment"]

    def argument(self, call: Node, position: int) -> Node | None:
        given = self.arguments(call)
        return given[position] if len(given) > position else None

    def string(self, node: Node | None) -> str | None:
        """The text of a literal without substitutions."""
        if node is None or node.type not in ("string", "template_string"):
            return None
        if any(one.type == "template_substitution" for one in node.named_children):
            return None
        return self.said(node)[1:-1]

    def properties(self, node: Node | None) -> dict[str, Node | None] | None:
        """Keys of an object → their values; None where it is no object, or takes in others that cannot be seen."""
        if node is None or node.type != "object":
            return None
        found: dict[str, Node | None] = {}
        for one in node.named_children:
            if one.type == "pair":
                key = one.child_by_field_name("key")
                found[self.said(key).strip("'\"")] = one.child_by_field_name("value")
            elif one.type == "shorthand_property_identifier":
                found[self.said(one)] = one
            elif one.type == "method_definition":
                found[self.said(one.child_by_field_name("name"))] = one
            elif one.type == "spread_element":
                return None
        return found

    def above(self, node: Node) -> Iterator[Node]:
        """What stands around it, the nearest first. Found from the root down: a node does not know its parent, and
        `Node.parent` begins at the root for each step.
        """
        path = []
        one: Node | None = self.root
        while one is not None and one != node:
            path.append(one)
            one = one.child_with_descendant(node)
        return reversed(path)

    def in_function(self, node: Node) -> bool:
        return any(one.type in FUNCTIONS for one in self.above(node))

    def in_development_only(self, node: Node) -> bool:
        for one in self.above(node):
            condition = (
                one.child_by_field_name("condition")
                if one.type == "if_statement"
                else one.child_by_field_name("left")
                if one.type == "binary_expression"
                else None
            )
            if condition is not None and _DEVELOPMENT.search(self.said(condition)):
                return True
        return False

    def log_call(self, call: Node) -> LogCall | None:
        name = self.called(call)
        receiver, _, level = name.rpartition(".")
        if not receiver or level not in LOG_LEVELS:
            return None
        if receiver in ("console", "window.console", "global.console", "globalThis.console"):
            return LogCall(call, level, "console")
        last = receiver.removesuffix("()").rpartition(".")[2]
        if LOGGER_NAME.search(last) or receiver == "Sentry.logger":
            return LogCall(call, level, receiver)
        return None

    def finding(self, rule: Rule, node: Node, message: str, severity: Severity | None = None) -> Finding:
        if self.kind == "script" and rule.name not in ("private-data-in-log",):
            severity = "low"
        line = self.line(node)
        around = []
        for one in self.above(node):
            if one.type in FUNCTIONS or one.type in ("class_declaration", "variable_declarator"):
                name = one.child_by_field_name("name")
                if name is not None and name.type.endswith("identifier"):
                    around.append(self.said(name))
        shown = snippet(self.lines[line - 1]) if line <= len(self.lines) else ""
        return Finding(
            rule,
            self.name,
            line,
            self._column(node),
            message,
            severity or rule.severity,
            shown,
            ".".join(reversed(around)),
        )

    def fact(self, kind: str, name: str, node: Node | int, covered: bool | None = None) -> Fact:  # noqa: FBT001 -- a third word of each fact
        if isinstance(node, int):
            return Fact(kind, name[:100], self.side, self.name, node, covered)
        return Fact(kind, name[:100], self.side, self.name, self.line(node), covered, self._column(node))

    def _column(self, node: Node) -> int:
        start = node.start_byte - node.start_point.column
        return len(self.content[start : node.start_byte].decode("utf-8", "replace")) + 1


def parse(name: str, text: str, kind: Kind) -> Module:
    """Raises Unparsable. What cannot be understood in between is passed over, as editors do."""
    grammar = "tsx"
    if name.endswith(_COMPONENT):
        text, grammar = _script_of(text)
    elif name.endswith((".ts", ".mts", ".cts")):
        grammar = "typescript"
    elif name.endswith((".js", ".mjs", ".cjs", ".jsx")):
        grammar = "javascript"
    if _nesting(text) > NESTING_MAX:
        raise Unparsable(f"has brackets nested over {NESTING_MAX} deep: made by a program")
    parser, query = _parser(grammar)
    content = text.encode("utf-8", "replace")
    root = parser.parse(content).root_node
    if root.type == "ERROR" or (root.has_error and grammar == "javascript"):
        # Flow's types, or TypeScript under the other's name
        root = _parser("tsx")[0].parse(content).root_node
        query = _parser("tsx")[1]
    if root.type == "ERROR":
        raise Unparsable("is no TypeScript or JavaScript that can be read")
    nodes = tree_sitter.QueryCursor(query).captures(root)
    return Module(
        name,
        text,
        content,
        kind,
        root,
        {key: sorted(found, key=lambda one: one.start_byte) for key, found in nodes.items()},
    )


def walk(node: Node | None) -> Iterator[Node]:
    """A node and all below it."""
    stack = [] if node is None else [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(one.named_children))


def _nesting(text: str) -> int:
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        depth += match.end() - match.start() if match[0][0] in "([{" else match.start() - match.end()
        deepest = max(deepest, depth)
        depth = max(depth, 0)
    return deepest


def _script_of(text: str) -> tuple[str, str]:
    """The scripts of a component, each where it stands; the rest is blank."""
    kept, position, grammar = [], 0, "javascript"
    for match in _SCRIPT_BLOCK.finditer(text):
        kept += [_blank(text[position : match.start(2)]), match[2]]
        position = match.end(2)
        if re.search(r"lang=[\"']?tsx?", match[1]):
            grammar = "typescript"
    return "".join(kept) + _blank(text[position:]), grammar


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
