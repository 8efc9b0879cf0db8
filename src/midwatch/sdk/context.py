"""One context per request, job, message or run: the ids that every line, span, error and event carries."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from random import getrandbits
from types import MappingProxyType
from typing import Any, NamedTuple

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.redaction_signals import looks_private

ID_MAX = 128
_SOUND = re.compile(r"[A-Za-z0-9._:/=+@-]{1,128}").fullmatch
"""What is taken over of others' ids; anything else is replaced and never echoed."""
_HEX32 = re.compile(r"[0-9a-f]{32}").fullmatch

_VERSION_4 = 4 << 76 | 2 << 62
_NOT_FIXED = ~(15 << 76 | 3 << 62)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Bound(dict[str, Any]):
    """What was bound anywhere in a work, in its threads too; and what tells one work from another."""

    outer: "Bound | None" = None
    """The work that this one is a part of, until it is left."""


@dataclass(slots=True)
class Context:
    """What belongs to the work at hand; never changed, only replaced. (Frozen, one would cost a microsecond more.)"""

    correlation_id: str = ""
    """One for the whole story, over every service and job; empty outside of any work."""
    request_id: str = ""
    """One for this request alone."""
    fields: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    """What was bound to the work: `user_id`, `session_id`, `job_id` …"""
    bound: Bound = field(default_factory=Bound)
    """On the line that ends the work."""


class Entered(NamedTuple):
    """What `leave` needs."""

    token: Token[Context]
    work: Bound


EMPTY = Context()
_current: ContextVar[Context] = ContextVar("midwatch.context", default=EMPTY)


current = _current.get
"""The context of the work at hand. The variable's own method: every line and span asks, some five times a request."""


def enter(context: Context) -> Entered:
    """Make it the current one; `leave` with what this returns."""
    work = context.bound
    work.outer = _current.get().bound
    return Entered(_current.set(context), work)


def take(context: Context) -> Token[Context]:
    """Make a context that is current elsewhere the current one here, too; `reset` with what this returns."""
    return _current.set(context)


def leave(entered: Entered) -> bool:
    """What was current before is so again; False where the work was not at hand any more.

    A generator that nobody has read to its end leaves its work when it is collected: later, while another request is
    served, or in another task. What is current there stays.
    """
    token, work = entered
    at_hand: Bound | None = _current.get().bound
    while at_hand is not None and at_hand is not work:
        at_hand = at_hand.outer
    if at_hand is not work or not reset(token):
        return False
    # Works that begin one another for ever, as timers do, are no chain without end.
    work.outer = None
    return True


def reset(token: Token[Any]) -> bool:
    """A variable as it was; False in another task than that which has set it: what it set ends with it."""
    try:
        token.var.reset(token)
    except (ValueError, RuntimeError):
        return False
    return True


def bind(**fields: Any) -> None:
    """Put fields on every line and error of the work at hand, from here on; None takes one away."""
    context = _current.get()
    bound = Bound() if context is EMPTY else context.bound
    for name, value in fields.items():
        if value is None:
            bound.pop(name, None)
        else:
            bound[name] = value
    merged = _merged(context.fields, fields)
    _current.set(Context(context.correlation_id, context.request_id, merged, bound))


@contextmanager
def work(correlation_id: str = "", **fields: Any) -> Iterator[Context]:
    """A piece of work with a correlation id: the one given, the one at hand, or a new one."""
    outer = _current.get()
    found = sound_id(_text(correlation_id)) or outer.correlation_id or new_id()
    context = Context(found, outer.request_id, _merged(outer.fields, fields))
    entered = enter(context)
    try:
        yield context
    finally:
        leave(entered)


def _text(given: Any) -> str:
    """An id that is a number or a UUID, as its text."""
    return given if isinstance(given, str) else "" if given is None else safe_text(given)


def new_id() -> str:
    """A random UUID (version 4), made without a system call: ids are no secrets."""
    digits = f"{getrandbits(128) & _NOT_FIXED | _VERSION_4:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def sound_id(value: str) -> str:
    """The id as it was sent; empty for what is no id, so that nothing is echoed that others made up to do harm.

    Nor is an address or a number of a person an id.
    """
    if not _SOUND(value):
        return ""
    return value if trace_id_of(value) or not looks_private(value) else ""


def trace_id_of(value: str) -> int:
    """A UUID or 32 hex digits as a trace id; 0 for anything else."""
    digits = value.replace("-", "").lower() if len(value) in (32, 36) else ""
    return int(digits, 16) if _HEX32(digits) else 0


def _merged(fields: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    merged = {**fields, **more}
    return {key: value for key, value in merged.items() if value is not None}
