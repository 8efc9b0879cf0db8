"""What waits for a destination that is down lies there without what is private, and nothing of it is lost."""

from pathlib import Path

import pytest
from tests.bodies import logs
from tests.eventually import eventually
from tests.integration.forward.conftest import Forwarding, endpoint, texts
from tests.otlp_sink import OtlpSink

from midwatch.server.forward.queue import Queue
from midwatch.server.model.clock import WallClock
from midwatch.server.model.signal import SegmentKind

pytestmark = pytest.mark.thorough

SECRET = "hunter2-of-the-queue"


def _holding(directory: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_what_waits_is_cleaned_and_arrives_once_in_its_order(forwarding: Forwarding, sink: OtlpSink) -> None:
    """By the rules in force, without services that are not selected; a restart in between changes nothing."""
    sink.status = 503
    queue = forwarding.server.data / "forward"
    forwarding.to(away={"endpoint": endpoint(sink), "select": {"services": ["api"]}})
    forwarding.apply(privacy={"deny": ["street address"]})
    with forwarding.server.door() as door:
        for number in range(20):
            lines = [{"body": f"waits {number}", "attributes": {"password": SECRET, "street_address": f"Elm {SECRET}"}}]
            assert door.post("/v1/logs", content=logs("api", lines).SerializeToString()).status_code == 200
            other = logs("other", [{"body": "never goes on", "attributes": {"x": "y"}}])
            assert door.post("/v1/logs", content=other.SerializeToString()).status_code == 200
    assert _holding(queue, SECRET), "control: as it came, it would be found"
    eventually(lambda: not _holding(queue, SECRET) or None, seconds=60)
    assert _holding(queue, "waits 19")
    assert not _holding(queue, "never goes on")
    forwarding.server.stop()
    forwarding.server.start()
    sink.status = 200
    eventually(lambda: len(texts(sink)) >= 20 or None)
    assert texts(sink) == [f"waits {number}" for number in range(20)]
    eventually(lambda: not list(queue.rglob("*.wal")) or None, seconds=30)
    forwarding.apply(privacy={})


@pytest.mark.parametrize("cursor", ["{id} 7", "{id}.clean 7"])
def test_a_crash_between_writing_and_letting_go(tmp_path: Path, cursor: str) -> None:
    """The clean file stands for the segment; how far the segment had come says nothing of it."""
    name = "0190a0b0c0d07000800000000000000a"
    (tmp_path / f"{name}.otlp_logs.wal").write_bytes(b"as it came")
    (tmp_path / f"{name}.otlp_logs.clean.wal").write_bytes(b"cleaned it was")
    (tmp_path / f"{name}.otlp_logs.wal.new").write_bytes(b"half")
    (tmp_path / "otlp_logs.cursor").write_text(cursor.format(id=name) + "\n")
    queue = Queue(tmp_path, WallClock())
    queue.open()
    (one,) = queue.all()
    assert (one.kind, one.clean, one.offset) == (SegmentKind.OTLP_LOGS, True, 7 if ".clean" in cursor else 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.otlp_logs.clean.wal", "otlp_logs.cursor"]
