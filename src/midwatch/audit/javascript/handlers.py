"""What a `catch` does with what it caught: clauses, and functions that are given to `.catch()`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from midwatch.audit.javascript.module import Module, walk
from midwatch.audit.words import MAY_FAIL, OBSERVED, REASON

_CONSTANT = frozenset({"null", "undefined", "true", "false", "string", "number"})
_ANSWERS = re.compile(
    r"(?:^|\.)(?:json|send|status|end|sendStatus|NextResponse|Response|redirect|render|new Response)(?:\(\)|$|\.)|^String$|\.toString$|^new \w*Response$"
)
_EXCEPTION_TO = re.compile(
    r"^(?:next|reject|callback|cb|done|resolve|onError|handle\w*Error\w*|set\w*Error\w*|\w*(?:error|err|failure)\w*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Handler:
    node: Node
    """Where it is told of: the clause, or the word `catch`."""
    body: Node
    name: str
    """Of the exception; empty where it has none."""
    tried: str
    """What was tried, as it stands."""
    attempt: Node | None = None
    """The block of what was tried; None: a promise."""

    @property
    def is_clause(self) -> bool:
        return self.node.type == "catch_clause"


def handlers(module: Module) -> Iterator[Handler]:
    for clause in module.nodes.get("catch", ()):
        body = clause.child_by_field_name("body")
        attempt = clause.parent
        if body is not None and attempt is not None:
            yield Handler(
                clause,
                body,
                module.said(clause.child_by_field_name("parameter")),
                module.said(attempt.child_by_field_name("body")),
                attempt.child_by_field_name("body"),
            )
    for call in module.calls:
        function = call.child_by_field_name("function")
        if (
            function is None
            or function.type != "member_expression"
            or module.said(function.child_by_field_name("property")) != "catch"
        ):
            continue
        given = module.argument(call, 0)
        if given is not None and given.type in ("arrow_function", "function_expression"):
            body = given.child_by_field_name("body")
            name = given.child_by_field_name("parameter") or given.child_by_field_name("parameters")
            if body is not None:
                yield Handler(
                    function.child_by_field_name("property") or call,
                    body,
                    module.said(name).strip("()").split(":")[0].strip(),
                    module.said(function.child_by_field_name("object")),
                )


def does_nothing(module: Module, handler: Handler) -> bool:
    """Nothing, or a constant."""
    body = handler.body
    if body.type != "statement_block":
        return _is_constant(module, body)
    return all(_is_nothing(module, one) for one in body.named_children)


def told(module: Module, handler: Handler) -> bool:
    """Whether somebody may learn of it: it is logged, reported, thrown again or handed on."""
    for node in walk(handler.body):
        if node.type == "throw_statement":
            return True
        if node.type in ("call_expression", "new_expression"):
            name = module.called(node)
            if (
                module.log_call(node)
                or (OBSERVED.search(name) and not _ANSWERS.search(name))
                or _EXCEPTION_TO.match(name.rpartition(".")[2])
            ):
                return True
            if (
                handler.name
                and not _ANSWERS.search(name)
                and any(module.said(one) == handler.name for one in module.arguments(node))
            ):
                return True
    return False


def answers(module: Module, handler: Handler) -> bool:
    """Whoever asked is answered."""
    calls = (one for one in walk(handler.body) if one.type in ("call_expression", "new_expression"))
    return any(_ANSWERS.search(module.called(one)) for one in calls)


def says_why(module: Module, handler: Handler) -> bool:
    """Whoever writes down why, in the handler or right above what is tried, has decided it: no mistake."""
    if REASON.search(module.said(handler.body)):
        return True
    above = None if handler.attempt is None else next(iter(module.above(handler.attempt)), None)
    before = None if above is None else above.prev_named_sibling
    if before is None or before.type != "comment":
        return False
    return bool(REASON.search(module.said(before)) and MAY_FAIL.search(module.said(before)))


def keeps(module: Module, handler: Handler) -> bool:
    """The exception itself is put somewhere: a variable, a field, or what is returned to a caller of ours."""
    if not handler.name:
        return False
    if module.said(handler.body) == handler.name:
        return True
    word = re.compile(rf"(?<![\w.]){re.escape(handler.name)}(?!\w)")
    for node in walk(handler.body):
        if node.type in ("assignment_expression", "variable_declarator") and word.search(
            module.said(node.child_by_field_name("right") or node.child_by_field_name("value"))
        ):
            return True
        if (
            node.type == "return_statement"
            and word.search(module.said(node))
            and not any(
                one.type in ("call_expression", "new_expression") and _ANSWERS.search(module.called(one))
                for one in walk(node)
            )
        ):
            return True
    return False


def _is_nothing(module: Module, statement: Node) -> bool:
    if statement.type in ("comment", "empty_statement", "continue_statement", "break_statement"):
        return True
    if statement.type == "return_statement":
        return not statement.named_children or _is_constant(module, statement.named_children[0])
    return False


def _is_constant(module: Module, node: Node) -> bool:
    if node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    return node.type in _CONSTANT or module.said(node) in ("{}", "[]", "undefined", "void 0")
