"""Fees by the month as costs of its days: each day's share is spent when the day begins, and a month's add up to it."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from midwatch.contract.plan.money import PLACES_MAX
from midwatch.contract.plan.sections.fees import Fee
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.exchange import Exchange
from midwatch.server.query.spending.price_book import matched

_DAY_NS = 86_400_000_000_000
_EPOCH = date(1970, 1, 1)
_LEAST = Decimal(1).scaleb(-PLACES_MAX)
ATTRIBUTE = "fee"


@dataclass(frozen=True, slots=True)
class Share:
    """Of days that cost the same."""

    fee: Fee
    first: date
    last: date
    """With it."""
    amount: Decimal
    """Of each day."""


def shares(fees: Iterable[Fee], scope: Scope) -> Iterator[Share]:
    """Of the days that begin in the scope."""
    first, after = _day_from(scope.span.start_ns), _day_from(scope.span.end_ns)
    for fee in fees:
        if fee.project != scope.project or (scope.environments and fee.env not in scope.environments):
            continue
        begin, end = max(first, fee.from_ or first), min(after, fee.until or after)
        while begin < end:
            month_days = monthrange(begin.year, begin.month)[1]
            ultimo = begin.replace(day=month_days)
            whole = fee.amount * fee.count
            each = (whole / month_days).quantize(_LEAST, ROUND_DOWN)
            if begin < ultimo:
                yield Share(fee, begin, min(ultimo, end) - timedelta(days=1), each)
            if ultimo < end:  # what rounding left is the last day's
                yield Share(fee, ultimo, ultimo, whole - each * (month_days - 1))
            begin = ultimo + timedelta(days=1)


def by_day(
    fees: Sequence[Fee], scope: Scope, match: Mapping[str, str], exchange: Exchange, currency: str
) -> dict[date, Decimal]:
    """Sums of those that match; what has no exchange rate is left out, as everywhere."""
    found: dict[date, Decimal] = {}
    wanted = [fee for fee in fees if all(matched(pattern, told(fee).get(name, "")) for name, pattern in match.items())]
    for share in shares(wanted, scope):
        rate = exchange.rate(share.fee.currency, currency)
        for back in range((share.last - share.first).days + 1 if rate is not None else 0):
            day = share.first + timedelta(days=back)
            found[day] = found.get(day, Decimal(0)) + share.amount * (rate or 0)
    return found


def told(fee: Fee) -> dict[str, str]:
    """What it can be matched by."""
    return {
        "kind": fee.kind,
        "service": fee.service,
        "env": fee.env,
        "provider": fee.provider,
        "feature": fee.feature,
        "feature.name": fee.feature,
        ATTRIBUTE: fee.name,
    }


def number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def _day_from(time_ns: int) -> date:
    """The first day that begins at a time or after it."""
    return datetime.fromtimestamp(-(-time_ns // _DAY_NS) * 86_400, UTC).date()
