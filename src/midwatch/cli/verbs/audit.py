"""`midwatch audit`: what a code base lets be seen, and what not."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from midwatch.cli.failure import EXIT_FAILED, Failure, WrongSettings

if TYPE_CHECKING:
    from midwatch.audit import Rule
    from midwatch.contract.plan.sections.audit import Audit

NEVER = "never"
PLAN_DIRECTORY = "observability"
EVENTS_BYTES_MAX = 1 << 20


@click.command()
@click.argument("path", metavar="[PATH]", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json", "sarif", "html"]),
    default="markdown",
    help="Form of the report; markdown unless given.",
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file for the report, in place of the terminal."
)
@click.option(
    "--fail-on",
    type=click.Choice(["high", "medium", "low", NEVER]),
    default="high",
    help="Status 1 for findings of that severity and above; high unless given.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of findings that are known: they neither fail nor are listed.",
)
@click.option("--write-baseline", is_flag=True, help="Write all findings of now into --baseline.")
@click.option(
    "--ignore", "ignored", multiple=True, metavar="GLOB", help="Files to leave out, from PATH: legacy/, '**/old_*.py'."
)
@click.option("--off", "off", multiple=True, metavar="RULE", help="A rule to leave out, by id or name.")
@click.option("--tests", is_flag=True, help="Judge tests as the rest of the code.")
@click.option(
    "--events",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of event names, one a line, that the code should log.",
)
@click.option(
    "--plan", type=click.Path(path_type=Path), help="The plan directory; PATH/observability where it is there."
)
@click.option("--rules", "list_rules", is_flag=True, help="List all rules with their reasons.")
@click.option("--explain", metavar="RULE", help="Say what a rule finds, why, and what to do.")
@click.pass_context
def audit(
    ctx: click.Context,
    path: Path,
    form: str,
    output: Path | None,
    fail_on: str,
    baseline: Path | None,
    write_baseline: bool,
    ignored: tuple[str, ...],
    off: tuple[str, ...],
    tests: bool,
    events: Path | None,
    plan: Path | None,
    list_rules: bool,
    explain: str | None,
) -> None:
    """Report what can be observed in a code base, and what is missing.

    PATH is the current directory unless given. Reads Python, TypeScript and JavaScript; runs none of it, sends nothing
    anywhere. Status 1 when there is a finding as bad as --fail-on that is not in the baseline, 2 for options that
    cannot be.
    """
    from midwatch.audit import Options, baselines
    from midwatch.audit import audit as look
    from midwatch.audit.catalog import RULES
    from midwatch.audit.formats.forms import FORMS

    if list_rules or explain:
        for one in [_rule(explain)] if explain else RULES.values():
            click.echo(_explained(one))
        return
    if write_baseline and baseline is None:
        raise WrongSettings("--write-baseline: expected --baseline, the file to write")
    section, names, notes = _plan(plan, path)
    if events is not None:
        names |= _names(events)
    options = Options(
        ignored=(*ignored, *section.ignore) if section else ignored,
        rules_off=frozenset(_rule(one).id for one in (*off, *(section.rules_off if section else ()))),
        tests=tests,
        events=frozenset(names),
        baseline=_known(baseline) if baseline and not write_baseline else None,
    )
    try:
        report = look(path, options)
    except OSError as error:
        raise WrongSettings(str(error)) from None
    for note in [*notes, *report.notes]:
        click.echo(f"midwatch: {note}", err=True)
    if write_baseline and baseline is not None:
        _write(baseline, baselines.text(report.findings))
        click.echo(f"{baseline}: {len(report.findings)} findings are known from now on")
        return
    text = FORMS[form](report)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
        click.echo(f"{output}: {len(report.findings)} findings")
    if fail_on != NEVER and report.at_least(fail_on):  # type: ignore[arg-type]
        ctx.exit(EXIT_FAILED)


def _rule(word: str) -> "Rule":
    from midwatch.audit.catalog import rule

    found = rule(word)
    if found is None:
        raise WrongSettings(f"{word}: there is no rule of that id or name; --rules lists them")
    return found


def _explained(rule: "Rule") -> str:
    return f"{rule.id} {rule.name} ({rule.severity}): {rule.title}\n  why: {rule.why}\n  do:  {rule.todo}\n"


def _known(path: Path) -> frozenset[str]:
    from midwatch.audit import baselines

    try:
        return baselines.read(path)
    except baselines.BaselineUnreadable as error:
        raise WrongSettings(str(error)) from None


def _names(path: Path) -> set[str]:
    try:
        with path.open(encoding="utf-8") as file:
            lines = file.read(EVENTS_BYTES_MAX).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"cannot read {path}: {error}") from None
    return {line.split("#")[0].strip() for line in lines} - {""}


def _plan(directory: Path | None, root: Path) -> "tuple[Audit | None, set[str], list[str]]":
    """The plan's section `audit`, names of its `log_events`, and what could not be read of it.

    A plan that has errors elsewhere is `midwatch check`'s to complain of.
    """
    from midwatch.contract.plan.files import MAIN_FILE

    file = (directory or root / PLAN_DIRECTORY) / MAIN_FILE
    if not file.is_file():
        if directory is not None:
            raise WrongSettings(f"cannot read the plan {directory}: expected a directory that holds {MAIN_FILE}")
        return None, set(), []
    try:
        from pydantic import ValidationError

        from midwatch.contract.plan.document import read_document
        from midwatch.contract.plan.explain import listed
        from midwatch.contract.plan.sections.audit import SECTION
    except ModuleNotFoundError as error:
        return None, set(), [f'{file} was not read, which needs {error.name}: pip install "midwatch[plan]"']
    try:
        written = read_document(MAIN_FILE, file.read_text("utf-8")).value
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"cannot read {file}: {error}") from None
    values = written if isinstance(written, dict) else {}
    declared = values.get("log_events")
    names = {str(one) for one in declared} if isinstance(declared, dict) else set()
    try:
        return SECTION.adapter.validate_python(listed(values.get("audit") or {})), names, []
    except ValidationError:
        raise WrongSettings(f"{file}: its section `audit` cannot be used; midwatch check says why") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from None
