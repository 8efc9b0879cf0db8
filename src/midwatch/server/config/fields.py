"""What a setting is: its name in each source, its help, and how its text becomes a value."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

from midwatch.server.config.settings import META, Meta, Settings, shown

ENV_PREFIX = "MIDWATCH_"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting, as every source and the documentation see it."""

    name: str
    """Field of `Settings`, and key in the settings file."""
    meta: Meta
    default: Callable[[], Any] = field(repr=False)
    default_text: str
    """For the documentation: some defaults depend on the machine."""

    @property
    def env(self) -> str:
        return ENV_PREFIX + self.name.upper()

    @property
    def flag(self) -> str | None:
        """Whole secrets have none: command lines are seen by every process of the machine."""
        return None if self.meta.masked == "all" else "--" + self.name.replace("_", "-")

    @property
    def from_file(self) -> bool:
        """Whether `<NAME>_FILE` may name a file that holds the value."""
        return self.meta.masked != "no"

    def shown(self, value: Any) -> str:
        """The value as text, with what is secret masked."""
        return shown(self.meta, value)


def _all() -> dict[str, Field]:
    found = {}
    for one in fields(Settings):
        meta: Meta = one.metadata[META]
        default = one.default_factory if callable(one.default_factory) else partial(_same, one.default)
        text = shown(meta, default()) if meta.default_text is None else meta.default_text
        found[one.name] = Field(one.name, meta, default, text)
    return found


def _same(value: Any) -> Any:
    return value


FIELDS: dict[str, Field] = _all()
"""By name, in the order of the documentation."""
