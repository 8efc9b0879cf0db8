"""Event → the hash of its group.

In this order: the team's own rules, the sender's fingerprint, and the algorithm of a version:

1  The last exception: type and all frames with their paths; else the message as it is. As simple trackers do it.
2  The whole chain of exceptions: types and the team's own frames, told apart by the last parts of paths and by
   functions, so that line numbers, hosts, releases, recursion and library versions make no difference; without frames,
   the message without what differs from time to time.

An issue keeps the hashes of older versions: when a version is changed, events of known groups stay with their issues.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from midwatch.server.issues.events.facts import match_values, message_of
from midwatch.server.issues.events.normal import exceptions_of, frames_of
from midwatch.server.issues.grouping.frames import in_app_of, signature
from midwatch.server.issues.grouping.messages import parametrised, without_values
from midwatch.server.issues.rules import ErrorRules, matches

EXCEPTIONS_MAX = 10
_DEFAULT = re.compile(r"\{\{\s*default\s*\}\}")
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Grouping:
    """`hash`: 32 hex digits. `older`: of versions before, the newest first."""

    hash: str
    version: int
    by: str
    """What decided: `rule`, `fingerprint`, `stack` or `message`."""
    parts: tuple[str, ...]
    """What went into the hash, for whoever asks why."""
    older: tuple[str, ...] = ()
    title: str = ""
    """As a rule has it."""


def grouping_of(event: dict[str, Any], rules: ErrorRules) -> Grouping:
    values: dict[str, str | list[str]] = {}
    if rules.fingerprints:
        values = match_values(event)
        for rule in rules.fingerprints:
            if matches(rule.match, values):
                parts = _filled(rule.fingerprint, event, rules.grouping)
                title = _VARIABLE.sub(lambda match: _variable(match[1], event), rule.title)
                return Grouping(_hash(0, parts), rules.grouping, "rule", parts, title=title)
    sent = event.get("fingerprint") or []
    if sent and not all(_DEFAULT.fullmatch(one) for one in sent):
        parts = _filled(sent, event, rules.grouping)
        return Grouping(_hash(0, parts), rules.grouping, "fingerprint", parts)
    by, parts = ALGORITHMS[rules.grouping](event)
    older = tuple(
        _hash(version, ALGORITHMS[version](event)[1])
        for version in sorted(ALGORITHMS, reverse=True)
        if version < rules.grouping
    )
    return Grouping(_hash(rules.grouping, parts), rules.grouping, by, parts, older)


def _hash(version: int, parts: tuple[str, ...]) -> str:
    """`version` 0: of fingerprints, which no algorithm changes."""
    return blake2b(orjson.dumps([version, *parts]), digest_size=16).hexdigest()


def _filled(fingerprint: tuple[str, ...] | list[str], event: dict[str, Any], version: int) -> tuple[str, ...]:
    found: list[str] = []
    for one in fingerprint:
        if _DEFAULT.fullmatch(one):
            found += ["default", *ALGORITHMS[version](event)[1]]
        else:
            found.append(_VARIABLE.sub(lambda match: _variable(match[1], event), one))
    return tuple(found)


def _variable(name: str, event: dict[str, Any]) -> str:
    exceptions = exceptions_of(event)
    last = exceptions[-1] if exceptions else {}
    frames = in_app_of(frames_of(last) or frames_of(event))
    frame: Mapping[str, Any] = frames[-1] if frames else {}
    known = {
        "type": last.get("type", ""),
        "error.type": last.get("type", ""),
        "value": last.get("value", ""),
        "error.value": last.get("value", ""),
        "message": message_of(event),
        "function": frame.get("function", ""),
        "stack.function": frame.get("function", ""),
        "module": frame.get("module", ""),
        "stack.module": frame.get("module", ""),
        "stack.abs_path": frame.get("abs_path", ""),
        "package": frame.get("package", ""),
        "level": event["level"],
        "logger": event.get("logger", ""),
        "transaction": event.get("transaction", ""),
        "environment": event.get("environment", ""),
        "release": event.get("release", ""),
    }
    if name.startswith("tags."):
        return str(event["tags"].get(name[5:], ""))
    return str(known.get(name, f"<unknown: {name}>"))


def _first(event: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    exceptions = exceptions_of(event)
    if exceptions:
        last = exceptions[-1]
        frames = [
            f"{frame.get('module') or frame.get('filename') or ''}:{frame.get('function') or ''}"
            for frame in frames_of(last)
        ]
        if frames:
            return "stack", (last["type"], *frames)
        return "message", (last["type"], last["value"])
    return "message", (message_of(event) or "(no message)",)


def _second(event: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    parts: list[str] = []
    by = "message"
    for one in exceptions_of(event)[-EXCEPTIONS_MAX:]:
        kind = _type(one["type"])
        if frames := signature(in_app_of(frames_of(one))):
            by = "stack"
            parts += [kind, *frames]
        else:
            parts += [kind, without_values(one["value"])]
    if parts:
        return by, tuple(parts)
    if template := (event.get("logentry") or {}).get("message"):
        return "message", (event.get("logger", ""), parametrised(template))
    frames = signature(in_app_of(_stack_beside(event)))
    message = parametrised(message_of(event))
    if message:
        return "message", (message,)
    if frames:
        return "stack", tuple(frames)
    return "message", (event.get("transaction", ""), "(no message)")


def _stack_beside(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Of an event without an exception: its own, or that of the thread that is at fault."""
    if frames := frames_of(event):
        return frames
    threads = (event.get("threads") or {}).get("values") or []
    guilty = next(
        (one for one in threads if one.get("crashed") or one.get("current")), threads[0] if len(threads) == 1 else {}
    )
    return frames_of(guilty)


def _type(name: str) -> str:
    """Without the module, which some SDKs put before it."""
    return name.rpartition(".")[2] or name


ALGORITHMS: dict[int, Callable[[dict[str, Any]], tuple[str, tuple[str, ...]]]] = {1: _first, 2: _second}
