"""The workspace's database: SQLite in WAL mode, or PostgreSQL when a URL says so. Calls run in a few threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from midwatch.server.model.errors import BadRequest, Conflict, Unavailable

T = TypeVar("T")
THREADS = 4
MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One engine and its threads. `call` runs a function in one transaction."""

    def __init__(self, url: str) -> None:
        self._sqlite = url.startswith("sqlite")
        # SQLite has one writer: one thread for it means nobody ever waits on a lock.
        self._threads = ThreadPoolExecutor(1 if self._sqlite else THREADS, "workspace")
        self._engine = _engine(url)

    @property
    def name(self) -> str:
        return "SQLite" if self._sqlite else "PostgreSQL"

    async def open(self) -> None:
        """Connect and migrate.

        Raises:
            Unavailable: no connection, or a database of a newer Midwatch.
        """
        try:
            await self._run(lambda: _migrate(self._engine))
        except Unavailable as error:
            if not isinstance(error.__cause__, DBAPIError):
                raise
            reason = str(error.__cause__.orig).strip().partition("\n")[0]
            raise Unavailable(f"cannot open the workspace database: {reason}; see --database and --data") from None

    async def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    async def call(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction, committed when it returns.

        Raises:
            BadRequest: a value is none that the database can hold.
            Conflict: a uniqueness rule was broken.
            Unavailable: the database does not answer.
        """

        def transaction() -> T:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                return work(session)

        return await self._run(transaction)

    async def check(self) -> str:
        await self.call(lambda session: session.execute(text("SELECT 1")).scalar())
        return self.name

    async def copy_to(self, path: Path) -> bool:
        """A consistent copy in a file of its own while it is in use; False where the database is not a file of ours."""
        if not self._sqlite:
            return False

        def copy() -> None:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM INTO :path"), {"path": str(path)})

        await self._run(copy)
        return True

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except IntegrityError:
            raise Conflict("it exists already") from None
        except DataError:
            raise BadRequest("cannot keep a value: expected text without NUL characters that fits its field") from None
        except SQLAlchemyError as error:
            raise Unavailable(f"the workspace database does not answer: {type(error).__name__}") from error


def insert_into(session: Session, table: Any) -> Any:
    """The INSERT of the session's kind of database, which knows ON CONFLICT."""
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                url = "postgresql+psycopg://" + url.removeprefix(prefix)
        return create_engine(url, pool_size=THREADS, max_overflow=0, pool_pre_ping=True, pool_timeout=10)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10})

    def pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", pragmas)
    return engine


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # The driver begins none by itself before it makes tables: killed between two, it would stay half done.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Several servers may start at once: one migrates, the others wait and find it done.
            connection.execute(text("SELECT pg_advisory_xact_lock(4400)"))
        found = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(config)
        if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
            raise Unavailable(
                f"cannot open the workspace: its schema {found} is newer than this Midwatch; start the newer version"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
