"""What people do about alerts: silences, and marks that acknowledge, snooze and assign. All of it is audited."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from midwatch.server.alerting.desk import AlertDesk
from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.history import Event, Happening
from midwatch.server.alerting.marks import Mark, MarkKind
from midwatch.server.alerting.silences import Silence, expired
from midwatch.server.alerting.state import event_row, mark_row, silence_row
from midwatch.server.model.actor import Actor
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.notification import Notification, Reason
from midwatch.server.workspace.alerting import Changes
from midwatch.server.workspace.audit import noted

_HAPPENINGS = {
    MarkKind.ACKNOWLEDGED: Happening.ACKNOWLEDGED,
    MarkKind.SNOOZED: Happening.SNOOZED,
    MarkKind.ASSIGNED: Happening.ASSIGNED,
}


class AlertActs:
    """On the desk of this server."""

    def __init__(self, desk: AlertDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def silences(self) -> list[Silence]:
        return (await self._desk.current()).silences.all()

    async def silence(self, id_: str) -> Silence:
        """Raises NotFound."""
        return (await self._desk.current()).silences.get(id_)

    async def put_silence(self, actor: Actor, wanted: Silence) -> str:
        """The id under which it is kept: one that cannot be changed in place goes on as a new one.

        Raises:
            BadRequest: it would hide everything, or its times are wrong.
            NotFound: there is none of its id.
        """
        dispatcher, now_ns = await self._desk.current(), self._clock.now_ns()
        silences = dispatcher.silences.changed_by(wanted, now_ns, str(uuid.uuid4()))
        action = "silence.change" if wanted.id else "silence.create"
        await self._act_on_silences(actor, action, silences)
        return silences[-1].id

    async def expire_silence(self, actor: Actor, id_: str) -> None:
        """End it now; where it is over already nothing changes. Raises NotFound."""
        dispatcher, now_ns = await self._desk.current(), self._clock.now_ns()
        silences = expired(dispatcher.silences.get(id_), now_ns)
        if silences:
            await self._act_on_silences(actor, "silence.expire", silences)

    async def _act_on_silences(self, actor: Actor, action: str, silences: list[Silence]) -> None:
        rows = [silence_row(one) for one in silences]
        last = silences[-1]
        matchers = [" ".join(one) for one in rows[-1]["matchers"]]
        details = {"matchers": matchers, "comment": last.comment, "ends_ns": last.ends_at_ns}
        changes = Changes(silences=rows, audit=[noted(self._clock, actor, action, last.id, details)])
        await self._desk.act(changes, ("silences", rows), lambda dispatcher: dispatcher.silences.put(silences))

    async def hidden_by(self, silence: Silence) -> list[Alert]:
        """The alerts that fire and that it would hide."""
        dispatcher, now_ns = await self._desk.current(), self._clock.now_ns()
        alerts = (one.alert for one in dispatcher.known.values())
        return [alert for alert in alerts if not alert.resolved(now_ns) and silence.hides(alert.labels)]

    async def hide_counts(self) -> Mapping[str, int]:
        """How many of the alerts that fire each silence hides, or would; those that hide none are left out."""
        dispatcher, now_ns = await self._desk.current(), self._clock.now_ns()
        alerts = (one.alert for one in dispatcher.known.values())
        return dispatcher.silences.counts(alert for alert in alerts if not alert.resolved(now_ns))

    async def mark(
        self,
        actor: Actor,
        kind: MarkKind,
        *,
        fingerprint: str | None = None,
        group_key: str | None = None,
        comment: str = "",
        until_ns: int = 0,
        assignee: str = "",
    ) -> Mark:
        """Say something about an alert, or about all that fire in a group.

        Raises:
            BadRequest: neither or both are named, or a snooze that does not end.
            NotFound: nothing of that fires.
        """
        if (fingerprint is None) == (group_key is None):
            raise BadRequest("expected either fingerprint or group_key")
        dispatcher, now_ns = await self._desk.current(), self._clock.now_ns()
        if kind is MarkKind.SNOOZED and until_ns <= now_ns:
            raise BadRequest("until: expected a time to come, at which it is told again")
        alerts = _meant(dispatcher, fingerprint, group_key, now_ns)
        if not alerts:
            raise NotFound(f"cannot find an alert that fires under {fingerprint or group_key}")
        fingerprints = frozenset(alert.fingerprint for alert in alerts)
        made = Mark(
            str(uuid.uuid4()), kind, fingerprints, actor.name, now_ns, comment, group_key or "", until_ns, assignee
        )
        details = {name: value for name, value in (("until_ns", until_ns), ("assignee", assignee)) if value}
        events = [_said(_HAPPENINGS[kind], alert, made, details) for alert in alerts]
        target = group_key or fingerprint or ""
        audit = [noted(self._clock, actor, f"alert.{kind.value}", target, {"comment": comment, **details})]
        changes = Changes(marks=[mark_row(made)], events=list(map(event_row, events)), audit=audit)
        await self._desk.act(changes, ("mark", mark_row(made)), lambda dispatcher: dispatcher.marks.put(made))
        if kind is MarkKind.ACKNOWLEDGED:
            await self._desk.owe(_acknowledgements(await self._desk.current(), alerts, made))
        return made

    async def unmark(self, actor: Actor, id_: str) -> None:
        """Take back what was said. Raises NotFound."""
        dispatcher, now_ns = await self._desk.current(), self._clock.now_ns()
        mark = dispatcher.marks.get(id_)
        if mark is None:
            raise NotFound(f"cannot find mark {id_}: it was taken back, or its alerts are over")
        alerts = [known.alert for one in mark.fingerprints if (known := dispatcher.known.get(one)) is not None]
        events = []
        if mark.kind is MarkKind.ACKNOWLEDGED:
            undone = Mark(mark.id, mark.kind, mark.fingerprints, actor.name, now_ns)
            events = [_said(Happening.UNACKNOWLEDGED, alert, undone, {}) for alert in alerts]
        audit = [noted(self._clock, actor, f"alert.not_{mark.kind.value}", mark.group_key or id_)]
        changes = Changes(gone_marks=[id_], events=list(map(event_row, events)), audit=audit)
        await self._desk.act(changes, ("unmark", id_), lambda dispatcher: dispatcher.marks.end(id_))


def _meant(dispatcher: Dispatcher, fingerprint: str | None, group_key: str | None, now_ns: int) -> list[Alert]:
    if fingerprint is not None:
        known = dispatcher.known.get(fingerprint)
        alerts: Iterable[Alert] = [] if known is None else [known.alert]
    else:
        groups = [group for group in dispatcher.groups.values() if group.key == group_key]
        alerts = {alert.fingerprint: alert for group in groups for alert in group.alerts.values()}.values()
    return [alert for alert in alerts if not alert.resolved(now_ns)]


def _said(kind: Happening, alert: Alert, mark: Mark, details: dict[str, Any]) -> Event:
    return Event(
        mark.at_ns,
        kind,
        alert.name,
        alert.fingerprint,
        alert.labels,
        group_key=mark.group_key,
        by=mark.by,
        comment=mark.comment,
        details=details,
    )


def _acknowledgements(dispatcher: Dispatcher, alerts: Sequence[Alert], mark: Mark) -> list[Notification]:
    """For receivers that keep a state of their own, of groups of which everything that fires is acknowledged."""
    groups = {group.id: group for alert in alerts for group in dispatcher.groups_of(alert.fingerprint)}
    made = []
    for group in groups.values():
        firing = [alert for alert in group.alerts.values() if not alert.resolved(mark.at_ns)]
        if not all(dispatcher.marks.of(MarkKind.ACKNOWLEDGED, alert.fingerprint) for alert in firing):
            continue
        receiver = dispatcher.configuration.receivers.get(group.route.options.receiver)
        context = {"by": mark.by, "comment": mark.comment}
        own = receiver.integrations if receiver is not None else ()
        made += [
            Notification(
                integration, group.key, group.labels, tuple(firing), (), Reason.ACKNOWLEDGED, mark.at_ns, context
            )
            for integration in dict.fromkeys([*own, *dispatcher.told_of(group)])
        ]
    return made
