"""`midwatch erase`."""

import json
from collections import Counter
from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import Failure
from midwatch.cli.tables import print_table
from midwatch.cli.target import Target, with_target


@click.command()
@click.option("--user", metavar="ID", required=True, help="An id, address or number, as it was sent or is shown.")
@click.option("--reason", metavar="TEXT", help="For the audit log.")
@click.option("--dry-run", is_flag=True, help="Tell what is there, and remove nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="As lines of JSON, as it goes on.")
@with_target
def erase(user: str, reason: str | None, dry_run: bool, yes: bool, as_json: bool, target: Target) -> None:
    """Remove a person from everything that is kept.

    From every table, from recordings, attachments, dead letters and the workspace; then it is looked for once more.
    Backups that were made before keep what they have.
    """
    if not dry_run and not reason:
        raise Failure("say why: --reason TEXT stands in the audit log")
    if not dry_run and not yes:
        click.confirm(f"Remove everything that tells of {user} for good?", abort=True)
    wanted = {"user": user, "reason": reason or "dry run", "dry_run": dry_run}
    found: Counter[str] = Counter()
    left: int | None = None
    for step in Api(target).lines("/api/v1/privacy/erasures", wanted):
        if as_json:
            click.echo(json.dumps(step, ensure_ascii=False))
        elif step["step"] in ("erase", "parts"):
            _tell(step)
        if step["step"] == "failed":
            raise Failure(f"{step['error']}; what went is gone, and it can be run again")
        if step["step"] in ("search", "erase"):
            found[step["place"]] += step["found"]
        if step["step"] == "end":
            left = step["found"]
    if not as_json:
        rows = [(place, count) for place, count in found.items() if count]
        print_table(("place", "found" if dry_run else "removed"), rows, empty="nothing tells of it")
    if not dry_run:
        _end(left)


def _tell(step: dict[str, Any]) -> None:
    if step["step"] == "parts":
        click.echo("midwatch: old parts of the store are gone", err=True)
    elif step["found"]:
        click.echo(f"midwatch: {step['found']} removed from {step['place']}", err=True)


def _end(left: int | None) -> None:
    if left is None:
        raise Failure("the server ended before it was done: run it again")
    if left:
        raise Failure(f"{left} are left, as they came in meanwhile: run it again")
    click.echo("midwatch: looked for once more: nothing is left", err=True)
