"""How long a body is remembered."""

import asyncio
from pathlib import Path

from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.segments import Position
from midwatch.server.wal import retries
from midwatch.server.wal.retries import Journal, Remembered, Retries

SEGMENT = "0" * 31 + "1"


async def test_a_body_is_remembered_for_ten_minutes_and_not_for_ever() -> None:
    """Known at ten minutes, forgotten at twelve."""
    clock = VirtualClock()
    memory = Retries(clock)
    outcome: asyncio.Future[Position] = asyncio.get_running_loop().create_future()
    memory.watch(b"d" * 16, outcome)
    assert memory.find(b"d" * 16) is outcome
    outcome.set_result(Position(SEGMENT))
    await asyncio.sleep(0)
    clock.advance(600)
    assert memory.find(b"d" * 16) == Position(SEGMENT)
    clock.advance(120)
    assert memory.find(b"d" * 16) is None


def test_the_memory_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Above its bound the oldest are forgotten early."""
    monkeypatch.setattr(retries, "REMEMBERED_MAX", 100)
    clock = VirtualClock()
    memory = Retries(clock)
    for number in range(300):
        clock.advance(1)
        memory.load([Remembered(number.to_bytes(16, "little"), clock.now_ns(), SEGMENT)])
    known = sum(memory.find(number.to_bytes(16, "little")) is not None for number in range(300))
    assert 0 < known <= 100
    assert memory.find((299).to_bytes(16, "little")) is not None


def test_the_journal_comes_back_without_a_torn_end(tmp_path: Path) -> None:
    """Whole records of all files are read; half a record, or one with a flipped bit, is not."""
    clock = VirtualClock()
    journal = Journal(tmp_path, clock)
    assert journal.open() == []
    records = [Remembered(bytes([number]) * 16, clock.now_ns(), SEGMENT) for number in range(3)]
    journal.write(records)
    journal.close()
    (path,) = tmp_path.glob("*.journal")
    content = bytearray(path.read_bytes())
    content[retries.RECORD_BYTES + 2] ^= 1
    path.write_bytes(content + b"half")
    assert Journal(tmp_path, clock).open() == [records[0], records[2]]


def test_the_journal_is_bounded(tmp_path: Path) -> None:
    """However often it is opened, a few files stay."""
    for _ in range(20):
        journal = Journal(tmp_path, VirtualClock())
        journal.open()
        journal.close()
    assert len(list(tmp_path.glob("*.journal"))) == retries.JOURNAL_FILES_MAX
