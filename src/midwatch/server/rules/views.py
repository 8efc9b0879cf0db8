"""Rules and alerts in the words of Prometheus's HTTP API (web/api/v1 of 3.x)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

from midwatch.server.model.errors import BadRequest
from midwatch.server.promql.labels import make
from midwatch.server.promql.matchers import Matcher, select
from midwatch.server.rules.alerts import ActiveAlert
from midwatch.server.rules.evaluator import Evaluator
from midwatch.server.rules.model import AlertingRule, Kind
from midwatch.server.rules.state import GroupState, RuleState

_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty members ask for anything."""

    kind: Kind | None = None
    names: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    selectors: Sequence[Sequence[Matcher]] = field(default_factory=tuple)
    alerts: bool = True
    group_limit: int = 0
    next_token: str = ""

    def has(self, one: RuleState) -> bool:
        if self.kind not in (None, one.rule.kind) or (self.names and one.rule.name not in self.names):
            return False
        if not self.selectors:
            return True
        # A label that is a template is none that anybody could ask for.
        labels = make((name, value) for name, value in one.rule.labels.items() if "{{" not in value)
        return any(select(labels, tuple(matchers)) for matchers in self.selectors)


def described_rules(evaluators: Sequence[Evaluator], wanted: Wanted) -> dict[str, Any]:
    """`/rules`.

    Raises:
        BadRequest: a token that no group has.
    """
    groups: list[dict[str, Any]] = []
    found = not wanted.next_token
    for state in (state for one in evaluators for state in list(one.groups.values())):
        group = state.group
        token = sha1(group.key.encode(), usedforsecurity=False).hexdigest()
        found = found or token == wanted.next_token
        if not found or (wanted.groups and group.name not in wanted.groups):
            continue
        if wanted.files and group.file not in wanted.files:
            continue
        rules = [_rule(one, alerts=wanted.alerts) for one in state.rules if wanted.has(one)]
        if not rules:
            continue
        if wanted.group_limit and len(groups) == wanted.group_limit:
            return {"groups": groups, "groupNextToken": token}
        groups.append(_group(state, rules))
    if not found:
        raise BadRequest(f"invalid group_next_token '{wanted.next_token[:100]}'. were rule groups changed?")
    return {"groups": groups}


def described_alerts(evaluators: Sequence[Evaluator]) -> dict[str, Any]:
    """`/alerts`."""
    states = (state for one in evaluators for state in list(one.groups.values()))
    return {"alerts": [_alert(alert) for state in states for one in state.rules for alert in one.alerts]}


def _group(state: GroupState, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": state.group.name,
        "file": state.group.file,
        "rules": rules,
        "interval": state.group.interval_ms / 1000,
        "limit": state.group.limit,
        "evaluationTime": state.seconds,
        "lastEvaluation": _NEVER if state.evaluated_ns is None else moment(state.evaluated_ns // 1_000_000),
    }


def _rule(one: RuleState, *, alerts: bool) -> dict[str, Any]:
    rule = one.rule
    shared: dict[str, Any] = {"name": rule.name, "query": rule.query, "labels": dict(rule.labels), "health": one.health}
    if one.error:
        shared["lastError"] = one.error
    shared["evaluationTime"] = one.seconds
    shared["lastEvaluation"] = _NEVER if one.evaluated_ms is None else moment(one.evaluated_ms)
    if not isinstance(rule, AlertingRule):
        if not rule.labels:
            del shared["labels"]
        return {**shared, "type": "recording"}
    return {
        **shared,
        "state": one.state.value,
        "duration": rule.for_ms / 1000,
        "keepFiringFor": rule.keep_firing_for_ms / 1000,
        "annotations": dict(rule.annotations),
        "alerts": [_alert(alert) for alert in one.alerts] if alerts else [],
        "type": "alerting",
    }


def _alert(alert: ActiveAlert) -> dict[str, Any]:
    found = {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "state": alert.state.value,
        "activeAt": moment(alert.active_at_ms),
        "value": exponent(alert.value),
    }
    if alert.keep_firing_since_ms is not None:
        found["keepFiringSince"] = moment(alert.keep_firing_since_ms)
    return found


def moment(at_ms: int) -> str:
    """RFC 3339, with as many digits of fraction as there are."""
    fraction = f".{at_ms % 1000:03d}".rstrip("0").rstrip(".")
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def exponent(value: float) -> str:
    """As Go's `FormatFloat(value, 'e', -1, 64)`: the fewest digits that give the value back."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        return {"inf": "+Inf", "-inf": "-Inf"}.get(str(value), "NaN")
    digits = repr(value).partition("e")[0].replace(".", "").replace("-", "").strip("0")
    mantissa, _, power = f"{value:.{max(0, len(digits) - 1)}e}".partition("e")
    return f"{mantissa}e{power[0]}{power[1:].zfill(2)}"
