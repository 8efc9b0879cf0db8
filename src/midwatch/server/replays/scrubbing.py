"""Private values out of recordings: of console lines, requests and addresses. What people see is masked by the SDK."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
import re2  # type: ignore[import-untyped]

from midwatch.contract.privacy import REMOVED

DEPTH_MAX = 40
"""What is nested deeper in a console line or a body is removed."""
JSON_CHARACTERS_MAX = 256 << 10
"""Texts that are JSON are read as such up to here."""
KEYS_MAX = 4096
_CUSTOM, _PLUGIN = 5, 6
"""rrweb's kinds of events that hold what an app said; the others hold what is seen, which the SDK masks."""

_SCHEME = re.compile(r"\b((?i:bearer|basic))(?: +|%20)[A-Za-z0-9._~+/=%-]{8,}")
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?")
_USER_INFO = re.compile(r"(?<=://)[^/\s?#'\"<>@]{1,512}(?=@)")
_NAME = re.compile(r"(?<![\w.%\[\]-])([\w.%\[\]-]{1,128})\\{0,3}[\"']?\s{0,4}[=:]\s{0,4}")
"""With what joins it to its value, which stands apart, for it may be a name again: `cannot pay: token=…`."""
_VALUE = re.compile(
    r"(?P<mark>\\{1,3}\"|\\{1,3}'|\"|')(?:(?!(?<!\\)(?P=mark)).)*(?:(?P=mark)|\Z)|[^\s&;,'\"<>#)}\]]+", re.DOTALL
)
_QUERY = re.compile(rb"([?&#])([\w.%\[\]-]{1,128})=([^&#\"'\\\s<>]+)")
_IN_ADDRESS = re.compile(rb"(?<=://)[^/\s?#'\"<>@\\]{1,512}(?=@)")
_REMOVED = REMOVED.encode()


class Scrubber:
    """Removes values by the keys of one pattern (midwatch.contract.privacy). Any thread may use it."""

    def __init__(self, pattern: str) -> None:
        self._key = re2.compile(pattern)
        self._is_private = lru_cache(KEYS_MAX)(self._search)

    def is_private(self, key: str) -> bool:
        return self._is_private(key[-128:])

    def _search(self, key: str) -> bool:
        return self._key.search(key) is not None

    def clean(self, event: dict[str, Any]) -> None:
        """Of one event of a recording, in place."""
        data = event.get("data")
        if event["type"] in (_CUSTOM, _PLUGIN) and isinstance(data, dict):
            data["payload"] = self.value(data.get("payload"))

    def value(self, value: Any, depth: int = 0) -> Any:
        """The value without what is private in it."""
        if depth > DEPTH_MAX:
            return REMOVED
        if isinstance(value, str):
            return self.text(value, depth)
        if isinstance(value, list):
            return [self.value(one, depth + 1) for one in value]
        if isinstance(value, dict):
            return {
                key: REMOVED if inner is not None and self.is_private(key) else self.value(inner, depth + 1)
                for key, inner in value.items()
            }
        return value

    def text(self, text: str, depth: int = 0) -> str:
        """By the names that values stand behind, and a few that are known by their looks."""
        if text[:1] in ("{", "[") and len(text) <= JSON_CHARACTERS_MAX:
            try:
                return orjson.dumps(self.value(orjson.loads(text), depth + 1)).decode()
            except (orjson.JSONDecodeError, orjson.JSONEncodeError):
                pass
        text = _USER_INFO.sub(REMOVED, text)
        text = _SCHEME.sub(rf"\1 {REMOVED}", text)
        text = _JWT.sub(REMOVED, text)
        return self._pairs(text)

    def written(self, content: bytes) -> bytes:
        """The JSON of whole events without private parameters and credentials of the addresses in it."""
        return _IN_ADDRESS.sub(_REMOVED, _QUERY.sub(self._parameter, content))

    def address(self, text: str) -> str:
        return self.written(text.encode(errors="replace")).decode()

    def user(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What of a user may be kept: nothing that the pattern has, as `email` or as `user.email`."""
        return {
            name: value
            for name, value in sent.items()
            if not self.is_private(name) and not self.is_private(f"user.{name}")
        }

    def _pairs(self, text: str) -> str:
        parts, done = [], 0
        for name in _NAME.finditer(text):
            if name.start() < done or not self.is_private(name[1]):
                continue
            value = _VALUE.match(text, name.end())
            if value is None or text.startswith(REMOVED, name.end()):
                continue
            mark = value["mark"] or ""
            parts += [text[done : name.end()], mark, REMOVED, mark]
            done = value.end()
        return "".join([*parts, text[done:]]) if parts else text

    def _parameter(self, match: re.Match[bytes]) -> bytes:
        if not self.is_private(match[2].decode("ascii", "replace")):
            return match[0]
        return match[1] + match[2] + b"=" + _REMOVED


@lru_cache(8)
def scrubber(pattern: str) -> Scrubber:
    return Scrubber(pattern)
