"""kill -9 under load: what was acknowledged is there, once, after every restart."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.ingest.appender import KIND, FrameHeader

from midwatch.server.model.clock import WallClock
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.frames import digest_of, encode_frame, scan
from midwatch.server.wal.log import WriteAheadLog

STRIDE = 1_000_000
ACKNOWLEDGED_BEFORE_KILL = 300


def run_and_kill(directory: Path, first: int, *, fault: str = "") -> list[int]:
    """Numbers that were acknowledged before the process died in the middle of its work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.ingest.appender", str(directory), str(first)],
        stdout=subprocess.PIPE,
        env={**os.environ, **({"MIDWATCH_FAULT": fault} if fault else {})},
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    lines = []
    wanted = random.randint(1, ACKNOWLEDGED_BEFORE_KILL)
    for line in process.stdout:
        lines.append(line)
        if not fault and len(lines) == wanted:
            process.kill()
    assert process.wait() == -9
    # What the log says of a torn end stands between the numbers.
    return [int(line) for line in lines if line.endswith(b"\n") and line.strip().isdigit()]


async def found_after_restart(directory: Path) -> list[int]:
    letters = DeadLetters(directory / "letters", WallClock())
    log = WriteAheadLog(directory / "wal", letters, WallClock(), linger_seconds=0)
    await log.open()
    numbers = []
    try:
        for _ in range(log.segments_waiting):
            segment = await log.next_sealed(KIND)
            assert segment.recovered
            content = memoryview(segment.path.read_bytes())
            for span in scan(content):
                assert span.intact
                match = re.search(rb"<(\d+)>", bytes(content[span.start : span.end]))
                assert match is not None
                numbers.append(int(match[1]))
    finally:
        await log.close()
    return numbers


async def test_nothing_acknowledged_is_lost_however_often_it_is_killed(tmp_path: Path) -> None:
    """Ten kills at random moments, while segments are sealed and split: each acknowledged frame is there once."""
    acknowledged = []
    for round_ in range(10):
        acknowledged += run_and_kill(tmp_path, round_ * STRIDE)
    found = await found_after_restart(tmp_path)
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("fault", ["after_fsync_before_ack", "after_write_before_fsync", "between_halves"])
async def test_named_moments_of_death(tmp_path: Path, fault: str) -> None:
    """Killed between write, fsync, answer, and the files of a split: nothing acknowledged is lost or doubled."""
    before = run_and_kill(tmp_path, 0)
    acknowledged = before + run_and_kill(tmp_path, STRIDE, fault=fault)
    found = await found_after_restart(tmp_path)
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))


async def test_a_retry_of_a_body_whose_answer_died_with_the_server_is_known(tmp_path: Path) -> None:
    """Durable and never acknowledged: the sender's retry finds it and adds nothing."""
    assert run_and_kill(tmp_path, 0, fault="after_fsync_before_ack") == []
    (first, *_) = await found_after_restart(tmp_path)
    log = WriteAheadLog(tmp_path / "wal", DeadLetters(tmp_path / "letters", WallClock()), WallClock())
    await log.open()
    body = f"<{first}>".encode() * 50
    digest = digest_of(KIND, "key", body)
    frame = encode_frame(KIND, FrameHeader(1, "key", "", WallClock().now_ns(), digest), body)
    _, known = await log.append_once(KIND, digest, frame)
    await log.close()
    assert known
