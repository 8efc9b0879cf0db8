"""`midwatch handlers`."""

import json
import os
import time
from pathlib import Path
from typing import Any

import click

from midwatch.cli.api import Api, known_id
from midwatch.cli.failure import Failure
from midwatch.cli.tables import print_json, print_table, printable
from midwatch.cli.target import Target, with_target
from midwatch.contract.sealed import SETTING, CannotOpen, SealKeys

LIMIT_MAX = 200
ASK_AGAIN_SECONDS = 0.5
_FACTS = ("handler", "service", "environment", "key", "state", "attempt", "error_type", "error_text", "failed")
_FACTS_OF_STORY = ("correlation_id", "trace_id", "issue_id", "refusal")


@click.group()
def handlers() -> None:
    """Failed runs of your apps' handlers: list, show, replay, cancel."""


@handlers.command("list")
@click.option("--handler", metavar="NAME", default="", help="Of this handler alone.")
@click.option("--service", metavar="NAME", default="", help="Of this service alone.")
@click.option("--env", "environments", metavar="NAME", multiple=True, help="Of this environment; may be repeated.")
@click.option("--issue", metavar="ID", type=click.IntRange(1), help="Whose errors are of this issue.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(["failed", "stuck", "unknown", "done"]),
    help="In this state; may be repeated. [default: all but done]",
)
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=50, help="How many at most. [default: 50]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def list_runs(
    handler: str,
    service: str,
    environments: tuple[str, ...],
    issue: int | None,
    states: tuple[str, ...],
    limit: int,
    as_json: bool,
    target: Target,
) -> None:
    """List them, the newest failure first."""
    found = Api(target).get(
        "/api/v1/handler-runs",
        handler=handler,
        service=service,
        env=list(environments),
        issue=issue,
        state=list(states),
        limit=limit,
    )
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["id"],
            one["failed"][:19],
            one["handler"],
            one["key"],
            one["service"],
            one["environment"],
            one["state"],
            _order_text(one["order"]),
            f"{one['error_type']}: {one['error_text']}" if one["error_type"] else "",
        )
        for one in found["runs"]
    ]
    heads = ("id", "failed", "handler", "key", "service", "environment", "state", "replay", "error")
    print_table(heads, rows, empty="no failed runs")
    if found["next_cursor"]:
        click.echo(f"There are more than {limit}: narrow it with --handler, --service or --env.", err=True)


@handlers.command()
@click.argument("run", metavar="ID")
@click.option(
    "--payload", is_flag=True, help=f"Its arguments, too; opened where {SETTING} is set. Noted in the audit log."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def show(run: str, payload: bool, as_json: bool, target: Target) -> None:
    """Show one, and what was ordered for it."""
    api, path = Api(target), f"/api/v1/handler-runs/{known_id(run, 'handlers')}"
    found = api.get(path)
    if payload:
        found["payload"] = _opened(api.get(f"{path}/payload"))
    if as_json:
        print_json(found)
        return
    shown = {name: found["run"][name] for name in (*_FACTS, *_FACTS_OF_STORY)}
    shown["listening"] = found["listening"] or "no app that has this handler has asked for orders yet"
    for name, value in shown.items():
        if value not in ("", None):
            click.echo(f"{name:<16}{printable(str(value))}")
    if payload:
        click.echo("")
        click.echo(printable(json.dumps(found["payload"], ensure_ascii=False)))
    if found["orders"]:
        click.echo("")
        rows = [
            (one["asked"][:19], one["asked_by"], one["reason"], _order_text(one), one["detail"])
            for one in found["orders"]
        ]
        print_table(("ordered", "by", "reason", "outcome", "detail"), rows, empty="")


@handlers.command()
@click.argument("runs", metavar="[ID]...", nargs=-1)
@click.option("--handler", metavar="NAME", default="", help="All failed runs of this handler.")
@click.option("--service", metavar="NAME", default="", help="All failed runs of this service.")
@click.option("--env", "environments", metavar="NAME", multiple=True, help="Only of this environment.")
@click.option("--issue", metavar="ID", type=click.IntRange(1), help="All whose errors are of this issue.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept in the audit log.")
@click.option(
    "--rate",
    "rate_per_minute",
    metavar="NUMBER",
    type=click.IntRange(1, 6000),
    default=60,
    help="A minute. [default: 60]",
)
@click.option("--dry-run", is_flag=True, help="Ask the app whether they would run, and run nothing.")
@click.option("--confirm-unknown", is_flag=True, help="You know that runs that were cut off have not finished.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the outcome.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def replay(
    runs: tuple[str, ...],
    handler: str,
    service: str,
    environments: tuple[str, ...],
    issue: int | None,
    reason: str,
    rate_per_minute: int,
    dry_run: bool,
    confirm_unknown: bool,
    no_wait: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Run them again in their app. What has finished is never run again."""
    if not (runs or handler or service or issue):
        raise Failure("nothing chosen: give ids, or --handler, --service or --issue")
    api = Api(target)
    asked = api.post(
        "/api/v1/handler-replays",
        {
            "ids": [known_id(one, "handlers") for one in runs],
            "handler": handler,
            "service": service,
            "environments": list(environments),
            "issue": issue,
            "reason": reason,
            "rate_per_minute": rate_per_minute,
            "dry_run": dry_run,
            "confirm_unknown": confirm_unknown,
        },
    )
    if not as_json:
        left_out = f", {asked['left_out']} left out" if asked["left_out"] else ""
        click.echo(f"{asked['batch_id']}: {asked['ordered']} ordered{left_out}", err=True)
    found = asked if no_wait else _waited(api, asked["batch_id"])
    if as_json:
        print_json(found)
    elif not no_wait:
        rows = [(one["run"], one["handler"], _order_text(one), one["detail"]) for one in found["orders"]]
        print_table(("run", "handler", "outcome", "detail"), rows, empty="")
        if any(one["outcome"] == "failed" for one in found["orders"]):
            raise SystemExit(1)


@handlers.command()
@click.argument("batch", metavar="REPLAY")
@with_target
def cancel(batch: str, target: Target) -> None:
    """Call off what no app has begun of a replay."""
    found = Api(target).delete(f"/api/v1/handler-replays/{known_id(batch, 'handlers')}")
    click.echo(f"{found['cancelled']} called off")


def _waited(api: Api, batch: str) -> Any:
    """Until all of it is over; Ctrl-C leaves it going on."""
    while True:
        found = api.get(f"/api/v1/handler-replays/{batch}")
        if not any(one["state"] in ("waiting", "given") for one in found["counts"]):
            return found
        time.sleep(ASK_AGAIN_SECONDS)


def _order_text(order: dict[str, Any] | None) -> str:
    if order is None:
        return ""
    said = (order["outcome"] or order["state"]).replace("_", " ")
    return f"{said} (dry run)" if order["dry_run"] and order["outcome"] != "would_run" else said


def _opened(payload: dict[str, Any]) -> Any:
    """Arguments; what is sealed is opened here, where the key is at hand, and never by the server."""
    sealed = payload["sealed"]
    if sealed is None:
        return payload["arguments"] if payload["form"] == "plain" else "not kept"
    path = os.environ.get(f"{SETTING}_FILE")
    try:
        keys = SealKeys(Path(path).read_text().strip() if path else os.environ.get(SETTING, ""))
        return json.loads(keys.open(sealed, payload["run_id"]))
    except CannotOpen:
        return f"sealed with the team's key {sealed['key_id']}: set {SETTING} here to read it"
    except (OSError, ValueError) as error:
        raise Failure(str(error)) from None
