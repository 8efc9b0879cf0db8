"""The digest's own process: what fails beside it holds up no event."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.eventually import becomes_true
from tests.sentry_project import envelope, event

from midwatch.server.issues.digest.digester import Desks, Digester
from midwatch.server.issues.rules import ErrorRules
from midwatch.server.model.clock import WallClock
from midwatch.server.model.segments import Position, SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import FrameHeader, encode_frame


class OneSegment:
    """A source that has one."""

    def __init__(self, segment: SealedSegment) -> None:
        self.segments = [segment]
        self.done_with: list[SealedSegment] = []

    async def next_sealed(self, _: SegmentKind) -> SealedSegment:
        while not self.segments:
            await asyncio.sleep(3600)
        return self.segments.pop()

    async def done(self, segment: Any) -> None:
        self.done_with.append(segment)


class Beside:
    """Ledger, log and source maps, of which the last have a bug."""

    def __init__(self) -> None:
        self.appended: list[bytes] = []

    async def note(self, _: Sequence[Any]) -> int:
        return 0

    async def append_once(self, kind: SegmentKind, digest: bytes, parts: list[Any]) -> tuple[Position, bool]:
        self.appended.append(b"".join(parts))
        return Position("s"), False

    async def load(self, *_: Any) -> dict[Any, Any]:
        raise ValueError("a bug of ours")


async def test_a_bug_in_finding_source_maps_holds_up_nothing(tmp_path: Path) -> None:
    """The event is digested without them; they can be found when it is looked at."""
    path = tmp_path / "s.wal"
    debug = {"images": [{"type": "sourcemap", "code_file": "https://x.test/a.js", "debug_id": "a" * 32}]}
    frames = [
        {"function": "t", "filename": "https://x.test/a.js", "abs_path": "https://x.test/a.js", "lineno": 1, "colno": 9}
    ]
    one = event("minified", type="Mapless", platform="javascript", frames=frames, debug_meta=debug)
    frame = encode_frame(
        SegmentKind.SENTRY, FrameHeader(1, "k", "", 1_795_800_000 * 10**9, b"d" * 16), envelope(("event", one))
    )
    path.write_bytes(b"".join(frame))
    source, beside = OneSegment(SealedSegment("s", SegmentKind.SENTRY, path, path.stat().st_size, 1, 0)), Beside()
    nobody: Any = None
    desks = Desks(beside, beside, nobody, nobody, beside, nobody)  # type: ignore[arg-type]
    digester = Digester(source, desks, WallClock(), rules=ErrorRules, key_names=dict, on_news=lambda: None)  # type: ignore[arg-type]
    running = asyncio.create_task(digester.run())
    try:
        await becomes_true(lambda: source.done_with, seconds=60)
    finally:
        running.cancel()
        digester.close()
    assert any(b"Mapless" in body for body in beside.appended)
    told = {(measure.name, json.dumps(measure.labels)): measure.value for measure in digester.measures()}
    assert any("maps" in labels and value == 1 for (_, labels), value in told.items())
