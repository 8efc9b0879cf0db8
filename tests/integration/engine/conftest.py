from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from midwatch.server.engine.supervisor import EngineSupervisor


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EngineSupervisor]:
    """A running engine of its own."""
    bodies = tmp_path / "wal"
    bodies.mkdir()
    supervisor = EngineSupervisor(tmp_path / "store", memory_bytes=1 << 30, body_dirs=[bodies])
    await supervisor.start()
    yield supervisor
    await supervisor.stop()
