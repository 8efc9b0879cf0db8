"""The rules that watch the plan's budgets, in force without a rule file that has any."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import zip_longest

from midwatch.contract.plan.money import plain
from midwatch.contract.plan.sections.budgets import Budget
from midwatch.server.promql.syntax import parse, to_text
from midwatch.server.promql.syntax.text import quote
from midwatch.server.rules.model import AlertingRule, Group, RuleSet, with_ids

FILE = "midwatch/costs"
GROUP = "midwatch/budgets"
INTERVAL_MS = 15_000
FORECAST_FOR_MS = 30 * 60_000
"""A forecast of few hours moves much."""


def rules_of_budgets(budgets: Iterable[Budget], currency: str) -> RuleSet:
    """One for each share at which a budget alerts, of which the highest fires, and one for what is expected.

    Overspending wakes nobody: `severity` is info, from 100 % on and by forecast a warning;
    a budget's labels may say more.
    """
    rules = [rule for one in budgets for rule in _rules(one, currency)]
    return RuleSet((Group(FILE, GROUP, with_ids(FILE, GROUP, rules), INTERVAL_MS),) if rules else ())


def _rules(budget: Budget, currency: str) -> Iterator[AlertingRule]:
    chosen = f"{{budget={quote(budget.name)}}}"
    whole = f"{plain(budget.amount)} {budget.currency or currency} a {budget.per}"
    for at, after in zip_longest(budget.alert_at, budget.alert_at[1:]):
        below = "" if after is None else f" < {_share(after)}"
        yield _rule(
            budget,
            "BudgetSpent",
            f"budget_spent_ratio{chosen} >= {_share(at)}{below}",
            {"threshold": str(at), "severity": "warning" if at >= 100 else "info"},
            f"{{{{ $value | humanizePercentage }}}} of the budget {budget.name} is spent ({whole})",
        )
    if budget.forecast:
        yield _rule(
            budget,
            "BudgetForecast",
            f"budget_forecast_ratio{chosen} > 1 and budget_spent_ratio{chosen} < 1",
            {"severity": "warning"},
            f"The budget {budget.name} will not do: {{{{ $value | humanizePercentage }}}} of it is expected ({whole})",
            for_ms=FORECAST_FOR_MS,
        )


def _rule(
    budget: Budget, name: str, expr: str, labels: dict[str, str], summary: str, *, for_ms: int = 0
) -> AlertingRule:
    parsed = parse(expr)
    annotations = {"summary": summary, "description": "The page Costs says what it is spent on."}
    if budget.owner:
        annotations["owner"] = budget.owner
    if budget.runbook:
        annotations["runbook"] = budget.runbook
    # The budget's name tells rules of equal names and labels apart, whichever of them is left out.
    own = labels | dict(budget.labels) | {"budget": budget.name}
    return AlertingRule(name, to_text(parsed), parsed, own, annotations=annotations, for_ms=for_ms)


def _share(percent: int) -> str:
    return plain(Decimal(percent) / 100)
