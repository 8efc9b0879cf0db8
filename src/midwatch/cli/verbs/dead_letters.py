"""`midwatch dead-letters`."""

import click

from midwatch.cli.api import Api, known_id
from midwatch.cli.failure import Failure
from midwatch.cli.tables import print_json, print_table, printable
from midwatch.cli.target import Target, with_target


@click.group()
def dead_letters() -> None:
    """What could not be stored: look, retry, drop."""


@dead_letters.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def list_letters(as_json: bool, target: Target) -> None:
    """List them, newest first."""
    found = Api(target).get("/api/v1/dead-letters")
    if as_json:
        print_json(found)
        return
    rows = [(one["id"], one["time"][:19], one["signal"], one["bytes"], one["error"]) for one in found["letters"]]
    print_table(("id", "time", "signal", "bytes", "error"), rows, empty="no dead letters")


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def show(letter_id: str, as_json: bool, target: Target) -> None:
    """Show one: its error, and how its body begins."""
    found = Api(target).get(f"/api/v1/dead-letters/{known_id(letter_id, 'dead-letters')}")
    if as_json:
        print_json(found)
        return
    for name in ("id", "time", "signal", "key", "bytes", "error"):
        click.echo(f"{name:<8}{printable(str(found[name]))}")
    click.echo("")
    for line in found["preview"].splitlines():
        click.echo(printable(line))


@dead_letters.command()
@click.argument("letter_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every one.")
@with_target
def retry(letter_ids: tuple[str, ...], every: bool, target: Target) -> None:
    """Hand them to the store again."""
    api = Api(target)
    for letter_id in _chosen(api, letter_ids, every=every):
        api.post(f"/api/v1/dead-letters/{letter_id}/retry")
        click.echo(f"{letter_id}: handed to the store again")


@dead_letters.command()
@click.argument("letter_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_target
def drop(letter_ids: tuple[str, ...], every: bool, yes: bool, target: Target) -> None:
    """Delete them for good."""
    api = Api(target)
    chosen = _chosen(api, letter_ids, every=every)
    if chosen and not yes:
        click.confirm(f"Delete {len(chosen)} dead letters for good?", abort=True)
    for letter_id in chosen:
        api.delete(f"/api/v1/dead-letters/{letter_id}")
        click.echo(f"{letter_id}: dropped")


def _chosen(api: Api, letter_ids: tuple[str, ...], *, every: bool) -> list[str]:
    if every == bool(letter_ids):
        raise Failure("which ones? Give ids (see `midwatch dead-letters list`) or --all")
    if every:
        return [one["id"] for one in api.get("/api/v1/dead-letters")["letters"]]
    return [known_id(one, "dead-letters") for one in letter_ids]
