"""Numbered `.sql` files, applied in order and recorded; then the views, made anew from `targets`."""

import re
from importlib.resources import files

import structlog

from midwatch.server.model.errors import Unavailable
from midwatch.server.store.client import Store
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
    """Bring the store to this version's schema.

    Raises:
        Unavailable: the store was written by a newer version, or is a cluster.
    """
    if store.cluster:
        # Better refused than tables on one node of many.
        raise Unavailable(f"cannot make the tables on cluster={store.cluster}: only single servers are served so far")
    await store.execute(_RECORD)
    applied = {row["Number"] for row in await store.rows("SELECT Number FROM schema_migrations")}
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
            await store.execute(statement, settings={"allow_experimental_full_text_index": 1})
        await store.execute(
            "INSERT INTO schema_migrations (Number, Name) SELECT {number:UInt32}, {name:String}",
            {"number": number, "name": name},
        )
        log.info("store.migrated", schema=name)
    if up_to is None:
        for statement in view_statements():
            await store.execute(statement)
