"""The checks: every file in `checks/` has exactly one, called CHECK, and adding it there is all it takes."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from midwatch.server.verify import checks
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.finding import Outcome


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    title: str
    """As a heading: `Log events`."""
    order: int
    run: Callable[[Asked], Awaitable[Outcome]]
    """May raise StoreError: then this check alone says that it could not look."""


@cache
def all_checks() -> tuple[Check, ...]:
    """In order."""
    modules = [
        importlib.import_module(f"{checks.__name__}.{one.name}") for one in pkgutil.iter_modules(checks.__path__)
    ]
    found: list[Check] = [module.CHECK for module in modules]
    return tuple(sorted(found, key=lambda one: (one.order, one.name)))
