"""Numbered `.sql` files, applied in order and recorded; then the views that `targets` defines.

A file is recorded once all of its statements have run, so each of them must stand being run again.
"""

import hashlib
import re
from importlib.resources import files

import structlog

from midwatch.server.model.errors import Unavailable
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.targets import view_statements

log = structlog.get_logger(__name__)
_NAME = re.compile(r"(\d{4})_\w+\.sql")
_RECORD = """CREATE TABLE IF NOT EXISTS schema_migrations
(Number UInt32, Name String, AppliedAt DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = MergeTree ORDER BY Number SETTINGS fsync_after_insert = 1"""


def schema_files() -> list[tuple[int, str, str]]:
    """Number, name and text of every schema file, in order."""
    entries = files("midwatch.server.store").joinpath("schema").iterdir()
    named = [(entry, _NAME.fullmatch(entry.name)) for entry in entries]
    return sorted((int(match[1]), entry.name, entry.read_text()) for entry, match in named if match)


def statements_of(text: str) -> list[str]:
    """The statements of a schema file: separated by semicolons at the end of a line; comments are left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in re.split(r";\s*(?:\n|\Z)", "\n".join(lines)) if part.strip()]


async def migrate(store: Store, *, up_to: int | None = None) -> None:
    """Bring the store to this version's schema. Where several servers share a store, their callers go one at a time.

    Raises:
        Unavailable: the store was written by a newer version.
    """
    await _run(store, _RECORD)
    applied = {
        row["Number"] for row in await store.rows("SELECT Number FROM schema_migrations", query_class=QueryClass.INGEST)
    }
    known = schema_files()
    if newer := applied - {number for number, _, _ in known}:
        raise Unavailable(
            f"cannot open the store: it has schema {max(newer)}, this Midwatch knows up to {known[-1][0]};"
            " start the newer version again, or restore a backup from before it"
        )
    for number, name, text in known:
        if number in applied or (up_to is not None and number > up_to):
            continue
        for statement in statements_of(text):
            await _run(store, statement)
        await store.execute(
            "INSERT INTO schema_migrations (Number, Name) SELECT {number:UInt32}, {name:String}",
            {"number": number, "name": name},
        )
        log.info("store.migrated", schema=name)
    if up_to is None:
        await _make_views(store)


async def _make_views(store: Store) -> None:
    """Make the views that are not there as this version wants them; the others go on feeding their tables meanwhile."""
    rows = await store.rows(
        "SELECT name, comment FROM system.tables WHERE database = currentDatabase()", query_class=QueryClass.INGEST
    )
    there = {row["name"]: row["comment"] for row in rows}
    for name, statement in view_statements().items():
        digest = hashlib.sha256(statement.encode()).hexdigest()[:16]
        if there.get(name) == digest:
            continue
        await _run(store, f"DROP VIEW IF EXISTS {name} SYNC")
        await _run(store, f"{statement} COMMENT '{digest}'")


async def _run(store: Store, statement: str) -> None:
    for one in store.layout.ddl(statement):
        await store.execute(one, settings={"allow_experimental_full_text_index": 1})
