"""Where lines are written: stdout, and a file that is rotated if one is named."""

import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from midwatch.sdk import forks
from midwatch.sdk.lines_out import LinesOut
from midwatch.sdk.log_lines import console_renderer, json_line
from midwatch.sdk.options import ConfigurationError, Options
from midwatch.sdk.problems import PROBLEMS

FILE_BYTES_MAX = 10 << 20
FILES_KEPT = 5

LINES, FILE = "lines", "log_file"

Write = Callable[[Mapping[str, Any]], None]

STDOUT = LinesOut(PROBLEMS)


class JsonLines:
    """Writes lines as JSON. Who has rendered a line already puts it beside the renderer, as it is to be read."""

    def __init__(self, file: "RotatedFile | None" = None, out: LinesOut = STDOUT) -> None:
        self._file = file
        self._out = out

    def __call__(self, line: Mapping[str, Any]) -> None:
        self.put(json_line(line))

    def put(self, rendered: bytes) -> None:
        self._out.write(rendered)
        if self._file is not None:
            self._file.write(rendered)


def writer_for(options: Options) -> Write:
    """Raises ConfigurationError where the file cannot be opened."""
    readable = options.log_format == "console" or (options.log_format == "auto" and _is_terminal())
    file = RotatedFile(Path(options.log_file)) if options.log_file else None
    return _console_lines(file) if readable else JsonLines(file)


def _console_lines(file: "RotatedFile | None") -> Write:
    render = console_renderer()

    def write(line: Mapping[str, Any]) -> None:
        try:
            rendered = render(line)
        except Exception:
            # Whatever it holds: as JSON it can be told.
            rendered = json_line(line)
        STDOUT.write(rendered)
        if file is not None:
            file.write(json_line(line))

    return write


class RotatedFile:
    """Appends whole lines; a full one becomes `name.1`, the one before `name.2` and so on. Any thread may write."""

    def __init__(self, path: Path, *, bytes_max: int = FILE_BYTES_MAX, kept: int = FILES_KEPT) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._kept = kept
        self._begin()
        forks.in_child(self._begin)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open()
        except OSError as error:
            raise ConfigurationError(f"log_file={str(path)!r}: cannot write there: {error.strerror}") from None

    def _begin(self) -> None:
        self._lock = threading.RLock()

    def write(self, line: bytes) -> None:
        """A disk that refuses costs the line, and nothing else."""
        with self._lock:
            try:
                if self._file.closed:
                    self._open()
                if self._size and self._size + len(line) > self._bytes_max:
                    self._rotate()
                written = self._file.write(line) or 0
                self._size += written
                if written < len(line):
                    PROBLEMS.dropped(LINES, FILE, 1, f"{self._path.name} took a part of it: the disk is full")
            except (OSError, ValueError) as error:
                PROBLEMS.failed(LINES, FILE, error)

    def _open(self) -> None:
        self._file = self._path.open("ab", buffering=0)
        self._size = self._path.stat().st_size

    def _rotate(self) -> None:
        self._file.close()
        for number in range(self._kept - 1, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            if older.exists():
                older.replace(self._path.with_name(f"{self._path.name}.{number + 1}"))
        self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        self._open()


def _is_terminal() -> bool:
    try:
        return sys.stdout.isatty()
    except (AttributeError, ValueError):
        return False
