"""What could not be stored: one file of frames and one of facts per letter, readable by their owner only."""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import structlog

from midwatch.contract.duration import format_duration
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import NotFound
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys
from midwatch.server.wal.durable import sync_directory, write_file
from midwatch.server.wal.encryption import encrypted, read_content
from midwatch.server.wal.frames import read_header, scan
from midwatch.server.wal.ids import SegmentIds

log = structlog.get_logger(__name__)

LETTERS_MAX = 10_000
"""Above this the oldest letters go, loudly counted: the disk is worth more than what nobody looked at."""
LETTERS_BYTES_MAX = 1 << 30
PREVIEW_BYTES = 4096
SWEEP_SECONDS = 300.0
EXPIRED, EVICTED = "dead_letter_expired", "dead_letter_evicted"
ERROR_CHARACTERS_MAX = 4000


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is asked of a letter without opening it."""

    kind: SegmentKind
    time_ns: int
    key_id: str
    file_bytes: int


@dataclass(slots=True)
class Given:
    """Letters that went by themselves since start."""

    count: int = 0
    last_ns: int = 0


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
        keys: WalKeys = NO_KEYS,
        *,
        letters_max: int = LETTERS_MAX,
        bytes_max: int = LETTERS_BYTES_MAX,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._keys = keys
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
        self._kept: dict[str, _Kept] = {}
        for facts in directory.glob("*.json"):
            try:
                self._kept[facts.stem] = self._look_at(self._read(facts.stem))
            except (ValueError, TypeError, KeyError):
                log.error("dead_letters.damaged", file=str(facts), next="remove it and its .frames, or restore them")
        self.made = 0
        """Since start."""
        self.unread_bytes = 0
        """Since start: of bodies that nobody can read, which are not kept."""
        self.gone: dict[tuple[str, Signal, str], Given] = {}
        """By key id, signal and reason: EXPIRED, EVICTED."""
        self._bytes = sum(kept.file_bytes for kept in self._kept.values())

    @property
    def count(self) -> int:
        return len(self._kept)

    def keep(self, frames: bytes, kind: SegmentKind, error: str, *, letter_id: str | None = None) -> None:
        """Make a letter of these bytes. The same id again is the same letter."""
        parked = self._parking(frames, kind, error)
        frames, error = parked.frames, parked.error
        with self._lock:
            letter_id = letter_id or self._ids.next()
            data = memoryview(frames)
            first = next((span for span in scan(data) if span.intact), None)
            key_id = read_header(data, first)[0] if first else ""
            letter = Letter(letter_id, kind, self._clock.now_ns(), key_id, len(frames), error[:ERROR_CHARACTERS_MAX])
            # The store quotes in its errors what it could not read: they are encrypted with the rest.
            facts = json.dumps(asdict(letter)).encode()
            write_file(self.frames_path(letter_id), encrypted(self._keys, letter_id, frames))
            write_file(self._facts_path(letter_id), encrypted(self._keys, f"{letter_id}.json", facts))
            sync_directory(self._directory)
            before = self._kept.get(letter_id)
            self._kept[letter_id] = now = self._look_at(letter)
            self._bytes += now.file_bytes - (before.file_bytes if before else 0)
            self.made += before is None
            self.unread_bytes += parked.unread_bytes if before is None else 0
            self._make_room()

    def parks_by(self, parking: Parking) -> None:
        """What makes of a body that could not be stored what may be kept of it; until then all of it is."""
        self._parking = parking

    def bury(self, path: Path, segment_id: str, kind: SegmentKind, error: str) -> None:
        """Make a letter of a segment and remove the segment; a crash between the two leaves no second letter."""
        self.keep(bytes(read_content(path, self._keys)), kind, error, letter_id=segment_id)
        path.unlink()

    def all(self) -> list[Letter]:
        """Newest first."""
        return [self._read(letter_id) for letter_id in sorted(self._kept, reverse=True)]

    def get(self, letter_id: str) -> Letter:
        """
        Raises:
            NotFound: no letter has this id.
        """
        if letter_id not in self._kept:
            raise NotFound(f"cannot find dead letter {letter_id[:64]}: it was retried or dropped, or never was")
        return self._read(letter_id)

    def frames(self, letter_id: str) -> list[bytes]:
        """The intact frames of a letter; empty when its bytes are damaged."""
        data = self.content(letter_id)
        return [bytes(data[span.start : span.end]) for span in scan(data) if span.intact]

    def is_whole(self, letter_id: str) -> bool:
        """True when the letter is frames and nothing else, so that it can be tried again."""
        data = self.content(letter_id)
        return len(data) > 0 and all(span.intact for span in scan(data))

    def frames_path(self, letter_id: str) -> Path:
        """Where the frames lie; `WriteAheadLog.retry` moves them from there."""
        return self._directory / f"{letter_id}.frames"

    def preview(self, letter_id: str) -> str:
        """Readable text of a letter's beginning."""
        beginning = bytes(self.content(letter_id)[:PREVIEW_BYTES])
        return "".join(chr(byte) if 32 <= byte < 127 or byte == 10 else "·" for byte in beginning)

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
            self._bytes -= self._kept.pop(letter_id).file_bytes
            self._facts_path(letter_id).unlink()
            self.frames_path(letter_id).unlink(missing_ok=True)

    def sweep(self, age_seconds: float) -> None:
        """Remove letters that are older, counted; 0 keeps them."""
        with self._lock:
            oldest_ns = self._clock.now_ns() - int(age_seconds * 1e9)
            aged = [letter_id for letter_id, kept in self._kept.items() if age_seconds and kept.time_ns < oldest_ns]
            for letter_id in aged:
                self._give_up(letter_id, EXPIRED)
        if aged:
            log.warning("dead_letters.expired", letters=len(aged), older_than=format_duration(age_seconds))

    async def run(self, age_seconds: float) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.sweep, age_seconds)
            except OSError as error:
                log.warning("dead_letters.not_swept", error=str(error))
            await asyncio.sleep(SWEEP_SECONDS)

    def gone_for(self, reason: str) -> int:
        """Letters since start."""
        return sum(given.count for (_, _, why), given in self.gone.items() if why == reason)

    def content(self, letter_id: str) -> memoryview:
        """Its frames, as they were sent.

        Raises:
            NotFound: no letter has this id.
        """
        if letter_id not in self._kept:
            self.get(letter_id)
        return read_content(self.frames_path(letter_id), self._keys)

    def _facts_path(self, letter_id: str) -> Path:
        return self._directory / f"{letter_id}.json"

    def _look_at(self, letter: Letter) -> _Kept:
        return _Kept(letter.kind, letter.time_ns, letter.key_id, self.frames_path(letter.id).stat().st_size)

    def _read(self, letter_id: str) -> Letter:
        facts = json.loads(bytes(read_content(self._facts_path(letter_id), self._keys)))
        return Letter(**{**facts, "kind": SegmentKind(facts["kind"])})

    def _make_room(self) -> None:
        while self.count > 1 and (self.count > self._letters_max or self._bytes > self._bytes_max):
            oldest = min(self._kept, key=lambda letter_id: (self._kept[letter_id].time_ns, letter_id))
            log.warning("dead_letters.evicted", letter=oldest)
            self._give_up(oldest, EVICTED)

    def _give_up(self, letter_id: str, reason: str) -> None:
        kept = self._kept[letter_id]
        self.forget(letter_id)
        given = self.gone.setdefault((kept.key_id, kept.kind.signal, reason), Given())
        given.count += 1
        given.last_ns = self._clock.now_ns()
