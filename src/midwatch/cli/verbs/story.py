"""`midwatch story`."""

from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import Failure
from midwatch.cli.tables import print_json, printable
from midwatch.cli.target import Target, with_target

PAGE_LINES = 1000
PAGES_MAX = 10
_SEEDS = (
    ("--correlation-id", "A correlation id."),
    ("--trace-id", "A trace id, with dashes or without."),
    ("--request-id", "A request id."),
    ("--job-id", "A job's id."),
    ("--message-id", "A message's id, as whoever delivers it calls it."),
    ("--session-id", "A session's id."),
    ("--user-id", "A user's id."),
    ("--entity", "Type and id, such as linkup:42."),
)


def _seeds(command: Any) -> Any:
    for name, help_ in reversed(_SEEDS):
        command = click.option(name, multiple=True, metavar="ID", help=f"{help_} May be given several times.")(command)
    return command


@click.command()
@click.argument("id", default="", metavar="[ID]")
@_seeds
@click.option("--start", metavar="TIME", help="Look for the ids from: RFC 3339, or relative. [default: the beginning]")
@click.option("--end", metavar="TIME", help="Until.")
@click.option("--env", "environments", multiple=True, metavar="NAME", help="Environment; may be given several times.")
@click.option("--project", metavar="NUMBER", type=click.IntRange(1, 2**32 - 1), help="Of the ingest key. [default: 1]")
@click.option("--whole", is_flag=True, help="Every story of a user, session or entity; else the newest.")
@click.option("--every-span", is_flag=True, help="Print every span; else those that nothing sets apart are counted.")
@click.option("--markdown", is_flag=True, help="As Markdown, for a post-mortem.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
def story(
    id: str,
    start: str | None,
    end: str | None,
    environments: tuple[str, ...],
    project: int | None,
    whole: bool,
    every_span: bool,
    markdown: bool,
    as_json: bool,
    target: Target,
    **seeds: tuple[str, ...],
) -> None:
    """Tell what happened to an id, on one timeline.

    \b
    midwatch story --correlation-id 5f2c…
    midwatch story SM4711 --markdown > post-mortem.md

    ID is one of any kind; the options say which kind it is.
    """
    asked: dict[str, Any] = {name: list(values) or None for name, values in seeds.items()}
    if not id and not any(asked.values()):
        raise Failure("say whose story: an id of any kind, or for example --correlation-id ID")
    asked |= {"id": id or None, "start": start, "end": end, "env": list(environments) or None, "project": project}
    asked["stories"] = "all" if whole else None
    api = Api(target)
    if markdown:
        click.echo(api.text("/api/v1/story", format="markdown", **asked), nl=False)
        return
    told = _told(api, **asked, fold="none" if every_span else None)
    if as_json:
        print_json(told)
        return
    for one in told["remarks"]:
        click.echo(f"{one['weight']}: {printable(one['text'])}")
    if told["remarks"]:
        click.echo()
    for line in told["lines"]:
        click.echo(_line(line))
    for reason in told["cut"]:
        click.echo(f"not all: {reason}", err=True)
    if told["older"]:
        click.echo("--whole tells the older ones, too", err=True)
    if not told["lines"]:
        missing = ", ".join(f"{one['kind']} {one['value']}" for one in told["asked"])
        click.echo(f"nothing is stored of {printable(missing)}; is it written as the app says it?", err=True)


def _told(api: Api, **asked: Any) -> dict[str, Any]:
    """The story with the lines of all its pages."""
    told: dict[str, Any] = api.get("/api/v1/story", limit=PAGE_LINES, **asked)
    cursor, pages = told["next_cursor"], 1
    while cursor is not None and pages < PAGES_MAX:
        page = api.get("/api/v1/story", limit=PAGE_LINES, cursor=cursor, **asked)
        told["lines"] += page["lines"]
        cursor, pages = page["next_cursor"], pages + 1
    return {**told, "next_cursor": cursor}


def _line(line: dict[str, Any]) -> str:
    what = f"{line['spans']} more spans" if line["spans"] > 1 else printable(line["title"])
    detail = f": {printable(line['detail'])}" if line["detail"] and line["spans"] == 1 else ""
    failed = click.style("failed ", fg="red") if line["failed"] else ""
    return f"{line['time']}  {printable(line['service']) or '-':<16} {line['kind']:<8} {failed}{what}{detail}"
