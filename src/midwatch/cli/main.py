"""`midwatch`: the verbs and where each lives. A verb's file is imported when it is called, so that help is quick."""

import importlib
import sys

import click

from midwatch._version import __version__
from midwatch.cli.failure import EXIT_FAILED, Failure

VERBS: dict[str, tuple[str, str]] = {
    "up": ("midwatch.cli.verbs.up:up", "Start Midwatch."),
    "demo": ("midwatch.cli.verbs.demo:demo", "Start Midwatch with a live example and print its address."),
    "config": ("midwatch.cli.verbs.config:config", "Print the settings in force and where each comes from."),
    "check": ("midwatch.cli.verbs.plan:check", "Check a plan directory: every problem with its line and column."),
    "apply": ("midwatch.cli.verbs.plan:apply", "Show what a plan changes, then put it in force."),
    "schema": ("midwatch.cli.verbs.plan:schema", "Print the JSON schema of midwatch.yml."),
    "drill": (
        "midwatch.cli.verbs.rehearsal:drill",
        "Rehearse an alert on a virtual clock: who is told of what when.",
    ),
    "backtest": (
        "midwatch.cli.verbs.rehearsal:backtest",
        "Tell when a rule would have fired, and who would have been told.",
    ),
    "test-rules": ("midwatch.cli.verbs.rehearsal:test_rules", "Run promtool's unit tests of rules as they are."),
    "audit": (
        "midwatch.cli.verbs.audit:audit",
        "Report what can be observed in a code base, and what is missing.",
    ),
    "init": ("midwatch.cli.verbs.init:init", "Write a first midwatch.yml by looking at what arrives."),
    "verify": (
        "midwatch.cli.verbs.verify:verify",
        "Hold what arrives against the plan.",
    ),
    "status": ("midwatch.cli.verbs.status:status", "Say how a running server is doing."),
    "logs": ("midwatch.cli.verbs.logs:logs", "Search logs, or follow them as they come in."),
    "events": (
        "midwatch.cli.verbs.events:events",
        "Domain events: list, verify, export, and their table.",
    ),
    "story": (
        "midwatch.cli.verbs.story:story",
        "Tell what happened to an id, on one timeline.",
    ),
    "dead-letters": (
        "midwatch.cli.verbs.dead_letters:dead_letters",
        "What could not be stored: look, retry, drop.",
    ),
    "handlers": (
        "midwatch.cli.verbs.handlers:handlers",
        "Failed runs of your apps' handlers: list, show, replay, cancel.",
    ),
    "backup": (
        "midwatch.cli.verbs.backup:backup",
        "Back up a running server and print the directory of the backup.",
    ),
    "restore": (
        "midwatch.cli.verbs.backup:restore",
        "Make a data directory of a backup.",
    ),
    "costs": ("midwatch.cli.verbs.costs:costs", "What was spent, budgets, invoices."),
    "erase": ("midwatch.cli.verbs.erase:erase", "Remove a person from everything that is kept."),
    "probe": ("midwatch.cli.verbs.probe:probe", "Look at the plan's probes from here, and tell the server."),
    "keys": ("midwatch.cli.verbs.keys:keys", "Ingest keys: list, create, revoke."),
    "users": ("midwatch.cli.verbs.users:users", "Users: list, add, sign-in links, roles, disable, enable."),
    "tokens": ("midwatch.cli.verbs.tokens:tokens", "API tokens: list, create, revoke."),
    "version": ("midwatch.cli.verbs.version:version", "Print the version."),
}
"""Name → where it is, and its one line of help (the first of its own; a test holds them equal)."""


class Verbs(click.Group):
    """A group that imports a verb only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in VERBS.items()])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="midwatch %(version)s")
def midwatch() -> None:
    """Observability that a small team runs by itself."""


def main(arguments: list[str] | None = None) -> None:
    """Run one verb. Failures that are no bugs are one clear line, and status 1, or 2 for settings that cannot be."""
    try:
        midwatch.main(args=arguments, prog_name="midwatch")
    except Failure as failure:
        click.echo(f"midwatch: {failure}", err=True)
        sys.exit(failure.exit_status)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "midwatch":
            raise
        click.echo(
            f'midwatch: this needs the server\'s packages ({error.name}): pip install "midwatch[server]"', err=True
        )
        sys.exit(EXIT_FAILED)
