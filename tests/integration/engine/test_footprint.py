"""What a resting engine holds."""

import sys
from pathlib import Path

import psutil
import pytest
from tests.eventually import eventually
from tests.integration.engine.asking import client_of, run

from midwatch.server.engine.supervisor import EngineSupervisor


def shared_mb(pid: int) -> float:
    """Resident pages that are of files."""
    return psutil.Process(pid).memory_info().shared / 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which pages of a file are in memory")
async def test_code_that_only_opening_needs_is_let_go(tmp_path: Path) -> None:
    """A while after it was opened an engine has a third of the file pages that opening took, and answers as before."""
    supervisor = EngineSupervisor(tmp_path / "store", memory_bytes=1 << 30, let_go_seconds=0.5)
    await supervisor.start()
    try:
        assert supervisor.pid is not None
        pid = supervisor.pid
        opened = shared_mb(pid)
        assert opened > 100
        eventually(lambda: shared_mb(pid) < opened / 3 or None, seconds=20)
        async with client_of(supervisor) as client:
            assert await run(client, "SELECT sum(number), uniq(toString(number)) FROM numbers(1000)") == "499500\t1000"
        assert supervisor.pid == pid
        assert supervisor.restarts == 0
    finally:
        await supervisor.stop()
