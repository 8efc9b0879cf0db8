"""Lines to a stdout whose reader is slow, stopped or gone: the app goes on at once, and what is lost is counted."""

import io
import os
import threading
import time
from collections.abc import Iterator
from typing import Any, TextIO

import pytest

from midwatch.sdk import streams
from midwatch.sdk.lines_out import CLOSED, LINES, NOT_READ, WAITING_BYTES_MAX, LinesOut
from midwatch.sdk.problems import Problems

PIPE_BYTES = 65536
BYTES_EACH = 1000


class Pipe:
    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        self.stream: TextIO = os.fdopen(writing, "w")

    def read(self) -> bytes:
        """All that comes until the writer's end is closed."""
        with open(self.reading, "rb") as file:
            return file.read()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.stream.close()


def numbered(count: int) -> list[bytes]:
    return [b"%06d" % number + b"x" * (BYTES_EACH - 7) + b"\n" for number in range(count)]


@pytest.fixture(params=["at once", "asked first"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the kernel's own way not to wait, and where there is none."""
    if request.param == "asked first":
        monkeypatch.setattr(streams, "_NOWAIT", 0)
    return str(request.param)


def test_a_reader_that_is_late_gets_all_in_order(pipe: Pipe, way: str) -> None:
    """Up to a bound, whole lines wait for it, and whoever writes does not."""
    problems = Problems()
    out = LinesOut(problems, lambda: pipe.stream)
    lines = numbered((PIPE_BYTES + WAITING_BYTES_MAX) // BYTES_EACH - 10)
    began = time.monotonic()
    for line in lines:
        out.write(line)
    assert time.monotonic() - began < 5
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read()))
    reader.start()
    out.end(20)
    out.write(b"after\n")
    pipe.stream.close()
    reader.join()
    assert found[0].splitlines(keepends=True) == [*lines, b"after\n"]
    assert problems.counts() == {}


def test_a_reader_that_has_stopped_costs_lines_and_no_time(pipe: Pipe, way: str) -> None:
    problems = Problems()
    out = LinesOut(problems, lambda: pipe.stream)
    count = (PIPE_BYTES + WAITING_BYTES_MAX) // BYTES_EACH + 500
    for line in numbered(count):
        out.write(line)
    over = problems.counts()[LINES, NOT_READ]
    assert 400 <= over <= 600
    out.end(0.05)
    assert count - PIPE_BYTES // BYTES_EACH <= problems.counts()[LINES, NOT_READ] < count
    os.close(pipe.reading)


def test_a_long_line_comes_whole(pipe: Pipe, way: str) -> None:
    """Longer than the pipe: written in parts, and nothing comes between them."""
    out = LinesOut(Problems(), lambda: pipe.stream)
    long = b"y" * (3 * PIPE_BYTES) + b"\n"
    for line in (long, b"next\n"):
        out.write(line)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read()))
    reader.start()
    out.end(20)
    pipe.stream.close()
    reader.join()
    assert found == [long + b"next\n"]


@pytest.mark.parametrize("end", ["reader", "writer"])
def test_a_closed_stdout_is_counted(pipe: Pipe, end: str) -> None:
    problems = Problems()
    out = LinesOut(problems, lambda: pipe.stream)
    out.write(b"first\n")
    if end == "reader":
        os.close(pipe.reading)
    else:
        pipe.stream.close()
        os.close(pipe.reading)
    out.write(b"second\n")
    assert problems.counts() == {(LINES, CLOSED): 1}


def test_other_streams_are_written_through() -> None:
    """A test's, a notebook's, none at all."""
    text, problems = io.StringIO(), Problems()
    stream: list[Any] = [text]
    out = LinesOut(problems, lambda: stream[0])
    out.write(b"one\n")
    binary = io.BytesIO()
    stream[0] = wrapped = io.TextIOWrapper(binary)
    out.write(b"two\n")
    stream[0] = None
    out.write(b"three\n")
    assert not wrapped.closed
    assert (text.getvalue(), binary.getvalue(), problems.counts()) == ("one\n", b"two\n", {})


def test_a_child_writes_its_own_and_not_its_parents(pipe: Pipe) -> None:
    """What waits in the parent at a fork comes once."""
    out = LinesOut(Problems(), lambda: pipe.stream)
    lines = numbered(PIPE_BYTES // BYTES_EACH + 50)
    for line in lines:
        out.write(line)
    child = os.fork()
    if child == 0:
        out.write(b"child\n")
        out.end(20)
        os._exit(0)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read()))
    reader.start()
    out.end(20)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    pipe.stream.close()
    reader.join()
    assert found[0].count(b"\n") == len(lines) + 1
    assert found[0].replace(b"child\n", b"") == b"".join(lines)
