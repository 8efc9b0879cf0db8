"""The plan's environments as questions need them: each goes by its name and by its aliases."""

from collections.abc import Iterable

from midwatch.contract.plan.sections.environments import Environments


class EnvironmentNames:
    """Of the plan in force; without one, every name stands for itself."""

    def __init__(self) -> None:
        self._others: dict[str, tuple[str, ...]] = {}
        self._of: dict[str, str] = {}
        self._default: str | None = None

    def put(self, environments: Environments) -> None:
        self._others = {name: environment.aliases for name, environment in environments.items()}
        self._of = {alias: name for name, aliases in self._others.items() for alias in aliases}
        self._default = next((name for name, environment in environments.items() if environment.default), None)

    def every(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names, and every other name of the same environments."""
        canonical = dict.fromkeys(self._of.get(name, name) for name in names)
        return tuple(found for name in canonical for found in (name, *self._others.get(name, ())))

    def shown(self, seen: Iterable[str]) -> list[str]:
        """Each environment once, under its own name; the default first."""
        names = sorted({self._of.get(name, name) for name in seen})
        return sorted(names, key=lambda name: name != self._default)
