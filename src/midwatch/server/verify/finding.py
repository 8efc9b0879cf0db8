"""What a check finds, and what it has seen of each declared thing."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]
State = Literal["coming", "stopped", "never", "unknown"]
"""`unknown`: it comes, and nobody has declared it."""
Thing = Literal[
    "service", "environment", "event", "domain event", "metric", "span", "health check", "probe", "heartbeat"
]
FINDINGS_MAX = 500
"""Of one check; how many there were is told."""
ROWS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is not as the plan has it."""

    kind: str
    """Such as `event_never`; a stable name."""
    severity: Severity
    subject: str
    expected: str
    found: str
    todo: str
    """The next step, as a sentence."""
    since_ns: int | None = None
    """Since when it is so; None where that is not known."""
    link: str = ""
    """A view of the page that shows it."""
    snippet: str = ""
    """What would declare it in `midwatch.yml`."""

    @property
    def id(self) -> str:
        """The same for as long as it is about the same."""
        return hashlib.sha256(f"{self.kind}\0{self.subject}".encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Row:
    """One declared thing, or one that came undeclared."""

    thing: Thing
    name: str
    state: State
    declared: bool = True
    count: float | None = None
    """In the range; None where it is not counted."""
    first_ns: int | None = None
    """In the range."""
    last_ns: int | None = None
    services: tuple[str, ...] = ()
    owner: str = ""
    link: str = ""


@dataclass(slots=True)
class Outcome:
    """Of one check."""

    findings: list[Finding] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)
