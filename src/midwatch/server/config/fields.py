"""What a setting is: its name in each source, its help, and how its text becomes a value."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from midwatch.server.config.settings import META, Settings
from midwatch.server.config.values import Secret, mask_url

__all__ = ["FIELDS", "Field", "Secret"]

ENV_PREFIX = "MIDWATCH_"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting, as every source and the documentation see it."""

    name: str
    """Field of `Settings`, and key in the settings file."""
    help: str
    parse: Callable[[str], Any] = field(repr=False)
    show: Callable[[Any], str] = field(repr=False)
    default: Callable[[], Any] = field(repr=False)
    default_text: str
    """For the documentation: some defaults depend on the machine."""
    metavar: str
    masked: Literal["no", "all", "url"]
    on_command_line: bool

    @property
    def env(self) -> str:
        return ENV_PREFIX + self.name.upper()

    @property
    def flag(self) -> str | None:
        """Whole secrets have none: command lines are seen by every process of the machine."""
        return "--" + self.name.replace("_", "-") if self.on_command_line else None

    @property
    def from_file(self) -> bool:
        """Whether `<NAME>_FILE` may name a file that holds the value."""
        return self.masked != "no"

    def shown(self, value: Any) -> str:
        """The value as text, with what is secret masked."""
        if value is None:
            return ""
        if self.masked == "all":
            return repr(value)
        return mask_url(str(value)) if self.masked == "url" else self.show(value)


def _all() -> dict[str, Field]:
    found = {}
    for one in fields(Settings):
        meta = one.metadata[META]
        default = one.default_factory if callable(one.default_factory) else (lambda value=one.default: value)
        found[one.name] = Field(
            name=one.name,
            help=meta.help,
            parse=meta.parse,
            show=meta.show,
            default=default,
            default_text=meta.default_text
            if meta.default_text is not None
            else ("" if one.default is None else meta.show(default())),
            metavar=meta.metavar,
            masked=meta.masked,
            on_command_line=meta.masked != "all",
        )
    return found


FIELDS: dict[str, Field] = _all()
"""By name, in the order of the documentation."""
