"""`midwatch keys`."""

import click

from midwatch.cli.api import Api, known_id
from midwatch.cli.tables import print_json, print_table
from midwatch.cli.target import Target, with_target


@click.group()
def keys() -> None:
    """Ingest keys: list, create, revoke."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def list_keys(as_json: bool, target: Target) -> None:
    """List them. A whole key is shown once, when it is made."""
    found = Api(target).get("/api/v1/keys")
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["id"],
            one["name"],
            f"{one['prefix'].removesuffix('…')}…",
            one["environment"] or "any",
            one["origins"],
            (one["last_used_at"] or "never")[:19],
            one["revoked"],
        )
        for one in found["keys"]
    ]
    print_table(("id", "name", "key", "environment", "origins", "last used", "revoked"), rows, empty="no keys")


@keys.command()
@click.argument("name")
@click.option("--env", "environment", metavar="NAME", help="Everything sent with it belongs to this environment.")
@click.option("--project", metavar="NUMBER", type=click.IntRange(1, 2**32 - 1), default=1, help="Project. [default: 1]")
@click.option("--origin", "origins", multiple=True, metavar="URL", help="For browsers: a page it is taken from.")
@click.option("--items-per-second", metavar="NUMBER", type=click.IntRange(1), help="A rate of its own.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def create(
    name: str,
    environment: str | None,
    project: int,
    origins: tuple[str, ...],
    items_per_second: int | None,
    as_json: bool,
    target: Target,
) -> None:
    """Make one and print it; it is not shown again."""
    body = {
        "name": name,
        "project": project,
        "environment": environment,
        "origins": list(origins),
        "items_per_second": items_per_second,
    }
    made = Api(target).post("/api/v1/keys", body)
    if as_json:
        print_json(made)
    else:
        click.echo(made["key"])


@keys.command()
@click.argument("key_id", metavar="ID")
@with_target
def revoke(key_id: str, target: Target) -> None:
    """Make one useless, for good."""
    Api(target).delete(f"/api/v1/keys/{known_id(key_id, 'keys')}")
    click.echo(f"{key_id}: revoked")
