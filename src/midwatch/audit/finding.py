"""What an audit tells: findings, which are mended, and facts, which are counted."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")
"""From the least."""

Side = Literal["python", "node", "browser"]
"""Where code runs: what is missing is asked for each side that there is."""

PYTHON: Side = "python"
NODE: Side = "node"
BROWSER: Side = "browser"


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    name: str
    severity: Severity
    """Of most of its findings; one alone may be less or more."""
    title: str
    why: str
    todo: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Lines and columns count from 1, columns in characters."""

    rule: Rule
    file: str
    line: int
    column: int
    message: str
    severity: Severity
    snippet: str = ""
    """The line as it stands, without what is secret."""
    within: str = ""
    """The function or class that it stands in."""
    fingerprint: str = ""

    @property
    def place(self) -> tuple[str, int, int, str]:
        return self.file, self.line, self.column, self.rule.id


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is there."""

    kind: str
    """One of `inventory.KINDS`."""
    name: str
    side: Side
    file: str
    line: int
    covered: bool | None = None
    """Whether it is looked after, by what its kind means by that; None where that is no question, or was not seen."""
    column: int = 1


@dataclass(frozen=True, slots=True)
class NotRead:
    """A file that was not looked at, and why."""

    file: str
    reason: str
