"""What stands in a write-ahead-log segment, and how the writer takes segments from the log.

A segment is a file of frames of one kind, encrypted where a key is set (`server/wal/encryption.py`). A frame is a
length-delimited protobuf message (varint length, then the message), so that ClickHouse's own `Protobuf` reader decodes
a segment as it lies there:

    message Frame {
      fixed32 crc = 15;                 // always first: CRC-32 of the bytes that follow this field
      uint32  project = 1;
      string  key_id = 2;
      string  environment = 3;          // the key's own; empty where the key names none
      fixed64 received_unix_nano = 4;
      bytes   digest = 5;               // 16 bytes: XXH3-128 over key, kind, body: senders' retries
      string  via = 6;                  // the Midwatch servers that forwarded it, and in which order; mostly not there
      bytes   request = 10;             // as sent: an OTLP Export*ServiceRequest (nested, to the store)
      bytes   text = 11;                // as sent: NDJSON, UTF-8
    }

The body is never encoded again: a frame is a few header bytes, a tag, a length, and the body as it came.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from midwatch.server.model.signal import SegmentKind


@dataclass(frozen=True, slots=True)
class SealedSegment:
    """A segment that no more is appended to. Its id is a UUIDv7 as 32 hex digits; file name `<id>.<kind>.wal`."""

    id: str
    kind: SegmentKind
    path: Path
    size_bytes: int
    frames: int
    first_appended_ns: int
    """Wall-clock time at which its first frame was acknowledged; freshness is measured from here."""
    recovered: bool = False
    """True when a restart found it: parts of it may be in the store already."""
    pieces: Callable[[], Iterator[bytes]] | None = field(default=None, compare=False, repr=False)
    """What its file holds, where that is not what the store is to read: encrypted. Reads the disk."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where an acknowledged body lies; `?wait=visible` waits for its segment."""

    segment_id: str


class SegmentFollower(Protocol):
    """Somebody beside the store's writer who reads segments, by a link of its own to each file."""

    def created(self, kind: SegmentKind, segment_id: str, path: Path) -> None:
        """Before anything of it is acknowledged. In a thread; never raises."""
        ...

    def grown(self, kind: SegmentKind, segment_id: str, size_bytes: int) -> None:
        """So many bytes of it are whole frames and on disk. On the event loop."""
        ...

    def sealed(self, kind: SegmentKind, segment_id: str) -> None:
        """No more is appended to it. On the event loop or in a thread."""
        ...


class SegmentSource(Protocol):
    """The write-ahead log as the store's writer sees it. One consumer per kind; segments come in order of their ids."""

    async def next_sealed(self, kind: SegmentKind) -> SealedSegment:
        """Wait until there is something of this kind, seal the segment being appended to, and hand it over.

        Called again only when the one before is done: segments grow with the load while the store is busy.
        """
        ...

    async def done(self, segment: SealedSegment) -> None:
        """Everything in it is in the store: forget the file, wake those who wait for visibility."""
        ...

    async def split(self, segment: SealedSegment) -> list[SealedSegment]:
        """Halve a segment of which nothing was stored into two with ids of their own, to find the frame that fails.

        A segment of one frame cannot be split: the list is empty, and `bury` is what is left.
        """
        ...

    async def bury(self, segment: SealedSegment, error: str) -> None:
        """Move a segment of one frame to the dead letters, counted; wakes those who wait for visibility."""
        ...
