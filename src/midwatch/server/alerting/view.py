"""What is shown of alerts: each with what would hold it back now, who is told, and what people said of it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.groups import Group, in_order
from midwatch.server.alerting.marks import Mark, MarkKind
from midwatch.server.model.alert import Alert, Labels
from midwatch.server.promql.matchers import Matcher, MatchType

AT_ONCE = 500
"""Alerts that are looked at before others get their turn: ten thousand take a quarter of a second."""


@dataclass(frozen=True, slots=True)
class AlertView:
    alert: Alert
    receivers: tuple[str, ...]
    silenced_by: tuple[str, ...] = ()
    """Ids of silences."""
    inhibited_by: tuple[str, ...] = ()
    """Fingerprints of alerts."""
    muted_by: tuple[str, ...] = ()
    """Names of intervals of time."""

    @property
    def suppressed(self) -> bool:
        return bool(self.silenced_by or self.inhibited_by or self.muted_by)


@dataclass(frozen=True, slots=True)
class GroupView:
    group: Group
    alerts: list[AlertView]
    muted_by: tuple[str, ...]

    @property
    def receiver(self) -> str:
        return self.group.route.options.receiver


Chosen = Callable[[AlertView], bool]


def everything(_: AlertView) -> bool:
    return True


async def firing(dispatcher: Dispatcher, now_ns: int, chosen: Chosen = everything) -> list[AlertView]:
    """Alerts that fire, by fingerprint."""
    found = []
    for number, fingerprint in enumerate(sorted(dispatcher.known), start=1):
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
        known = dispatcher.known.get(fingerprint)
        if known is None or known.alert.resolved(now_ns):
            continue
        alert = known.alert
        receivers = [group.route.options.receiver for group in dispatcher.groups_of(fingerprint)]
        view = _viewed(dispatcher, alert, tuple(receivers), now_ns)
        if chosen(view):
            found.append(view)
    return found


async def grouped(
    dispatcher: Dispatcher,
    now_ns: int,
    chosen: Chosen = everything,
    told: Callable[[str], bool] | None = None,
    key: str | None = None,
) -> list[GroupView]:
    """Groups that have such alerts, by their labels and receivers. `told` says which receivers are meant, `key` which
    group alone."""
    found, looked_at = [], 0
    for group in list(dispatcher.groups.values()):
        if looked_at >= AT_ONCE:
            looked_at = 0
            await asyncio.sleep(0)
        if key is not None and group.key != key:
            continue
        looked_at += len(group.alerts)
        if told is not None and not told(group.route.options.receiver):
            continue
        alerts = [alert for alert in sorted(group.alerts.values(), key=in_order) if not alert.resolved(now_ns)]
        if not alerts:
            continue
        muted = dispatcher.held(alerts[0], group, now_ns).get("muted", ())
        views = [_viewed(dispatcher, alert, _receivers(dispatcher, alert), now_ns, muted) for alert in alerts]
        views = [view for view in views if chosen(view)]
        if views:
            found.append(GroupView(group, views, muted))
    return sorted(found, key=lambda one: (len(one.group.labels), sorted(one.group.labels.items()), one.receiver))


def view_of(dispatcher: Dispatcher, alert: Alert, now_ns: int) -> AlertView:
    """Of one alert, muted where all of its groups are."""
    groups = dispatcher.groups_of(alert.fingerprint)
    muted = [dispatcher.held(alert, group, now_ns).get("muted", ()) for group in groups]
    by = tuple(dict.fromkeys(name for names in muted for name in names)) if muted and all(muted) else ()
    return _viewed(dispatcher, alert, _receivers(dispatcher, alert), now_ns, by)


def marks_of(dispatcher: Dispatcher, fingerprint: str) -> dict[MarkKind, Mark]:
    found = {kind: dispatcher.marks.of(kind, fingerprint) for kind in MarkKind}
    return {kind: mark for kind, mark in found.items() if mark is not None}


def filtered(matchers: Sequence[Matcher], labels: Labels) -> bool:
    """As filters of Alertmanager's API choose: `a!=""` takes what has the label, `a=""` what has not."""
    for one in matchers:
        has = one.name in labels
        negative = one.type in (MatchType.NOT_EQUAL, MatchType.NOT_REGEX)
        if not one.value and has is negative:
            continue
        if not one.matches(labels.get(one.name, "")):
            return False
    return True


def labels_of_receivers(dispatcher: Dispatcher, names: Iterable[str]) -> list[Mapping[str, str]]:
    receivers = dispatcher.configuration.receivers
    return [receivers[name].labels for name in names if name in receivers]


def _receivers(dispatcher: Dispatcher, alert: Alert) -> tuple[str, ...]:
    return tuple(sorted(group.route.options.receiver for group in dispatcher.groups_of(alert.fingerprint)))


def _viewed(
    dispatcher: Dispatcher, alert: Alert, receivers: tuple[str, ...], now_ns: int, muted: tuple[str, ...] = ()
) -> AlertView:
    held = dispatcher.held(alert, None, now_ns)
    return AlertView(alert, receivers, held.get("silenced", ()), held.get("inhibited", ()), muted)
