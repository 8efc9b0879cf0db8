"""`midwatch events`."""

import sys
from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import EXIT_FAILED
from midwatch.cli.tables import print_json, print_table
from midwatch.cli.target import Target, with_target
from midwatch.contract.event_table import DIALECTS, POSTGRESQL
from midwatch.contract.event_table import ddl as table_ddl

project_option = click.option(
    "--project", metavar="NUMBER", type=click.IntRange(1, 2**32 - 1), default=1, help="Of the ingest key. [default: 1]"
)


@click.group()
def events() -> None:
    """Domain events: list, verify, export, and their table."""


@events.command("list")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")
@click.option("--start", metavar="TIME", default="now-1d", show_default=True, help="RFC 3339, or such as now-7d.")
@click.option("--type", "type_", metavar="NAME", default="", help="Such as linkup.locked.")
@click.option("--entity", metavar="KIND[:ID]", default="", help="What it happened to.")
@click.option("--actor", metavar="[TYPE:]ID", default="", help="Who did it.")
@click.option("--correlation-id", metavar="ID", default="", help="Of the story that it belongs to.")
@project_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def list_events(
    limit: int,
    start: str,
    type_: str,
    entity: str,
    actor: str,
    correlation_id: str,
    project: int,
    as_json: bool,
    target: Target,
) -> None:
    """List them, newest first."""
    kind, _, known = entity.partition(":")
    asked = {"type": type_, "entity": kind, "entity_id": known, "actor": actor, "correlation_id": correlation_id}
    asked = {name: value for name, value in asked.items() if value}
    found = Api(target).get("/api/v1/events", limit=limit, start=start, project=project, **asked)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["time"][:19],
            one["type"],
            _party(one["entity"]),
            f"{one['from_state'] or '·'} → {one['to_state']}" if one["to_state"] else "",
            _party(one["actor"]),
            one["remarks"],
        )
        for one in found["events"]
    ]
    empty = "no events found; look further back with --start now-30d"
    print_table(("time", "type", "entity", "states", "actor", "remarks"), rows, empty=empty)


@events.command()
@click.option("--since", metavar="TIME", help="Begin at what was taken in since then, such as now-7d.")
@project_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def verify(since: str | None, project: int, as_json: bool, target: Target) -> None:
    """Walk the chain of events; status 1 and the first event that is broken, missing or changed."""
    api = Api(target)
    found = api.get("/api/v1/events/verify", project=project, since=since)
    counted, begun = ("events", "expired", "erased"), found["first"]
    totals = {name: found[name] for name in counted}
    while found["next"] is not None:
        found = api.get("/api/v1/events/verify", project=project, first=found["next"])
        totals = {name: totals[name] + found[name] for name in counted}
    found |= {"first": begun, **totals}
    if as_json:
        print_json(found)
    else:
        _say(found)
    if not found["intact"]:
        sys.exit(EXIT_FAILED)


@events.command()
@click.option("--audit", is_flag=True, help="Midwatch's own audit log instead; needs the role admin.")
@click.option("--acts", is_flag=True, help="Only events with an actor: a team's own audit log.")
@click.option("--format", "format_", type=click.Choice(("ndjson", "csv")), default="ndjson", help="[ndjson]")
@click.option("--start", metavar="TIME", default="now-1d", show_default=True, help="RFC 3339, or such as now-7d.")
@click.option("--end", metavar="TIME", help="Until. [default: now]")
@project_option
@with_target
def export(audit: bool, acts: bool, format_: str, start: str, end: str | None, project: int, target: Target) -> None:
    """Print events, or the audit log, to keep elsewhere; oldest first."""
    asked: dict[str, Any] = {"format": format_}
    if not audit:
        asked |= {"start": start, "end": end, "project": project, "acts": "true" if acts else None}
        asked = {name: value for name, value in asked.items() if value is not None}
    path = "/api/v1/audit/export" if audit else "/api/v1/events/export"
    for chunk in Api(target).download(path, **asked):
        sys.stdout.buffer.write(chunk)


@events.command()
@click.argument("dialect", type=click.Choice(DIALECTS), default=POSTGRESQL)
def ddl(dialect: str) -> None:
    """Print the table `domain_events` for a team's own database; needs no server."""
    click.echo(table_ddl(dialect), nl=False)


def _party(party: dict[str, str] | None) -> str:
    return "" if party is None else ":".join(filter(None, (party["type"], party["id"])))


def _say(found: dict[str, Any]) -> None:
    if not found["head_position"]:
        click.echo("no events yet")
        return
    problem = found["problem"]
    if problem is not None:
        event = f"event {problem['event_id']}" if problem["event_id"] else "an event"
        click.echo(f"{problem['kind']}: {event} at position {problem['position']}: {problem['said']}")
        return
    if found["last"] < found["first"]:
        click.echo("nothing to verify: no event was taken in since then")
        return
    gone = f", {found['expired']:,} taken by retention, of which the links" if found["expired"] else ""
    erased = f", {found['erased']:,} erased with a person (see the audit log)" if found["erased"] else ""
    looked = f"{found['events']:,} events from position {found['first']:,} to {found['last']:,}"
    click.echo(f"intact: {looked}{gone}{erased}")
    click.echo(f"head: {found['head_hash']}")
