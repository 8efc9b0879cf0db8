"""What was spent: by what, when, and what of it has no price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from midwatch.server.model.errors import BadRequest
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.plan import SpendingPlan
from midwatch.server.query.spending.priced import SETTINGS, Pricer, Prices
from midwatch.server.query.spending.reader import Reader
from midwatch.server.query.spending.rows import COLUMNS, Rows

Interval = Literal["hour", "day", "week", "month"]
VALUES_MAX = 500
SERIES_MAX = 7
"""Values that have a series of their own; what is beyond is one together: eight colours can be told apart."""
BUCKETS_MAX = 1_000
_SECONDS: Mapping[Interval, int] = {"hour": 3_600, "day": 86_400, "week": 7 * 86_400, "month": 28 * 86_400}
_BUCKETS: Mapping[Interval, str] = {
    "hour": "toStartOfHour(toDateTime(Timestamp, 'UTC'))",
    "day": "toStartOfDay(toDateTime(Timestamp, 'UTC'))",
    "week": "toDateTime(toStartOfWeek(toDateTime(Timestamp, 'UTC'), 1, 'UTC'), 'UTC')",
    "month": "toDateTime(toStartOfMonth(toDateTime(Timestamp, 'UTC')), 'UTC')",
}


@dataclass(frozen=True, slots=True)
class Spent:
    """Of one value: money, and the uses behind it."""

    value: str
    amount: Decimal
    uses: int
    unpriced: int
    """Uses that are not in the amount, since they have no price or no exchange rate."""
    units: Decimal | None
    """Where all are of one kind."""


@dataclass(frozen=True, slots=True)
class Series:
    """Amounts by the second when an interval begins."""

    value: str | None
    """None: everything that has no series of its own."""
    points: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Report:
    by: str
    currency: str
    interval: Interval
    total: Spent
    values: tuple[Spent, ...]
    """The dearest first."""
    values_total: int
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Uses that nobody knows the price of."""

    reason: Literal["no_price", "no_rate"]
    kind: str
    provider: str
    model: str
    currency: str
    """Of which the plan has no rate; empty where it is the price that is missing."""
    uses: int
    units: Decimal
    last: str
    service: str
    """One that uses it."""


class Spending:
    """For the event loop."""

    def __init__(self, source: Reader, plan: SpendingPlan) -> None:
        self._source, self.plan = source, plan

    async def report(
        self,
        scope: Scope,
        *,
        by: str,
        match: Mapping[str, str],
        currency: str | None = None,
        interval: Interval | None = None,
        limit: int = 50,
    ) -> Report:
        """Sums by a column or attribute and over time.

        Raises:
            BadRequest: no currency with a rate, or too many intervals.
            TooLarge: prices go by too much.
            BadQuery: a search of the plan's `usage` cannot be read.
        """
        interval = interval or ("hour" if scope.span.seconds <= 3 * 86_400 else "day")
        if scope.span.seconds / _SECONDS[interval] > BUCKETS_MAX:
            raise BadRequest(f"interval={interval}: expected a longer one: the range has more than {BUCKETS_MAX:,}")
        priced = await self._priced(scope, match, currency)
        values, total, count = await self._values(priced, by, limit)
        shown = [one.value for one in values[:SERIES_MAX]]
        return Report(
            by=by,
            currency=priced.pricer.currency,
            interval=interval,
            total=total,
            values=tuple(values),
            values_total=count,
            series=tuple(await self._series(priced, by, shown, interval)),
        )

    async def total(self, scope: Scope, match: Mapping[str, str], currency: str | None = None) -> Spent:
        """Of everything that matches."""
        _, found, _ = await self._values(await self._priced(scope, match, currency), "", 1)
        return found

    async def daily(self, scope: Scope, match: Mapping[str, str], currency: str | None = None) -> dict[date, Decimal]:
        """By day in UTC; days without any are left out."""
        found = await self._series(await self._priced(scope, match, currency), "", [""], "day")
        return {datetime.fromtimestamp(at, UTC).date(): amount for one in found for at, amount in one.points}

    async def by_labels(self, scope: Scope, names: Sequence[str]) -> list[tuple[tuple[str, ...], Decimal]]:
        """Sums for each combination of values of these names, in the plan's currency."""
        priced = await self._priced(scope, {}, None)
        rows = priced.pricer.rows()
        values = f"[{', '.join(rows.column(name) for name in names)}]"
        found = await self._source.rows(
            f"""SELECT {values} AS value, toString(sum(ifNull(amount, 0)) AS money) AS total
                FROM {priced.relation(rows)} GROUP BY value ORDER BY money DESC LIMIT 1000 {SETTINGS}""",
            rows.params,
        )
        return [(tuple(row["value"]), Decimal(row["total"])) for row in found]

    async def unpriced(self, scope: Scope, match: Mapping[str, str], limit: int = 100) -> list[Unpriced]:
        """What is in no sum, the most used first."""
        priced = await self._priced(scope, match, None)
        rows = priced.pricer.rows()
        found = await self._source.rows(
            f"""SELECT Kind AS kind, Provider AS provider, Model AS model, toString(Currency) AS currency, number,
                    isNotNull(Amount) AS given, count() AS n, toString(sum(Units)) AS total, max(Timestamp) AS newest,
                    any(ServiceName) AS who
                FROM {priced.relation(rows)} WHERE isNull(amount)
                GROUP BY kind, provider, model, currency, number, given ORDER BY n DESC LIMIT {limit} {SETTINGS}""",
            rows.params,
        )
        return [self._unpriced(row, priced.prices) for row in found]

    def _unpriced(self, row: Mapping[str, Any], prices: Prices) -> Unpriced:
        currency = row["currency"] if row["given"] else ""
        if row["number"]:
            currency = prices.entries[int(row["number"]) - 1].currency
        return Unpriced(
            reason="no_rate" if currency else "no_price",
            kind=row["kind"],
            provider=row["provider"],
            model=row["model"],
            currency=currency,
            uses=int(row["n"]),
            units=Decimal(row["total"]),
            last=f"{row['newest']:%Y-%m-%dT%H:%M:%SZ}",
            service=row["who"],
        )

    async def _priced(self, scope: Scope, match: Mapping[str, str], currency: str | None) -> "_Priced":
        pricer = Pricer(self._source, self.plan, scope, self.plan.exchange.require(currency))
        return _Priced(pricer, match, await pricer.prices(match))

    async def _values(self, priced: "_Priced", by: str, limit: int) -> tuple[list[Spent], Spent, int]:
        """The dearest values, all of them together, and how many there are."""
        rows = priced.pricer.rows()
        value = rows.column(by) if by else "''"
        found = await self._source.rows(
            f"""SELECT value, toString(total) AS amount, n, unpriced, toString(used) AS units, least = most AS alike,
                    toString(sum(total) OVER ()) AS all_amount, sum(n) OVER () AS all_n,
                    sum(unpriced) OVER () AS all_unpriced, toString(sum(used) OVER ()) AS all_units,
                    min(least) OVER () = max(most) OVER () AS all_alike, count() OVER () AS whole
                FROM (SELECT {value} AS value, sum(ifNull(amount, 0)) AS total, count() AS n,
                        countIf(isNull(amount)) AS unpriced, sum(Units) AS used, min(Kind) AS least, max(Kind) AS most
                    FROM {priced.relation(rows)} GROUP BY value)
                ORDER BY total DESC, n DESC, value LIMIT {limit} {SETTINGS}""",
            rows.params,
        )
        if not found:
            return [], Spent("", Decimal(0), 0, 0, None), 0
        return [_spent(row, row["value"]) for row in found], _spent(found[0], "", "all_"), int(found[0]["whole"])

    async def _series(self, priced: "_Priced", by: str, shown: Sequence[str], interval: Interval) -> list[Series]:
        rows = priced.pricer.rows()
        value = rows.column(by) if by else "''"
        place = f"indexOf([{', '.join(rows.bind(one) for one in shown)}], {value})" if shown else "0"
        found = await self._source.rows(
            f"""SELECT {place} AS shown, toUnixTimestamp({_BUCKETS[interval]}) AS bucket,
                    toString(sum(ifNull(amount, 0))) AS total
                FROM {priced.relation(rows)} GROUP BY shown, bucket ORDER BY bucket {SETTINGS}""",
            rows.params,
        )
        points: dict[int, list[tuple[int, Decimal]]] = {}
        for row in found:
            points.setdefault(int(row["shown"]), []).append((int(row["bucket"]), Decimal(row["total"])))
        named = [*enumerate(shown, 1), (0, None)]
        return [Series(name, tuple(points[place])) for place, name in named if place in points]


def _spent(row: Mapping[str, Any], value: str, prefix: str = "") -> Spent:
    return Spent(
        value,
        Decimal(row[f"{prefix}amount"]),
        int(row[f"{prefix}n"]),
        int(row[f"{prefix}unpriced"]),
        Decimal(row[f"{prefix}units"]) if row[f"{prefix}alike"] else None,
    )


@dataclass(frozen=True, slots=True)
class _Priced:
    pricer: Pricer
    match: Mapping[str, str]
    prices: Prices

    def relation(self, rows: Rows) -> str:
        return self.pricer.relation(rows, self.match, self.prices)


def known_name(name: str) -> str:
    """
    Raises:
        BadRequest: no name that a column or attribute can have.
    """
    if not name or len(name) > 256 or any(ord(one) < 32 for one in name):
        raise BadRequest(f"by={name[:40]!r}: expected one of {', '.join(COLUMNS)}, or the name of an attribute")
    return name
