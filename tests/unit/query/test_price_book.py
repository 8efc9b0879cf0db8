"""Which price holds: the plan's before the published, by kind, attributes and day; what nobody published has none."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from midwatch.contract.plan import load
from midwatch.contract.plan.load import EMPTY
from midwatch.contract.plan.sections import prices
from midwatch.server.query.spending.llm_prices import built_in
from midwatch.server.query.spending.plan import check_counted
from midwatch.server.query.spending.price_book import PriceBook, Use, matched

DAY = date(2026, 10, 15)


def book(text: str = "") -> PriceBook:
    loaded = load({"midwatch.yml": text})
    assert loaded.plan is not None, loaded.problems
    found: prices.Prices = loaded.plan[prices.SECTION]
    return PriceBook(found, built_in())


@pytest.mark.parametrize(
    ("use", "per_million"),
    [
        (Use("llm.input_tokens", "openai", "gpt-5"), "1.25"),
        (Use("llm.cache_read_tokens", "openai", "gpt-5-2025-08-07"), "0.125"),
        (Use("llm.output_tokens", "anthropic", "claude-sonnet-4-5-20250929"), "15"),
        (Use("llm.cache_creation_tokens", "anthropic", "claude-sonnet-4-5"), "3.75"),
        (Use("llm.output_tokens", "", "mistral-large-2512"), "1.5"),
        (Use("llm.input_tokens", "gcp.gemini", "models/gemini-2.5-pro"), "1.25"),
        # Asked by an alias of nobody's; the model that answered is known.
        (Use("llm.input_tokens", "openai", "our-favourite", "gpt-5-mini"), "0.25"),
        # A snapshot that costs something else than its family.
        (Use("llm.input_tokens", "openai", "gpt-4o-2024-05-13"), "5"),
        # What is thought is paid as output where it has no price of its own.
        (Use("llm.reasoning_tokens", "openai", "o3"), "8"),
        (Use("llm.reasoning_tokens", "perplexity", "sonar-deep-research"), "3"),
        (Use("llm.input_tokens", "openai", "gpt-5-turbo-max"), None),
        (Use("llm.input_tokens", "aws.bedrock", "gpt-5"), None),
        (Use("llm.output_tokens", "openai", "text-embedding-3-small"), None),
        (Use("sms", "openai", "gpt-5"), None),
    ],
)
def test_published_prices(use: Use, per_million: str | None) -> None:
    found = book().find(use, DAY)
    assert (None if found is None else found.tiers[0].unit * 10**6) == (per_million and Decimal(per_million))


def test_the_published_list_is_whole() -> None:
    """Every model's input costs something, its cache no more than twice that, and it says where from."""
    for models in built_in().by_provider.values():
        for name, one in models.items():
            assert one.amounts["input"] > 0, name
            assert one.amounts.get("cached_input", Decimal(0)) <= one.amounts["input"], name
            assert one.amounts.get("cache_write", Decimal(0)) <= 2 * one.amounts["input"], name
            assert one.source.startswith("https://"), name


PLAN = """
prices:
  - {kind: sms, match: {country: DE, carrier: "tele*"}, amount: 0.09}
  - {kind: sms, match: {country: DE}, amount: 0.08, until: 2026-10-15}
  - {kind: sms, match: {country: DE}, amount: 0.07, from: 2026-10-15}
  - {kind: sms, match: {service: api}, amount: 0.01}
  - {kind: llm.input_tokens, match: {model: "gpt-5*"}, amount: 2, per: 1000000}
"""


@pytest.mark.parametrize(
    ("told", "day", "unit"),
    [
        ({"country": "DE"}, date(2026, 10, 14), "0.08"),
        ({"country": "DE"}, date(2026, 10, 15), "0.07"),
        ({"country": "DE", "carrier": "telekom"}, DAY, "0.09"),
        ({"country": "FR", "service": "api"}, DAY, "0.01"),
        ({"country": "FR"}, DAY, None),
    ],
)
def test_the_first_that_matches(told: dict[str, str], day: date, unit: str | None) -> None:
    found = book(PLAN).find(Use("sms", told=told), day)
    assert (None if found is None else found.tiers[0].unit) == (unit and Decimal(unit))


def test_the_plan_comes_first() -> None:
    """Of kinds and models that it names; and says what has to be told of uses."""
    made = book(PLAN)
    mine, public = (made.find(Use("llm.input_tokens", "openai", model), DAY) for model in ("gpt-5.1", "o3"))
    assert mine is not None
    assert public is not None
    assert (mine.tiers[0].unit, mine.source) == (Decimal("0.000002"), "plan")
    assert public.source.startswith("https://")
    assert made.told == ("carrier", "country", "service")
    assert made.changes == (date(2026, 10, 15),)


@pytest.mark.parametrize(
    ("units", "spent"),
    [("0", "0"), ("50", "5"), ("100", "10"), ("150", "14"), ("1000", "70"), ("-10", "-1")],
)
def test_tiers(units: str, spent: str) -> None:
    """Units below a threshold stay at their price; what is given back is so at the first."""
    tiers = "[{amount: 0.1}, {above: 100, amount: 0.08}, {above: 500, amount: 0.056}]"
    text = f"prices:\n  - kind: x\n    tiers: {tiers}\n"
    found = book(text).find(Use("x"), DAY)
    assert found is not None
    assert found.spent(Decimal(units)) == Decimal(spent)


@pytest.mark.parametrize(
    ("pattern", "value", "holds"),
    [
        ("gpt-*", "gpt-5", True),
        ("*", "", True),
        ("gpt", "gpt-5", False),
        ("a[b]*", "a[b]c", True),
        ("a?*", "abc", False),
    ],
)
def test_a_star_is_anything(pattern: str, value: str, *, holds: bool) -> None:
    assert matched(pattern, value) is holds


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("prices:\n  - kind: sms\n", 2, "expected amount or tiers"),
        ("prices:\n  - {kind: sms, amount: 1, tiers: [{amount: 1}]}\n", 2, "expected amount or tiers"),
        ("prices:\n  - kind: sms\n    tiers: [{above: 5, amount: 1}]\n", 2, "above 0 units"),
        (
            "prices:\n  - kind: sms\n    tiers: [{amount: 1}, {above: 9, amount: 1}, {above: 9, amount: 2}]\n",
            2,
            "rising",
        ),
        ("prices:\n  - kind: sms\n    amount: cheap\n", 3, "expected a number"),
        ("prices:\n  - kind: sms\n    amount: 1\n    from: soon\n", 4, "expected a day"),
        ("prices:\n  - kind: sms\n    amount: 1\n    until: 2026-01-01\n    from: 2026-01-01\n", 2, "after from"),
        ("currency:\n  rates: {EUR: 0}\n", 2, "above 0"),
        ("budgets:\n  - name: a\n    amount: 0\n", 3, "more than 0"),
        ("budgets:\n  - name: a\n    amount: 1\n    alert_at: [80, 50]\n", 4, "rising"),
        ("budgets:\n  - {name: a, amount: 1, currency: CHF}\n", 2, "rate"),
        ("usage:\n  - {kind: sms, metric: a, from: logs}\n", 2, "exactly one"),
        ("unit_costs:\n  - {name: job, metric: a, unique: b}\n", 2, "beside `from`"),
    ],
)
def test_mistakes_have_their_line(text: str, line: int, said: str) -> None:
    problems: Any = load({"midwatch.yml": text}).errors
    assert [one.line for one in problems] == [line]
    assert said in problems[0].message


def test_searches_that_cannot_be_read_have_their_place() -> None:
    text = (
        "usage:\n  - kind: a\n    from: logs\n    search: 'a:('\nunit_costs:\n  - {name: b, from: spans, unique: ' '}\n"
    )
    text += "  - name: c\n    from: spans\n    search: '\"'\n"
    problems = load({"midwatch.yml": text}, checks=(check_counted,)).errors
    assert [one.line for one in problems] == [4, 9]


def test_warnings_of_prices_that_never_count() -> None:
    text = "prices:\n  - {kind: sms, amount: 1}\n  - {kind: sms, amount: 2}\n  - {kind: x, amount: 2, currency: EUR}\n"
    said = [(one.line, one.severity) for one in load({"midwatch.yml": text}).problems]
    assert said == [(3, "warning"), (4, "warning")]
    assert EMPTY[prices.SECTION] == ()
