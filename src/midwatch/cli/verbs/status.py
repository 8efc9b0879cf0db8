"""`midwatch status`."""

from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import EXIT_FAILED
from midwatch.cli.tables import bytes_text, print_json, print_table
from midwatch.cli.target import Target, with_target


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_target
@click.pass_context
def status(ctx: click.Context, as_json: bool, target: Target) -> None:
    """Say how a running server is doing.

    Status 1 when it is not ready.
    """
    api = Api(target)
    ready = api.ready()
    if not ready["ready"]:
        if as_json:
            print_json(ready)
        else:
            click.echo(f"{target.url} is NOT READY")
            _print_checks(ready["checks"])
        ctx.exit(EXIT_FAILED)
    found = api.get("/api/v1/system/status")
    if as_json:
        print_json(found)
        return
    click.echo(f"{target.url} is ready: Midwatch {found['version']} since {found['started_at'][:19]}Z")
    click.echo(f"store {found['store']}; database {found['database']}\n")
    _print_checks(found["checks"])
    click.echo()
    print_table(
        ("signal", "rows", "on disk", "newest", "fresh p50/p99", "kept"),
        [_signal_row(signal) for signal in found["signals"]],
        empty="",
    )
    wal = found["wal"]
    waiting = f"{bytes_text(wal['bytes_waiting'])} in {wal['segments_waiting']} segments"
    click.echo(f"\nwaiting for the store: {waiting}, oldest {wal['oldest_waiting_seconds']:.1f} s")
    click.echo(f"dead letters: {found['dead_letters']}; engine restarts: {found['engine_restarts']}")
    free = f"{bytes_text(found['disk_free_bytes'])} of {bytes_text(found['disk_total_bytes'])}"
    click.echo(f"disk free: {free}; memory: {bytes_text(found['memory_bytes'])}")


def _print_checks(checks: list[dict[str, Any]]) -> None:
    rows = [("well" if c["healthy"] else "FAILS", c["name"], f"{c['latency_ms']:.1f} ms", c["message"]) for c in checks]
    print_table(("check", "of", "took", "says"), rows, empty="no checks")


def _signal_row(signal: dict[str, Any]) -> tuple[str, ...]:
    p50, p99 = signal["freshness_p50_seconds"], signal["freshness_p99_seconds"]
    days = signal["retention_days"]
    return (
        signal["signal"],
        f"{signal['rows']:,}",
        bytes_text(signal["bytes_on_disk"]),
        (signal["newest"] or "-")[:19],
        "-" if p50 is None or p99 is None else f"{p50:.2f} / {p99:.2f} s",
        f"{days:g} d" if days else "for ever",
    )
