"""`midwatch verify`."""

from collections.abc import Callable
from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import EXIT_FAILED, Failure
from midwatch.cli.tables import print_json, print_table, printable
from midwatch.cli.target import Target, with_finding

EXIT_UNVERIFIED = 2
WAIT_SECONDS = 10.0
FORMATS = ("text", "json", "junit")
FAIL_ON = ("error", "warning", "never")


class Unverified(Failure):
    """It could not be looked at: no server, no answer, no plan."""

    exit_status = EXIT_UNVERIFIED


@click.command()
@click.option("--env", "environment", metavar="ENV", help="One environment; all together without it.")
@click.option("--since", default="24h", show_default=True, metavar="LONG", help="How far back: 1h, 7d.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Of the report.")
@click.option("--json", "as_json", is_flag=True, help="As --format json.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="error", show_default=True, help="What makes the status 1."
)
@click.option("--wire", is_flag=True, help="Send the plan's wire requests, and follow each to its end.")
@click.option("--only", "names", multiple=True, metavar="NAME", help="With --wire: this entry alone; may stand often.")
@click.option("--alerts", is_flag=True, help="Only which rules were never rehearsed, or were changed since.")
@with_finding
@click.pass_context
def verify(
    ctx: click.Context,
    find: Callable[[], Target],
    environment: str | None,
    since: str,
    form: str,
    as_json: bool,
    fail_on: str,
    wire: bool,
    names: tuple[str, ...],
    alerts: bool,
) -> None:
    """Hold what arrives against the plan.

    What is missing, what nobody declared, what is not as declared; each with what to do. Status 0: all is as declared;
    1: there are findings; 2: it could not be verified.
    """
    try:
        api = Api(target := find())
        if alerts:
            passed = _alerts(api, as_json=as_json or form == "json")
        elif wire:
            passed = _wire(api, environment, names, as_json=as_json or form == "json")
        else:
            passed = _verify(api, target, environment, since, "json" if as_json else form, fail_on)
    except Unverified:
        raise
    except Failure as failure:
        raise Unverified(str(failure)) from None
    if not passed:
        ctx.exit(EXIT_FAILED)


def _verify(api: Api, target: Target, environment: str | None, since: str, form: str, fail_on: str) -> bool:
    report = _waited_for(api, environment, since)
    failed = [one for one in report["checks"] if one["state"] == "failed"]
    if form == "json":
        print_json(report)
    elif form == "junit":
        from midwatch.cli.junit import junit_of

        click.echo(junit_of(report, fail_on))
    else:
        _print_report(report, target.url)
    if failed:
        raise Unverified("; ".join(f"cannot verify {one['title'].lower()}: {one['error']}" for one in failed))
    if fail_on == "never":
        return True
    return not report["errors"] and not (fail_on == "warning" and report["warnings"])


def _waited_for(api: Api, environment: str | None, since: str) -> dict[str, Any]:
    """The report of a new run, when it is done; how far it is goes to stderr."""
    fresh, told = True, ""
    while True:
        report: dict[str, Any] = api.get(
            "/api/v1/verify", env=environment, since=since, fresh=fresh or None, wait=WAIT_SECONDS
        )
        if report["state"] == "done":
            return report
        fresh = False
        waiting = next((one["title"] for one in report["checks"] if one["state"] == "waiting"), "")
        if waiting != told:
            click.echo(f"midwatch: looking at {waiting.lower()} …", err=True)
            told = waiting


def _print_report(report: dict[str, Any], url: str) -> None:
    for check in report["checks"]:
        own = [one for one in report["findings"] if one["check"] == check["name"]]
        if check["state"] == "failed":
            click.echo(f"{check['title']}: could not look: {printable(check['error'])}\n")
        elif own:
            click.echo(check["title"])
            for one in own:
                _print_finding(one, url)
            if check["findings"] > len(own):
                click.echo(f"  and {check['findings'] - len(own)} more")
            click.echo()
    where = report["environment"] or "all environments together"
    looked = sum(one["state"] == "done" for one in report["checks"])
    counted = f"{report['errors']} errors, {report['warnings']} warnings"
    click.echo(f"midwatch: {counted} in {where} by {looked} checks, since {report['start'][:16]}Z", err=True)
    if not any(row["declared"] for row in report["rows"]):
        click.echo("midwatch: the plan in force declares none of it: `midwatch init` writes a first one", err=True)


def _print_finding(one: dict[str, Any], url: str) -> None:
    click.echo(f"  {one['severity']:<7}  {printable(one['subject'])}")
    since = f", since {one['since'][:16]}Z" if one["since"] else ""
    click.echo(f"           expected {printable(one['expected'])}; found {printable(one['found'])}{since}")
    click.echo(f"           {printable(one['todo'])}")
    if one["link"]:
        click.echo(f"           {url}{printable(one['link'])}")


def _alerts(api: Api, *, as_json: bool) -> bool:
    found = api.get("/api/v1/drills")
    if as_json:
        print_json(found)
    else:
        rows = [(one["alert"], one["severity"], one["file"], _drilled(one)) for one in found["rules"]]
        print_table(("alert", "severity", "file", "rehearsed"), rows, empty="no alerting rule is in force")
    return not found["never"]


def _drilled(one: dict[str, Any]) -> str:
    if one["drilled_at"] is None:
        return "never"
    if one["changed"]:
        return f"changed since {one['drilled_at'][:10]}"
    return f"{one['drilled_at'][:10]}, {'passed' if one['passed'] else 'failed'}"


def _wire(api: Api, environment: str | None, names: tuple[str, ...], *, as_json: bool) -> bool:
    from midwatch.cli.wire import entries_of, followed

    entries = entries_of(api.get("/api/v1/plan")["plan"].get("wire") or [], environment, names)
    reports = []
    for entry, place in entries:
        if not as_json:
            click.echo(f"{entry.name}: {entry.method} {entry.urls[place]}")
        reports.append(report := followed(api, entry, place))
        if not as_json:
            report.print()
    if as_json:
        print_json([one.described() for one in reports])
    passed = sum(one.passed for one in reports)
    click.echo(f"midwatch: {passed} of {len(reports)} requests left their whole trail", err=True)
    return passed == len(reports)
