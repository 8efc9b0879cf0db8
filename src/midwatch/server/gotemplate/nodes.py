"""A parsed template."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    offset: int
    """In characters, in the text it was parsed from."""


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A string, number, character or boolean; None is `nil`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Dot(Node):
    pass


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`.A.B`: of the dot."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """`$x.A.B`; the name has its dollar."""

    name: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`(pipeline).A.B`."""

    of: "Pipeline"
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Command(Node):
    words: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pipeline(Node):
    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    declares: bool = False
    """`:=` rather than `=`."""


@dataclass(frozen=True, slots=True)
class Text(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Action(Node):
    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class If(Node):
    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class With(Node):
    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Range(Node):
    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Break(Node):
    pass


@dataclass(frozen=True, slots=True)
class Continue(Node):
    pass


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`{{template "name" pipeline}}`."""

    name: str
    pipeline: Pipeline | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text and the templates that it defines."""

    text: str
    name: str
    body: tuple[Node, ...]
    defined: Mapping[str, "Parsed"] = field(default_factory=dict)
