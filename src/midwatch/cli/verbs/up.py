"""`midwatch up`."""

import contextlib
import gc
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import click

from midwatch.cli.failure import Failure
from midwatch.cli.verbs.settings import load_settings, with_settings

OURS = (
    *("midwatch.lock", "node-id", "workspace.db", "wal", "store", "dead-letters", "backups"),
    *("blobs", "forward", "source-maps"),
)
"""What a server writes in its data directory; others' files there are none of our business."""


@click.command()
@with_settings
def up(config_file: Path | None, **given: str | None) -> None:
    """Start Midwatch.

    Every option can also be set in the environment or in the settings file; `midwatch config` shows what is in force.
    The secrets have no option: MIDWATCH_ADMIN_PASSWORD, MIDWATCH_INGEST_KEY, MIDWATCH_API_TOKEN, MIDWATCH_STATSD_KEY,
    MIDWATCH_PRIVACY_KEY and MIDWATCH_WAL_KEY, or a file that holds one, named by the same with _FILE behind.
    """
    with _kept_for_good():
        from midwatch.server.model.errors import MidwatchError
        from midwatch.server.run import run

    settings = load_settings(config_file, given).settings
    _require_data(settings.data)
    try:
        run(settings)
    except MidwatchError as error:
        raise Failure(error.message) from None
    except ExceptionGroup as group:
        refusals = [error for error in _leaves(group) if isinstance(error, MidwatchError)]
        if not refusals:
            raise
        raise Failure(refusals[0].message) from None


@contextlib.contextmanager
def _kept_for_good() -> Iterator[None]:
    """What is made in here stays until the process ends, so the collector need not look through it.

    Not while these three hundred thousand objects are made, not whenever it looks through all, and not at the end: that
    was 0.5 of 1.7 s of CPU for importing the server and ending.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _require_data(data: Path) -> None:
    """Make the directory, and see that what an earlier start left in it can be written."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"data={data}: cannot make the directory: {error.strerror}; choose another") from None
    for path in (data, *(data / name for name in OURS)):
        if not os.path.lexists(path):
            continue
        wanted = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
        if not os.access(path, wanted):
            status = path.stat()
            read_only = os.statvfs(path).f_flag & os.ST_RDONLY
            reason = "its disk is read-only" if read_only else f"it belongs to user {status.st_uid}"
            raise Failure(
                f"data={data}: cannot write {path}: {reason}, mode {stat.S_IMODE(status.st_mode):o};"
                " start Midwatch as the user that it belongs to, or choose another directory"
            )


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    """What went wrong, out of the task groups that it came through."""
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
