"""What is wrong with an alert besides its expression."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from midwatch.contract.plan.sections.runbooks import Runbooks
from midwatch.server.promql.lint import surviving
from midwatch.server.promql.lint.finding import Change, Severity, mended
from midwatch.server.promql.lint.walk import every
from midwatch.server.promql.syntax import parse, to_text
from midwatch.server.promql.syntax.ast import Aggregate, Expr
from midwatch.server.rules.model import AlertingRule

RUNBOOK_ANNOTATIONS = ("runbook", "runbook_url", "runbook_uri")
_LABEL = re.compile(r"\$labels\.([A-Za-z_]\w*)|\.Labels\.([A-Za-z_]\w*)|index\s+(?:\$labels|\.Labels)\s+\"([^\"]+)\"")
_CHOOSING = frozenset({"topk", "bottomk", "limitk", "limit_ratio", "count_values"})


@dataclass(frozen=True, slots=True)
class Remark:
    """`key`: where in the rule it stands."""

    check: str
    severity: Severity
    message: str
    key: Sequence[str | int] = ()


def lost_labels(rule: AlertingRule) -> Iterator[Remark]:
    """A label that an annotation shows, and that the expression does not leave: it will be empty."""
    left = surviving(rule.expr)
    told: set[str] = set()
    for key, text in _texts(rule):
        for label in _named(text):
            if left.may_have(label) or label in told:
                continue
            told.add(label)
            message = f"{key[1]}: shows the label {label}, which the expression does not leave: it will be empty"
            if (query := _keeping(rule.query, label)) is not None:
                message += f"; keep it: {query}"
            yield Remark("lost_label", "error", message, key)


def shown_labels(rule: AlertingRule) -> list[str]:
    """The labels of its elements that a rule's texts show, each once."""
    return list(dict.fromkeys(label for _, text in _texts(rule) for label in _named(text)))


def _texts(rule: AlertingRule) -> list[tuple[tuple[str, str], str]]:
    found = [(("annotations", name), text) for name, text in rule.annotations.items()]
    return found + [(("labels", name), text) for name, text in rule.labels.items()]


def _named(text: str) -> list[str]:
    return list(dict.fromkeys(next(filter(None, found)) for found in _LABEL.findall(text)))


def _keeping(query: str, label: str) -> str | None:
    """The query with the label in every aggregation that drops it; None where that is not enough."""
    expr = parse(query)
    changed = _kept(expr, label)
    return to_text(changed) if surviving(changed).may_have(label) else None


def _kept(expr: Expr, label: str) -> Expr:
    for node in every(expr):
        if not isinstance(node, Aggregate) or node.operator in _CHOOSING or surviving(node).may_have(label):
            continue
        fewer = tuple(name for name in node.grouping if name != label)
        grouping = fewer if node.without else (*node.grouping, label)
        text = mended(to_text(expr), Change(_at(expr, node), replace(node, grouping=grouping)))
        return _kept(parse(text), label)
    return expr


def _at(expr: Expr, node: Aggregate) -> Expr:
    """The node as it stands in the printed query, whose spans are those of its text."""
    place = next(index for index, one in enumerate(every(expr)) if one is node)
    return list(every(parse(to_text(expr))))[place]


def no_runbook(rule: AlertingRule, mode: Runbooks, known: Iterable[str]) -> Iterator[Remark]:
    """Whoever is woken by it has to find what to do."""
    if mode == "off":
        return
    severity: Severity = "error" if mode == "require" else "warning"
    given = next((name for name in RUNBOOK_ANNOTATIONS if rule.annotations.get(name)), None)
    if given is None:
        message = (
            f"{rule.name} has no runbook: expected the annotation runbook, with a name from runbooks/, or runbook_url"
            + ("; `runbooks: warn` in midwatch.yml makes this a warning" if mode == "require" else "")
        )
        yield Remark("no_runbook", severity, message)
        return
    text = rule.annotations[given]
    if given == "runbook" and "{{" not in text and "://" not in text and text not in (names := set(known)):
        near = difflib.get_close_matches(text, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else f": there is no runbooks/{text}.md"
        yield Remark(
            "no_runbook", severity, f"runbook={text}: is no runbook of this plan{hint}", ("annotations", given)
        )


def nobody_told(rule: AlertingRule, receivers: Mapping[str, bool]) -> Iterator[Remark]:
    """`receivers`: where it would go, and whether anybody is told there."""
    if receivers and not any(receivers.values()):
        names = ", ".join(receivers)
        message = f"{rule.name} goes to {names}, where nobody is told: no receiver that it reaches has a channel"
        yield Remark("nobody_told", "warning", message)
