"""Workspace databases of both kinds: SQLite in a file, and a PostgreSQL database of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgresql import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'workspace.db'}"
    else:
        with new_database() as url:
            yield url
