"""`midwatch up`."""

from collections.abc import Iterator
from pathlib import Path

import click

from midwatch.cli.failure import Failure
from midwatch.cli.verbs.settings import load_settings, with_settings


@click.command()
@with_settings
def up(config_file: Path | None, **given: str | None) -> None:
    """Start Midwatch.

    Every option can also be set in the environment or in the settings file; `midwatch config` shows what is in force.
    The secrets have no option: MIDWATCH_ADMIN_PASSWORD, MIDWATCH_INGEST_KEY and MIDWATCH_API_TOKEN, or a file that
    holds one, named by the same with _FILE behind.
    """
    from midwatch.server.app import run
    from midwatch.server.model.errors import MidwatchError

    settings = load_settings(config_file, given).settings
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"data={settings.data}: cannot make the directory: {error.strerror}; choose another") from None

    try:
        run(settings)
    except MidwatchError as error:
        raise Failure(error.message) from None
    except ExceptionGroup as group:
        refusals = [error for error in _leaves(group) if isinstance(error, MidwatchError)]
        if not refusals:
            raise
        raise Failure(refusals[0].message) from None


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    """What went wrong, out of the task groups that it came through."""
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
