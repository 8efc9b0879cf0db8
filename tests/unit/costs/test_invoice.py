"""Invoices of vendors: columns by their usual names, amounts as they are written, wrong lines by their number."""

from datetime import date
from decimal import Decimal

import pytest

from midwatch.server.costs.invoice import LINES_MAX, Invoice, Line, amount_of, read_invoice
from midwatch.server.model.errors import BadRequest

OCTOBER = date(2026, 10, 1)


def read(text: str, **more: object) -> Invoice:
    given: dict[str, object] = {"columns": {}, "kinds": {}, "currency": ""} | more
    return read_invoice(text, vendor="acme", month=OCTOBER, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.30", "12.30"),
        ("$1,234.56", "1234.56"),
        ("1.234,56 €", "1234.56"),
        ("12,30", "12.30"),
        ("0,0875", "0.0875"),
        ("1,234", "1234"),
        ("-3.5 USD", "-3.5"),
        ("(3.00)", "-3.00"),
        ("1e-05", "0.00001"),
        ("", None),
        ("free", None),
        ("1.2.3", None),
        ("NaN", None),
    ],
)
def test_amounts(text: str, amount: str | None) -> None:
    assert amount_of(text) == (amount and Decimal(amount))


def test_lines_are_summed_by_kind_and_day() -> None:
    """Another separator, a mark of byte order, quotes, empty lines, kinds under names of ours, credits."""
    text = (
        "\ufeffDate;Product;Cost;Currency\n2026-10-02T03:00:00Z;SMS out;1,50;eur\n\n"
        '2026/10/02;"SMS out";0,50;EUR\n2026-10-03;credit;-1;EUR\n'
    )
    found = read(text, kinds={"SMS out": "sms"})
    assert (found.currency, found.count, found.amount) == ("EUR", 3, 1)
    assert found.lines == (
        Line("credit", date(2026, 10, 3), Decimal(-1)),
        Line("sms", date(2026, 10, 2), Decimal("2.00")),
    )


def test_a_file_without_kinds_and_days() -> None:
    """All is of the vendor; the currency is the caller's, and columns can be named."""
    found = read("Posten,Brutto,Netto\na,2,1\nb,4,3\n", columns={"amount": "netto"}, currency="EUR")
    assert (found.lines, found.currency) == ((Line("acme", None, Decimal(4)),), "EUR")
    assert read("amount\n1\n", kinds={"*": "sms"}).lines[0].kind == "sms"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,amount\n2026-10-01,1\n2026-11-01,1\n10/02/2026,1\n", "line 3: day=2026-11-01: expected a day of 2026-10"),
        ("day,amount\n2026-10-01,1\n10/02/2026,1\n", "line 3: day='10/02/2026': expected a day such as 2026-10-01"),
        ("amount\n1\n\nabc\n", "line 4: amount='abc': expected a number"),
        ("amount,currency\n1,USD\n1,EUR\n", "line 3: currency=EUR: expected USD"),
        ("what,how much\na,1\n", "line 1: expected a column with amounts; say which of them it is: what, how much"),
        ("amount\n", "no lines below its header"),
        ('amount\n"1\n', "cannot read it as CSV"),
        ("amount\n" + "1\n" * (LINES_MAX + 1), "at most"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(text)
    assert said in refused.value.message
