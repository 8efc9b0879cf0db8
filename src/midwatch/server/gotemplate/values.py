"""What templates see of the values that they are given: fields, truth, order and text, as Go has them.

A template reaches keys of mappings, and what a `Fielded` names; never an attribute of a Python object.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from midwatch.server.gotemplate.errors import CallFailed

F = TypeVar("F", bound=Callable[..., Any])
_WITH_TEMPLATES = "_midwatch_with_templates"
_EXPONENT_FROM = 6
"""As package strconv has it, where as few digits are written as tell the number."""


@runtime_checkable
class Fielded(Protocol):
    """Something like a Go struct, or a value with methods. `go_string` may be there too: how it prints."""

    go_type: str

    def go_field(self, name: str) -> Any:
        """The value; of a method, a callable. Raises KeyError."""
        ...


@dataclass(frozen=True, slots=True)
class _NoValue:
    """What is not there: prints as Go prints it, and is not true."""

    def __bool__(self) -> bool:
        return False


NO_VALUE = _NoValue()


def with_templates(function: F) -> F:
    """A function that gets `execute(template name, data) -> str` before its own arguments."""
    setattr(function, _WITH_TEMPLATES, True)
    return function


def wants_templates(function: Callable[..., Any]) -> bool:
    return bool(getattr(function, _WITH_TEMPLATES, False))


def field_of(value: Any, name: str, missing: Any) -> tuple[Any, bool]:
    """The field, and whether it is a method. Raises CallFailed."""
    fielded = getattr(value, "go_field", None)  # a protocol's isinstance would be most of a rendering's time
    if fielded is not None:
        try:
            found = fielded(name)
        except KeyError:
            pass
        else:
            return found, callable(found)
    if isinstance(value, Mapping):
        return value.get(name, missing), False
    if value is None or value is NO_VALUE:
        raise CallFailed(f"nil data; no entry for key {name!r}")
    raise CallFailed(f"can't evaluate field {name} in type {type_name(value)}")


def truth(value: Any) -> bool:
    if isinstance(value, bool | int | float | str):
        return bool(value)
    if value is None or value is NO_VALUE:
        return False
    if isinstance(value, Mapping | Sequence):
        return len(value) > 0
    return True


def type_name(value: Any) -> str:
    """As Go would call it."""
    if isinstance(value, Fielded):
        return value.go_type
    if isinstance(value, bool):
        return "bool"
    for kind, name in ((int, "int"), (float, "float64"), (str, "string"), (Mapping, "map[string]interface {}")):
        if isinstance(value, kind):
            return name
    if isinstance(value, Sequence):
        return "[]string" if value and all(isinstance(one, str) for one in value) else "[]interface {}"
    return "<nil>" if value is None or value is NO_VALUE else "interface {}"


def items_of(value: Any) -> list[tuple[Any, Any]]:
    """What range goes over: index or key, and element. Raises CallFailed."""
    if value is None or value is NO_VALUE:
        return []
    if isinstance(value, Mapping):
        return sorted(value.items(), key=lambda item: _order(item[0]))
    if isinstance(value, bool | str):
        raise CallFailed(f"range can't iterate over {text_of(value)}")
    if isinstance(value, Sequence):
        return list(enumerate(value))
    raise CallFailed(f"range can't iterate over {text_of(value)}")


def _order(key: Any) -> tuple[int, Any]:
    return (0, key) if isinstance(key, int | float) else (1, str(key))


def text_of(value: Any, *, inside: bool = False) -> str:
    """How Go's `%v` prints it. `inside`: within a list or map."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return _scalar_text(value)
    if value is None or value is NO_VALUE:
        return "<nil>" if inside else "<no value>"
    if (string := getattr(value, "go_string", None)) is not None:
        return str(string())
    return _composite_text(value)


def _scalar_text(value: bool | int | float) -> str:  # noqa: FBT001 - one value of either type
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else float_text(value)


def _composite_text(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{text_of(key, inside=True)}:{text_of(one, inside=True)}" for key, one in items_of(value))
        return f"map[{' '.join(pairs)}]"
    if isinstance(value, Sequence):
        return f"[{' '.join(text_of(one, inside=True) for one in value)}]"
    return f"{{{type_name(value)}}}"


def float_text(value: float) -> str:
    """`strconv.FormatFloat(value, 'g', -1, 64)`, which is `%v`: 100000, but 1e+06."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    digits, exponent = shortest(value)
    if not -4 <= exponent < _EXPONENT_FROM:
        return scientific(digits, exponent, negative=value < 0)
    return positional(digits, exponent, negative=value < 0)


def shortest(value: float) -> tuple[str, int]:
    """The fewest digits that are this number and no other, and the exponent of the first."""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + ("" if fraction == "0" else fraction)
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    return stripped.rstrip("0") or "0", point - 1


def scientific(digits: str, exponent: int, *, negative: bool) -> str:
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{'-' if negative else ''}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def positional(digits: str, exponent: int, *, negative: bool) -> str:
    point = exponent + 1
    if point <= 0:
        text = f"0.{'0' * -point}{digits}"
    elif point >= len(digits):
        text = digits + "0" * (point - len(digits))
    else:
        text = f"{digits[:point]}.{digits[point:]}"
    return f"-{text}" if negative else text
