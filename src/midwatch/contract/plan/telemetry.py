"""What declarations of telemetry have in common: where they hold, who answers for them, how often they come."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from midwatch.contract.plan.section import Duration, Model, Name, Remark, Text

DECLARED_MAX = 2000
"""Of one kind, in one plan."""
KEYS_MAX = 200
EVERY_SECONDS_MIN, EVERY_SECONDS_MAX = 60.0, 31 * 86_400.0


def _every(seconds: float) -> float:
    if not EVERY_SECONDS_MIN <= seconds <= EVERY_SECONDS_MAX:
        raise ValueError("expected 1m to 31d")
    return seconds


Every = Annotated[Duration, AfterValidator(_every)]


class Declared(Model):
    """A thing that is to come."""

    description: Text = ""
    owner: Text = ""
    """A person or team."""
    services: tuple[Name, ...] = ()
    """Whose it is; empty: anybody's."""
    environments: tuple[Name, ...] = ()
    """Where it comes; empty: everywhere."""
    always: bool = False
    """It comes whenever the system is used: one that did not come is an error, and no warning."""
    every: Every | None = None
    """At least so often, which makes one that did not come an error, too."""

    @property
    def expected(self) -> bool:
        """Whether it is an error that it does not come."""
        return self.always or self.every is not None


def misplaced(one: Declared, sections: Mapping[str, Any]) -> Iterable[Remark]:
    """Services and environments that the plan has not, where it names any; paths are below the declaration."""
    for key, what in (("services", "service"), ("environments", "environment")):
        known = sections.get(key)
        if not known:
            continue
        for index, name in enumerate(getattr(one, key)):
            if name not in known:
                yield (key, index), f"{what}={name}: expected one of {', '.join(known)}"


KeyType = Literal["string", "integer", "number", "boolean", "list", "map", "any"]
KEY_TYPES: tuple[str, ...] = ("string", "integer", "number", "boolean", "list", "map", "any")


def _typed(value: Any) -> Any:
    """A list of names is keys of any type."""
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return dict.fromkeys(value, "any")
    return value


_KEYS_SCHEMA = {
    "anyOf": [
        {"type": "object", "patternProperties": {r"^[\w.\-/]{1,200}$": {"enum": list(KEY_TYPES)}}},
        {"type": "array", "items": {"type": "string", "pattern": r"^[\w.\-/]{1,200}$"}},
    ]
}
Keys = Annotated[dict[Name, KeyType], Field(max_length=KEYS_MAX), BeforeValidator(_typed), WithJsonSchema(_KEYS_SCHEMA)]
"""Keys and their types; written as a list where any type will do."""


def listed_once(value: Any) -> Any:
    """One value where a list is meant."""
    return (value,) if isinstance(value, str) else value
