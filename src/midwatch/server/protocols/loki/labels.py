"""A stream's labels as text: `{app="shop", env="prod"}`, values in Go's quotes (Prometheus's selector syntax)."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache

LABELS_MAX = 64
"""Of one stream. Loki's own bound is 15 by default; every label is an attribute here and costs no index."""
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PAIR = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*(\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`)\s*(,?)", re.DOTALL)
_GO_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|U([0-9a-fA-F]{8})|([av'])|(.))", re.DOTALL)
_GO_NAMED = {"a": "\a", "v": "\v", "'": "'"}


class BadLabels(Exception):
    """Not a label set; the message names the text and where it ends to be one."""


def text_of(labels: Mapping[str, str]) -> str:
    """The one way in which the store reads labels: sorted, values as JSON strings."""
    pairs = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(labels.items()))
    return "{" + ", ".join(pairs) + "}"


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The same labels as `text_of` writes them.

    Raises:
        BadLabels: as Loki words it.
    """
    return text_of(parsed(text))


def parsed(text: str) -> dict[str, str]:
    """
    Raises:
        BadLabels: as Loki words it.
    """
    if not text.startswith("{"):
        raise _bad(text, 0, "expected {")
    found: dict[str, str] = {}
    at, more = 1, True
    while more and (pair := _PAIR.match(text, at)) is not None:
        name, at, more = pair[1], pair.end(), pair[3] != ""
        if name in found:
            raise _bad(text, pair.start(1), f"duplicate label {name}")
        found[name] = _unquoted(text, pair[2], pair.start(2))
    rest = text[at:].strip()
    if rest != "}":
        raise _bad(text, at, 'expected name="value", or }')
    check(found)
    return found


def check(labels: Mapping[str, str]) -> None:
    """What holds for labels however they came.

    Raises:
        BadLabels: none at all, too many, or a name that is none.
    """
    if not labels:
        raise BadLabels("error at least one label pair is required per stream")
    if len(labels) > LABELS_MAX:
        advice = "put ids into the line or into structured metadata"
        raise BadLabels(f"stream has {len(labels)} labels: expected at most {LABELS_MAX}; {advice}")
    for name in labels:
        if _NAME.fullmatch(name) is None:
            raise BadLabels(f"label name {name[:60]!r}: expected letters, digits and _, not beginning with a digit")


def _unquoted(text: str, quoted: str, at: int) -> str:
    body = quoted[1:-1]
    if quoted[0] == "`" or "\\" not in body:
        return body
    try:
        value: str = json.loads(_GO_ESCAPE.sub(_as_json, quoted), strict=False)
    except ValueError:
        raise _bad(text, at, f"{quoted[:60]}: an escape that is none") from None
    return value


def _as_json(escape: re.Match[str]) -> str:
    """An escape of Go's as JSON knows it; a byte that is no character of its own becomes U+FFFD."""
    hexadecimal, octal, long, named, other = escape.groups()
    if other is not None:
        return escape[0]
    if named is not None:
        return json.dumps(_GO_NAMED[named])[1:-1]
    if long is not None:
        code = int(long, 16)
        return json.dumps(chr(code) if code <= 0x10FFFF else "\ufffd")[1:-1]
    code = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
    return json.dumps(chr(code) if code < 0x80 else "\ufffd")[1:-1]


def _bad(text: str, at: int, reason: str) -> BadLabels:
    return BadLabels(f"error parsing labels {text[:200]}: 1:{at + 1}: {reason}")
