"""How a line looks: the keys that it carries, JSON for machines and colours for people."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from time import gmtime, strftime
from typing import Any

import orjson

from midwatch.contract.redaction.said import SAID, safe_text

CAUSES_MAX = 8
STACK_BYTES_MAX = 16 << 10
LINE_BYTES_MAX = 256 << 10
"""Longer lines are cut in their longest values: collectors and consoles lose them whole otherwise."""
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
SHARE_MIN = 64
"""Characters that are left of a value, however many there are."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """What a team calls the keys of its lines."""

    timestamp: str = "timestamp"
    level: str = "level"
    message: str = "message"
    service: str = "service"
    environment: str = "env"
    logger: str = "logger"
    trace_id: str = "trace_id"
    span_id: str = "span_id"
    correlation_id: str = "correlation_id"
    request_id: str = "request_id"
    error: str = "error"
    metadata: str = ""
    """Where given, a line's own fields stand together under this key."""

    @classmethod
    def of(cls, names: Mapping[str, str]) -> "LogKeys":
        """With some names changed. Raises ValueError for what is no key of a line."""
        known = [one.name for one in fields(cls)]
        for name in names:
            if name not in known:
                raise ValueError(f"log_keys names {name!r}: expected one of {', '.join(known)}")
        return cls(**names)


class Stamps:
    """RFC 3339 in UTC with milliseconds; the second is rendered once, and so is a millisecond of several lines."""

    def __init__(self) -> None:
        # One object each, so that no other thread sees a half of it.
        self._of_second = (-1, "")
        self._newest = (-1, "")

    def render(self, time_unix_nano: int) -> str:
        millisecond = time_unix_nano // 1_000_000
        known, shown = self._newest
        if millisecond != known:
            second, rest = divmod(millisecond, 1000)
            shown = f"{self._second(second)}{rest:03d}Z"
            self._newest = (millisecond, shown)
        return shown

    def _second(self, second: int) -> str:
        known, shown = self._of_second
        if second != known:
            shown = strftime("%Y-%m-%dT%H:%M:%S.", gmtime(second))
            self._of_second = (second, shown)
        return shown


def json_line(line: Mapping[str, Any]) -> bytes:
    """One line of JSON with its line feed; whatever it holds."""
    try:
        rendered = orjson.dumps(line, safe_text, _OPTIONS)
    except TypeError:
        rendered = _as_json(line)
    return rendered if len(rendered) <= LINE_BYTES_MAX else _as_json(_cut(line))


def json_fields(fields: Mapping[str, Any]) -> bytes:
    """Fields of a line, for between others. Raises TypeError for those that tell how to be told in whole lines only."""
    return orjson.dumps(fields, safe_text, _OPTIONS)[1:-2]


def _cut(line: Mapping[str, Any]) -> dict[str, Any]:
    """With values of which each has its share of what a line may hold; long ones say how long they were."""
    share = max(SHARE_MIN, LINE_BYTES_MAX // (4 * len(line)))
    cut: dict[str, Any] = {}
    for key, value in line.items():
        text = value if isinstance(value, str) else safe_text(value)
        cut[key] = value if len(text) <= share else f"{text[:share]}… ({len(text)} characters)"
    return cut


def _as_json(line: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(line, safe_text, _OPTIONS)
    except TypeError:
        # Integers beyond 64 bits, half surrogate pairs, loops: rendered as text.
        plain = {str(key): safe_text(value).encode(errors="replace").decode() for key, value in line.items()}
        return orjson.dumps(plain, None, _OPTIONS)


def console_renderer() -> Callable[[Mapping[str, Any]], bytes]:
    """Lines for a terminal: time, level, message, then the fields; the stack below."""
    import structlog.dev

    render = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)

    def line(line: Mapping[str, Any]) -> bytes:
        shown = dict(line)
        stack = shown.pop("error", None)
        shown["event"] = shown.pop("message", "")
        text = str(render(None, "", shown))
        if isinstance(stack, Mapping):
            text += "\n" + str(stack.get("stack", stack.get("message", ""))).rstrip()
        return (text + "\n").encode(errors="replace")

    return line


def error_of(error: BaseException) -> dict[str, Any]:
    """Name, message, stack and the chain of causes, innermost last."""
    said = _one(error)
    said["stack"] = stack_of(error)
    cause, seen = cause_of(error), {id(error)}
    causes: list[dict[str, Any]] = []
    while cause is not None and id(cause) not in seen and len(causes) < CAUSES_MAX:
        seen.add(id(cause))
        causes.append(_one(cause))
        cause = cause_of(cause)
    if causes:
        said["causes"] = causes
    return said


def stack_of(error: BaseException) -> str:
    """The traceback as Python prints it, causes included; the newest 16 KiB of it."""
    try:
        return _newest(_told("".join(traceback.format_exception(error)), error))
    except Exception as failure:
        return f"<the traceback cannot be shown: {type(failure).__name__}>"


def _told(stack: str, error: BaseException) -> str:
    """With what may be told of an exception in the place of its text, where that is private."""
    one: BaseException | None = error
    for _ in range(CAUSES_MAX + 1):
        if one is None:
            break
        text = str(one) if hasattr(one, SAID) else ""
        if text:
            stack = stack.replace(text, safe_text(one))
        one = cause_of(one)
    return stack


def _newest(stack: str) -> str:
    """Whole lines: half of a secret would not be known as one."""
    if len(stack) <= STACK_BYTES_MAX:
        return stack
    return stack[-STACK_BYTES_MAX:].partition("\n")[2] or stack[:STACK_BYTES_MAX].rpartition("\n")[0]


def type_name(error: BaseException) -> str:
    """`module.Class`; builtins without their module, as the exception conventions have it."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _one(error: BaseException) -> dict[str, Any]:
    return {"name": type_name(error), "message": safe_text(error)}


def cause_of(error: BaseException) -> BaseException | None:
    """What is told as its cause: given by `from`, or what was being handled."""
    if error.__cause__ is not None:
        return error.__cause__
    return None if error.__suppress_context__ else error.__context__
