"""Private values out of what is read in Python: of errors in the digest, of recordings. The same as the SDK takes out.

What apps say of a user (`set_user`) is kept as they say it where nothing of it looks private; what does becomes its
hash, so that one user stays one.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from midwatch.contract.privacy import REMOVED, deny_pattern
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.contract.redaction.said import LEFT_OUT
from midwatch.contract.redaction.values import Redactor, below

DEPTH_MAX = 40
"""What is nested deeper is removed."""
_QUERY = re.compile(rb"([?&#])([\w.%\[\]-]{1,128})=([^&#\"'\\\s<>]+)")
_IN_ADDRESS = re.compile(rb"(?<=://)[^/\s?#'\"<>@\\]{1,512}(?=@)")
_REMOVED = REMOVED.encode()
_REMOVED_BEFORE = frozenset({"", REMOVED, "[Filtered]"})
"""What a sender says of what it removed itself."""
Leak = tuple[str, str, str]
"""What something was taken out for, in which place, under which key; never a value."""
LEAKS_MAX = 1000
"""Different ones of one event."""
_SECRET, _KEY = "secret", "key"
_SHOWN_KEY_CHARACTERS_MAX = 128
SCRUBBERS_MAX = 64


class Scrubber:
    """By the rules for one signal and service. Any thread may use it, none at the same time as another."""

    def __init__(self, policy: PrivacyPolicy, *, signal: str = "logs", service: str = "") -> None:
        self.is_on = policy.is_on
        self.place = ""
        """Where what comes next stands, as a leak tells it."""
        self._leaks: Counter[Leak] = Counter()
        self._found: set[str] = set()
        self._ids = policy.keys.current if policy.keys else policy.ids
        self._redactor = Redactor(policy, signal=signal, service=service, found=self._found.add)
        self._denied = re.compile(deny_pattern(policy.deny))
        self._is_denied = lru_cache(4096)(lambda key: self._denied.search(key) is not None)

    def is_private(self, key: str) -> bool:
        """Whether nothing under this key may be kept."""
        return self._redactor.private(key[-128:])

    def is_denied(self, key: str) -> bool:
        """The same, by the denylist alone."""
        return self._is_denied(key[-128:])

    def taken_out(self) -> Counter[Leak]:
        """What was since the last time that somebody asked."""
        found, self._leaks = self._leaks, Counter()
        return found

    def remove(self, key: str, value: Any) -> str:
        """What stands for a value of which nothing may be kept."""
        return str(self._noted(key, value, REMOVED))

    def text(self, text: str) -> str:
        return str(self._noted("", text, self._redactor.text(text))) if self.is_on else text

    def value(self, key: str, value: Any, depth: int = 0) -> Any:
        """The value under a path of keys without what is private in it; LEFT_OUT for nothing."""
        if not self.is_on:
            return value
        if depth > DEPTH_MAX:
            return REMOVED
        if isinstance(value, str | dict | list) and _OF_REQUESTS.search(key) and self._redactor.is_message(key):
            inner = _json(value)
            return self.remove(key, value) if inner is None else self._inside(inner, value)
        if isinstance(value, dict) and not self._redactor.is_treated(key):
            return self._mapping(key, value, depth)
        if isinstance(value, list) and not self._redactor.is_treated(key):
            found = (self.value(key, one, depth + 1) for one in value)
            return [one for one in found if one is not LEFT_OUT]
        return self._noted(key, value, self._redactor.value(key, value))

    def file(self, content: bytes) -> bytes:
        """Of a file that came with an error: of JSON by its keys, of texts line by line; anything else stays."""
        if not self.is_on:
            return content
        try:
            if content[:1] in (b"{", b"["):
                told = self.value("", orjson.loads(content))
                return b"" if told is LEFT_OUT else orjson.dumps(told)
            lines = content.decode().split("\n")
        except (UnicodeDecodeError, orjson.JSONDecodeError, orjson.JSONEncodeError):
            return content
        return "\n".join(map(self.text, lines)).encode()

    def recorded(self, event: dict[str, Any]) -> None:
        """Of one event of a recording, in place."""
        if not self.is_on:
            return
        data = event.get("data")
        if event["type"] in (_CUSTOM, _PLUGIN) and isinstance(data, dict):
            payload = self.value("", data.get("payload"))
            data["payload"] = None if payload is LEFT_OUT else payload
        else:
            self._seen(data)

    def _seen(self, data: Any) -> None:
        """What people saw and typed: the SDK masks it, unless a page tells it not to."""
        left = [data]
        while left:
            one = left.pop()
            if isinstance(one, list):
                left += one
            elif isinstance(one, dict):
                for key, inner in one.items():
                    if isinstance(inner, dict | list):
                        left.append(inner)
                    elif isinstance(inner, str) and key in _SEEN and not one.get("isStyle"):
                        one[key] = self.text(inner)

    def written(self, content: bytes) -> bytes:
        """The JSON of whole events without private parameters and credentials of the addresses in it."""
        return _IN_ADDRESS.sub(self._credentials, _QUERY.sub(self._parameter, content)) if self.is_on else content

    def address(self, text: str) -> str:
        return self.text(self.written(text.encode(errors="replace")).decode())

    def user(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What of a user may be kept."""
        found = {name: self.user_name(value, name) for name, value in sent.items()}
        return {name: value for name, value in found.items() if value}

    def user_name(self, value: str, name: str = "id") -> str:
        """What stands for what a user is called; empty where it may not be kept. People search by the same."""
        if not self.is_on:
            return value
        told = self._redactor.value(f"user.{name}", value)
        if told is LEFT_OUT or self.is_denied(name):
            self._noted(f"user.{name}", value, LEFT_OUT)
            return ""
        self._noted(f"user.{name}", value, told)
        if told == value or self._redactor.is_treated(f"user.{name}"):
            return "" if told == REMOVED else str(told)
        return f"[id {self._ids.hash(value)}]" if self._ids else REMOVED

    def _mapping(self, key: str, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        shown = {}
        for inner, one in value.items():
            told = self.value(below(key, inner), one, depth + 1)
            if told is not LEFT_OUT:
                shown[self._noted("", inner, self._redactor.key(inner))] = told
        return shown

    def _inside(self, value: Any, sent: Any) -> Any:
        """JSON that is kept for what is in it, as it was sent: as a text or as what it is."""
        told = self.value("", value)
        told = REMOVED if told is LEFT_OUT else told
        return orjson.dumps(told).decode() if isinstance(sent, str) else told

    def _noted(self, key: str, before: Any, after: Any) -> Any:
        """`after`; what it is not of `before` is counted."""
        if (after is LEFT_OUT or after != before) and not _is_said(before):
            shown = key[-_SHOWN_KEY_CHARACTERS_MAX:] if self._redactor.key(key) == key else "[private]"
            for found in sorted(self._found) or (_KEY,):
                leak = (found, self.place, shown)
                if leak in self._leaks or len(self._leaks) < LEAKS_MAX:
                    self._leaks[leak] += 1
        self._found.clear()
        return after

    def _parameter(self, match: re.Match[bytes]) -> bytes:
        if not self.is_private(match[2].decode("ascii", "replace")):
            return match[0]
        self._noted(match[2].decode("ascii", "replace"), match[3].decode(errors="replace"), REMOVED)
        return match[1] + match[2] + b"=" + _REMOVED

    def _credentials(self, match: re.Match[bytes]) -> bytes:
        self._found.add(_SECRET)
        self._noted("", match[0].decode(errors="replace"), REMOVED)
        return _REMOVED


_CUSTOM, _PLUGIN = 5, 6
"""rrweb's kinds of events that hold what an app said; the others hold what is seen."""
_SEEN = frozenset({"textContent", "text", "value", "placeholder", "title", "alt", "aria-label", "content"})


_OF_REQUESTS = re.compile(r"(?:^|\.)data\.(?:request|response)\.body$")
"""What a browser's SDK records of calls."""


def _is_said(value: Any) -> bool:
    """Nothing, or what its sender put for what it removed itself."""
    return value is None or (isinstance(value, str) and value in _REMOVED_BEFORE)


def _json(value: Any) -> Any:
    """What a text is the JSON of; None where it is none, and of a list or a map itself."""
    if not isinstance(value, str):
        return value
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict | list) else None


@lru_cache(SCRUBBERS_MAX)
def scrubber(policy: PrivacyPolicy, service: str = "") -> Scrubber:
    return Scrubber(policy, service=service)
