"""`required_keys`: what every log line has."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from midwatch.contract.fields import canonical
from midwatch.contract.plan.section import Model, Name, Remark, Section
from midwatch.contract.plan.sections.sampling import Share
from midwatch.contract.plan.telemetry import KEYS_MAX


def _key(value: Any) -> Any:
    """A name alone is the key of all lines of all services."""
    return {"key": value} if isinstance(value, str) else value


class RequiredKey(Model):
    key: Name
    """Under any of its names: `correlation_id` stands for `correlationId`, too."""
    services: tuple[Name, ...] = ()
    """Of whose lines; empty: all."""
    at_least: Share = 1.0
    """The share of lines that has it: lines of a start belong to no request, and have no correlation id."""


_SCHEMA = RequiredKey.model_json_schema()
Written = Annotated[
    RequiredKey,
    BeforeValidator(_key),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^[\w.\-/]{1,200}$"}, _SCHEMA]}),
]
RequiredKeys = tuple[Written, ...]


def _check(keys: RequiredKeys, sections: Mapping[str, Any]) -> Iterable[Remark]:
    seen: dict[str, str] = {}
    known = sections.get("services")
    for index, one in enumerate(keys):
        for place, service in enumerate(one.services):
            if known and service not in known:
                yield (index, "services", place), f"service={service}: expected one of {', '.join(known)}"
        name = canonical(one.key)
        if not one.services and seen.setdefault(name, one.key) != one.key:
            yield (index,), f"{one.key}: is another name of {seen[name]}, which stands here already"


SECTION: Section[RequiredKeys] = Section(
    name="required_keys",
    help="Keys that every log line has, each under any of its names.",
    type=Annotated[RequiredKeys, Field(max_length=KEYS_MAX)],
    empty=tuple,
    check=_check,
    example="""required_keys:
  - ts
  - level
  - event
  - env
  - {key: correlation_id, services: [api], at_least: 0.95}
""",
)
