"""`midwatch costs`: what was spent, budgets, invoices."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from midwatch.cli.api import Api
from midwatch.cli.failure import EXIT_FAILED, Failure
from midwatch.cli.tables import print_json, print_table, printable
from midwatch.cli.target import Target, find_target, target_options, with_target

INVOICE_BYTES_MAX = 1_000_000
IMPORT_SECONDS_MAX = 120.0
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group(invoke_without_command=True)
@click.option(
    "--by", default="kind", show_default=True, help="kind, service, model, feature, job_id … or an attribute."
)
@click.option("--from", "start", default="now-30d", show_default=True, metavar="TIME", help="RFC 3339, or now-7d.")
@click.option("--to", "end", metavar="TIME", help="As --from; now without it.")
@click.option("--match", multiple=True, metavar="NAME=VALUE", help="Only these; * stands for anything.")
@click.option("--currency", metavar="CODE", help="One that the plan has a rate of.")
@json_option
@target_options
@click.pass_context
def costs(
    ctx: click.Context,
    by: str,
    start: str,
    end: str | None,
    match: tuple[str, ...],
    currency: str | None,
    as_json: bool,
    url: str | None,
    token: str | None,
    data: Path | None,
) -> None:
    """What was spent, budgets, invoices."""
    if ctx.invoked_subcommand is not None:
        return
    asked = {"by": by, "start": start, "end": end, "match": list(match), "currency": currency}
    found = Api(find_target(url, token, data)).get("/api/v1/costs", **asked)
    if as_json:
        print_json(found)
        return
    rows = [
        (one["value"] or "(not told)", money(one["amount"]), f"{one['share']:.1%}", one["uses"], one["unpriced"] or "")
        for one in found["rows"]
    ]
    heads = (by, found["currency"], "share", "uses", "without price")
    print_table(heads, rows, empty="nothing was used that costs; docs/costs.md says how it is told")
    if found["rows_total"] > len(rows):
        click.echo(f"midwatch: {found['rows_total'] - len(rows)} more; narrow it with --match", err=True)
    click.echo(f"midwatch: {money(found['total'])} {found['currency']} in all", err=True)
    if found["unpriced"]:
        click.echo(f"midwatch: {found['unpriced']} uses are in no sum: see `midwatch costs unpriced`", err=True)


@costs.command()
@json_option
@with_target
@click.pass_context
def budgets(ctx: click.Context, as_json: bool, target: Target) -> None:
    """How much of each budget is spent, and will be.

    Status 1 when one is spent.
    """
    found = Api(target).get("/api/v1/costs/budgets")["budgets"]
    if as_json:
        print_json(found)
    else:
        rows = [
            (
                one["name"],
                f"{money(one['spent'])} of {money(one['amount'])} {one['currency']} a {one['per']}",
                f"{one['spent_ratio']:.0%}",
                "" if one["expected_ratio"] is None else f"{one['expected_ratio']:.0%}",
                one["owner"],
            )
            for one in found
        ]
        print_table(("budget", "spent", "", "expected", "owner"), rows, empty="the plan has no `budgets`")
    if any(one["spent_ratio"] >= 1 for one in found):
        ctx.exit(EXIT_FAILED)


@costs.command()
@click.option("--from", "start", default="now-30d", show_default=True, metavar="TIME", help="RFC 3339, or now-7d.")
@json_option
@with_target
def unpriced(start: str, as_json: bool, target: Target) -> None:
    """What was used and is in no sum, since its price or currency is not known."""
    found = Api(target).get("/api/v1/costs/unpriced", start=start)
    if as_json:
        print_json(found)
        return
    rows = [
        (one["kind"], one["model"] or one["currency"], _WORDS[one["reason"]], one["uses"], one["units"], one["service"])
        for one in found["rows"]
    ]
    print_table(("kind", "model", "why", "uses", "units", "service"), rows, empty="everything has a price")
    if rows:
        click.echo("midwatch: `prices` and `currency` in midwatch.yml say what they are", err=True)


@costs.command()
@click.option("--from", "start", default="now-30d", show_default=True, metavar="TIME", help="RFC 3339, or now-7d.")
@click.option("--currency", metavar="CODE", help="One that the plan has a rate of.")
@json_option
@with_target
def storage(start: str, currency: str | None, as_json: bool, target: Target) -> None:
    """Who fills Midwatch's own disk, by signal and service, and what that costs a month."""
    found = Api(target).get("/api/v1/costs/storage", start=start, currency=currency)
    if as_json:
        print_json(found)
        return
    sums: dict[tuple[str, str], list[Any]] = {}
    for one in found["rows"]:
        whole = sums.setdefault((one["signal"], one["service"]), [0, 0, None])
        whole[0] += one["items"]
        whole[1] += one["disk_bytes"]
        if one["a_month"] is not None:
            whole[2] = (whole[2] or Decimal(0)) + Decimal(one["a_month"])
    rows = [
        (signal, service or "(not told apart)", items or "", size, "" if paid is None else money(str(paid)))
        for (signal, service), (items, size, paid) in sorted(sums.items(), key=lambda one: -one[1][1])
    ]
    heads = ("signal", "service", "items", "bytes on disk", f"{found['currency']} a month")
    print_table(heads, rows, empty="nothing is stored of these days")


_WORDS = {"no_price": "no price", "no_rate": "no exchange rate"}


@costs.command("import-invoice")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--vendor", required=True, help="Whose: twilio.")
@click.option("--month", required=True, help="Which: 2026-10.")
@click.option("--column", "columns", multiple=True, metavar="WHAT=NAME", help="amount, day, kind, currency, units.")
@click.option("--kind", "kinds", multiple=True, metavar="THEIRS=OURS", help="Their name of what is a kind of ours.")
@click.option("--match", multiple=True, metavar="NAME=VALUE", help="Which of our costs are theirs: kind=sms.")
@click.option("--currency", default="", metavar="CODE", help="Of a file that does not say.")
@json_option
@with_target
def import_invoice(
    file: Path,
    vendor: str,
    month: str,
    columns: tuple[str, ...],
    kinds: tuple[str, ...],
    match: tuple[str, ...],
    currency: str,
    as_json: bool,
    target: Target,
) -> None:
    """Compare a vendor's invoice, as CSV, with what was reckoned.

    It takes the place of an earlier one of this vendor and month.
    """
    if file.stat().st_size > INVOICE_BYTES_MAX:
        raise Failure(f"{file}: expected at most {INVOICE_BYTES_MAX:,} bytes; sum it by day and kind first")
    body = {
        "vendor": vendor,
        "month": month,
        "text": _text(file),
        "columns": _pairs("column", columns),
        "kinds": _pairs("kind", kinds),
        "match": _pairs("match", match),
        "currency": currency,
    }
    found = Api(target).post("/api/v1/costs/invoices", body, seconds=IMPORT_SECONDS_MAX)
    if as_json:
        print_json(found)
        return
    rows = [(one["kind"], *_difference(one)) for one in found["by_kind"]]
    heads = ("kind", f"invoice {found['currency']}", "ours", "difference", "")
    print_table(heads, [*rows, ("in all", *_difference(found["total"]))], empty="")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return file.read_text(encoding="cp1252", errors="replace")


def _difference(one: dict[str, Any]) -> tuple[str, str, str, str]:
    percent = "" if one["percent"] is None else f"{one['percent']:+.1f} %"
    return money(one["invoiced"]), money(one["ours"]), money(one["difference"]), percent


def _pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise Failure(f"--{option} {printable(one)}: expected a name, = and a value")
        found[name] = value
    return found


def money(text: str) -> str:
    """Two digits after the point; three that count where it is less than that."""
    amount = Decimal(text)
    if amount and abs(amount) < Decimal("0.01"):
        return f"{amount:.3g}" if abs(amount) >= Decimal("1e-6") else f"{amount:.2e}"
    return f"{amount:,.2f}"
