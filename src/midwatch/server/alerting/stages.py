"""What holds alerts back, in the order in which it is asked: each stage takes alerts of a group and lets some pass."""

from collections.abc import Callable, Sequence

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.groups import Flush, Held
from midwatch.server.alerting.inhibition import Inhibitor
from midwatch.server.alerting.maintenance import MaintenanceWindows
from midwatch.server.alerting.marks import MarkKind, Marks
from midwatch.server.alerting.silences import Silences
from midwatch.server.alerting.times import holding
from midwatch.server.model.alert import Alert

Stage = Callable[[Flush, list[Alert]], list[Alert]]
"""Gets the alerts that the stages before let pass, notes in `flush.held` which it holds, and gives back the others."""


def stages(
    configuration: Configuration,
    inhibitor: Inhibitor,
    silences: Silences,
    marks: Marks,
    maintenance: MaintenanceWindows,
) -> Sequence[Stage]:
    """Alertmanager's, in its order, then maintenance and snoozing."""
    return (
        inhibited(inhibitor),
        *time_stages(configuration),
        silenced(silences),
        in_maintenance(maintenance),
        snoozed(marks),
    )


def time_stages(configuration: Configuration) -> Sequence[Stage]:
    return outside_active_times(configuration), within_mute_times(configuration)


def passed(flush: Flush, steps: Sequence[Stage]) -> list[Alert]:
    """The alerts of the group that nothing holds back."""
    alerts = flush.alerts
    for step in steps:
        if not alerts:
            break
        alerts = step(flush, alerts)
    return alerts


def _one_by_one(why: str, by: Callable[[Alert, int], Sequence[str]]) -> Stage:
    """Each alert for itself: held where `by` names what holds it at that moment."""

    def stage(flush: Flush, alerts: list[Alert]) -> list[Alert]:
        passing = []
        for alert in alerts:
            holders = by(alert, flush.now_ns)
            if holders:
                flush.held[alert.fingerprint] = Held(why, tuple(holders))
            else:
                passing.append(alert)
        return passing

    return stage


def inhibited(inhibitor: Inhibitor) -> Stage:
    def by(alert: Alert, now_ns: int) -> Sequence[str]:
        found = inhibitor.inhibited_by(alert.labels, now_ns)
        return () if found is None else (found,)

    return _one_by_one("inhibited", by)


def outside_active_times(configuration: Configuration) -> Stage:
    def stage(flush: Flush, alerts: list[Alert]) -> list[Alert]:
        names = flush.group.route.options.active_times
        if not names or holding(configuration.intervals, names, flush.now_ns):
            return alerts
        return _all_held(flush, alerts, names)

    return stage


def within_mute_times(configuration: Configuration) -> Stage:
    def stage(flush: Flush, alerts: list[Alert]) -> list[Alert]:
        muting = holding(configuration.intervals, flush.group.route.options.mute_times, flush.now_ns)
        return _all_held(flush, alerts, tuple(muting)) if muting else alerts

    return stage


def _all_held(flush: Flush, alerts: list[Alert], names: tuple[str, ...]) -> list[Alert]:
    held = Held("muted", names)
    flush.held |= {alert.fingerprint: held for alert in alerts}
    return []


def silenced(silences: Silences) -> Stage:
    return _one_by_one("silenced", lambda alert, now_ns: silences.hiding(alert.fingerprint, alert.labels, now_ns))


def in_maintenance(maintenance: MaintenanceWindows) -> Stage:
    return _one_by_one("muted", lambda alert, now_ns: maintenance.holding(alert.labels, now_ns))


def snoozed(marks: Marks) -> Stage:
    """Only what fires: that it is over may be told."""

    def by(alert: Alert, now_ns: int) -> Sequence[str]:
        mark = marks.of(MarkKind.SNOOZED, alert.fingerprint)
        awake = mark is None or mark.until_ns <= now_ns or alert.resolved(now_ns)
        return () if mark is None or awake else (mark.by,)

    return _one_by_one("snoozed", by)
