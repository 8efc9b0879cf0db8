"""`midwatch tokens`."""

import click

from midwatch.cli.api import Api, known_id
from midwatch.cli.tables import print_json, print_table
from midwatch.cli.target import Target, with_target
from midwatch.cli.verbs.users import ROLES

SCOPES = ("read", "write", "admin")


@click.group()
def tokens() -> None:
    """API tokens: list, create, revoke."""


@tokens.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def list_tokens(as_json: bool, target: Target) -> None:
    """List them. A whole token is shown once, when it is made."""
    found = Api(target).get("/api/v1/tokens")
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["id"],
            one["name"],
            one["owner"] or "Midwatch",
            f"{one['prefix']}…",
            one["role"],
            one["scopes"],
            (one["last_used_at"] or "never")[:19],
            (one["expires_at"] or "never")[:19],
        )
        for one in found["tokens"]
    ]
    print_table(("id", "name", "owner", "token", "role", "scopes", "last used", "expires"), rows, empty="no tokens")


@tokens.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What it may do at most.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, help="May be given several times. [read]")
@click.option("--expires-days", metavar="NUMBER", type=click.IntRange(1, 3650), help="Good for so long. [for ever]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def create(
    name: str, role: str, scopes: tuple[str, ...], expires_days: int | None, as_json: bool, target: Target
) -> None:
    """Make one and print it; it is not shown again."""
    body = {"name": name, "role": role, "scopes": list(scopes or ("read",)), "expires_days": expires_days}
    made = Api(target).post("/api/v1/tokens", body)
    if as_json:
        print_json(made)
    else:
        click.echo(made["token"])


@tokens.command()
@click.argument("token_id", metavar="ID")
@with_target
def revoke(token_id: str, target: Target) -> None:
    """Make one useless, for good."""
    Api(target).delete(f"/api/v1/tokens/{known_id(token_id, 'tokens')}")
    click.echo(f"{token_id}: revoked")
