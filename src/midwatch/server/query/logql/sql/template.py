"""Go templates of `line_format` and `label_format` as SQL: fields, pipes, `if`, and the functions beside this."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from midwatch.server.query.logql.sql.labels import Bind
from midwatch.server.query.logql.sql.template_functions import FUNCTIONS, Value, text_of, truth_of

_ACTION = re.compile(r"\{\{(-\s)?\s*(.*?)\s*(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(\"(?:[^\"\\]|\\.)*\"|`[^`]*`)|(\.[A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([|()])|(\.))", re.DOTALL
)
_KEYWORDS = ("range", "with", "define", "template", "block", "break", "continue", "$")
NESTED_MAX = 20


@dataclass(frozen=True, slots=True)
class _Reader:
    line: str
    label: Callable[[str], str]
    bind: Bind


def template_sql(text: str, *, line: str, label: Callable[[str], str], bind: Bind) -> str:
    """
    Raises:
        ValueError: not a template, or one that uses more of the language than is known here; the message names it.
    """
    pieces = _pieces(text)
    reader = _Reader(line, label, bind)
    sql, rest = _block(reader, pieces, 0, 0)
    if rest != len(pieces):
        raise ValueError(f"template: {{{{{pieces[rest][1]}}}}} without an if")
    return sql


def _pieces(text: str) -> list[tuple[bool, str]]:
    """Literal texts and actions (True), in order; trim marks are already applied."""
    pieces: list[tuple[bool, str]] = []
    at, trim = 0, False
    for found in _ACTION.finditer(text):
        literal = text[at : found.start()]
        literal = literal.lstrip() if trim else literal
        pieces.append((False, literal.rstrip() if found[1] else literal))
        if not found[2].startswith("/*"):
            pieces.append((True, found[2]))
        at, trim = found.end(), found[3] is not None
    rest = text[at:]
    if "{{" in rest:
        raise ValueError("template: {{ without }}")
    pieces.append((False, rest.lstrip() if trim else rest))
    return [(is_action, piece) for is_action, piece in pieces if piece or is_action]


def _block(reader: _Reader, pieces: list[tuple[bool, str]], at: int, depth: int) -> tuple[str, int]:
    """SQL of the pieces up to an `else` or `end` of what is around them, and where that stands."""
    if depth > NESTED_MAX:
        raise ValueError(f"template: if nested deeper than {NESTED_MAX}")
    parts: list[str] = []
    while at < len(pieces):
        is_action, text = pieces[at]
        word = text.split(None, 1)[0] if is_action and text else ""
        if word in ("else", "end"):
            break
        if word == "if":
            sql, at = _condition(reader, pieces, at, text[2:], depth)
            parts.append(sql)
            continue
        if word in _KEYWORDS or (is_action and (":=" in text or text.startswith("$"))):
            raise ValueError(f"template: {{{{{text[:40]}}}}} is not known here: expected fields, functions and if")
        parts.append(text_of(_pipeline(reader, text)) if is_action else reader.bind(text))
        at += 1
    if not parts:
        return "''", at
    return (parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"), at


def _condition(reader: _Reader, pieces: list[tuple[bool, str]], at: int, condition: str, depth: int) -> tuple[str, int]:
    test = truth_of(_pipeline(reader, condition))
    then, at = _block(reader, pieces, at + 1, depth + 1)
    if at == len(pieces):
        raise ValueError("template: if without end")
    ending = pieces[at][1].split(None, 2)
    if ending[0] == "end":
        return f"if({test}, {then}, '')", at + 1
    if ending[1:2] == ["if"]:
        otherwise, at = _condition(reader, pieces, at, ending[2] if len(ending) > 2 else "", depth + 1)
        return f"if({test}, {then}, {otherwise})", at
    otherwise, at = _block(reader, pieces, at + 1, depth + 1)
    if at == len(pieces) or pieces[at][1] != "end":
        raise ValueError("template: else without end")
    return f"if({test}, {then}, {otherwise})", at + 1


def _pipeline(reader: _Reader, text: str) -> Value:
    tokens = _tokens(text)
    value, at = _piped(reader, tokens, 0, text)
    if at != len(tokens):
        raise ValueError(f"template: {{{{{text[:60]}}}}}: unexpected {tokens[at]}")
    return value


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None:
            raise ValueError(f"template: {{{{{text[:60]}}}}}: cannot read {stripped[at : at + 20]!r}")
        tokens.append(found[0].strip())
        at = found.end()
    if not tokens:
        raise ValueError("template: missing value for command")
    if tokens.count("(") > NESTED_MAX:
        raise ValueError(f"template: more than {NESTED_MAX} parentheses in one action")
    return tokens


def _piped(reader: _Reader, tokens: list[str], at: int, text: str) -> tuple[Value, int]:
    value, at = _command(reader, tokens, at, None, text)
    while at < len(tokens) and tokens[at] == "|":
        value, at = _command(reader, tokens, at + 1, value, text)
    return value, at


def _command(reader: _Reader, tokens: list[str], at: int, piped: Value | None, text: str) -> tuple[Value, int]:
    """A function with its operands and what is piped into it, or one operand."""
    if at == len(tokens):
        raise ValueError(f"template: {{{{{text[:60]}}}}}: missing value for command")
    name = tokens[at]
    if not name[0].isalpha() or name in ("true", "false"):
        value, at = _operand(reader, tokens, at, text)
        if piped is not None or (at < len(tokens) and tokens[at] not in ("|", ")")):
            raise ValueError(f"template: {{{{{text[:60]}}}}}: can't give argument to non-function {name}")
        return value, at
    function = FUNCTIONS.get(name)
    if function is None:
        raise ValueError(
            f"template: function {name!r} is not known here: expected one of {', '.join(sorted(FUNCTIONS))}"
        )
    operands: list[Value] = []
    at += 1
    while at < len(tokens) and tokens[at] not in ("|", ")"):
        operand, at = _operand(reader, tokens, at, text)
        operands.append(operand)
    if piped is not None:
        operands.append(piped)
    return function.call(name, operands, reader.bind), at


def _operand(reader: _Reader, tokens: list[str], at: int, text: str) -> tuple[Value, int]:  # noqa: PLR0911 - one line a kind
    word = tokens[at]
    if word == "(":
        value, at = _piped(reader, tokens, at + 1, text)
        if at == len(tokens) or tokens[at] != ")":
            raise ValueError(f"template: {{{{{text[:60]}}}}}: unclosed left parenthesis")
        return value, at + 1
    if word[0] in '"`':
        body = word[1:-1]
        written = body if word[0] == "`" else re.sub(r"\\(.)", lambda e: {"n": "\n", "t": "\t"}.get(e[1], e[1]), body)
        return Value(reader.bind(written), "text", literal=written), at + 1
    if word[0] == "." and len(word) > 1:
        return Value(reader.label(word[1:]), "text"), at + 1
    if word in ("true", "false"):
        return Value(word, "truth"), at + 1
    if word[0].isdigit() or (word[0] == "-" and len(word) > 1):
        return Value(word, "number", literal=word), at + 1
    if word == "__line__":
        return Value(reader.line, "text"), at + 1
    if word == "__timestamp__":
        return Value("Timestamp", "time"), at + 1
    if word[0].isalpha() and word in FUNCTIONS:
        return FUNCTIONS[word].call(word, [], reader.bind), at + 1
    raise ValueError(f"template: {{{{{text[:60]}}}}}: unexpected {word!r}")
