"""What came, written as the plan would declare it."""

import json
import re
from collections.abc import Mapping

from midwatch.contract import fields
from midwatch.contract.plan.log_contract import COLUMNS, EVERYWHERE
from midwatch.server.verify.observed.log_events import SeenEvent

KEYS_SHOWN_MAX = 30
_KEY = re.compile(r"[\w.\-/]{1,200}")
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})


def quoted(text: str) -> str:
    """As a YAML scalar that is a text in whatever place."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)


def nameable(text: str) -> bool:
    """Whether a plan can have it as a name."""
    return _KEY.fullmatch(text) is not None


def flow(pairs: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quoted(key)}: {value}" for key, value in pairs.items()) + "}"


def always_there(found: SeenEvent) -> dict[str, str]:
    """Keys that every line of an event has, with the type that all of them had; those of all lines left out."""
    keys: dict[str, str] = {}
    for key, types in sorted(found.keys.items()):
        name = fields.canonical(key)
        own = name not in COLUMNS and name not in EVERYWHERE and _KEY.fullmatch(key)
        if own and sum(types.values()) == found.count:
            keys[key] = kind_of(types)
    return dict(list(keys.items())[:KEYS_SHOWN_MAX])


def kind_of(types: Mapping[str, int]) -> str:
    if set(types) == {"integer", "number"}:
        return "number"
    return next(iter(types)) if len(types) == 1 else "any"


def event_snippet(found: SeenEvent, indent: str = "  ") -> str:
    """An entry of `log_events`."""
    levels = [level for level in found.levels if level not in ("unknown", "trace")]
    lines = [f"{indent}{quoted(found.name)}:"]
    if levels and len(levels) == len(found.levels):
        lines.append(f"{indent}  level: {levels[0] if len(levels) == 1 else '[' + ', '.join(sorted(levels)) + ']'}")
    services = sorted(one for one in found.services if one and _KEY.fullmatch(one))
    if services and len(services) == len(found.services):
        lines.append(f"{indent}  services: [{', '.join(map(quoted, services))}]")
    if keys := always_there(found):
        lines.append(f"{indent}  keys: {flow(keys)}")
    if len(lines) == 1:
        lines[0] += " {}"
    return "\n".join(lines) + "\n"
