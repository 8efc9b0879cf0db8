"""The store's own BACKUP and RESTORE, into a directory that the engine may write to; started, then asked for."""

import asyncio
from pathlib import Path

from midwatch.server.model.errors import Unavailable
from midwatch.server.store.client import QueryClass, Store

ASK_AGAIN_SECONDS = 0.2
_STATE = "SELECT status, error, total_size FROM system.backups WHERE id = {id:String}"
_BYTES = "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = {database:String}"
_DONE = frozenset({"BACKUP_CREATED", "RESTORED"})
_RUNS = frozenset({"CREATING_BACKUP", "RESTORING"})


async def bytes_to_back_up(store: Store) -> int:
    rows = await store.rows(_BYTES, {"database": store.database}, query_class=QueryClass.INGEST)
    return int(rows[0]["bytes"])


async def back_up(store: Store, directory: Path) -> int:
    """Write every table of the database into `directory`, which is made; the bytes written.

    Raises:
        Unavailable: the store could not; what is in the directory is of no use.
    """
    return await _ended(store, f"BACKUP DATABASE `{store.database}` TO {_file(directory)} ASYNC", "back up")


async def restore(store: Store, directory: Path, database: str) -> None:
    """Make every table of a backup in a store that has no such database. `store` is connected to another.

    Raises:
        Unavailable: the store could not, or the backup is damaged.
    """
    await _ended(store, f"RESTORE DATABASE `{database}` FROM {_file(directory)} ASYNC", "restore")


async def _ended(store: Store, statement: str, verb: str) -> int:
    (begun,) = await store.rows(statement, query_class=QueryClass.INGEST)
    while True:
        (now,) = await store.rows(_STATE, {"id": begun["id"]}, query_class=QueryClass.INGEST)
        if now["status"] in _DONE:
            return int(now["total_size"])
        if now["status"] not in _RUNS:
            raise Unavailable(f"cannot {verb} the store: {str(now['error'])[:1000]}")
        await asyncio.sleep(ASK_AGAIN_SECONDS)


def _file(directory: Path) -> str:
    quoted = str(directory.resolve()).replace("\\", "\\\\").replace("'", "\\'")
    return f"File('{quoted}')"
