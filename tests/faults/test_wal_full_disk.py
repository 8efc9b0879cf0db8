"""A disk that fills up under the log: a tmpfs of 3 MB in a mount namespace of its own."""

import asyncio
import sys
from pathlib import Path

import pytest
from tests import bodies
from tests.faults.small_disk import KEPT, run_on_small_disk
from tests.integration.ingest.doorway import doorway

from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import scan

pytestmark = pytest.mark.faults

BODIES = 60


def test_a_disk_that_fills_up_refuses_and_loses_nothing(tmp_path: Path) -> None:
    """Bodies are taken until the disk is full, then 503 `disk_full`; what was taken is whole; room is used again."""
    run_on_small_disk("tests.faults.test_wal_full_disk", tmp_path, "3m", seconds=120)


async def fill(directory: Path) -> None:
    async with doorway(directory) as door:
        codes, last = [], b""
        for _ in range(BODIES):
            last = bodies.traces("shop", [bodies.span(attributes={"x": "y" * 100_000})]).SerializeToString()
            headers = {"content-type": "application/x-protobuf"}
            codes.append((await door.http.post("/v1/traces", content=last, headers=headers)).status_code)
        assert set(codes) == {200, 503}, codes
        assert door.refused("disk_full") == codes.count(503)
        segment = await door.segment(SegmentKind.OTLP_TRACES)
        spans = list(scan(memoryview(segment.path.read_bytes())))
        assert len(spans) == segment.frames == codes.count(200)
        assert all(span.intact for span in spans)
        # A letter of it has no room either: burying waits for some and stops nobody.
        burying = asyncio.create_task(door.log.bury(segment, "poison"))
        done, _ = await asyncio.wait([burying], timeout=0.3)
        assert not done
        burying.cancel()
        await door.log.done(segment)
        assert (await door.http.post("/v1/traces", content=last, headers=headers)).status_code == 200
    print(KEPT)


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1])))
