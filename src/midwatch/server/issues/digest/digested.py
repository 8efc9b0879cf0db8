"""What passes between the digest's two processes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from midwatch.server.issues.rules import ErrorRules
from midwatch.server.issues.source_maps.lookups import Lookup
from midwatch.server.issues.source_maps.open_maps import Artifact
from midwatch.server.model.error_group import ErrorGroup
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys

BATCH_BYTES = 4 << 20
BATCH_FRAMES = 400
"""At once: what is lost when the process is, and what its answer may weigh."""

Maps = Mapping[int, Mapping[Lookup, Artifact]]
"""By project."""


@dataclass(frozen=True, slots=True)
class Order:
    """From `start` of a segment on."""

    path: Path
    segment: str
    start: int
    rules: ErrorRules
    key_names: Mapping[str, str]
    frames_max: int = BATCH_FRAMES
    maps: Maps = field(default_factory=dict)
    keys: WalKeys = NO_KEYS


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose frames they are; what is put into the log for them says the same."""

    project: int
    key_id: str
    environment: str


@dataclass(frozen=True, slots=True)
class Output:
    """A body for the write-ahead log."""

    sender: Sender
    kind: SegmentKind
    content: bytes
    items: int
    received_ns: int


@dataclass(frozen=True, slots=True)
class Replay:
    sender: Sender
    event: Mapping[str, Any]
    recording: bytes
    received_ns: int


@dataclass(slots=True)
class Digested:
    """`end`: where the next batch begins."""

    end: int = 0
    outputs: list[Output] = field(default_factory=list)
    groups: dict[tuple[int, str], ErrorGroup] = field(default_factory=dict)
    replays: list[Replay] = field(default_factory=list)
    blobs: list[tuple[str, bytes]] = field(default_factory=list)
    failed: list[tuple[int, int, str]] = field(default_factory=list)
    """Stretches of the segment that are for the dead letters, and why."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By type of item and outcome."""
