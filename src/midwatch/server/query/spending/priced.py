"""Usage and money together: which prices the usage of a range needs, and the relation in which rows have them.

Prices are found in Python for each combination of what they go by, which are few; multiplied and added up they are by
the store, as decimals. A price in tiers is worked out by day: what the day's units cost after those of the month before
them, shared among the day's uses by their units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

from midwatch.contract.plan.money import day_ns
from midwatch.server.model.errors import TooLarge
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.plan import SpendingPlan
from midwatch.server.query.spending.price_book import Entry, Use
from midwatch.server.query.spending.reader import Reader
from midwatch.server.query.spending.rows import Rows

COMBINATIONS_MAX = 2_000
"""Of kind, model and what else prices go by, times the changes of prices in the range: they stand in the query."""
SCALE = 30
"""Digits after the point of a unit's price, where it has been divided."""
SETTINGS = "SETTINGS do_not_merge_across_partitions_select_final = 1"
_DAY = "toUInt32(toDate(Timestamp))"
_DAYS = 1_000_000
"""More than there are, since 1970, for a key of a price and a day."""
_EPOCH = date(1970, 1, 1)


@dataclass(slots=True)
class Prices:
    """Those of the usage of a range, in one currency."""

    slots: dict[int, int] = field(default_factory=dict)
    """Hash of a combination and the period it is of → number of its price, from 1 on."""
    entries: list[Entry] = field(default_factory=list)
    """By number, from 1 on."""
    units: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    """Number of a price, day (0: not in tiers) → money for a unit. Missing: no rate for its currency."""


class Pricer:
    """For one question: a scope, and the currency of its sums."""

    def __init__(self, source: Reader, plan: SpendingPlan, scope: Scope, currency: str) -> None:
        self._source, self.scope, self.currency = source, scope, currency
        self._plan = replace(plan)  # as it is now: another may come into force between two statements
        first, last = day_of(scope.span.start_ns), day_of(scope.span.end_ns)
        self._changes = [day for day in plan.book.changes if first < day <= last]

    def rows(self) -> Rows:
        """For one statement."""
        return Rows(self.scope, self._plan.usage, self._plan.fees)

    async def prices(self, match: Mapping[str, str]) -> Prices:
        """What the usage needs.

        Raises:
            TooLarge: the plan's prices tell usage apart by too much.
        """
        rows = self.rows()
        told = self._told(rows)
        found = await self._source.rows(
            f"""SELECT {self._slot(told)} AS Slot, {self._combination(told)}
                FROM {rows.relation(match)} WHERE isNull(Amount)
                GROUP BY Slot LIMIT {COMBINATIONS_MAX + 1} {SETTINGS}""",
            rows.params,
        )
        if len(found) > COMBINATIONS_MAX:
            raise TooLarge(
                f"cannot price: there are more than {COMBINATIONS_MAX:,} combinations of what `prices` goes by;"
                " match by attributes of few values"
            )
        prices = Prices()
        numbers: dict[int, int] = {}
        for row in found:
            entry = self._plan.book.find(self._use(row), self._day_in(row["period"]))
            if entry is None:
                continue
            if id(entry) not in numbers:
                prices.entries.append(entry)
                numbers[id(entry)] = len(prices.entries)
            prices.slots[int(row["Slot"])] = numbers[id(entry)]
        for number, entry in enumerate(prices.entries, 1):
            rate = self._plan.exchange.rate(entry.currency, self.currency)
            if rate is not None and not entry.in_tiers:
                prices.units[number, 0] = entry.tiers[0].unit * rate
        await self._tiers(prices, numbers)
        return prices

    async def _tiers(self, prices: Prices, numbers: Mapping[int, int]) -> None:
        """Units of all usage from the months' beginnings on: a filter does not make a vendor's tiers begin anew."""
        in_tiers = {number: entry for number, entry in enumerate(prices.entries, 1) if entry.in_tiers}
        if not in_tiers:
            return
        begun = day_of(self.scope.span.start_ns).replace(day=1)
        # To the end of the last day: what a day's units cost is known when it is over, or now.
        end = day_ns(day_of(self.scope.span.end_ns) + timedelta(days=1))
        whole = Scope(TimeRange(day_ns(begun), end), (), self.scope.project)
        pricer = Pricer(self._source, self._plan, whole, self.currency)
        rows = pricer.rows()
        told = pricer._told(rows)
        kinds = sorted({kind for entry in in_tiers.values() for kind in self._plan.book.kinds_of(entry)})
        known = ", ".join(rows.bind(kind) for kind in kinds)
        found = await self._source.rows(
            f"""SELECT {pricer._slot(told)} AS Slot, {_DAY} AS Day, {pricer._combination(told)},
                    toString(sum(Units)) AS units
                FROM {rows.relation({})} WHERE isNull(Amount) AND Kind IN ({known})
                GROUP BY Slot, Day ORDER BY Day {SETTINGS}""",
            rows.params,
        )
        days: dict[tuple[int, int], Decimal] = {}
        for row in found:
            entry = self._plan.book.find(pricer._use(row), pricer._day_in(row["period"]))
            number = numbers.get(id(entry))
            if number in in_tiers:
                key = (number, int(row["Day"]))
                days[key] = days.get(key, Decimal(0)) + Decimal(row["units"])
        for number, entry in in_tiers.items():
            rate = self._plan.exchange.rate(entry.currency, self.currency)
            if rate is None:
                continue
            for day, unit in _by_day(entry, {day: units for (of, day), units in days.items() if of == number}).items():
                prices.units[number, day] = unit * rate

    def relation(self, rows: Rows, match: Mapping[str, str], prices: Prices) -> str:
        """Rows of usage with `number`, that of their price (0: none), and `amount`: money as a decimal, null where none
        is known.

        A row's multiplication is cheaper than grouping by price and day before it.
        """
        number = _transform(self._slot(self._told(rows)), prices.slots)
        tiered = [number for number, entry in enumerate(prices.entries, 1) if entry.in_tiers]
        day = f" + if(number IN ({', '.join(map(str, tiered))}), {_DAY}, 0)" if tiered else ""
        keys = {of * _DAYS + day: place for place, (of, day) in enumerate(prices.units, 1)}
        place = _transform(f"(toUInt64(number) * {_DAYS}{day})", keys)
        units = ", ".join(map(_decimal, prices.units.values())) or _decimal(Decimal(0))
        rates = self._rates()
        known = ", ".join(f"'{name}'" for name in rates)
        worth = ", ".join(map(_decimal, rates.values()))
        return f"""(SELECT *, if(isNull(Amount), {number}, 0) AS number, {place} AS place,
                indexOf([{known}], toString(Currency)) AS rate,
                multiIf(place > 0, toDecimal256(Units, 12) * arrayElement([{units}], place),
                    rate > 0, toDecimal256(Amount, 12) * arrayElement([{worth}], rate), NULL) AS amount
            FROM {rows.relation(match)})"""

    def _rates(self) -> dict[str, Decimal]:
        """Of the currencies that amounts are given in, and whose worth is known."""
        rates = {name: self._plan.exchange.rate(name, self.currency) for name in ("", *self._plan.exchange.known)}
        return {name: rate for name, rate in rates.items() if rate is not None}

    def _told(self, rows: Rows) -> str:
        names = self._plan.book.told
        return f"[{', '.join(rows.column(name) for name in names)}]" if names else "CAST([] AS Array(String))"

    def _combination(self, told: str) -> str:
        """What the rows of one slot have in common; they are told apart by the slot alone, which is the quickest."""
        return (
            "any(Kind) AS kind, any(Provider) AS provider, any(Model) AS model, any(ResponseModel) AS response_model,"
            f" any({told}) AS told, any({self._period()}) AS period"
        )

    def _use(self, row: Mapping[str, Any]) -> Use:
        told = dict(zip(self._plan.book.told, row["told"], strict=True))
        return Use(row["kind"], row["provider"], row["model"], row["response_model"], told)

    def _period(self) -> str:
        """How many of the changes of prices in the range lie before."""
        days = ", ".join(f"toUInt32({(day - _EPOCH).days})" for day in self._changes)
        return f"length(arrayFilter(day -> day <= {_DAY}, [{days}]))" if days else "0"

    def _slot(self, told: str) -> str:
        return f"cityHash64(Kind, Provider, Model, ResponseModel, {told}, toUInt32({self._period()}))"

    def _day_in(self, period: int) -> date:
        """A day of the period: its first."""
        return self._changes[period - 1] if period else day_of(self.scope.span.start_ns)


def _by_day(entry: Entry, days: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Money for a unit of each day, of the days' units from the beginning of a month on."""
    found: dict[int, Decimal] = {}
    month, before = (0, 0), Decimal(0)
    for day in sorted(days):
        calendar = _EPOCH + timedelta(days=day)
        if (calendar.year, calendar.month) != month:
            month, before = (calendar.year, calendar.month), Decimal(0)
        units = days[day]
        after = before + units
        with localcontext(prec=60):
            found[day] = (entry.spent(after) - entry.spent(before)) / units if units else Decimal(0)
        before = after
    return found


def _transform(key: str, values: Mapping[int, int]) -> str:
    """The number for a key; 0 where there is none."""
    if not values:
        return "toUInt32(0)"
    keys, found = (
        ", ".join(f"{kind}({one})" for one in listed)
        for kind, listed in (("toUInt64", values), ("toUInt32", values.values()))
    )
    return f"transform({key}, [{keys}], [{found}], toUInt32(0))"


def _decimal(value: Decimal) -> str:
    with localcontext(prec=76):
        return f"toDecimal256('{round(value, SCALE):f}', {SCALE})"


def day_of(time_ns: int) -> date:
    """In UTC, as all of costs."""
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).date()
