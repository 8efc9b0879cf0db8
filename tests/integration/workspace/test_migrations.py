"""The tables that migrations make are the tables that the models describe."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import Base


async def test_migrations_make_what_the_models_say(database_url: str) -> None:
    """Nothing is left to generate, on either kind of database."""
    database = Database(database_url)
    await database.open()
    try:
        difference = await database.call(
            lambda session: compare_metadata(MigrationContext.configure(session.connection()), Base.metadata)
        )
    finally:
        await database.close()
    assert difference == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_servers_that_start_at_once_migrate_once(database_url: str) -> None:
    """Three open an empty database at the same time; all three can work with it."""
    databases = [Database(database_url) for _ in range(3)]
    await asyncio.gather(*(database.open() for database in databases))
    for database in databases:
        assert await database.check() == "PostgreSQL"
        await database.close()
