"""Values of alerting as the API shows them."""

from collections.abc import Iterable, Mapping

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.groups import Group
from midwatch.server.alerting.marks import Mark
from midwatch.server.alerting.overview import Standing, Urgent, standing_of
from midwatch.server.alerting.route import ALL, Route
from midwatch.server.alerting.silences import Silence
from midwatch.server.alerting.times import holding
from midwatch.server.alerting.view import AlertView, marks_of
from midwatch.server.model.timerange import format_time
from midwatch.server.promql.matchers import Matcher
from midwatch.server.protocols.alertmanager.matchers import (
    WrittenMatcher,
    matchers_text,
)
from midwatch.server.schemas.alerting import (
    AlertEvent,
    AlertGroupShown,
    AlertMark,
    AlertShown,
    MatcherShown,
    ReceiverShown,
    RouteShown,
    SilenceShown,
    StandingCounts,
)
from midwatch.server.workspace.models import AlertEventRow


def shown_alert(view: AlertView, dispatcher: Dispatcher) -> AlertShown:
    alert = view.alert
    return AlertShown(
        fingerprint=alert.fingerprint,
        name=alert.name,
        labels=dict(alert.labels),
        annotations=dict(alert.annotations),
        starts_at=format_time(alert.starts_at_ns),
        ends_at=format_time(alert.ends_at_ns),
        updated_at=format_time(alert.updated_at_ns),
        generator_url=alert.generator_url,
        state="suppressed" if view.suppressed else "firing",
        standing=standing_of(dispatcher.marks, view).value,
        silenced_by=list(view.silenced_by),
        inhibited_by=list(view.inhibited_by),
        muted_by=list(view.muted_by),
        receivers=sorted(set(view.receivers)),
        group_keys=[group.key for group in dispatcher.groups_of(alert.fingerprint)],
        marks=[shown_mark(mark) for mark in marks_of(dispatcher, alert.fingerprint).values()],
    )


def shown_mark(mark: Mark) -> AlertMark:
    return AlertMark(
        id=mark.id,
        kind=mark.kind.value,
        by=mark.by,
        at=format_time(mark.at_ns),
        comment=mark.comment,
        until=format_time(mark.until_ns) if mark.until_ns else None,
        assignee=mark.assignee,
        group_key=mark.group_key,
        alerts=len(mark.fingerprints),
    )


def shown_group(urgent: Urgent, dispatcher: Dispatcher, limit: int) -> AlertGroupShown:
    one = urgent.group
    return AlertGroupShown(
        key=one.group.key,
        route_id=one.group.route.id,
        receiver=one.receiver,
        labels=dict(one.group.labels),
        muted_by=list(one.muted_by),
        looked_at_next=format_time(one.group.next_ns),
        alerts=[shown_alert(view, dispatcher) for view in urgent.alerts[:limit]],
        total=len(urgent.alerts),
        firing=len(one.alerts),
    )


def shown_counts(counts: Mapping[Standing, int]) -> StandingCounts:
    each = {standing.value: counts.get(standing, 0) for standing in Standing}
    return StandingCounts(all=sum(each.values()), **each)


def shown_event(row: AlertEventRow) -> AlertEvent:
    return AlertEvent(
        id=row.id,
        at=format_time(row.at_ns),
        kind=row.kind,
        rule=row.rule,
        fingerprint=row.fingerprint,
        labels=row.labels,
        group_key=row.group_key,
        receiver=row.receiver,
        by=row.by,
        comment=row.comment,
        details=row.details,
    )


def written(matchers: Iterable[Matcher]) -> list[WrittenMatcher]:
    return [WrittenMatcher(one.name, one.type.value, one.value) for one in matchers]


def shown_silence(one: Silence, now_ns: int, hides: int) -> SilenceShown:
    matchers = written(one.matchers)
    return SilenceShown(
        id=one.id,
        state=one.state(now_ns).value,
        matchers=[MatcherShown.model_validate(matcher._asdict()) for matcher in matchers],
        text=matchers_text(matchers)[1:-1],
        starts_at=format_time(one.starts_at_ns),
        ends_at=format_time(one.ends_at_ns),
        updated_at=format_time(one.updated_at_ns),
        created_by=one.created_by,
        comment=one.comment,
        hides=hides,
    )


def shown_route(route: Route, configuration: Configuration, groups: Iterable[Group], now_ns: int) -> RouteShown:
    firing: dict[str, set[str]] = {}
    for group in groups:
        of_route = firing.setdefault(group.route.id, set())
        of_route |= {alert.fingerprint for alert in group.alerts.values() if not alert.resolved(now_ns)}
    return _route(route, configuration, {id_: len(alerts) for id_, alerts in firing.items()}, now_ns)


def _route(route: Route, configuration: Configuration, firing: dict[str, int], now_ns: int) -> RouteShown:
    options = route.options
    return RouteShown(
        id=route.id,
        matchers=route.matchers_text[1:-1],
        receiver=options.receiver,
        goes_on=route.goes_on,
        group_by=[ALL] if options.group_by_all else sorted(options.group_by),
        group_wait_seconds=options.group_wait_ns / 1e9,
        group_interval_seconds=options.group_interval_ns / 1e9,
        repeat_interval_seconds=options.repeat_interval_ns / 1e9,
        mute_times=list(options.mute_times),
        active_times=list(options.active_times),
        muted_by=muted_by(route, configuration, now_ns),
        alerts=firing.get(route.id, 0),
        routes=[_route(child, configuration, firing, now_ns) for child in route.routes],
    )


def muted_by(route: Route, configuration: Configuration, now_ns: int) -> list[str]:
    """Its intervals that hold it back at a moment."""
    active = route.options.active_times
    if active and not holding(configuration.intervals, active, now_ns):
        return list(active)
    return holding(configuration.intervals, route.options.mute_times, now_ns)


def shown_receivers(configuration: Configuration) -> list[ReceiverShown]:
    return [
        ReceiverShown(
            name=one.name,
            integrations=[f"{way.kind}[{way.index}]" for way in one.integrations],
            unsupported=list(one.unsupported),
        )
        for one in configuration.receivers.values()
    ]
