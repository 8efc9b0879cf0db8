"""What could not be stored: one file of frames and one of facts per letter, readable by their owner only."""

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import NotFound
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import read_digest, scan
from midwatch.server.wal.ids import SegmentIds

LETTERS_MAX = 10_000
"""Above this the oldest letters go, loudly counted: the disk is worth more than what nobody looked at."""
PREVIEW_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    kind: SegmentKind
    time_ns: int
    key_id: str
    bytes: int
    error: str


class DeadLetters:
    """A directory of letters. Methods touch the disk: call them in a thread."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._ids = SegmentIds(clock)
        self._lock = threading.Lock()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.dropped = 0
        self.count = len(list(directory.glob("*.json")))

    def keep(self, content: bytes, kind: SegmentKind, error: str) -> None:
        """Make a letter of these bytes."""
        with self._lock:
            letter_id = self._ids.next()
            data = memoryview(content)
            spans = [span for span in scan(data) if span.intact]
            facts = read_digest(data, spans[0]) if spans else None
            letter = Letter(
                letter_id, kind, self._clock.now_ns(), facts[0] if facts else "", len(content), error[:4000]
            )
            _write(self._directory / f"{letter_id}.frames", content)
            _write(self._directory / f"{letter_id}.json", json.dumps(asdict(letter)).encode())
            self.count += 1
            while self.count > LETTERS_MAX:
                oldest = min(self._directory.glob("*.json"))
                self._remove(oldest.stem)
                self.dropped += 1

    def bury(self, path: Path, kind: SegmentKind, error: str) -> None:
        """Make a letter of a segment and remove the segment."""
        self.keep(path.read_bytes(), kind, error)
        path.unlink()

    def all(self) -> list[Letter]:
        """Newest first."""
        return [_read(path) for path in sorted(self._directory.glob("*.json"), reverse=True)]

    def get(self, letter_id: str) -> Letter:
        path = self._directory / f"{letter_id}.json"
        if not path.is_file():
            raise NotFound(f"cannot find dead letter {letter_id}: it was retried or dropped, or never was")
        return _read(path)

    def frames(self, letter_id: str) -> list[bytes]:
        """The intact frames of a letter; empty when its bytes are damaged."""
        self.get(letter_id)
        data = memoryview((self._directory / f"{letter_id}.frames").read_bytes())
        return [bytes(data[span.start : span.end]) for span in scan(data) if span.intact]

    def preview(self, letter_id: str) -> str:
        """Readable text of a letter's beginning."""
        self.get(letter_id)
        with (self._directory / f"{letter_id}.frames").open("rb") as file:
            content = file.read(PREVIEW_BYTES)
        return "".join(chr(byte) if 32 <= byte < 127 or byte == 10 else "·" for byte in content)

    def drop(self, letter_id: str) -> None:
        with self._lock:
            self.get(letter_id)
            self._remove(letter_id)

    def _remove(self, letter_id: str) -> None:
        (self._directory / f"{letter_id}.json").unlink(missing_ok=True)
        (self._directory / f"{letter_id}.frames").unlink(missing_ok=True)
        self.count -= 1


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Letter:
    facts = json.loads(path.read_text())
    return Letter(**{**facts, "kind": SegmentKind(facts["kind"])})
