"""A month of usage, made by a seed, and what it costs: reckoned here use by use, with nothing of the server's."""

import os
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests import bodies
from tests.conftest import Server

PLAN = """
currency: {base: USD, rates: {EUR: 1.08}}
prices:
  - {kind: sms, match: {country: DE}, amount: 0.0875, currency: EUR}
  - {kind: sms, match: {country: FR}, amount: 0.05, until: MIDDLE}
  - {kind: sms, match: {country: FR}, amount: 0.06, from: MIDDLE}
  - kind: sms
    tiers:
      - {amount: 0.0083}
      - {above: 500, amount: 0.0081}
      - {above: 1500, amount: 0.0075}
  - {kind: llm.input_tokens, match: {model: "house-*"}, amount: 0.2, per: 1000000}
"""
GPT5 = {"llm.input_tokens": "1.25", "llm.output_tokens": "10", "llm.cache_read_tokens": "0.125"}
"""Dollars a million, as published."""
MILLION = Decimal(10**6)


def last_month() -> tuple[date, date]:
    """Its first day, and that of the month after it."""
    after = datetime.now(UTC).date().replace(day=1)
    return (after - timedelta(days=1)).replace(day=1), after


@dataclass
class Use:
    at: datetime
    kind: str
    units: int
    amount: Decimal | None = None
    currency: str = ""
    service: str = "api"
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Expected:
    """Of everything that has a price."""

    by_kind: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    by_day: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    by_user: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    total: Decimal = Decimal(0)
    unpriced: int = 0


def uses(first: date, after: date) -> list[Use]:
    """In order of time."""
    chance = random.Random(4)
    seconds = (after - first).days * 86_400
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    made = []
    for _ in range(900):
        at = start + timedelta(seconds=chance.randrange(seconds))
        country, user = chance.choice(["DE", "FR", "US", "US", "PL"]), f"u{chance.randrange(9)}"
        more = {"country": country, "user_id": user, "feature": chance.choice(["invite", "login"])}
        made.append(Use(at, "sms", chance.randrange(1, 9), service=chance.choice(["api", "worker"]), attributes=more))
    for _ in range(120):
        at = start + timedelta(seconds=chance.randrange(seconds))
        model = chance.choice(["gpt-5", "gpt-5-2025-08-07", "house-7b", "mystery-1"])
        kind = chance.choice([*GPT5]) if model != "house-7b" else "llm.input_tokens"
        more = {"model": model, "provider": "openai", "job_id": f"j{chance.randrange(5)}"}
        made.append(Use(at, kind, chance.randrange(1, 90_000), attributes=more))
    for currency in ("USD", "EUR", "GBP"):
        for _ in range(20):
            at = start + timedelta(seconds=chance.randrange(seconds))
            amount = Decimal(chance.randrange(-2_000, 9_000)) / 1000
            made.append(Use(at, "payment", 1, amount, currency))
    return sorted(made, key=lambda one: one.at)


def expected(made: list[Use], middle: date) -> Expected:
    found, sent = Expected(), Decimal(0)
    for use in made:
        amount, sent = _amount(use, sent, middle)
        if amount is None:
            found.unpriced += 1
            continue
        found.total += amount
        found.by_kind[use.kind] += amount
        found.by_day[use.at.date()] += amount
        if "user_id" in use.attributes:
            found.by_user[use.attributes["user_id"]] += amount
    return found


def _amount(use: Use, sent: Decimal, middle: date) -> tuple[Decimal | None, Decimal]:
    """With how many messages the tiers have had after it."""
    rates = {"USD": Decimal(1), "EUR": Decimal("1.08")}
    if use.amount is not None:
        return (use.amount * rates[use.currency] if use.currency in rates else None), sent
    if use.kind == "sms":
        country = use.attributes["country"]
        if country == "DE":
            return use.units * Decimal("0.0875") * rates["EUR"], sent
        if country == "FR":
            return use.units * Decimal("0.05" if use.at.date() < middle else "0.06"), sent
        amount = Decimal(0)
        for _ in range(use.units):
            amount += Decimal("0.0083" if sent < 500 else "0.0081" if sent < 1500 else "0.0075")
            sent += 1
        return amount, sent
    model = use.attributes["model"]
    if model == "house-7b":
        return use.units * Decimal("0.2") / MILLION, sent
    return (use.units * Decimal(GPT5[use.kind]) / MILLION if model.startswith("gpt-5") else None), sent


def send(server: Server, made: list[Use]) -> None:
    for service in ("api", "worker"):
        records = [_record(one) for one in made if one.service == service]
        body = bodies.logs(service, records, **{"deployment.environment.name": "production"})
        with server.door() as door:
            answer = door.post("/v1/logs", params={"wait": "visible"}, content=body.SerializeToString())
        assert answer.is_success, answer.text


def _record(use: Use) -> dict[str, Any]:
    about = {**use.attributes, "cost.kind": use.kind, "cost.units": use.units, "event.id": os.urandom(8).hex()}
    if use.amount is not None:
        about |= {"cost.amount": float(use.amount), "cost.currency": use.currency}
    return {"event_name": "cost", "attributes": about, "time_unix_nano": nanos(use.at)}


def nanos(at: datetime) -> int:
    return int(at.timestamp()) * 10**9


def llm_span(at: datetime, trace: bytes, span: bytes, parent: bytes = b"", **usage: Any) -> Span:
    about = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}
    about |= {name.replace("__", "."): value for name, value in usage.items()}
    made = bodies.span(trace_id=trace, span_id=span, start_time_unix_nano=nanos(at), attributes=about)
    made.parent_span_id = parent
    return made
