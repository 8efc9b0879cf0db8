"""A group of errors, as the digest hands it to whoever knows the issues."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class ErrorGroup:
    """What a batch brought of one group. Times are nanoseconds."""

    project: int
    hash: str
    version: int
    older: tuple[str, ...]
    title: str
    culprit: str
    type: str
    value: str
    level: str
    severity: str
    category: str
    platform: str
    service: str
    environment: str
    handled: bool
    event_id: str
    first_ns: int
    last_ns: int
    first_release: str
    release: str
    """Of the newest event."""
    count: int = 0
    releases: set[str] = field(default_factory=set)
