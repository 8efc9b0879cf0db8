"""JSON that remembers what was read of it: what nobody asked for is told, and never dropped silently."""

import math
from collections.abc import Iterator
from typing import Any

_NOTHING: tuple[Any, ...] = (None, "", False, [], {})


class Keys:
    """A mapping of somebody else's JSON. A value of another type than asked for counts as not read."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.raw: dict[str, Any] = value if isinstance(value, dict) else {}
        self._path = path
        self._read: set[str] = set()
        self._below: dict[str, Keys] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def get(self, name: str) -> Any:
        """As it is; counts as read with all that is in it."""
        self._read.add(name)
        return self.raw.get(name)

    def text(self, name: str) -> str | None:
        """Texts, and numbers as texts; None where it is something else or empty."""
        value = self.raw.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        self._read.add(name)
        return str(value) or None

    def number(self, name: str) -> float | None:
        """Numbers, and texts that are some."""
        value = self.raw.get(name)
        found = as_number(value)
        if found is not None or value in _NOTHING:
            self._read.add(name)
        return found

    def whole(self, name: str, *, least: int = 0, most: int = 2**53) -> int | None:
        found = self.number(name)
        return None if found is None else int(min(max(found, least), most))

    def flag(self, name: str, *, default: bool | None = None) -> bool | None:
        value = self.raw.get(name)
        if isinstance(value, bool):
            self._read.add(name)
            return value
        return default

    def choice(self, name: str, choices: dict[Any, Any] | tuple[str, ...]) -> Any:
        """The value that stands for this one; None where it is none of them, which counts as not read."""
        known = choices if isinstance(choices, dict) else {one: one for one in choices}
        value = self.raw.get(name)
        if isinstance(value, str | int | bool) and value in known:
            self._read.add(name)
            return known[value]
        return None

    def texts(self, name: str) -> list[str]:
        value = self.raw.get(name)
        if not isinstance(value, list):
            return []
        self._read.add(name)
        return [str(one) for one in value if isinstance(one, str | int | float)]

    def below(self, name: str) -> "Keys":
        """A mapping in this one; empty where there is none."""
        value = self.raw.get(name)
        if value is None or isinstance(value, dict):
            self._read.add(name)
        return self._child(value, name)

    def each(self, name: str) -> "list[Keys]":
        """The mappings of a list."""
        value = self.raw.get(name)
        if not isinstance(value, list):
            return []
        self._read.add(name)
        return [self._child(one, f"{name}[{index}]") for index, one in enumerate(value) if isinstance(one, dict)]

    def derived(self, name: str, value: dict[str, Any]) -> "Keys":
        """A mapping made of what stands under this name, read in its place."""
        self._read.add(name)
        self._below = {key: one for key, one in self._below.items() if not key.startswith(f"{name}[")}
        return self._child(value, name)

    def skip(self, *names: str) -> None:
        """These say nothing about what is drawn."""
        self._read.update(names)

    def unread(self) -> Iterator[str]:
        """Paths of what was not asked for and is not empty."""
        for name, value in self.raw.items():
            if name not in self._read and not any(value is one or value == one for one in _NOTHING):
                yield f"{self._path}{name}{_shown(value)}"
        for one in self._below.values():
            yield from one.unread()

    def _child(self, value: Any, name: str) -> "Keys":
        return self._below.setdefault(name, Keys(value, f"{self._path}{name}."))


def as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _shown(value: Any) -> str:
    return f"={value!s:.60}" if isinstance(value, str | int | float) else ""


def mapping(value: Any) -> dict[str, Any]:
    """An empty one where it is none."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Any]:
    """An empty list where it is none."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[dict[str, Any]]:
    """Those of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
