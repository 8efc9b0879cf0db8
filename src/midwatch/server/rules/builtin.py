"""Rules about the rules, which need no store: it may be what fails.

They are PromQL over figures of the moment, and evaluated at once, whatever queries can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from midwatch.server.promql import Series
from midwatch.server.promql.labels import NAME, make
from midwatch.server.promql.matchers import Matcher, select
from midwatch.server.rules.evaluator import Evaluator
from midwatch.server.rules.files import read_rules
from midwatch.server.rules.model import RuleSet

BEHIND_SECONDS_MAX = 60
"""From here on what queries see is too old to judge by, and the rules of the plan hold their state."""
BEHIND, LATE, FAILING = (
    "midwatch_rules_behind_seconds",
    "midwatch_rule_group_late_seconds",
    "midwatch_rule_failing",
)
FILE = "midwatch"
_RULES = f"""
groups:
  - name: midwatch
    interval: 5s
    rules:
      - alert: MidwatchBehind
        expr: {BEHIND} > {BEHIND_SECONDS_MAX}
        labels:
          severity: critical
        annotations:
          summary: 'Midwatch judges by data of {{{{ $value | humanizeDuration }}}} ago'
          description: >-
            What was taken in since is kept and not yet visible. Until it is, the rules hold their state: nothing else
            is told, and what happens meanwhile is told afterwards.
      - alert: MidwatchRulesLate
        expr: {LATE} > 60
        labels:
          severity: critical
        annotations:
          summary: 'Rule group {{{{ $labels.rule_group }}}} is {{{{ $value | humanizeDuration }}}} late'
          description: Its rules take longer than their interval allows, or there are more than this machine can do.
      - alert: MidwatchRuleFailing
        expr: {FAILING} > 0
        for: 1m
        labels:
          severity: critical
        annotations:
          summary: 'Rule {{{{ $labels.rule }}}} of {{{{ $labels.rule_group }}}} cannot be evaluated'
          description: It can neither fire nor resolve until it is mended. Its page says why.
"""


def built_in_rules() -> RuleSet:
    read = read_rules(FILE, _RULES)
    assert read.rules is not None, read.problems
    return read.rules


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures of one moment, as a source of series."""

    at_ms: int
    values: Sequence[tuple[tuple[tuple[str, str], ...], float]]

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        if not start_ms <= self.at_ms <= end_ms:
            return []
        times = np.array([self.at_ms], dtype=np.int64)
        chosen = tuple(matchers)
        return [Series(labels, times, np.array([value])) for labels, value in self.values if select(labels, chosen)]


def is_held(behind_ms: int) -> bool:
    """Whether what queries see is so old that rules hold their state."""
    return behind_ms > BEHIND_SECONDS_MAX * 1000


def facts(evaluator: Evaluator, at_ms: int, now_ms: int, behind_ms: int, visible_ms: int, held_ms: int = 0) -> Facts:
    """Of the plan's rules. While they are behind, nothing else counts as wrong with them; `held_ms` is when they were
    the last time, and from then on they have time to catch up.
    """
    held = is_held(behind_ms)
    found = [(make({NAME: BEHIND}), behind_ms / 1000)]
    for key, state in evaluator.groups.items():
        due_ms = max(state.due_ms, held_ms)
        late_ms = max(0, min(now_ms, visible_ms) - due_ms) if not held else 0
        found.append((make({NAME: LATE, "rule_group": key}), late_ms / 1000))
        found += [
            (make({NAME: FAILING, "rule_group": key, "rule": one.rule.name}), float(not held)) for one in state.failing
        ]
    return Facts(at_ms, found)
