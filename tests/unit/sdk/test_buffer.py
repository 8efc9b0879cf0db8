"""What waits on disk: within its bounds, for whoever comes next, untouched by what is not ours."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from midwatch.sdk.buffer import DAMAGED, EXPIRED, FULL, LOOK_AGAIN_SECONDS, UNFINISHED_SECONDS, UNWRITABLE, Buffer
from midwatch.sdk.problems import Problems

HEAD = 8


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest.fixture
def opened(tmp_path: Path, clock: Clock, problems: Problems) -> Callable[..., Buffer]:
    """Each a process of its own, as far as the directory can tell."""

    def open_one(sent_to: str = "api", **bounds: float) -> Buffer:
        return Buffer(str(tmp_path / "b"), sent_to, problems, now=clock, monotonic=clock, **bounds)  # type: ignore[arg-type]

    return open_one


def files(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "b").rglob("*") if path.is_file())


def sent(buffer: Buffer, signal: str = "logs") -> list[bytes]:
    found = []
    while (kept := buffer.oldest(signal)) is not None:
        found.append(kept.data)
        kept.done()
    return found


def test_the_next_process_sends_the_oldest_first(opened: Callable[..., Buffer], clock: Clock, tmp_path: Path) -> None:
    first = opened()
    for word in (b"one", b"two", b"three"):
        assert first.keep("logs", word, 1)
        clock.now += 1
    assert first.keep("traces", b"span", 1)
    following = opened()
    assert sent(following) == [b"one", b"two", b"three"]
    assert sent(following, "traces") == [b"span"]
    assert files(tmp_path) == []


def test_only_their_owner_may_read_them(opened: Callable[..., Buffer], tmp_path: Path) -> None:
    opened().keep("logs", b"one", 1)
    (file,) = files(tmp_path)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, file.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_what_is_being_sent_is_nobody_elses(opened: Callable[..., Buffer], clock: Clock) -> None:
    """Until it is released, or the process that had it is gone."""
    first, second = opened(), opened()
    first.keep("logs", b"one", 1)
    kept = first.oldest("logs")
    assert kept is not None
    assert second.oldest("logs") is None
    kept.release()
    clock.now += LOOK_AGAIN_SECONDS
    again = second.oldest("logs")
    assert again is not None
    assert again.data == b"one"
    clock.now += LOOK_AGAIN_SECONDS
    assert first.oldest("logs") is None
    again.done()


def test_what_a_killed_process_was_sending_is_sent(opened: Callable[..., Buffer]) -> None:
    buffer = opened()
    buffer.keep("logs", b"one", 1)
    child = os.fork()
    if child == 0:
        opened().oldest("logs")
        os._exit(0)
    os.waitpid(child, 0)
    assert sent(buffer) == [b"one"]


def test_others_are_not_sent_with_our_key(opened: Callable[..., Buffer]) -> None:
    opened("another service").keep("logs", b"one", 1)
    assert sent(opened("api")) == []
    assert sent(opened("another service")) == [b"one"]


def test_the_oldest_make_room(opened: Callable[..., Buffer], clock: Clock, problems: Problems, tmp_path: Path) -> None:
    """The bound is over all who share the directory, and reached exactly."""
    bound = 3 * (100 + HEAD)
    first, second = opened("first", bytes_max=bound), opened("second", bytes_max=bound)
    for number in range(3):
        assert first.keep("logs", bytes([number]) * 100, 7)
        clock.now += 1
    assert problems.counts() == {}
    assert sum(path.stat().st_size for path in files(tmp_path)) == bound
    assert second.keep("traces", b"x" * 100, 1)
    assert problems.counts() == {("logs", FULL): 7}
    assert [one[0] for one in sent(first)] == [1, 2]
    assert not first.keep("logs", b"x" * (bound - HEAD + 1), 1)
    assert first.keep("logs", b"x" * (bound - HEAD), 1)


def test_what_is_too_old_is_given_up(opened: Callable[..., Buffer], clock: Clock, problems: Problems) -> None:
    """That of others, too, who will not come back; at the bound it is still sent."""
    opened("gone for good").keep("metrics", b"m", 2)
    buffer = opened(seconds_max=60)
    buffer.keep("logs", b"old", 5)
    clock.now += 60
    kept = buffer.oldest("logs")
    assert kept is not None
    kept.release()
    clock.now += LOOK_AGAIN_SECONDS
    assert buffer.oldest("logs") is None
    assert problems.counts() == {("logs", EXPIRED): 5}
    buffer.keep("logs", b"new", 1)
    assert problems.counts() == {("logs", EXPIRED): 5, ("metrics", EXPIRED): 2}


def test_a_clock_that_is_set_back_loses_nothing(opened: Callable[..., Buffer], clock: Clock) -> None:
    buffer = opened(seconds_max=60)
    buffer.keep("logs", b"one", 1)
    clock.now -= 30 * 365 * 86400
    assert sent(opened(seconds_max=60)) == [b"one"]


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_file_costs_itself_alone(
    opened: Callable[..., Buffer], problems: Problems, tmp_path: Path, damage: str
) -> None:
    buffer = opened()
    buffer.keep("logs", b"some bytes", 3)
    (file,) = files(tmp_path)
    data = file.read_bytes()
    file.write_bytes({"cut": data[:-1], "changed": data[:-1] + b"?", "empty": b""}[damage])
    buffer.keep("logs", b"sound", 1)
    assert sent(buffer) == [b"sound"]
    assert problems.counts() == {("logs", DAMAGED): 3}
    assert files(tmp_path) == []


def test_foreign_files_stay_as_they_are(opened: Callable[..., Buffer], clock: Clock, tmp_path: Path) -> None:
    """Whatever they are called, also links that look like ours."""
    buffer = opened()
    buffer.keep("logs", b"sound", 1)
    (ours,) = files(tmp_path)
    outside = tmp_path / "secret"
    outside.write_text("not ours")
    (ours.parent / "notes.txt").write_text("x")
    (ours.parent.parent / "1.mwb").write_bytes(b"y")
    ours.with_name("0000000000001-1-logs-0123456789ab.mwb").symlink_to(outside)
    ours.with_name("0000000000002-1-logs-0123456789ab.mwb").mkdir()
    assert sent(opened(seconds_max=10.0 * clock.now)) == [b"sound"]
    assert outside.read_text() == "not ours"
    assert (ours.parent / "notes.txt").exists()
    assert (ours.parent.parent / "1.mwb").exists()


def test_what_was_never_finished_is_cleared_away(
    opened: Callable[..., Buffer], clock: Clock, tmp_path: Path, problems: Problems
) -> None:
    buffer = opened()
    buffer.keep("logs", b"one", 4)
    (file,) = files(tmp_path)
    file.rename(file.with_suffix(".part"))
    assert sent(opened()) == []
    clock.now += UNFINISHED_SECONDS + 1
    buffer.keep("logs", b"two", 1)
    assert problems.counts() == {("logs", EXPIRED): 4}
    assert [path.suffix for path in files(tmp_path)] == [".mwb"]


def test_a_directory_that_is_gone_is_counted(opened: Callable[..., Buffer], problems: Problems, tmp_path: Path) -> None:
    buffer = opened()
    for folder in (tmp_path / "b").iterdir():
        folder.rmdir()
    assert not buffer.keep("logs", b"one", 1)
    assert buffer.oldest("logs") is None
    assert problems.counts() == {("buffer writes", UNWRITABLE): 1}


def test_a_directory_that_cannot_be_is_refused(tmp_path: Path, problems: Problems) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Not a directory"):
        Buffer(str(tmp_path / "file" / "b"), "api", problems)


def test_what_is_written_at_once_keeps_its_order(opened: Callable[..., Buffer]) -> None:
    buffer = opened()
    words = [b"%03d" % number for number in range(50)]
    for word in words:
        buffer.keep("logs", word, 1)
    assert sent(buffer) == words
