"""What a section of `midwatch.yml` is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter, WithJsonSchema

from midwatch.contract.duration import (
    DURATION_EXPECTED,
    SIZE_EXPECTED,
    format_bytes,
    format_duration,
    parse_bytes,
    parse_duration,
)
from midwatch.contract.plan.document import Path

T = TypeVar("T")


class Model(BaseModel):
    """Base of the plan's models: strict types, unknown keys are errors, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Remark = tuple[Path, str]
"""Path below the section, and what was expected there."""


def _nothing(_value: Any, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    return ()


def _none(_value: Any) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Section(Generic[T]):
    """One key of `midwatch.yml`. Each file in `sections/` has exactly one, called SECTION."""

    name: str
    help: str
    type: Any
    """What pydantic validates: a model, or a dict of models by name."""
    empty: Callable[[], T]
    """The value where the plan does not have the section."""
    example: str
    check: Callable[[Any, Mapping[str, Any]], Iterable[Remark]] = _nothing
    """What the types cannot say, with all sections that are right by themselves at hand."""
    advise: Callable[[Any, Mapping[str, Any]], Iterable[Remark]] = _nothing
    """What holds, and may surprise: warnings, which no plan is refused for."""
    files: Callable[[Any], Iterable[str]] = _none
    """Paths and patterns (`targets/*.json`) of files in the plan directory that its value speaks of."""
    events: Callable[[Any], Iterable[str]] = _none
    """Names of events that it declares: lines that tell of them are not unknown ones."""

    @property
    def adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self.type)


def _duration(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"expected {DURATION_EXPECTED}")
    return parse_duration(str(value))


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^(0|(\d+(\.\d+)?(ms|s|m|h|d|w|y))+)$"}, {"const": 0}]},
    ),
]
"""Seconds; written `7d`, `12h`, `1h30m`, or `0`."""


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"expected {SIZE_EXPECTED}")
    return parse_bytes(str(value))


Size = Annotated[
    int,
    BeforeValidator(_size),
    PlainSerializer(format_bytes, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}]}),
]
"""Bytes; written `512MiB`, `2GiB`, or a number."""

NAME_EXPECTED = "a name of letters, digits, dot, dash, underscore or slash, at most 200 characters"
Name = Annotated[
    str,
    # The length apart: counted in the pattern, Unicode's letters two hundred times over are a machine of 28 MB.
    Field(pattern=r"^[\w.\-/]+$", max_length=200),
    WithJsonSchema({"type": "string", "pattern": r"^[\w.\-/]{1,200}$"}),
]
Text = Annotated[str, Field(max_length=2000)]
