"""Alerts between the evaluator and the workspace."""

from collections.abc import Iterable

from midwatch.server.model.alert import ALERT_NAME, fingerprint
from midwatch.server.promql.labels import make
from midwatch.server.promql.wire.numbers import number
from midwatch.server.rules.alerts import ActiveAlert, State, Transition
from midwatch.server.rules.evaluator import Remembered
from midwatch.server.workspace.models import RuleAlertRow
from midwatch.server.workspace.rules import AlertChange


def change_of(one: Transition) -> AlertChange:
    labels = dict(one.labels)
    return AlertChange(
        at_ms=one.at_ms,
        rule_id=one.rule_id,
        file=one.file,
        group=one.group,
        alert_name=labels.get(ALERT_NAME, ""),
        fingerprint=fingerprint(labels),
        before=one.before.value,
        after=one.after.value,
        value=number(one.value),
        labels=labels,
        annotations=dict(one.annotations),
        active_ms=one.active_at_ms,
        fired_ms=one.fired_at_ms,
    )


def remembered(rows: Iterable[RuleAlertRow]) -> list[Remembered]:
    found = []
    for row in rows:
        alert = ActiveAlert(
            make(row.labels),
            row.active_ms,
            float(row.value),
            row.annotations,
            State(row.state),
            row.fired_ms,
            row.resolved_ms,
        )
        found.append(Remembered(row.rule_id, alert))
    return found
