"""From a backup to a data directory on which a server can start. No server runs meanwhile."""

import asyncio
import json
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.model.errors import BadRequest, Conflict, Unavailable
from midwatch.server.status.backup import COPIED, DESCRIPTION
from midwatch.server.store import backup as of_store
from midwatch.server.store.address import DATABASE, Target
from midwatch.server.store.client import Store

UNFINISHED = ".restoring"


def restore(backup: Path, data: Path, *, memory_bytes: int) -> dict[str, Any]:
    """Make `data` of a backup, whole or not at all; what the backup says of itself.

    Raises:
        BadRequest: this is no backup.
        Conflict: there is something in `data`.
        Unavailable: a part cannot be read or written.
    """
    described = _description(backup)
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Conflict(f"data={data}: expected a directory that is empty or not there; a restore overwrites nothing")
    unfinished = data.absolute().with_name(data.absolute().name + UNFINISHED)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        for part in described["parts"]:
            if part != "store":
                _copy(backup / part, unfinished / part)
        for name in COPIED:
            if (backup / name).is_file():
                _copy(backup / name, unfinished / name)
        if "store" in described["parts"]:
            asyncio.run(_restore_store(backup.resolve() / "store", unfinished / "store", memory_bytes))
        unfinished.rename(data.absolute())
    except OSError as error:
        raise Unavailable(f"cannot restore to {data}: {error}") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return described


def _description(backup: Path) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads((backup / DESCRIPTION).read_text())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadRequest(
            f"backup={backup}: expected a directory that `midwatch backup` made; {DESCRIPTION}: {reason}"
        ) from None
    return described


def _copy(source: Path, copy: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, copy)
    else:
        shutil.copy2(source, copy)


async def _restore_store(backup: Path, directory: Path, memory_bytes: int) -> None:
    async with AsyncExitStack() as stack:
        engine = EngineSupervisor(directory, memory_bytes=memory_bytes, backups_dir=backup)
        stack.push_async_callback(engine.stop)
        await engine.start()
        target = Target("127.0.0.1", engine.port, engine.user, engine.password, database="default")
        store = await Store.connect(target, memory_bytes=memory_bytes)
        stack.push_async_callback(store.close)
        await of_store.restore(store, backup, DATABASE)
