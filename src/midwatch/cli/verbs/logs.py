"""`midwatch logs`."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.tables import printable
from midwatch.cli.target import Target, with_target

PAGE_ROWS_MAX = 500
_COLOURS = {"fatal": "red", "error": "red", "warn": "yellow", "debug": "bright_black", "trace": "bright_black"}


@click.command()
@click.argument("query", default="", metavar="[QUERY]")
@click.option("-f", "--follow", is_flag=True, help="Print new lines as they come in, until Ctrl-C.")
@click.option("-n", "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many lines.")
@click.option("--start", metavar="TIME", help="From: RFC 3339, or relative such as now-1h. [default: the server's]")
@click.option("--end", metavar="TIME", help="Until.")
@click.option("--env", "environments", multiple=True, metavar="NAME", help="Environment; may be given several times.")
@click.option("--project", metavar="NUMBER", type=click.IntRange(1, 2**32 - 1), help="Of the ingest key. [default: 1]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_target
def logs(
    query: str,
    follow: bool,
    limit: int,
    start: str | None,
    end: str | None,
    environments: tuple[str, ...],
    project: int | None,
    as_json: bool,
    target: Target,
) -> None:
    """Search logs, or follow them as they come in.

    \b
    midwatch logs 'level:error service:api'
    midwatch logs --follow '"payment failed"'

    Lines are printed oldest first, the newest LIMIT of what is found.
    """
    api = Api(target)
    asked = {"query": query, "env": list(environments) or None, "project": project}
    if follow:
        with contextlib.suppress(KeyboardInterrupt):
            _follow(api, {name: value for name, value in asked.items() if value is not None}, as_json=as_json)
        return
    found = list(_found(api, limit, start=start, end=end, **asked))
    for row in reversed(found):
        _print(row, as_json=as_json)
    if not found:
        click.echo("no lines found; widen the search with --start now-7d, or see `midwatch status`", err=True)


def _follow(api: Api, params: dict[str, Any], *, as_json: bool) -> None:
    for event, data in api.events("/api/v1/logs/tail", **params):
        if event == "row":
            _print(data, as_json=as_json)
        elif event == "dropped":
            click.echo(f"… {data['count']} lines left out: they come faster than they can be shown", err=True)


def _found(api: Api, limit: int, **params: Any) -> Iterator[dict[str, Any]]:
    cursor = None
    while limit > 0:
        page = api.get("/api/v1/logs", limit=min(limit, PAGE_ROWS_MAX), cursor=cursor, **params)
        yield from page["rows"]
        limit -= len(page["rows"])
        cursor = page["next_cursor"]
        if cursor is None or not page["rows"]:
            return


def _print(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    level = click.style(f"{row['level']:<5}", fg=_COLOURS.get(row["level"]))
    trace = f"  trace={row['trace_id'][:8]}" if row["trace_id"] else ""
    click.echo(f"{row['timestamp'][:23]}  {level}  {printable(row['service'])}  {printable(row['body'])}{trace}")
