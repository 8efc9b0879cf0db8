"""The store's engine, for tests of the rooms between it and the workspace."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.store.conftest import Feed, engine, feed, store

from midwatch.server.model.clock import WallClock
from midwatch.server.workspace.workspace import Database, Workspace

__all__ = ["Feed", "engine", "feed", "store"]


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    found = Workspace(Database(f"sqlite:///{tmp_path}/workspace.db"), WallClock())
    await found.open()
    yield found
    await found.close()
