"""Alerts about telling itself: `MidwatchCannotNotify` and `MidwatchRecoveryFailed`."""

from collections.abc import Mapping

from midwatch.server.model.alert import ALERT_NAME, Alert
from midwatch.server.model.notification import Integration, Notification
from midwatch.server.notify.data import common
from midwatch.server.workspace.deliveries import Fares

CANNOT_NOTIFY, RECOVERY_FAILED = "MidwatchCannotNotify", "MidwatchRecoveryFailed"
FAILING_SECONDS = 120.0
"""For how long a receiver may not take messages before that is worth a page; what was refused for good is at once."""
LASTS_NS = 5 * 60 * 10**9
"""Told of again each minute while it is so."""
RECOVERY_LASTS_NS = 4 * 3600 * 10**9
"""A recovery that failed is told of so long: nothing says that it was mended but the alert that it was for."""


class Conditions:
    """What was told of, so that its end is told as well."""

    def __init__(self) -> None:
        self._since: dict[Integration, Alert] = {}

    @property
    def failing(self) -> frozenset[Integration]:
        return frozenset(self._since)

    def alerts(self, fares: Mapping[Integration, Fares], now_ns: int) -> list[Alert]:
        """Of each integration that cannot be told, firing; and of those that can again, resolved, once."""
        failing = {one: state for one, state in fares.items() if _fails(state, now_ns)}
        over = [_ended(self._since.pop(one), now_ns) for one in set(self._since) - set(failing)]
        for one, state in failing.items():
            self._since[one] = _cannot_notify(one, state, now_ns)
        return over + list(self._since.values())


def _fails(state: Fares, now_ns: int) -> bool:
    if state.failing_since_ms is None:
        return False
    return state.lost or now_ns / 1e6 - state.failing_since_ms >= FAILING_SECONDS * 1000


def _cannot_notify(integration: Integration, state: Fares, now_ns: int) -> Alert:
    way = f"{integration.kind}[{integration.index}]"
    labels = {
        ALERT_NAME: CANNOT_NOTIFY,
        "severity": "critical",
        "receiver": integration.receiver,
        "integration": way,
    }
    lost = "Notifications were lost. " if state.lost else ""
    annotations = {
        "summary": f"{integration.receiver} cannot be told by {way}",
        "description": f"{lost}The last attempt: {state.error}",
    }
    assert state.failing_since_ms is not None
    return Alert(labels, state.failing_since_ms * 1_000_000, now_ns + LASTS_NS, annotations, updated_at_ns=now_ns)


def _ended(alert: Alert, now_ns: int) -> Alert:
    return Alert(alert.labels, alert.starts_at_ns, now_ns, alert.annotations, updated_at_ns=now_ns)


def recovery_failed(notification: Notification, error: str, now_ns: int) -> Alert:
    """With the labels of what was to be mended, so that the same routes lead to whoever can."""
    labels = common(alert.labels for alert in notification.firing)
    labels |= dict(notification.group_labels)
    mended = labels.get(ALERT_NAME, "")
    labels |= {ALERT_NAME: RECOVERY_FAILED, "hook": str(notification.integration)}
    labels |= {"alert": mended} if mended else {}
    labels.setdefault("severity", "critical")
    annotations = {
        "summary": f"The recovery hook for {mended or 'a group of alerts'} failed",
        "description": f"{notification.integration}: {error}",
    }
    runbooks = common(alert.annotations for alert in notification.firing)
    annotations |= {name: runbooks[name] for name in ("runbook_url",) if name in runbooks}
    return Alert(labels, now_ns, now_ns + RECOVERY_LASTS_NS, annotations, updated_at_ns=now_ns)
