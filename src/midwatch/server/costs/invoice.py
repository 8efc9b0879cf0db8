"""A vendor's invoice as CSV → what was paid for by kind and day; pure. Every problem with its line."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from midwatch.server.model.errors import BadRequest

LINES_MAX = 20_000
KINDS_MAX = 200
PROBLEMS_SHOWN = 10
ALIASES: Mapping[str, tuple[str, ...]] = {
    "amount": ("amount", "price", "cost", "total", "total cost", "net", "amount_value", "line item amount"),
    "day": ("day", "date", "start date", "start_date", "usage date", "usage_date", "start_time", "start time"),
    "kind": ("kind", "category", "product", "sku", "line_item", "line item", "model", "service", "description"),
    "currency": ("currency", "price unit", "price_unit", "amount_currency"),
    "units": ("units", "count", "quantity", "usage"),
}
"""Names of columns in exports of vendors, the likeliest first; in whatever case."""
_ISO = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})")
_NOT_NUMBER = re.compile(r"[^\d.,()\-+eE]")


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    day: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    currency: str
    count: int
    """Lines of the file."""
    lines: tuple[Line, ...]
    """Summed by kind and day."""

    @property
    def amount(self) -> Decimal:
        return sum((one.amount for one in self.lines), Decimal(0))


@dataclass(slots=True)
class _Read:
    problems: list[str] = field(default_factory=list)
    count: int = 0
    sums: dict[tuple[str, date | None], Decimal] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    """With the line that first had it."""


def read_invoice(
    text: str,
    *,
    vendor: str,
    month: date,
    columns: Mapping[str, str | None],
    kinds: Mapping[str, str],
    currency: str,
) -> Invoice:
    """`month`: its first day. `columns`: names in the file by what they hold. `kinds`: the vendor's names to ours.

    Raises:
        BadRequest: with the lines that are wrong.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text), strict=True)
    try:
        header = next(rows, [])
        places = _places(header, columns)
        read = _Read()
        for row in rows:
            if any(cell.strip() for cell in row):
                _take(read, row, rows.line_num, places, vendor, month, kinds)
    except csv.Error as error:
        raise BadRequest(f"line {rows.line_num}: cannot read it as CSV: {error}") from None
    found = [name for name in read.currencies if name]
    if len(found) > 1:
        read.problems.append(f"line {read.currencies[found[1]]}: currency={found[1]}: expected {found[0]}, as before")
    if read.problems:
        more = f"; and {len(read.problems) - PROBLEMS_SHOWN} more" if len(read.problems) > PROBLEMS_SHOWN else ""
        raise BadRequest(f"cannot import: {'; '.join(read.problems[:PROBLEMS_SHOWN])}{more}")
    if not read.count:
        raise BadRequest("cannot import: the file has no lines below its header")
    lines = tuple(Line(kind, day, amount) for (kind, day), amount in sorted(read.sums.items(), key=_order))
    if len({one.kind for one in lines}) > KINDS_MAX:
        raise BadRequest(f"cannot import: more than {KINDS_MAX} kinds; is {places.get('kind')} the column of kinds?")
    return Invoice((found[0] if found else currency).upper() or "USD", read.count, lines)


def _take(
    read: _Read,
    row: Sequence[str],
    number: int,
    places: Mapping[str, int],
    vendor: str,
    month: date,
    kinds: Mapping[str, str],
) -> None:
    read.count += 1
    if read.count > LINES_MAX:
        raise BadRequest(f"line {number}: expected at most {LINES_MAX:,} lines; sum it by day and kind first")

    def cell(name: str) -> str:
        place = places.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    amount, day = amount_of(cell("amount")), None
    if amount is None:
        read.problems.append(f"line {number}: amount={cell('amount')[:40]!r}: expected a number such as 12.30")
        return
    if "day" in places:
        day = _day(cell("day"))
        if day is None:
            read.problems.append(f"line {number}: day={cell('day')[:40]!r}: expected a day such as {month}")
            return
        if day.replace(day=1) != month:
            read.problems.append(f"line {number}: day={day}: expected a day of {month:%Y-%m}")
            return
    told = cell("kind") or vendor
    kind = kinds.get(told, kinds.get("*", told))
    read.currencies.setdefault(cell("currency").upper(), number)
    read.sums[kind, day] = read.sums.get((kind, day), Decimal(0)) + amount


def amount_of(text: str) -> Decimal | None:
    """`$1,234.56`, `1.234,56 €`, `(3.00)` for what is given back. One comma before three digits parts thousands."""
    bare = _NOT_NUMBER.sub("", re.sub(r"\b[A-Za-z]{3}\b", "", text))
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma > point and not (point < 0 and re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+", bare)):
        bare = bare.replace(".", "").replace(",", ".")
    else:
        bare = bare.replace(",", "")
    try:
        found = Decimal(bare)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _day(text: str) -> date | None:
    match = _ISO.match(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _places(header: Sequence[str], columns: Mapping[str, str | None]) -> dict[str, int]:
    named = {name.strip().lower(): place for place, name in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for what, aliases in ALIASES.items():
        chosen = columns.get(what)
        if chosen is not None:
            if chosen.strip().lower() not in named:
                raise BadRequest(f"{what}={chosen[:60]}: expected one of the file's columns: {_listed(header)}")
            found[what] = named[chosen.strip().lower()]
        elif place := [named[alias] for alias in aliases if alias in named]:
            found[what] = place[0]
    if "amount" not in found:
        raise BadRequest(f"line 1: expected a column with amounts; say which of them it is: {_listed(header)}")
    return found


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name.strip()[:60] for name in list(names)[:30]) or "(none)"


def _order(item: tuple[tuple[str, date | None], Decimal]) -> tuple[str, date]:
    (kind, day), _ = item
    return kind, day or date.min
