"""What changes from one plan to the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from midwatch.contract.plan.scrape.access import MASK, SECRET_KEYS, SECRET_MAPS


@dataclass(frozen=True, slots=True)
class Change:
    """`path` joins keys with dots: `services.api.owner`. Values are as they are written, secrets masked."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Changes between two plans as written, in order of their paths; keys with nothing below count as not there."""
    return list(_walk(before, after, ""))


def _walk(before: Mapping[str, Any], after: Mapping[str, Any], above: str) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        path = f"{above}{key}"
        old, new = before.get(key), after.get(key)
        if old == new and type(old) is type(new):
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _walk(old, new, f"{path}.")
        elif old is None:
            yield Change(path, "added", None, _masked(key, new))
        elif new is None:
            yield Change(path, "removed", _masked(key, old), None)
        else:
            yield Change(path, "changed", _masked(key, old), _masked(key, new))


def _masked(key: str, value: Any) -> Any:
    if key in SECRET_KEYS and isinstance(value, str):
        return MASK
    if key in SECRET_MAPS and isinstance(value, dict):
        return dict.fromkeys(value, MASK)
    if isinstance(value, dict):
        return {name: _masked(name, one) for name, one in value.items()}
    return [_masked("", one) for one in value] if isinstance(value, list) else value
