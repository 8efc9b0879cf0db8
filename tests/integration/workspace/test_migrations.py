"""The tables that migrations make are the tables that the models describe."""

import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import Unavailable
from midwatch.server.workspace.database import MIGRATIONS, Database
from midwatch.server.workspace.models import Base
from midwatch.server.workspace.workspace import Workspace


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


def at_revision(database_url: str, revision: str, *statements: str) -> None:
    """Make the tables of an older Midwatch, with what it wrote into them."""
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, revision)
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _token(name: str, maker: str) -> str:
    return (
        "INSERT INTO api_tokens (id, hash, name, role, scopes, prefix, created_ms, created_by)"
        f" VALUES ('{name}', '{name}', '{name}', 4, 'read', 'mwt_', 1, '{maker}')"
    )


async def test_tokens_of_an_older_midwatch_get_their_owners(database_url: str) -> None:
    """A user's are theirs, the installation's stay; whose owner cannot be known is gone, and the audit log says so."""
    at_revision(
        database_url,
        "0002",
        "INSERT INTO users (id, email, name, role, created_ms, disabled)"
        " VALUES ('ana', 'ana@example.com', '', 4, 1, '0')",
        _token("hers", "ana@example.com"),
        _token("fixed", "fixed by MIDWATCH_API_TOKEN"),
        _token("automations", "MIDWATCH_API_TOKEN"),
        _token("orphan", "some token"),
    )
    workspace = Workspace(Database(database_url), VirtualClock())
    await workspace.open()
    try:
        owners = {row.id: row.owner.email if row.owner else None for row in await workspace.tokens.all()}
        (note,) = await workspace.audit_page(before_id=None, limit=10)
    finally:
        await workspace.close()
    assert owners == {"hers": "ana@example.com", "fixed": None, "automations": None}
    assert (note.action, note.target) == ("token.remove", "orphan")
    assert "some token" in note.details["reason"]


async def test_a_migration_is_done_whole_or_not_at_all(database_url: str) -> None:
    """One that fails after its first statements leaves the tables as they were, and the next start does it."""
    at_revision(database_url, "0002", "CREATE INDEX ix_api_tokens_user_id ON users (name)")
    database = Database(database_url)
    with pytest.raises(Unavailable, match="already exists"):
        await database.open()
    await database.call(lambda session: session.execute(text("DROP INDEX ix_api_tokens_user_id")))
    await database.open()
    await database.close()
