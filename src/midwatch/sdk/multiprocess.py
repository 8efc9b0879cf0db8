"""Several processes of one app, such as gunicorn's workers: what any of them exposes is the sum over all.

Where `PROMETHEUS_MULTIPROC_DIR` is set, `prometheus_client` keeps each process's values in files of that directory:
what a killed process has counted is still there. This reads them as one, and keeps the directory small: the files of
processes that have gone become one file, in which their counters stay; gauges of those that live go with them.
"""

import fcntl
import json
import os
import re
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import values
from prometheus_client.core import Metric
from prometheus_client.mmap_dict import MmapedDict

from midwatch.sdk import forks
from midwatch.sdk.problems import Problems
from midwatch.sdk.summed import JOINS, OF_EACH, Values, families
from midwatch.sdk.values_lock import ValuesLock, lock_of

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
GONE_MAX = 64
"""Processes that may have gone without being gathered; beyond, the next one that begins gathers them, scraped or
not: queues fork a process for each job."""
GONE_VALUES_MAX = 100_000
"""Values that are kept of those who have gone: some 20 MB. Labels that differ with each process would grow for ever."""
LOCK_SECONDS = 5.0
GONE_FILE, LOCK_FILE, ALIVE = "midwatch-gone.json", "midwatch.lock", ".alive"

_FILE = re.compile(r"(counter|histogram|summary|gauge_(?:live)?(?:sum|min|max|mostrecent|all))_(\d+)\.db")
_TORN = (struct.error, RuntimeError, ValueError, OSError)

_rows: Callable[[str], Iterable[tuple[str, float, float, int]]] = MmapedDict.read_all_values_from_file
_shared_values: Callable[[], Any] = values.MultiProcessValue


class Busy(Exception):
    """Another process holds the directory's lock: to be asked again."""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    kind: str
    process: str
    identity: str
    """Of this very file: a later process of the same number has another one."""

    @property
    def mode(self) -> str:
        return self.kind.partition("_")[2]


class Processes:
    """The directory that the processes of an app share; one object in each process."""

    def __init__(self, directory: Path, problems: Problems) -> None:
        """Raises OSError where the directory can be neither made nor used."""
        self._directory = directory
        self._problems = problems
        self._alive: int | None = None
        self.values_lock: ValuesLock | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self._begin()
        forks.in_child(self._forked)

    def collect(self) -> Iterable[Metric]:
        """The sum over all processes. Raises Busy."""
        with self._locked():
            gone = self._gather()
            found: Values = dict(gone)
            for file in self._files():
                self._read_into(found, file)
        return families(found)

    def _begin(self) -> None:
        """Be known as alive; what a process of the same number has left is gathered first."""
        mine = str(os.getpid())
        with suppress(Busy), self._locked():
            leaves = any(file.process == mine and not _is_open(file.path) for file in self._files())
            if leaves or len(list(self._directory.glob(f"*{ALIVE}"))) > GONE_MAX:
                self._gather()
            self._alive = os.open(self._directory / f"{mine}{ALIVE}", os.O_RDWR | os.O_CREAT, 0o600)
            # Held until the process ends, however it ends.
            fcntl.flock(self._alive, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _forked(self) -> None:
        # The parent's is shared: it must not live on in us.
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
        with suppress(OSError):
            self._begin()

    def _files(self) -> Iterator[_File]:
        for path in sorted(self._directory.glob("*.db")):
            match = _FILE.fullmatch(path.name)
            if match:
                with suppress(FileNotFoundError):
                    known = path.stat()
                    yield _File(path, match[1], match[2], f"{known.st_ino}:{known.st_mtime_ns}")

    def _gather(self) -> Values:
        """What has gone by now, with the files of those who have gone since. Under the lock."""
        counted, gathered = self._gone()
        # Left over where the one who gathered them was killed: counted already.
        again = [file for file in self._files() if gathered.get(file.path.name) == file.identity]
        _remove(again)
        dead = {process for process in {file.process for file in self._files()} if not self._lives(process)}
        # `all` says which process it was: such a file stays, as the app has asked for.
        leaving = [file for file in self._files() if file.process in dead and file.mode != "all"]
        kept = [file for file in leaving if not file.mode.startswith("live")]
        if kept:
            for file in kept:
                self._read_into(counted, file, GONE_VALUES_MAX)
            self._write_gone(counted, kept)
        _remove(leaving)
        for path in self._directory.glob(f"*{ALIVE}"):
            if not self._lives(path.name.removesuffix(ALIVE)):
                path.unlink(missing_ok=True)
        return counted

    def _lives(self, process: str) -> bool:
        if process == str(os.getpid()):
            return self._alive is not None or any(
                _is_open(file.path) for file in self._files() if file.process == process
            )
        try:
            asked = os.open(self._directory / f"{process}{ALIVE}", os.O_RDWR)
        except FileNotFoundError:
            # Without Midwatch, but in the same directory.
            return _exists(int(process))
        try:
            fcntl.flock(asked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(asked)
        return False

    def _gone(self) -> tuple[Values, dict[str, str]]:
        try:
            said = json.loads((self._directory / GONE_FILE).read_bytes())
            counted = {(kind, key): (value, at) for kind, key, value, at in said["values"]}
            return counted, said["files"]
        except FileNotFoundError:
            return {}, {}
        except (ValueError, KeyError, TypeError) as error:
            self._problems.dropped("measurements", "damaged", 1, f"{GONE_FILE}: {error}")
            return {}, {}

    def _write_gone(self, counted: Values, files: list[_File]) -> None:
        """At once or not at all: which files are in it is said in it."""
        said = {
            "files": {file.path.name: file.identity for file in files},
            "values": [[kind, key, value, at] for (kind, key), (value, at) in counted.items()],
        }
        made = self._directory / f"{GONE_FILE}.{os.getpid()}"
        made.write_text(json.dumps(said))
        made.replace(self._directory / GONE_FILE)

    def _read_into(self, found: Values, file: _File, values_max: int | None = None) -> None:
        """Where there are too many, those of new label sets are left out and counted."""
        left_out = 0
        join = JOINS[file.mode.removeprefix("live") or "sum"]
        try:
            if not file.path.stat().st_size:
                return
            rows = [(key, value, at) for key, value, at, _ in _rows(str(file.path))]
        except _TORN as error:
            self._problems.dropped("measurements", "damaged", 1, f"{file.path.name}: {error}")
            return
        for key, value, at in rows:
            named = f"{file.process} {key}" if file.mode in OF_EACH else key
            known = found.get((file.kind, named))
            if known is None and values_max is not None and len(found) >= values_max:
                left_out += 1
            else:
                found[file.kind, named] = (value, at) if known is None else join(known, (value, at))
        if left_out:
            self._problems.dropped("label sets", "of those who have gone", left_out, file.path.name)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._directory / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            until = time.monotonic() + LOCK_SECONDS
            while not _try_lock(lock):
                if time.monotonic() > until:
                    raise Busy(f"cannot read the metrics of all processes: {LOCK_FILE} is held by another one")
                time.sleep(0.005)
            yield
        finally:
            os.close(lock)


def _remove(files: Iterable[_File]) -> None:
    for file in files:
        file.path.unlink(missing_ok=True)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_open(path: Path) -> bool:
    """In this process; where none can tell, it is said to be."""
    with suppress(OSError):
        return any(_target(one) == str(path.resolve()) for one in Path("/proc/self/fd").iterdir())
    return True


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def joined(problems: Problems) -> Processes | None:
    """What the variable asks for, before any metric is made; None without it, or where it cannot be."""
    named: Any = os.environ.get(VARIABLE)
    if not named:
        return None
    try:
        found = Processes(Path(named), problems)
    except OSError as error:
        problems.say(f"{VARIABLE}={named!r}: cannot be used: {error.strerror}; each process exposes its own metrics")
        del os.environ[VARIABLE]
        values.ValueClass = values.MutexValue
        return None
    if not getattr(values.ValueClass, "_multiprocess", False):
        # Set after prometheus_client was imported; what was made before is this process's own.
        values.ValueClass = _shared_values()
    lock = lock_of(values.ValueClass)
    if lock is not None:
        found.values_lock = ValuesLock(lock)
    return found
