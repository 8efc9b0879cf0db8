"""`midwatch backup` and `midwatch restore`."""

import os
import sys
from pathlib import Path

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import Failure
from midwatch.cli.tables import bytes_text, print_json
from midwatch.cli.target import DATA_DEFAULT, Target, with_target

BACKUP_SECONDS_MAX = 6 * 3600.0
ELSEWHERE = {
    "store": "the store: it is a ClickHouse of yours; back it up with its BACKUP",
    "workspace.db": "users and keys: they are in PostgreSQL; back them up with pg_dump",
    "blobs": "source maps, recordings and attachments: they are in object storage; keep versions of them there",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def backup(as_json: bool, target: Target) -> None:
    """Back up a running server and print the directory of the backup.

    It lies below `backups/` of the server's data directory, on its machine: copy it to another one. `midwatch restore`
    makes a data directory of it.
    """
    made = Api(target).post("/api/v1/system/backups", seconds=BACKUP_SECONDS_MAX)
    if as_json:
        print_json(made)
        return
    click.echo(made["path"])
    click.echo(f"midwatch: {bytes_text(made['bytes'])}: {', '.join(made['parts'])}", err=True)
    for part, what in ELSEWHERE.items():
        if part not in made["parts"]:
            click.echo(f"midwatch: warning: without {what}", err=True)


@click.command()
@click.argument("backup_dir", metavar="BACKUP", type=click.Path(path_type=Path))
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=f"Data directory to make; empty or not there (MIDWATCH_DATA) [default: {DATA_DEFAULT}]",
)
def restore(backup_dir: Path, data: Path | None) -> None:
    """Make a data directory of a backup.

    `midwatch up` starts on it. Nothing is overwritten, and nothing is left of a restore that fails.
    """
    import structlog

    from midwatch.server.config.machine import engine_memory_bytes
    from midwatch.server.model.errors import MidwatchError
    from midwatch.server.status.restore import restore as restored

    data = (data or Path(os.environ.get("MIDWATCH_DATA") or DATA_DEFAULT)).expanduser()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        described = restored(backup_dir, data, memory_bytes=engine_memory_bytes())
    except MidwatchError as error:
        raise Failure(error.message) from None
    click.echo(f"{data}: as it was at {described['time'][:19]}Z; start it with `midwatch up --data {data}`")
