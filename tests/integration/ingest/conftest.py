from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.ingest.doorway import Doorway, doorway


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Doorway]:
    async with doorway(tmp_path) as opened:
        yield opened
