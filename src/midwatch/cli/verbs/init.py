"""`midwatch init`."""

from collections.abc import Callable
from pathlib import Path

import click

from midwatch.cli.failure import Failure
from midwatch.cli.target import NoServer, Target, with_finding
from midwatch.cli.verbs.plan import directory_argument
from midwatch.contract.plan.files import MAIN_FILE

STARTER = """# What this system is to tell. Each section is optional; docs/plan.md has an example of every one.
#
#   midwatch schema > midwatch.schema.json     for editors: they complete and check this file by it
#   midwatch check                             every mistake with its line
#   midwatch apply                             put it in force
#   midwatch init --force                      write this file anew, by looking at what arrives

environments:
  production: {default: true, aliases: [prod]}
  staging: {}
  local: {}

services: {}
#  api:
#    owner: backend
#    environments: [production, staging, local]

required_keys: [ts, level]
#  - event
#  - env
#  - {key: correlation_id, at_least: 0.95}

log_events: {}
#  session.created:
#    level: info
#    keys: {session_id: string}
#    always: true

metrics: {}
#  orders_total: {type: counter, labels: {plan: [pro, free]}, every: 1h}
"""


@click.command()
@directory_argument
@click.option("--env", "environment", metavar="ENV", help="Look at this environment alone.")
@click.option("--since", default="24h", show_default=True, metavar="LONG", help="How far back it looks.")
@click.option("--force", is_flag=True, help="Overwrite a midwatch.yml that is there.")
@with_finding
def init(
    find: Callable[[], Target],
    directory: Path,
    environment: str | None,
    since: str,
    force: bool,
) -> None:
    """Write a first midwatch.yml by looking at what arrives.

    DIR is `observability` unless given. Without a server to look at it writes a small one, with comments.
    """
    file = directory / MAIN_FILE
    if file.exists() and not force:
        raise Failure(f"{file} is there already: --force overwrites it")
    text, told = _text(find, environment, since)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {file}: {error.strerror}") from None
    click.echo(f"{file}: {told}")
    click.echo(f"next: midwatch check {directory} && midwatch apply {directory} && midwatch verify", err=True)


def _text(find: Callable[[], Target], environment: str | None, since: str) -> tuple[str, str]:
    from midwatch.cli.api import Api

    try:
        target = find()
    except NoServer as failure:
        click.echo(f"midwatch: {failure}", err=True)
        return STARTER, "a starter, since no server was found to look at"
    draft = Api(target).get("/api/v1/verify/draft", env=environment, since=since)
    if not (draft["services"] or draft["events"] or draft["metrics"]):
        return STARTER, f"a starter, since nothing arrived at {target.url} in the last {since}"
    counted = f"{draft['services']} services, {draft['events']} log events, {draft['metrics']} metrics"
    return draft["text"], f"{counted}, as they arrived at {target.url} in the last {since}"
