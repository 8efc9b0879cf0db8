"""A runbook as it is written: prose, steps to tick off, and live blocks, which are fences of a query's language."""

import hashlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, cast, get_args

from markdown_it import MarkdownIt
from markdown_it.token import Token

from midwatch.contract.duration import parse_duration

Language = Literal["promql", "logql", "logs", "traces", "sql", "story"]
LANGUAGES: tuple[str, ...] = get_args(Language)
STORY_NAMES = (
    "id",
    "correlation_id",
    "trace_id",
    "request_id",
    "job_id",
    "message_id",
    "session_id",
    "user_id",
    "entity",
)
"""What a story can begin with, as its API calls it."""
RANGE_SECONDS = 3600.0
BLOCKS_MAX = 200
STEPS_MAX = 500
_TASK = re.compile(r"^(?P<mark>\s*(?:[-*+]|\d+[.)])\s+\[)(?P<done>[ xX])\]\s+(?P<text>.+?)\s*$")
_MARKDOWN = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a task list. `id` stays while its words stay, wherever it stands."""

    id: str
    text: str
    line: int
    """Of the prose it stands in, from 0."""


@dataclass(frozen=True, slots=True)
class Prose:
    markdown: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """A question that is asked when the runbook is opened. Its query is a template over the alert's labels."""

    language: Language
    query: str
    title: str = ""
    range_seconds: float = RANGE_SECONDS
    """How long before the alert began it looks back."""
    line: int = 1
    """Of the file, from 1, where the query begins."""


Block = Prose | Live


@dataclass(frozen=True, slots=True)
class Runbook:
    name: str
    title: str
    blocks: tuple[Block, ...]
    file: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for block in self.blocks if isinstance(block, Prose) for step in block.steps)


class Mistake(ValueError):
    """Something that a runbook may not have; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_runbook(name: str, text: str, *, file: str = "") -> Runbook:
    """Raises Mistake."""
    lines = text.splitlines()
    tokens = _MARKDOWN.parse(text)
    blocks: list[Block] = []
    seen: dict[str, int] = {}
    start = 0
    for token in tokens:
        if token.type != "fence" or token.map is None or _language(token) is None:
            continue
        first, end = token.map
        blocks += _prose(lines[start:first], seen)
        blocks.append(_live(token, first))
        start = end
    blocks += _prose(lines[start:], seen)
    if len(blocks) > BLOCKS_MAX:
        raise Mistake(f"expected at most {BLOCKS_MAX} blocks, got {len(blocks)}", 1)
    if sum(seen.values()) > STEPS_MAX:
        raise Mistake(f"expected at most {STEPS_MAX} steps", 1)
    return Runbook(name, _title(tokens) or name, tuple(blocks), file)


def _title(tokens: list[Token]) -> str:
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            return after.content.strip()
    return ""


def _language(token: Token) -> Language | None:
    word = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
    return cast("Language", word) if word in LANGUAGES else None


def _live(token: Token, first: int) -> Live:
    """`promql title="Errors" range=3h`"""
    language = _language(token)
    assert language is not None
    line = first + 1
    options: dict[str, str] = {}
    try:
        words = shlex.split(token.info)[1:]
    except ValueError as error:
        raise Mistake(f'{token.info}: {error}; expected options such as title="Errors" range=3h', line) from None
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in ("title", "range"):
            raise Mistake(f'{word}: expected title="…" or range=3h', line)
        options[key] = value
    try:
        seconds = parse_duration(options["range"]) if "range" in options else RANGE_SECONDS
    except ValueError as error:
        raise Mistake(f"range={options['range']}: {error}", line) from None
    if not token.content.strip():
        raise Mistake(f"expected a query of {language} in this block", line)
    if language == "story":
        _check_story(token.content, line + 1)
    return Live(language, token.content.strip(), options.get("title", ""), seconds, line + 1)


def _check_story(text: str, first: int) -> None:
    """A line for each id that the story begins with."""
    for number, written in enumerate(text.splitlines(), first):
        name, equals, value = written.strip().partition("=")
        if written.strip() and (not equals or name not in STORY_NAMES or not value):
            raise Mistake(f"{written.strip()}: expected {', '.join(STORY_NAMES)}, each with =…", number)


def _prose(lines: list[str], seen: dict[str, int]) -> Iterator[Prose]:
    while lines and not lines[0].strip():
        lines = lines[1:]
    text = "\n".join(lines).rstrip()
    if not text:
        return
    steps = []
    for number, told in tasks(text):
        seen[told] = seen.get(told, 0) + 1
        id_ = hashlib.sha256(f"{told}\0{seen[told]}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        steps.append(Step(id_, told, number))
    yield Prose(text, tuple(steps))


def tasks(markdown: str) -> list[tuple[int, str]]:
    """Of each line of a task list its number, from 0, and its words."""
    found = ((number, _TASK.match(line)) for number, line in enumerate(markdown.split("\n")))
    return [(number, task["text"]) for number, task in found if task is not None]
