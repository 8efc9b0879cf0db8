"""A process that appends as fast as it can and prints what was acknowledged; tests kill it.

appender.py DIRECTORY FIRST_NUMBER
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from midwatch.server.model.clock import WallClock
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.frames import FrameHeader, digest_of, encode_frame
from midwatch.server.wal.log import WriteAheadLog

KIND = SegmentKind.OTLP_LOGS
SENDERS = 8


async def main(directory: Path, first: int) -> None:
    clock = WallClock()
    letters = DeadLetters(directory / "letters", clock)
    log = WriteAheadLog(directory / "wal", letters, clock, segment_bytes_max=200_000, linger_seconds=0)
    await log.open()
    numbers = iter(range(first, first + 10_000_000))

    async def send() -> None:
        for number in numbers:
            body = f"<{number}>".encode() * 50
            digest = digest_of(KIND, "key", body)
            await log.append_once(
                KIND, digest, encode_frame(KIND, FrameHeader(1, "key", "", clock.now_ns(), digest), body)
            )
            os.write(1, b"%d\n" % number)

    async def split() -> None:
        """What a writer does to a segment it cannot read: segments are sealed, halved and kept."""
        while True:
            segment = await log.next_sealed(KIND)
            with contextlib.suppress(FileNotFoundError):
                await log.split(segment)

    async with asyncio.TaskGroup() as group:
        for _ in range(SENDERS):
            group.create_task(send())
        group.create_task(split())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
