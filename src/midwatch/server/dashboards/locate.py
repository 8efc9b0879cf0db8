"""Where in the text of a JSON file something stands: found by walking the text, when there is a problem to be told."""

import json
import re
from typing import Any

from midwatch.server.dashboards.grafana.keys import mapping

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()

Path = tuple[str | int, ...]


def position(text: str, path: Path) -> tuple[int, int]:
    """Line and column of the value at the path, or of the nearest one above it that is there. Counts from 1."""
    at = _after_space(text, 0)
    for part in path:
        inner = _member(text, at, part) if isinstance(part, str) else _entry(text, at, part)
        if inner is None:
            break
        at = inner
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def panel_path(source: Any, number: int, title: str = "", above: Path = ()) -> Path | None:
    """Where the panel of this number stands, in any of Grafana's forms; one without a number goes by its title."""
    if isinstance(source, dict):
        for key in ("dashboard", "spec"):
            if isinstance(source.get(key), dict) and (found := panel_path(source[key], number, title, (*above, key))):
                return found
        for name, element in mapping(source.get("elements")).items():
            if mapping(mapping(element).get("spec")).get("id") == number:
                return (*above, "elements", name)
        for key in ("panels", "rows"):
            listed = source.get(key)
            for index, one in enumerate(listed if isinstance(listed, list) else []):
                if not isinstance(one, dict):
                    continue
                if key == "panels" and (one["id"] == number if "id" in one else title and one.get("title") == title):
                    return (*above, key, index)
                if found := panel_path(one, number, title, (*above, key, index)):
                    return found
    return None


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _member(text: str, at: int, name: str) -> int | None:
    if text[at : at + 1] != "{":
        return None
    at = _after_space(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = _DECODER.raw_decode(text, at)
        at = _after_space(text, _after_space(text, at) + 1)
        if key == name:
            return at
        at = _after_space(text, _DECODER.raw_decode(text, at)[1])
        at = _after_space(text, at + 1)
    return None


def _entry(text: str, at: int, index: int) -> int | None:
    if text[at : at + 1] != "[":
        return None
    at = _after_space(text, at + 1)
    for _ in range(index):
        at = _after_space(text, _DECODER.raw_decode(text, at)[1])
        at = _after_space(text, at + 1)
    return at
