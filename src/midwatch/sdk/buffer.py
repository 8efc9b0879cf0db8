"""What could not be sent waits in a directory, for this process or the next, within a bound of bytes and of age.

A file is one request as it is to be posted, under a name that says when it was written, what it holds and how much:
`1764195498123-250-logs-9f2c1a.mwb`. Who sends a file holds its lock (`flock`), which ends with its process: several may
share the directory, none sends what another is sending, and one that was killed leaves nothing locked. What has another
name is not ours and stays as it is. Used from one thread.
"""

import fcntl
import os
import re
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from midwatch.sdk.context import new_id
from midwatch.sdk.problems import Problems

BYTES_MAX = 64 << 20
SECONDS_MAX = 24 * 3600.0
LOOK_AGAIN_SECONDS = 5.0
"""How often an empty directory is looked at, for what others left."""
UNFINISHED_SECONDS = 3600.0
"""A file that was being written so long ago will not be finished."""
FULL, EXPIRED, DAMAGED, UNWRITABLE = "buffer_full", "buffer_expired", "buffer_damaged", "buffer_unwritable"

_MAGIC = b"MWB1"
_HEAD_BYTES = len(_MAGIC) + 4
_ENDING, _UNFINISHED = ".mwb", ".part"
_NAME = re.compile(r"(\d{13})-(\d{1,9})-(traces|logs|metrics)-[0-9a-f]{12}\.(mwb|part)")


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    written_at: float
    """Unix seconds."""
    items: int
    signal: str
    bytes: int
    finished: bool


@dataclass(slots=True)
class Kept:
    """A request from the directory, locked; `done` removes it, `release` leaves it for later."""

    data: bytes
    items: int
    _descriptor: int
    _path: str

    def done(self) -> None:
        with suppress(OSError):
            os.unlink(self._path)
        self.release()

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Buffer:
    """The requests of one service to one server, in a directory of their own below `root`."""

    def __init__(
        self,
        root: str,
        sent_to: str,
        problems: Problems,
        *,
        bytes_max: int = BYTES_MAX,
        seconds_max: float = SECONDS_MAX,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`sent_to` is where the requests go and in whose name: others' are never sent with our key.

        Raises OSError where the directory cannot be made or written.
        """
        import hashlib

        self._root = root
        self._folder = os.path.join(root, hashlib.sha256(sent_to.encode()).hexdigest()[:16])
        self._problems = problems
        self._bytes_max = bytes_max
        self._seconds_max = seconds_max
        self._now = now
        self._monotonic = monotonic
        self._stamped = 0
        self._listed: dict[str, deque[_File]] = {}
        self._look_at: dict[str, float] = {}
        Path(root).mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(self._folder).mkdir(mode=0o700, exist_ok=True)
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "it is not ours to write", self._folder)

    def keep(self, signal: str, data: bytes, items: int) -> bool:
        """Write a request; False where it cannot be, which is counted. The oldest make room for it."""
        name = f"{self._stamp():013d}-{items}-{signal}-{new_id().replace('-', '')[:12]}"
        path = os.path.join(self._folder, name)
        size = len(data) + _HEAD_BYTES
        try:
            if not self._make_room(size):
                return False
            _write(path + _UNFINISHED, _MAGIC + zlib.crc32(data).to_bytes(4, "big"), data)
            os.rename(path + _UNFINISHED, path + _ENDING)
        except OSError as error:
            with suppress(OSError):
                os.unlink(path + _UNFINISHED)
            self._problems.dropped("buffer writes", UNWRITABLE, 1, f"{type(error).__name__}: {error.strerror}")
            return False
        self._look_at.pop(signal, None)
        return True

    def oldest(self, signal: str) -> Kept | None:
        """The oldest request of this signal that nobody else is sending."""
        while (file := self._next(signal)) is not None:
            if self._is_over(file):
                continue
            kept = self._claim(file)
            if kept is not None:
                return kept
        return None

    def _stamp(self) -> int:
        """Milliseconds, each its own, so that what is written in one of them keeps its order."""
        now = int(self._now() * 1000)
        self._stamped = self._stamped + 1 if 0 <= self._stamped - now < 1000 else now
        return self._stamped

    def _next(self, signal: str) -> _File | None:
        listed = self._listed.get(signal)
        if not listed:
            now = self._monotonic()
            if now < self._look_at.get(signal, 0.0):
                return None
            self._look_at[signal] = now + LOOK_AGAIN_SECONDS
            found = (one for one in _files(self._folder) if one.finished and one.signal == signal)
            listed = self._listed[signal] = deque(sorted(found, key=lambda one: one.path))
        return listed.popleft() if listed else None

    def _claim(self, file: _File) -> Kept | None:
        """None where it is another's, gone or damaged."""
        with suppress(OSError):
            descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            kept = Kept(b"", file.items, descriptor, file.path)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found = os.fstat(descriptor)
                if found.st_nlink and found.st_size <= self._bytes_max:
                    head, kept.data = os.read(descriptor, _HEAD_BYTES), _read(descriptor)
                    if head == _MAGIC + zlib.crc32(kept.data).to_bytes(4, "big"):
                        return kept
                    self._problems.dropped(file.signal, DAMAGED, file.items, f"{os.path.basename(file.path)}")
                    kept.done()
            except OSError:
                kept.release()
                raise
            kept.release()
        return None

    def _make_room(self, size: int) -> bool:
        """Within the bound, over all who share the directory; the oldest go first."""
        if size > self._bytes_max:
            return False
        files = sorted(self._all_files(), key=lambda one: one.written_at)
        total = sum(one.bytes for one in files)
        for file in files:
            if self._is_over(file) or (total + size > self._bytes_max and self._remove(file, FULL)):
                total -= file.bytes
        return total + size <= self._bytes_max

    def _is_over(self, file: _File) -> bool:
        """Whether it is too old, and then gone. A clock that was set back makes nothing older."""
        age_max = self._seconds_max if file.finished else UNFINISHED_SECONDS
        return self._now() - file.written_at > age_max and self._remove(file, EXPIRED)

    def _remove(self, file: _File, reason: str) -> bool:
        with suppress(OSError), _locked(file.path):
            os.unlink(file.path)
            self._problems.dropped(file.signal, reason, file.items)
            return True
        return False

    def _all_files(self) -> Iterator[_File]:
        with suppress(OSError), os.scandir(self._root) as folders:
            for folder in folders:
                if folder.is_dir(follow_symlinks=False):
                    yield from _files(folder.path)


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Raises OSError where somebody else has it, or nobody."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _files(folder: str) -> Iterator[_File]:
    with suppress(OSError), os.scandir(folder) as found:
        for one in found:
            named = _NAME.fullmatch(one.name)
            if named is None:
                continue
            with suppress(OSError):
                size = one.stat(follow_symlinks=False).st_size
                written_at, items, signal, ending = named.groups()
                yield _File(one.path, int(written_at) / 1000, int(items), signal, size, ending == _ENDING[1:])


def _write(path: str, *parts: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        for part in parts:
            left = memoryview(part)
            while left:
                left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
        return file.readall()
