"""The rules of a plan's objectives, as the rules' room has them."""

from collections.abc import Mapping, Sequence

import yaml

from midwatch.server.rules.files import read_rules
from midwatch.server.rules.model import RuleSet, joined
from midwatch.server.slo.generated import rule_groups
from midwatch.server.slo.objective import Objective


def rules_text(objectives: Sequence[Objective]) -> str:
    """A rule file, as it could be given to a Prometheus."""
    groups = [group for one in objectives for group in rule_groups(one)]
    return yaml.safe_dump({"groups": groups}, sort_keys=False, width=1000)


def rules_of_objectives(files: Mapping[str, Sequence[Objective]]) -> RuleSet:
    """By the files that they come from."""
    return joined(_read(file, objectives) for file, objectives in sorted(files.items()))


def _read(file: str, objectives: Sequence[Objective]) -> RuleSet:
    read = read_rules(file, rules_text(objectives))
    # Queries and names were checked with the objectives: what is wrong here is wrong in `slo`.
    assert read.rules is not None, read.problems
    return read.rules
