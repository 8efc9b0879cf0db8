"""Rules of budgets: of the shares reached the highest fires, the forecast only while something is left."""

from decimal import Decimal

import pytest

from midwatch.contract.plan.sections.budgets import Budget
from midwatch.server.budget_rules import FORECAST_FOR_MS, rules_of_budgets
from midwatch.server.promql import Engine, EngineOptions, Vector
from midwatch.server.promql.labels import NAME, make
from midwatch.server.rules.builtin import Facts
from midwatch.server.rules.model import AlertingRule

NOW = 1_800_000_000_000
BUDGET = Budget(
    name="llm", amount=Decimal(400), owner="ada", runbook="costs", labels={"team": "ai", "severity": "page"}
)


def rules(budget: Budget = BUDGET) -> list[AlertingRule]:
    return [rule for _, rule in rules_of_budgets([budget], "EUR") if isinstance(rule, AlertingRule)]


def firing(spent: float, expected: float | None) -> list[tuple[str, str]]:
    """Names and thresholds; another budget is far over its own."""
    values = [
        (make({NAME: "budget_spent_ratio", "budget": name}), ratio) for name, ratio in (("llm", spent), ("x", 9.0))
    ]
    if expected is not None:
        values.append((make({NAME: "budget_forecast_ratio", "budget": "llm"}), expected))
    found = []
    for rule in rules():
        answer = Engine(EngineOptions()).instant(Facts(NOW, values), rule.query, NOW).value
        assert isinstance(answer, Vector)
        found += [(rule.name, rule.labels.get("threshold", "")) for _ in answer.samples]
    return found


@pytest.mark.parametrize(
    ("spent", "expected", "told"),
    [
        (0.49, 0.9, []),
        (0.5, 1.0, [("BudgetSpent", "50")]),
        (0.79, None, [("BudgetSpent", "50")]),
        (0.8, 1.2, [("BudgetSpent", "80"), ("BudgetForecast", "")]),
        (0.1, 1.2, [("BudgetForecast", "")]),
        (1.0, 1.2, [("BudgetSpent", "100")]),
        (7.0, 9.0, [("BudgetSpent", "100")]),
    ],
)
def test_what_fires(spent: float, expected: float | None, told: list[tuple[str, str]]) -> None:
    assert firing(spent, expected) == told


def test_what_alerts_say() -> None:
    """Whose it is, what to do, how much it is of; labels of the budget count, its name stays."""
    first, *_, last = rules()
    assert dict(first.labels) == {"budget": "llm", "threshold": "50", "severity": "page", "team": "ai"}
    assert (
        first.annotations["summary"] == "{{ $value | humanizePercentage }} of the budget llm is spent (400 EUR a month)"
    )
    assert (first.annotations["owner"], first.annotations["runbook"]) == ("ada", "costs")
    assert (last.name, last.for_ms) == ("BudgetForecast", FORECAST_FOR_MS)
    assert len({rule.id for rule in rules()}) == 4


def test_without_shares_and_forecast_there_is_nothing() -> None:
    quiet = Budget(name="quiet", amount=Decimal(1), alert_at=(), forecast=False)
    assert rules(quiet) == []
    assert not rules_of_budgets([quiet], "USD").groups
    severities = {rule.labels["severity"] for rule in rules(Budget(name="own", amount=Decimal(1)))}
    assert severities == {"info", "warning"}
