"""Backups of a running server: one directory with everything that a new one needs.

store/         the embedded store, in ClickHouse's BACKUP format
workspace.db   users, keys, dashboards, audit log
wal/           what was acknowledged and perhaps not in `store/` (see `wal/copies.py`)
dead-letters/  what could not be stored
blobs/         source maps, recordings, attachments
backup.json    version, time, and which of these there are; written last
"""

import asyncio
import contextlib
import json
import os
import shutil
from pathlib import Path

import structlog

from midwatch._version import __version__
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Conflict, Unavailable
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.system import Backup
from midwatch.server.store.backup import back_up, bytes_to_back_up
from midwatch.server.store.client import Store
from midwatch.server.wal.copies import CopiedLog
from midwatch.server.workspace.workspace import Workspace

log = structlog.get_logger(__name__)
DIRECTORY = "backups"
DESCRIPTION = "backup.json"
UNFINISHED = ".unfinished"
BLOBS = "blobs"
COPIED = ("node-id", "midwatch.toml")
"""Small files of the data directory that come along."""


class BackupDesk:
    """Makes one backup at a time, below `backups/` of the data directory."""

    def __init__(
        self,
        data: Path,
        *,
        store: Store | None,
        wal: CopiedLog,
        workspace: Workspace,
        clock: Clock,
        reserve_bytes: int,
        blobs_are_ours: bool,
    ) -> None:
        self._data = data
        self._store = store
        """None where it is not ours: then it has backups of its own."""
        self._wal = wal
        self._workspace = workspace
        self._clock = clock
        self._reserve_bytes = reserve_bytes
        self._blobs_are_ours = blobs_are_ours
        """They are files of the data directory, and no objects elsewhere."""
        self._turn = asyncio.Lock()

    async def make(self, actor: Actor) -> Backup:
        """
        Raises:
            Conflict: one is being made.
            Unavailable: no room, or a part could not be copied; nothing is left of it.
        """
        if self._turn.locked():
            raise Conflict("a backup is being made already: wait until it is done")
        async with self._turn:
            time = format_time(self._clock.now_ns())
            directory = self._data / DIRECTORY / time[:23].replace(":", "-")
            unfinished = directory.with_name(directory.name + UNFINISHED)
            await self._require_room()
            await self._workspace.audit(actor, "backup.make", directory.name)
            await asyncio.to_thread(_make_anew, unfinished)
            try:
                parts = await self._fill(unfinished)
                described = {"version": __version__, "time": time, "parts": parts}
                (unfinished / DESCRIPTION).write_text(json.dumps(described, indent=1) + "\n")
                unfinished.rename(directory)
            except OSError as error:
                raise Unavailable(f"cannot write the backup: {error}") from None
            finally:
                self._wal.give_up()
                await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
            size = await asyncio.to_thread(_bytes_below, directory)
            log.info("backup.made", path=str(directory), bytes=size, parts=parts)
            return Backup(path=str(directory), bytes=size, parts=parts)

    async def _fill(self, directory: Path) -> list[str]:
        parts = ["wal", "dead-letters"]
        await self._wal.begin(directory / "wal")
        if self._store is not None:
            await back_up(self._store, directory / "store")
            parts.append("store")
        if await self._workspace.database.copy_to(directory / "workspace.db"):
            parts.append("workspace.db")
        await self._wal.end(directory / "wal")
        await asyncio.to_thread(_copy_letters, self._data / "dead-letters", directory / "dead-letters")
        if self._blobs_are_ours:
            await asyncio.to_thread(_link_blobs, self._data / BLOBS, directory / BLOBS)
            parts.append(BLOBS)
        for name in COPIED:
            if (self._data / name).is_file():
                shutil.copy2(self._data / name, directory / name)
        return sorted(parts)

    async def _require_room(self) -> None:
        needed = await bytes_to_back_up(self._store) if self._store is not None else 0
        free = (await asyncio.to_thread(shutil.disk_usage, self._data)).free
        if free - needed < self._reserve_bytes:
            raise Unavailable(
                f"cannot make a backup: it needs {needed:,} bytes beside the reserve of {self._reserve_bytes:,},"
                f" and {free:,} are free; free space, or remove older ones below {self._data / DIRECTORY}",
                code="disk_full",
            )


def _make_anew(directory: Path) -> None:
    """And remove what a server left that was killed meanwhile."""
    for left_over in directory.parent.glob(f"*{UNFINISHED}"):
        shutil.rmtree(left_over, ignore_errors=True)
    directory.mkdir(mode=0o700, parents=True)


def _copy_letters(letters: Path, copy: Path) -> None:
    """Letters that are retried or dropped meanwhile are left out."""
    copy.mkdir(mode=0o700)
    for path in sorted(letters.glob("*.json")):
        frames = path.with_suffix(".frames")
        try:
            shutil.copy2(frames, copy / frames.name)
            shutil.copy2(path, copy / path.name)
        except FileNotFoundError:
            continue


def _link_blobs(blobs: Path, copy: Path) -> None:
    """The same files by a second name, which costs no room: a blob is replaced, never written to. One that goes
    meanwhile is left out."""
    copy.mkdir(mode=0o700)
    for folder, _, files in os.walk(blobs):
        there = copy / Path(folder).relative_to(blobs)
        there.mkdir(mode=0o700, exist_ok=True)
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                try:
                    (there / name).hardlink_to(Path(folder, name))
                except OSError:  # a file system without, or `blobs/` on another one
                    shutil.copy2(Path(folder, name), there / name)


def _bytes_below(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
