"""Every rule of a plan under the lint: findings with file, line, column, and the mended expression."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, Path, read_document
from midwatch.contract.plan.sections.runbooks import REQUIRED, Runbooks
from midwatch.server.promql.lint import NOTHING_KNOWN, Finding, Sent, lint
from midwatch.server.promql.syntax import ParserOptions, parse
from midwatch.server.rules.lint.alerts import Remark, lost_labels, no_runbook, nobody_told
from midwatch.server.rules.model import AlertingRule, RecordingRule, Rule, RuleSet

_OPTIONS = ParserOptions.everything()
Routed = Callable[[Mapping[str, str]], Mapping[str, bool]]
"""Labels of an alert → the receivers that it reaches, and whether anybody is told there."""


def _nowhere(_labels: Mapping[str, str]) -> Mapping[str, bool]:
    return {}


def lint_rules(
    texts: Mapping[str, str],
    rules: Mapping[str, RuleSet],
    *,
    sent: Sent = NOTHING_KNOWN,
    routed: Routed = _nowhere,
    runbooks: Runbooks = REQUIRED,
    runbook_names: Iterable[str] = (),
) -> list[Problem]:
    """`texts` and `rules` by file; what the plan records itself counts as sent."""
    known, names = sent.and_also(_recorded(rules.values())), frozenset(runbook_names)
    problems: list[Problem] = []
    for file, found in sorted(rules.items()):
        document = read_document(file, texts[file])
        for path, rule in placed(document, found):
            problems += [of_finding(document, path, rule, one) for one in _findings(rule, known)]
            if isinstance(rule, AlertingRule):
                remarks = [*lost_labels(rule), *no_runbook(rule, runbooks, names)]
                remarks += nobody_told(rule, routed({**rule.labels, "alertname": rule.name}))
                problems += [_of_remark(document, path, one) for one in remarks]
    return sorted(problems)


def placed(document: Document, rules: RuleSet) -> Iterator[tuple[Path, Rule]]:
    """Rules by where they stand: one that could not be read leaves a gap, so they are found by their line."""
    groups = document.value.get("groups") if isinstance(document.value, dict) else None
    by_line = {rule.line: rule for _, rule in rules}
    for group_at, group in enumerate(groups or ()):
        for rule_at in range(len(group.get("rules") or ())):
            rule = by_line.get(document.values[("groups", group_at, "rules", rule_at)][0])
            if rule is not None:
                yield ("groups", group_at, "rules", rule_at), rule


def _recorded(rules: Iterable[RuleSet]) -> set[str]:
    return {rule.name for one in rules for _, rule in one if isinstance(rule, RecordingRule)}


def _findings(rule: Rule, sent: Sent) -> list[Finding]:
    return lint(rule.query, parse(rule.query, _OPTIONS), sent, alert=isinstance(rule, AlertingRule))


def of_finding(document: Document, path: Path, rule: Rule, one: Finding) -> Problem:
    message = one.message if one.mended is None else f"{one.message}: {one.mended}"
    return replace(document.problem((*path, rule.written or "expr"), message), severity=one.severity)


def _of_remark(document: Document, path: Path, one: Remark) -> Problem:
    return replace(document.problem((*path, *one.key), one.message), severity=one.severity)
