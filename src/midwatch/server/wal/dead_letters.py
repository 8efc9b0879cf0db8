"""What could not be stored: one file of frames and one of facts per letter, readable by their owner only."""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import NotFound
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.durable import sync_directory, write_file
from midwatch.server.wal.frames import read_header, scan
from midwatch.server.wal.ids import SegmentIds

log = structlog.get_logger(__name__)

LETTERS_MAX = 10_000
"""Above this the oldest letters go, loudly counted: the disk is worth more than what nobody looked at."""
LETTERS_BYTES_MAX = 1 << 30
PREVIEW_BYTES = 4096
ERROR_CHARACTERS_MAX = 4000


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    kind: SegmentKind
    time_ns: int
    key_id: str
    bytes: int
    error: str


class Parked(Protocol):
    """What may be kept of a letter."""

    @property
    def frames(self) -> bytes: ...
    @property
    def error(self) -> str: ...
    @property
    def unread_bytes(self) -> int: ...


Parking = Callable[[bytes, SegmentKind, str], Parked]
"""Frames, of which kind they are, and what the store said of them."""


@dataclass(frozen=True, slots=True)
class _Whole:
    frames: bytes
    kind: SegmentKind
    error: str
    unread_bytes: int = 0


class DeadLetters:
    """A directory of letters, never more than its bounds in count and bytes. Methods touch the disk: use threads."""

    def __init__(
        self,
        directory: Path,
        clock: Clock,
        *,
        letters_max: int = LETTERS_MAX,
        bytes_max: int = LETTERS_BYTES_MAX,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._letters_max = letters_max
        self._bytes_max = bytes_max
        self._ids = SegmentIds(clock)
        self._parking: Parking = _Whole
        self._lock = threading.RLock()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in directory.glob("*.new"):
            leftover.unlink()
        for facts in directory.glob("*.json"):
            # A retried letter's frames are in the log by the time its facts go.
            if not facts.with_suffix(".frames").exists():
                facts.unlink()
        for frames in directory.glob("*.frames"):
            # Never listed: its segment is still in the log.
            if not frames.with_suffix(".json").exists():
                frames.unlink()
        self.count = sum(1 for _ in directory.glob("*.json"))
        self.made = 0
        """Since start."""
        self.unread_bytes = 0
        """Since start: of bodies that nobody can read, which are not kept."""
        self.dropped = 0
        """Since start, for want of room."""
        self._bytes = sum(path.stat().st_size for path in directory.glob("*.frames"))

    def keep(self, content: bytes, kind: SegmentKind, error: str, *, letter_id: str | None = None) -> None:
        """Make a letter of these bytes. The same id again is the same letter."""
        parked = self._parking(content, kind, error)
        content, error = parked.frames, parked.error
        with self._lock:
            letter_id = letter_id or self._ids.next()
            data = memoryview(content)
            first = next((span for span in scan(data) if span.intact), None)
            key_id = read_header(data, first)[0] if first else ""
            letter = Letter(letter_id, kind, self._clock.now_ns(), key_id, len(content), error[:ERROR_CHARACTERS_MAX])
            known = (self._directory / f"{letter_id}.json").exists()
            write_file(self._directory / f"{letter_id}.frames", content)
            write_file(self._directory / f"{letter_id}.json", json.dumps(asdict(letter)).encode())
            sync_directory(self._directory)
            if not known:
                self.count += 1
                self.made += 1
                self.unread_bytes += parked.unread_bytes
                self._bytes += len(content)
            self._make_room()

    def parks_by(self, parking: Parking) -> None:
        """What makes of a body that could not be stored what may be kept of it; until then all of it is."""
        self._parking = parking

    def bury(self, path: Path, segment_id: str, kind: SegmentKind, error: str) -> None:
        """Make a letter of a segment and remove the segment; a crash between the two leaves no second letter."""
        self.keep(path.read_bytes(), kind, error, letter_id=segment_id)
        path.unlink()

    def all(self) -> list[Letter]:
        """Newest first."""
        return [_read(path) for path in sorted(self._directory.glob("*.json"), reverse=True)]

    def get(self, letter_id: str) -> Letter:
        """
        Raises:
            NotFound: no letter has this id.
        """
        path = self._directory / f"{letter_id}.json"
        if not letter_id.isalnum() or not path.is_file():
            raise NotFound(f"cannot find dead letter {letter_id[:64]}: it was retried or dropped, or never was")
        return _read(path)

    def frames(self, letter_id: str) -> list[bytes]:
        """The intact frames of a letter; empty when its bytes are damaged."""
        data = self._content(letter_id)
        return [bytes(data[span.start : span.end]) for span in scan(data) if span.intact]

    def is_whole(self, letter_id: str) -> bool:
        """True when the letter is frames and nothing else, so that it can be tried again."""
        data = self._content(letter_id)
        return len(data) > 0 and all(span.intact for span in scan(data))

    def frames_path(self, letter_id: str) -> Path:
        """Where the frames lie; `WriteAheadLog.retry` moves them from there."""
        return self._directory / f"{letter_id}.frames"

    def preview(self, letter_id: str) -> str:
        """Readable text of a letter's beginning."""
        content = bytes(self._content(letter_id)[:PREVIEW_BYTES])
        return "".join(chr(byte) if 32 <= byte < 127 or byte == 10 else "·" for byte in content)

    def drop(self, letter_id: str) -> None:
        """
        Raises:
            NotFound: no letter has this id.
        """
        with self._lock:
            self.get(letter_id)
            self.forget(letter_id)

    def forget(self, letter_id: str) -> None:
        """Remove what is there of a letter."""
        with self._lock:
            facts = self._directory / f"{letter_id}.json"
            self._bytes -= _read(facts).bytes
            self.count -= 1
            facts.unlink()
            (self._directory / f"{letter_id}.frames").unlink(missing_ok=True)

    def _content(self, letter_id: str) -> memoryview:
        self.get(letter_id)
        return memoryview((self._directory / f"{letter_id}.frames").read_bytes())

    def _make_room(self) -> None:
        while self.count > 1 and (self.count > self._letters_max or self._bytes > self._bytes_max):
            oldest = min(self._directory.glob("*.json")).stem
            log.warning("dead_letters.evicted", letter=oldest)
            self.forget(oldest)
            self.dropped += 1


def _read(path: Path) -> Letter:
    facts = json.loads(path.read_text())
    return Letter(**{**facts, "kind": SegmentKind(facts["kind"])})
