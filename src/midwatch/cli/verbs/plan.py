"""`midwatch check`, `midwatch apply`, `midwatch schema`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from midwatch.cli.failure import EXIT_FAILED, Failure
from midwatch.cli.tables import print_json
from midwatch.cli.target import Target, with_target, with_target_where_given
from midwatch.contract.plan import json_schema, load, read_files
from midwatch.contract.plan.files import PlanUnreadable
from midwatch.contract.plan.load import Loaded

DIRECTORY_DEFAULT = Path("observability")
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}

directory_argument = click.argument(
    "directory", metavar="[DIR]", type=click.Path(path_type=Path), default=DIRECTORY_DEFAULT
)


@click.command()
@directory_argument
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target_where_given
@click.pass_context
def check(ctx: click.Context, directory: Path, as_json: bool, target: Target | None) -> None:
    """Check a plan directory: every problem with its line and column.

    DIR is `observability` unless given. Needs no server; with --url or --data that server looks at what it has
    stored, too. Status 1 when there is an error.
    """
    ok, found = _checked(_files(directory), target)
    problems = [{**one, "file": str(directory / one["file"])} for one in found]
    if as_json:
        print_json({"ok": ok, "problems": problems})
    else:
        _print_problems(problems)
        if ok:
            click.echo(f"{directory}: the plan is good")
    if not ok:
        ctx.exit(EXIT_FAILED)


def _checked(files: dict[str, str], target: Target | None) -> tuple[bool, list[dict[str, Any]]]:
    if target is not None:
        from midwatch.cli.api import Api

        answer = Api(target).post("/api/v1/plan/check", {"files": files})
        return answer["ok"], answer["problems"]
    from midwatch.server.plan_lint import lint_plan
    from midwatch.server.plan_parts import CHECKS, READERS

    loaded = load(files, READERS, CHECKS)
    if loaded.plan is not None:
        loaded = Loaded(loaded.plan, (*loaded.problems, *lint_plan(files, loaded.plan)))
    return not loaded.errors, [asdict(one) for one in loaded.problems]


@click.command()
@directory_argument
@click.option("--dry-run", is_flag=True, help="Show the difference and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
@click.pass_context
def apply(ctx: click.Context, directory: Path, dry_run: bool, as_json: bool, target: Target) -> None:
    """Show what a plan changes, then put it in force.

    DIR is `observability` unless given. On an error the plan in force stays, and the status is 1.
    """
    from midwatch.cli.api import Api

    path = "/api/v1/plan/check" if dry_run else "/api/v1/plan/apply"
    result = Api(target).post(path, {"files": _files(directory)})
    if as_json:
        print_json(result)
    else:
        _print_problems([{**one, "file": str(directory / one["file"])} for one in result["problems"]])
        for change in result["changes"]:
            click.echo(_change_line(change))
        click.echo(_outcome(result, dry_run=dry_run), err=not result["ok"])
    if not result["ok"]:
        ctx.exit(EXIT_FAILED)


@click.command()
def schema() -> None:
    """Print the JSON schema of midwatch.yml."""
    print_json(json_schema())


def _files(directory: Path) -> dict[str, str]:
    try:
        return read_files(directory)
    except PlanUnreadable as error:
        raise Failure(str(error)) from None


def _print_problems(problems: list[dict[str, Any]]) -> None:
    for one in problems:
        mark = "" if one["severity"] == "error" else f"{one['severity']}: "
        click.echo(f"{one['file']}:{one['line']}:{one['column']}: {mark}{one['message']}", err=True)


def _change_line(change: dict[str, Any]) -> str:
    line = f"{_SIGNS[change['kind']]} {change['path']}"
    before, after = (json.dumps(change.get(side), ensure_ascii=False) for side in ("before", "after"))
    return {
        "added": f"{line}: {after}",
        "removed": f"{line}: {before}",
        "changed": f"{line}: {before} → {after}",
    }[change["kind"]]


def _outcome(result: dict[str, Any], *, dry_run: bool) -> str:
    if not result["ok"]:
        return "not applied: the plan in force stays"
    if not result["changes"]:
        return "nothing changes"
    return "not applied: a dry run" if dry_run else "applied"
