"""Money in a plan: exact amounts, names of currencies, days."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

AMOUNT_MAX = Decimal(10) ** 12
PLACES_MAX = 12
"""Digits after the point: a price of one token has some eight."""


def _amount(value: Any) -> Decimal:
    """A number as it was written: 0.0079 is that and no nearest binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("expected a number such as 0.0079")
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("expected a number such as 0.0079") from None
    if not found.is_finite() or abs(found) > AMOUNT_MAX:
        raise ValueError(f"expected a number up to {AMOUNT_MAX:,}")
    if found != round(found, PLACES_MAX):
        raise ValueError(f"expected at most {PLACES_MAX} digits after the point; use `per` for very small prices")
    return found


def _day(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("expected a day such as 2026-10-01")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("expected a day such as 2026-10-01") from None


def day_ns(day: date) -> int:
    """When a day begins, in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000_000


def plain(amount: Decimal) -> str:
    """Without an exponent and without zeros at its end."""
    if not amount:
        return "0"
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}]}),
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""Written as 2026-10-01; begins at midnight UTC."""
CurrencyName = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""
CostKind = Annotated[str, Field(pattern=r"^[\w.\-/]+$", max_length=200)]
"""What is used: `sms`, `llm.input_tokens`."""
