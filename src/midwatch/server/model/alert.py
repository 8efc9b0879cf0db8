"""One alert as rules, programs and people tell of it, and as receivers are told of it.

Labels, times and fingerprints are those of Prometheus and Alertmanager, so that either can be at the other end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ALERT_NAME = "alertname"
Labels = Mapping[str, str]

_FNV_OFFSET, _FNV_PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
_SEPARATOR = b"\xff"


def fingerprint(labels: Labels) -> str:
    """16 hex digits: FNV-1a over the sorted labels, as Prometheus's `model.LabelSet` has it."""
    text = b"".join(
        part for name in sorted(labels) for part in (name.encode(), _SEPARATOR, labels[name].encode(), _SEPARATOR)
    )
    found = _FNV_OFFSET
    for byte in text:
        found = ((found ^ byte) * _FNV_PRIME) & _MASK
    return f"{found:016x}"


@dataclass(frozen=True, slots=True)
class Alert:
    """Times are nanoseconds since the epoch."""

    labels: Labels
    starts_at_ns: int
    ends_at_ns: int
    """From when on it is resolved. Of one that fires: when it would be taken as resolved if nobody told of it again."""
    annotations: Labels = field(default_factory=dict)
    generator_url: str = ""
    updated_at_ns: int = 0
    fingerprint: str = ""

    def __post_init__(self) -> None:
        if not self.fingerprint:
            object.__setattr__(self, "fingerprint", fingerprint(self.labels))

    @property
    def name(self) -> str:
        return self.labels.get(ALERT_NAME, "")

    def resolved(self, now_ns: int) -> bool:
        return self.ends_at_ns <= now_ns

    def status(self, now_ns: int) -> Literal["firing", "resolved"]:
        return "resolved" if self.resolved(now_ns) else "firing"
