"""The log with a key and without, in turns of one run: appended bytes a second, CPU, and reading a segment back.

    python benchmarks/pieces/wal_encryption.py [MEBIBYTES] [ROUNDS]

Prints medians over the rounds, and their ratio.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from midwatch.server.model.clock import WallClock
from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import NO_KEYS, WalKey, WalKeys
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.encryption import pieces
from midwatch.server.wal.frames import FrameHeader, digest_of, encode_frame
from midwatch.server.wal.log import WriteAheadLog

KIND = SegmentKind.OTLP_TRACES
KEYS = WalKeys((WalKey("bench", bytes(range(32))),))
SENDERS = 8
SIZES = {"bodies of 2 KiB": 2 << 10, "bodies of 200 KiB": 200 << 10}


async def appended(keys: WalKeys, body_bytes: int, total: int) -> tuple[float, float, float]:
    """Bytes a second, bytes a CPU-second, and bytes a second of reading it back."""
    body = os.urandom(body_bytes)
    clock = WallClock()
    with tempfile.TemporaryDirectory() as directory:
        letters = DeadLetters(Path(directory) / "letters", clock, keys)
        log = WriteAheadLog(Path(directory) / "wal", letters, clock, keys, linger_seconds=0)
        await log.open()
        numbers = iter(range(total // body_bytes))

        async def send() -> None:
            for number in numbers:
                own = number.to_bytes(8, "little") + body
                digest = digest_of(KIND, "k", own)
                frame = encode_frame(KIND, FrameHeader(1, "k", "", time.time_ns(), digest), own)
                await log.append_once(KIND, digest, frame)

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(send() for _ in range(SENDERS)))
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        segments: list[SealedSegment] = []
        while log.segments_waiting > len(segments):
            segments.append(await log.next_sealed(KIND))
        began = time.perf_counter()
        read = sum(len(piece) for segment in segments for piece in pieces(segment.path, keys))
        reading = time.perf_counter() - began
        await log.close()
    return total / seconds, total / cpu_seconds, read / reading


def main() -> None:
    total = (int(sys.argv[1]) if len(sys.argv) > 1 else 64) << 20
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for name, size in SIZES.items():
        found: dict[str, list[tuple[float, float, float]]] = {"plain": [], "encrypted": []}
        for _ in range(rounds):
            for kind, keys in (("plain", NO_KEYS), ("encrypted", KEYS)):
                found[kind].append(asyncio.run(appended(keys, size, total)))
        medians = {
            kind: [statistics.median(column) for column in zip(*rows, strict=True)] for kind, rows in found.items()
        }
        print(name)
        for place, what in enumerate(("appended a second", "appended a CPU-second", "read back a second")):
            plain, encrypted = medians["plain"][place], medians["encrypted"][place]
            print(
                f"  {what}: {plain / 1e6:,.0f} MB plain, {encrypted / 1e6:,.0f} MB encrypted, {encrypted / plain:.2f}"
            )


if __name__ == "__main__":
    main()
