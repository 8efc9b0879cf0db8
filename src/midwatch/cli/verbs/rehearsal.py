"""`midwatch drill`, `midwatch backtest`, `midwatch test-rules`."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import EXIT_FAILED, Failure
from midwatch.cli.tables import print_json, print_table, printable
from midwatch.cli.target import Target, with_target

DRILL_SECONDS_MAX = 120.0
BACKTEST_SECONDS_MAX = 300.0
_OVER = re.compile(r"\d+(?:m|h|d|w)")
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command()
@click.argument("alert")
@click.option("--at", metavar="TIME", help="When the incident begins, by the virtual clock: RFC 3339, or now-1h.")
@click.option("--live", is_flag=True, help="Then send test messages to whoever would be told, and report the answers.")
@json_option
@with_target
@click.pass_context
def drill(ctx: click.Context, alert: str, at: str | None, live: bool, as_json: bool, target: Target) -> None:
    """Rehearse an alert on a virtual clock: who is told of what when.

    ALERT is its name or its rule's id. Series are made up for it; nobody is sent anything, and nothing is stored of it.
    With --live each receiver that would be told gets a message that is marked as a test, by all of its channels.
    Status 1 when it does not fire, tells nobody or does not end, or a channel does not take the test message.
    """
    api = Api(target)
    found = api.post("/api/v1/drills", {"alert": alert, "at": at}, seconds=DRILL_SECONDS_MAX)
    found["live"] = [one for name in found["told"] for one in _sent(api, name, alert)] if live else []
    if as_json:
        print_json(found)
    else:
        _print_drill(found)
    if not found["passed"] or not all(one["delivered"] for one in found["live"]):
        ctx.exit(EXIT_FAILED)


@click.command()
@click.argument("rule")
@click.option("--over", default="14d", show_default=True, help="How far back: 12h, 14d.")
@click.option("--threshold", type=float, help="Another number than the rule compares with.")
@json_option
@with_target
def backtest(rule: str, over: str, threshold: float | None, as_json: bool, target: Target) -> None:
    """Tell when a rule would have fired, and who would have been told.

    RULE is an alert in force, by its name or its rule's id, or a file with one rule that is not in force yet.
    """
    if not _OVER.fullmatch(over):
        raise Failure(f"over={over}: expected a duration such as 12h or 14d")
    body: dict[str, Any] = {"start": f"now-{over}", "threshold": threshold}
    path = Path(rule)
    if path.suffix in (".yml", ".yaml") and path.is_file():
        body["rule"] = path.read_text(encoding="utf-8")
    else:
        body["alert"] = rule
    found = Api(target).post("/api/v1/backtests", body, seconds=BACKTEST_SECONDS_MAX)
    if as_json:
        print_json(found)
    else:
        _print_backtest(found)


@click.command("test-rules")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def test_rules(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Run promtool's unit tests of rules as they are.

    Needs no server. Status 1 when an expectation is not met.
    """
    failed = False
    for path in files:
        problems, told = _tested(path)
        for one in problems:
            click.echo(str(one))
        failed = failed or bool(problems)
        click.echo(f"{path}: {told}", err=bool(problems))
    if failed:
        ctx.exit(EXIT_FAILED)


def _print_drill(found: dict[str, Any]) -> None:
    click.echo(f"{printable(found['alert'])}: {printable(found['query'])}")
    for one in found["series"]:
        click.echo(f"  {_series(one['labels'])}: {_level(one['calm'])} → {_level(one['incident'])} ({one['kind']})")
    for one in found["entries"]:
        click.echo(f"  {_after(one['after_seconds']):>9}  {one['kind']:<9} {printable(one['text'])}")
    for one in found["live"]:
        outcome = f"delivered in {one['seconds']:.1f} s" if one["delivered"] else f"not delivered: {one['error']}"
        click.echo(f"  sent to {printable(one['receiver'])} by {printable(one['integration'])}: {printable(outcome)}")
    told = ", ".join(map(printable, found["told"])) or "nobody"
    lived = "fired and was over again" if found["resolved"] else "fired" if found["fired"] else "did not fire"
    click.echo(f"midwatch: it {lived}; told: {told}", err=True)


def _sent(api: Api, receiver: str, alert: str) -> list[dict[str, Any]]:
    """What each channel of a receiver answers to a test message."""
    body = {"message": f"This is a drill of {alert}. Nothing is wrong."}
    tested = api.post(f"/api/v1/receivers/{quote(receiver)}/test", body, seconds=DRILL_SECONDS_MAX)
    return [{"receiver": receiver, **one} for one in tested["results"]]


def _series(labels: dict[str, str]) -> str:
    name = labels.get("__name__", "")
    rest = ", ".join(f'{key}="{value}"' for key, value in labels.items() if key != "__name__")
    return printable(f"{name}{{{rest}}}" if rest else name)


def _level(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"


def _after(seconds: float) -> str:
    sign, whole = ("-" if seconds < 0 else "+"), round(abs(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{sign}{hours}:{minutes:02}:{rest:02}"


def _print_backtest(found: dict[str, Any]) -> None:
    rows = [
        (one["fired_at"][:19], _length(one), _series(one["labels"]))
        for one in found["spans"]
        if one["fired_at"] is not None
    ]
    print_table(("fired at", "for", "alert"), rows, empty="it would not have fired")
    receivers: dict[str, int] = {}
    for one in found["messages"]:
        receivers[one["receiver"]] = receivers.get(one["receiver"], 0) + 1
    told = ", ".join(f"{printable(name)} {count} times" for name, count in receivers.items()) or "nobody"
    verdicts = {"never": "; its condition never held", "always": "; its condition always held", "": ""}
    click.echo(
        f"midwatch: {found['fired']} times in {found['evaluations']} evaluations, {found['pending_only']} times only "
        f"pending; told: {told}{verdicts[found['verdict']]}",
        err=True,
    )


def _length(one: dict[str, Any]) -> str:
    from datetime import datetime

    if one["ended_at"] is None:
        return "still"
    begin, end = (datetime.fromisoformat(f"{one[key][:19]}+00:00") for key in ("fired_at", "ended_at"))
    return _after((end - begin).total_seconds())[1:]


def _tested(path: Path) -> tuple[list[Any], str]:
    """Problems, and a line about the file."""
    from midwatch.server.rehearsal.unit_tests import read_unit_tests, run_unit_tests
    from midwatch.server.rules.files import read_rules
    from midwatch.server.rules.model import RuleSet

    found, document, problems = read_unit_tests(str(path), path.read_text(encoding="utf-8"))
    if found is None:
        return problems, "is no file of unit tests"
    groups: list[Any] = []
    for pattern in found.rule_files:
        matching = sorted(path.parent.glob(pattern)) if not Path(pattern).is_absolute() else [Path(pattern)]
        if not matching:
            problems.append(document.problem(("rule_files",), f"{pattern}: expected a rule file beside {path.name}"))
        for one in matching:
            read = read_rules(str(one), one.read_text(encoding="utf-8"))
            problems += [problem for problem in read.problems if problem.severity == "error"]
            groups += read.rules.groups if read.rules else ()
    if problems:
        return problems, "its rules cannot be read"
    done = run_unit_tests(found, document, RuleSet(tuple(groups)))
    failed = f", {len(done.problems)} not met" if done.problems else ""
    return list(done.problems), f"{done.tests} tests, {done.expectations} expectations{failed}"
