"""How metrics may be named, and under which name and unit each is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

UNITS = {
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    "Cel": "celsius",
    "1": "ratio",
    "%": "percent",
}
"""UCUM, which OTLP carries, and the words that names end in (OpenMetrics 1.0; the OpenTelemetry–Prometheus
compatibility specification)."""
_CODES = {word: code for code, word in UNITS.items()}
UNIT_CHARACTERS_MAX = 63

_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:.]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_RESERVED = ("le", "quantile")


@dataclass(frozen=True, slots=True)
class Given:
    """What a metric that is scraped under another name was called when it was made."""

    name: str
    unit: str = ""
    """UCUM."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """By how they are scraped, where that differs."""


def scraped(name: str) -> str:
    """Dots are OpenTelemetry's; the text formats have underscores in their place."""
    return name.replace(".", "_")


def code_of(unit: str) -> str:
    """`seconds` as well as `s` is `s`; what is none of the known ones is itself (`requests`, `{order}`)."""
    return _CODES.get(unit, unit)


def word_of(unit: str, name: str) -> str:
    """The unit as OpenMetrics wants it: a word that the name ends in, else none."""
    word = UNITS.get(unit, unit)
    return word if word and name.endswith(f"_{word}") else ""


def require(name: str, labels: Sequence[str], unit: str = "") -> None:
    """Raises ValueError for what none can have."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"metric={name!r}: expected letters, digits, '_', ':' and '.', no digit first")
    for label in labels:
        if not _LABEL.fullmatch(label) or label in _RESERVED or label.startswith("__"):
            raise ValueError(
                f"label {label!r} of metric {name!r}: expected letters, digits, '_' and '.'; "
                f"not {', '.join(_RESERVED)}, and no '__' first"
            )
    if len({scraped(label) for label in labels}) < len(labels):
        raise ValueError(
            f"labels {', '.join(labels)} of metric {name!r}: expected each once, '.' and '_' being the same"
        )
    if len(unit) > UNIT_CHARACTERS_MAX or not unit.isascii():
        raise ValueError(f"unit={unit!r} of metric {name!r}: expected a unit such as s, ms, By, or a word")
