"""Desks over workspace databases of both kinds, on a clock that tests move."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.postgresql import new_database

from midwatch.server.model.clock import VirtualClock
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.workspace import Workspace


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'workspace.db'}"
    else:
        with new_database() as url:
            yield url


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_800_000_000 * 10**9)


@pytest.fixture
async def workspace(database_url: str, clock: VirtualClock) -> AsyncIterator[Workspace]:
    opened = Workspace(Database(database_url), clock)
    await opened.open()
    yield opened
    await opened.close()
