"""Private values out of the arguments that an app tells, by the plan in force here: the app may know an older one."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from midwatch.contract.privacy import REMOVED

DEPTH_MAX = 32
"""Deeper values are removed: nobody looks at them."""


def cleaned(payload: Mapping[str, Any], pattern: str) -> dict[str, Any]:
    """`pattern`: of private keys. What is sealed is as it is: the key to it is the team's."""
    if payload.get("form") != "plain":
        return dict(payload)
    return {**payload, "arguments": _without(payload.get("arguments"), _is_private(pattern), 0)}


def _without(value: Any, is_private: Callable[[str], bool], depth: int) -> Any:
    if depth > DEPTH_MAX:
        return REMOVED
    if isinstance(value, dict):
        return {
            key: REMOVED if is_private(key) and one is not None else _without(one, is_private, depth + 1)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_without(one, is_private, depth + 1) for one in value]
    return value


@lru_cache(maxsize=8)
def _is_private(pattern: str) -> Callable[[str], bool]:
    compiled = re2.compile(pattern)
    return lambda key: compiled.search(key) is not None
