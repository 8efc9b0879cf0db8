"""A segment source for tests: hands over the segments it is given, in their order."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind


class ListedSegments:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._queues: dict[SegmentKind, asyncio.Queue[SealedSegment]] = {kind: asyncio.Queue() for kind in SegmentKind}
        self._frames: dict[str, list[bytes]] = {}
        self._settled: dict[str, asyncio.Event] = {}
        self.buried: list[tuple[bytes, str]] = []
        self.handed_over: set[str] = set()
        self._count = 0

    def add(self, kind: SegmentKind, frames: Sequence[bytes], *, recovered: bool = False) -> SealedSegment:
        self._count += 1
        segment_id = f"{time.time_ns() // 1_000_000:012x}{self._count:04x}{uuid.uuid4().hex[:16]}"
        path = self._directory / f"{segment_id}.{kind}.wal"
        path.write_bytes(b"".join(frames))
        self._frames[segment_id] = list(frames)
        self._settled[segment_id] = asyncio.Event()
        return SealedSegment(segment_id, kind, path, path.stat().st_size, len(frames), time.time_ns(), recovered)

    async def settle(self, segment: SealedSegment, writer: "asyncio.Task[None]") -> None:
        self._settled[segment.id].clear()
        self._queues[segment.kind].put_nowait(segment)
        waiting = asyncio.create_task(self._settled[segment.id].wait())
        await asyncio.wait([waiting, writer], return_when=asyncio.FIRST_COMPLETED, timeout=120)
        waiting.cancel()
        if writer.done():
            writer.result()
        assert self._settled[segment.id].is_set(), "the writer did not finish the segment"

    async def next_sealed(self, kind: SegmentKind) -> SealedSegment:
        return await self._queues[kind].get()

    async def done(self, segment: SealedSegment) -> None:
        segment.path.unlink()
        self._settled[segment.id].set()

    async def split(self, segment: SealedSegment) -> list[SealedSegment]:
        frames = self._frames[segment.id]
        if len(frames) < 2:
            return []
        middle = len(frames) // 2
        halves = [self.add(segment.kind, part) for part in (frames[:middle], frames[middle:])]
        asyncio.get_running_loop().create_task(self._after(segment, halves))
        return [replace(half, recovered=False) for half in halves]

    async def _after(self, segment: SealedSegment, halves: list[SealedSegment]) -> None:
        for half in halves:
            await self._settled[half.id].wait()
        self._settled[segment.id].set()

    async def bury(self, segment: SealedSegment, error: str) -> None:
        self.buried.append((self._frames[segment.id][0], error))
        self._settled[segment.id].set()
