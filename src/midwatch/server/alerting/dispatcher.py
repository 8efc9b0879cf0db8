"""The dispatcher: alerts come in, are routed and grouped, and each group is looked at when its time has come.

Everything is decided from the time that is handed in, so that a virtual clock drives days in seconds. Timing is
Alertmanager's (dispatch/dispatch.go of 0.33): a new group waits `group_wait`, then it is looked at every
`group_interval`, and `dedup.py` says who is told.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.dedup import Said, Told, reason_to_tell
from midwatch.server.alerting.groups import Flush, Group, GroupId, in_order
from midwatch.server.alerting.inhibition import Inhibitor
from midwatch.server.alerting.maintenance import MaintenanceWindows
from midwatch.server.alerting.marks import MarkKind, Marks
from midwatch.server.alerting.merging import Known, merged, received
from midwatch.server.alerting.notes import Notes
from midwatch.server.alerting.route import Route, group_labels
from midwatch.server.alerting.silences import Silences
from midwatch.server.alerting.stages import passed, stages, time_stages
from midwatch.server.alerting.telling import Owed, Tell, Telling, by_receiver
from midwatch.server.model.alert import Alert
from midwatch.server.model.errors import RateLimited
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.protocols.alertmanager.matchers import labels_text

ALERTS_MAX = 100_000
"""That are known at once."""
GROUPS_MAX = 20_000
"""Alerts of further ones are told of in one group a route."""
_IDLE_NS = 60 * 10**9
"""How long a step lasts where nothing is due."""
Pair = tuple[str, Integration]
"""A group's key, and one of its integrations."""


class NotificationLog(Protocol):
    """Where notifications are handed on: what is put is told, whatever becomes of this process."""

    async def put(self, notifications: Sequence[Notification]) -> object: ...

    async def lasts(self, wanted: Sequence[Pair]) -> Mapping[Pair, Told]: ...


@dataclass(frozen=True, slots=True)
class _ToldOf:
    """One look at a group: what passed, and who is told of it."""

    flush: Flush
    alerts: list[Alert]
    telling: Telling


class Dispatcher:
    """Owned by one event loop, and there by one task that calls `step`."""

    def __init__(
        self,
        configuration: Configuration,
        log: NotificationLog,
        *,
        silences: Silences | None = None,
        marks: Marks | None = None,
        tell: Tell = by_receiver,
        maintenance: MaintenanceWindows | None = None,
    ) -> None:
        self.configuration = configuration
        self.silences = silences or Silences()
        self.marks = marks or Marks()
        self.known: dict[str, Known] = {}
        """Alerts by fingerprint: those that fire, and those whose end some group has not told yet."""
        self.groups: dict[GroupId, Group] = {}
        self.notes = Notes()
        self.touched: set[str] = set()
        """Fingerprints of alerts that changed or went since somebody took them."""
        self.moved: set[GroupId] = set()
        """Groups whose time changed, and those that went."""
        self._log = log
        self._tell = tell
        self._maintenance = maintenance or MaintenanceWindows()
        self._inhibitor = Inhibitor(configuration.inhibitions)
        self._stages = stages(configuration, self._inhibitor, self.silences, self.marks, self._maintenance)
        self._time_stages = time_stages(configuration)
        self._places: dict[str, list[tuple[Route, dict[str, str], GroupId]]] = {}
        """By fingerprint: where an alert goes."""
        self._due: list[tuple[int, GroupId]] = []
        self._ends: list[tuple[int, str]] = []
        self._told: dict[Pair, Told | None] = {}

    def put(self, alerts: Iterable[Alert], now_ns: int) -> list[Alert]:
        """Take in what a sender tells; the alerts that began or ended with it.

        Raises:
            RateLimited: more alerts than are known at once; nothing was taken in.
        """
        incoming = [received(alert, now_ns, self.configuration.resolve_timeout_ns) for alert in alerts]
        new = sum(1 for one in incoming if one.alert.fingerprint not in self.known)
        if len(self.known) + new > ALERTS_MAX:
            message = f"cannot take {new} more alerts: {len(self.known)} are known, and {ALERTS_MAX} may be at once"
            raise RateLimited(message, retry_after_seconds=60)
        changed = []
        for one in incoming:
            old = self.known.get(one.alert.fingerprint)
            if old is None and one.alert.resolved(now_ns):
                continue  # the end of what nobody was told of
            now = one if old is None else merged(old, one, now_ns)
            self._keep(now, now_ns)
            if self._changed(old, now, now_ns):
                changed.append(now.alert)
        return changed

    def restore(self, known: Iterable[Known], times: Mapping[GroupId, tuple[int, int]], now_ns: int) -> None:
        """Go on where another process ended. Nobody could tell it of alerts meanwhile: none of them timed out.

        `times` of groups: when each is looked at next, and since when it climbs.
        """
        grace_ns = now_ns + self.configuration.resolve_timeout_ns
        for one in known:
            alert = one.alert
            ended = alert.ends_at_ns <= alert.updated_at_ns
            if not ended and alert.ends_at_ns < grace_ns:
                alert = replace(alert, ends_at_ns=grace_ns)
            self._keep(Known(alert, one.timeout), now_ns)
            if not alert.resolved(now_ns):
                self.notes.known(alert)
        for id_, (at_ns, climbs_ns) in times.items():
            if (group := self.groups.get(id_)) is not None:
                group.climbs_ns = climbs_ns
                self._look_at(group, at_ns)

    def configure(self, configuration: Configuration, now_ns: int) -> None:
        """Route everything anew. A group that stays keeps its time; what was told before is known of it."""
        before = self.groups
        self.moved |= before.keys()
        self.configuration = configuration
        self._inhibitor = Inhibitor(configuration.inhibitions, (one.alert for one in self.known.values()))
        self._stages = stages(configuration, self._inhibitor, self.silences, self.marks, self._maintenance)
        self._time_stages = time_stages(configuration)
        self.groups, self._due, self._places, self._told = {}, [], {}, {}
        self.notes.forget_groups()
        for one in self.known.values():
            self._group(one.alert, now_ns)
        for id_, group in self.groups.items():
            if id_ in before:
                latest_ns = now_ns + group.route.options.group_interval_ns
                group.climbs_ns = before[id_].climbs_ns
                self._look_at(group, min(before[id_].next_ns, latest_ns))

    def clock_jumped(self, by_ns: int, now_ns: int) -> None:
        """The clock on the wall was set, or the machine slept. Nobody could tell of alerts meanwhile: what waits, waits
        as long as it would have, and no alert ends for it."""
        for one in list(self.known.values()):
            if not one.alert.resolved(now_ns - by_ns):
                self._keep(Known(replace(one.alert, ends_at_ns=one.alert.ends_at_ns + by_ns), one.timeout), now_ns)
        for group in self.groups.values():
            group.climbs_ns += by_ns if group.climbs_ns else 0
            self._look_at(group, group.next_ns + by_ns)

    async def step(self, now_ns: int) -> int:
        """Do what is due by now; when to call again, at the latest.

        Raises:
            Unavailable: the outbox does not answer: the same is due again.
        """
        self._expire(now_ns)
        flushes = [
            Flush(group, now_ns, sorted(group.alerts.values(), key=in_order)) for group in self._take_due(now_ns)
        ]
        try:
            await self._tell_about(flushes, now_ns)
        except BaseException:
            for flush in flushes:
                self._look_at(flush.group, now_ns)
            raise
        return self.wake_ns(now_ns)

    def wake_ns(self, now_ns: int) -> int:
        """When something is due next."""
        moments = [now_ns + _IDLE_NS]
        while self._due and not self._is_due(*self._due[0]):
            heapq.heappop(self._due)
        moments += [self._due[0][0]] if self._due else []
        moments += [self._ends[0][0]] if self._ends else []
        moments += [at_ns] if (at_ns := self.marks.wake_ns()) is not None else []
        return max(min(moments), now_ns)

    def held(self, alert: Alert, group: Group | None, now_ns: int) -> dict[str, tuple[str, ...]]:
        """What would hold an alert back now, by why."""
        by = self._inhibitor.inhibited_by(alert.labels, now_ns)
        found: dict[str, tuple[str, ...]] = {"inhibited": (by,)} if by is not None else {}
        if hiding := self.silences.hiding(alert.fingerprint, alert.labels, now_ns):
            found["silenced"] = tuple(hiding)
        if names := self._maintenance.holding(alert.labels, now_ns):
            found["muted"] = tuple(names)
        if group is not None:
            flush = Flush(group, now_ns, [alert])
            if not passed(flush, self._time_stages):
                found["muted"] = flush.held[alert.fingerprint].by
        return found

    def groups_of(self, fingerprint: str) -> list[Group]:
        ids = [id_ for _, _, id_ in self._places.get(fingerprint, ())]
        return [self.groups[id_] for id_ in ids if id_ in self.groups]

    def _keep(self, one: Known, now_ns: int) -> None:
        alert = one.alert
        self.known[alert.fingerprint] = one
        self.touched.add(alert.fingerprint)
        self._inhibitor.put(alert)
        if not alert.resolved(now_ns):
            heapq.heappush(self._ends, (alert.ends_at_ns, alert.fingerprint))
        self._group(alert, now_ns)

    def _group(self, alert: Alert, now_ns: int) -> None:
        places = self._places.get(alert.fingerprint)
        if places is None:
            routes = self.configuration.root.match(alert.labels)
            found = [(route, group_labels(route.options, alert.labels)) for route in routes]
            places = [(route, labels, (route.id, labels_text(labels))) for route, labels in found]
            self._places[alert.fingerprint] = places
        for index, (route, labels, id_) in enumerate(places):
            group = self.groups.get(id_)
            if group is None and labels and len(self.groups) >= GROUPS_MAX:
                # Nobody is left asleep by a limit: what comes over it is told together.
                labels, id_ = {}, (route.id, labels_text({}))  # noqa: PLW2901
                places[index] = (route, labels, id_)
                group = self.groups.get(id_)
            if group is None:
                wait_ns = route.options.group_wait_ns
                overdue = alert.starts_at_ns + wait_ns < now_ns
                group = self.groups[id_] = Group(route, labels, 0)
                self._look_at(group, now_ns if overdue else now_ns + wait_ns)
            group.alerts[alert.fingerprint] = alert

    def _look_at(self, group: Group, at_ns: int) -> None:
        group.next_ns = at_ns
        self.moved.add(group.id)
        heapq.heappush(self._due, (at_ns, group.id))

    def _is_due(self, at_ns: int, id_: GroupId) -> bool:
        """Whether an entry of the queue is still meant: a group's time may have changed since."""
        group = self.groups.get(id_)
        return group is not None and group.next_ns == at_ns

    def _take_due(self, now_ns: int) -> list[Group]:
        found: dict[GroupId, Group] = {}
        while self._due and self._due[0][0] <= now_ns:
            at_ns, id_ = heapq.heappop(self._due)
            if self._is_due(at_ns, id_) and id_ not in found:
                found[id_] = self.groups[id_]
        for group in found.values():
            self._look_at(group, now_ns + group.route.options.group_interval_ns)
        return list(found.values())

    async def _tell_about(self, flushes: list[Flush], now_ns: int) -> None:
        told = [self._told_of(flush) for flush in flushes]
        await self._learn(
            [(one.flush.group.key, integration) for one in told for integration in one.telling.integrations]
        )
        owed = [
            made
            for one in told
            for integration, what in one.telling.integrations.items()
            if (made := self._notification(one.flush, one.alerts, integration, what)) is not None
        ]
        if owed:
            await self._log.put(owed)
        for made in owed:
            self._told[made.group_key, made.integration] = Said(made)
            self.notes.notified(made)
        made_of = {(made.group_key, made.integration) for made in owed}
        for one in told:
            self.notes.held(one.flush)
            self._settle(one, made_of, now_ns)

    def _told_of(self, flush: Flush) -> "_ToldOf":
        alerts, group = passed(flush, self._stages), flush.group
        firing = [alert.fingerprint for alert in alerts if not alert.resolved(flush.now_ns)]
        flush.acknowledged = frozenset(one for one in firing if self.marks.of(MarkKind.ACKNOWLEDGED, one))
        if alerts:
            return _ToldOf(flush, alerts, self._tell(self.configuration, flush, alerts))
        group.climbs_ns = 0
        return _ToldOf(flush, alerts, Telling())

    async def _learn(self, pairs: list[Pair]) -> None:
        """What integrations were told before this process knew of the group."""
        unknown = [pair for pair in pairs if pair not in self._told]
        if unknown:
            found = await self._log.lasts(unknown)
            self._told |= {pair: found.get(pair) for pair in unknown}

    def told_of(self, group: Group) -> list[Integration]:
        """Who knows that it fires, whoever an escalation has reached included."""
        return [one for (key, one), last in self._told.items() if key == group.key and last is not None and last.firing]

    def _notification(
        self, flush: Flush, alerts: list[Alert], integration: Integration, owed: Owed
    ) -> Notification | None:
        group, now_ns = flush.group, flush.now_ns
        firing = tuple(alert for alert in alerts if not alert.resolved(now_ns))
        resolved = tuple(alert for alert in alerts if alert.resolved(now_ns))
        last = self._told.get((group.key, integration))
        if owed.since_ns is None and (owed.gathers or firing or last is None):
            return None
        reason: Reason | None
        if owed.gathers:
            reason = owed.reason if last is None or last.at_ns < (owed.since_ns or 0) else None
        else:
            reason = self._reason(flush, firing, resolved, integration, owed)
        if reason is None:
            return None
        labels = {f"route_label_{name}": value for name, value in group.route.options.labels.items()}
        context = {**labels, **owed.context}
        return Notification(integration, group.key, group.labels, firing, resolved, reason, now_ns, context)

    def _reason(
        self,
        flush: Flush,
        firing: Sequence[Alert],
        resolved: Sequence[Alert],
        integration: Integration,
        owed: Owed,
    ) -> Reason | None:
        receiver = self.configuration.receivers.get(integration.receiver)
        fingerprints = frozenset(alert.fingerprint for alert in firing)
        last = self._told.get((flush.group.key, integration))
        reason = reason_to_tell(
            last,
            firing=fingerprints,
            resolved=frozenset(alert.fingerprint for alert in resolved),
            sends_resolved=receiver is None
            or integration not in receiver.integrations
            or receiver.sends_resolved(integration),
            repeat_ns=flush.group.route.options.repeat_interval_ns,
            now_ns=flush.now_ns,
            acknowledged=flush.acknowledged & fingerprints,
            woken_ns=max([owed.since_ns or 0, *(self.marks.woken_ns(one) for one in fingerprints)]),
        )
        again = reason is Reason.REPEAT and last is not None and last.at_ns < (owed.since_ns or 0)
        return owed.reason if again else reason

    def _settle(self, told: "_ToldOf", made: set[Pair], now_ns: int) -> None:
        """Resolved alerts leave the group, now that who had to know of it does; unless they fire again since."""
        flush, group = told.flush, told.flush.group
        if (next_ns := told.telling.next_ns) is not None and next_ns < group.next_ns:
            self._look_at(group, max(next_ns, now_ns + 1))
        if any(owed.gathers and (group.key, one) not in made for one, owed in told.telling.integrations.items()):
            return
        for alert in flush.resolved:
            if group.alerts.get(alert.fingerprint) is alert:
                del group.alerts[alert.fingerprint]
                if not any(alert.fingerprint in one.alerts for one in self.groups_of(alert.fingerprint)):
                    self._forget(alert)
        if not group.alerts and self.groups.get(group.id) is group:
            del self.groups[group.id]
            self.moved.add(group.id)
            self.notes.forget(group)
            for integration in told.telling.integrations:
                self._told.pop((group.key, integration), None)

    def _forget(self, alert: Alert) -> None:
        self.known.pop(alert.fingerprint, None)
        self.touched.add(alert.fingerprint)
        self._places.pop(alert.fingerprint, None)
        self._inhibitor.forget(alert)
        self.silences.forget(alert.fingerprint)

    def _expire(self, now_ns: int) -> None:
        """Alerts that nobody told of any more, and marks whose time is over."""
        while self._ends and self._ends[0][0] <= now_ns:
            ends_ns, fingerprint = heapq.heappop(self._ends)
            one = self.known.get(fingerprint)
            if one is not None and one.alert.ends_at_ns == ends_ns:
                self._end(one.alert)
        for mark in self.marks.ended_by(now_ns):
            if mark.kind is not MarkKind.SNOOZED:
                continue
            for fingerprint in mark.fingerprints:
                if (one := self.known.get(fingerprint)) is not None:
                    self.notes.woken(one.alert, mark.by, now_ns)
                    for group in self.groups_of(fingerprint):
                        self._look_at(group, now_ns)

    def _changed(self, old: Known | None, now: Known, now_ns: int) -> bool:
        """Whether it began or ended."""
        fired = old is not None and not old.alert.resolved(now_ns)
        if now.alert.resolved(now_ns):
            if fired:
                self._end(now.alert)
            return fired
        if not fired:
            self.notes.fires(now.alert)
        return not fired

    def _end(self, alert: Alert) -> None:
        if self.notes.ended(alert):
            self.marks.alert_ended(alert.fingerprint)
