"""The rules of a plan's objectives: as a rule file for people, and as the rules' room has them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from midwatch.server.promql.syntax import parse, to_text
from midwatch.server.rules.model import AlertingRule, Group, RecordingRule, Rule, RuleSet, with_ids
from midwatch.server.slo.generated import rule_groups
from midwatch.server.slo.objective import Objective


def rules_text(objectives: Sequence[Objective]) -> str:
    """A rule file, as it could be given to a Prometheus."""
    groups = [group for one in objectives for group in rule_groups(one)]
    return yaml.safe_dump({"groups": groups}, sort_keys=False, width=1000)


def rules_of_objectives(files: Mapping[str, Iterable[Objective]]) -> RuleSet:
    """By the files that they come from. Some milliseconds an objective: many are for a thread."""
    return RuleSet(
        tuple(
            Group(file, group["name"], with_ids(file, group["name"], map(_rule, group["rules"])))
            for file, objectives in sorted(files.items())
            for one in objectives
            for group in rule_groups(one)
        )
    )


def _rule(written: Mapping[str, Any]) -> Rule:
    """Queries and names were checked with the objective."""
    expr = parse(written["expr"])
    query, labels = to_text(expr), written["labels"]
    if "record" in written:
        return RecordingRule(written["record"], query, expr, labels)
    return AlertingRule(written["alert"], query, expr, labels, annotations=written["annotations"])
