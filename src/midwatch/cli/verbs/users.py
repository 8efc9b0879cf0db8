"""`midwatch users`."""

from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import Failure
from midwatch.cli.tables import print_json, print_table
from midwatch.cli.target import Target, with_target

ROLES = ("viewer", "editor", "engineer", "admin")


@click.group()
def users() -> None:
    """Users: list, add, sign-in links, roles, disable, enable."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def list_users(as_json: bool, target: Target) -> None:
    """List them."""
    found = Api(target).get("/api/v1/users")
    if as_json:
        print_json(found)
        return
    rows = [
        (one["id"], one["email"], one["name"], one["role"], (one["last_seen_at"] or "never")[:19], one["disabled"])
        for one in found["users"]
    ]
    print_table(("id", "email", "name", "role", "last seen", "disabled"), rows, empty="no users")


@users.command()
@click.argument("email")
@click.option("--name", default="", help="Name to show.")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What they may do.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def add(email: str, name: str, role: str, as_json: bool, target: Target) -> None:
    """Add one and print the sign-in link to hand over."""
    made = Api(target).post("/api/v1/users", {"email": email, "name": name, "role": role})
    _print_link(made, target, as_json=as_json)


@users.command()
@click.argument("who", metavar="EMAIL|ID")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def link(who: str, as_json: bool, target: Target) -> None:
    """Print a new one-time sign-in link for a user."""
    api = Api(target)
    _print_link(api.post(f"/api/v1/users/{_id_of(api, who)}/link"), target, as_json=as_json)


@users.command("role")
@click.argument("who", metavar="EMAIL|ID")
@click.argument("role", type=click.Choice(ROLES))
@with_target
def change_role(who: str, role: str, target: Target) -> None:
    """Change what one may do; holds at once, for their tokens too."""
    _change(who, {"role": role}, role, target)


@users.command()
@click.argument("who", metavar="EMAIL|ID")
@with_target
def disable(who: str, target: Target) -> None:
    """Lock one out at once; what they made stays."""
    _change(who, {"disabled": True}, "disabled", target)


@users.command()
@click.argument("who", metavar="EMAIL|ID")
@with_target
def enable(who: str, target: Target) -> None:
    """Let one in again, with the password they had or a new sign-in link."""
    _change(who, {"disabled": False}, "enabled", target)


def _change(who: str, wanted: dict[str, Any], said: str, target: Target) -> None:
    api = Api(target)
    changed = api.patch(f"/api/v1/users/{_id_of(api, who)}", wanted)
    click.echo(f"{changed['email']}: {said}")


def _id_of(api: Api, who: str) -> str:
    for user in api.get("/api/v1/users")["users"]:
        if who in (user["id"], user["email"]):
            return str(user["id"])
    raise Failure(f"no user {who}: `midwatch users list` shows them")


def _print_link(made: dict[str, Any], target: Target, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        path = made["signin_link"]
        click.echo(path if "://" in path else target.url + path)
