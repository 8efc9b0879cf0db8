"""What happens to alerts while they are dispatched, noted for the history: each change once."""

from collections.abc import Mapping

from midwatch.server.alerting.groups import Flush, Group, GroupId
from midwatch.server.alerting.history import Event, Happening
from midwatch.server.model.alert import Alert
from midwatch.server.model.notification import Notification


class Notes:
    def __init__(self) -> None:
        self.events: list[Event] = []
        """Since somebody took them."""
        self._fires: set[str] = set()
        """Fingerprints: an alert that is told of again has not begun again."""
        self._held: dict[GroupId, dict[str, str]] = {}
        """Why alerts of a group were held when it was last looked at: history tells of changes alone."""

    def known(self, alert: Alert) -> None:
        """It fired before this process knew of it."""
        self._fires.add(alert.fingerprint)

    def fires(self, alert: Alert) -> None:
        self._fires.add(alert.fingerprint)
        self.events.append(_event(alert.starts_at_ns, Happening.FIRING, alert))

    def ended(self, alert: Alert) -> bool:
        """Whether that is news."""
        if alert.fingerprint not in self._fires:
            return False
        self._fires.discard(alert.fingerprint)
        self.events.append(_event(alert.ends_at_ns, Happening.RESOLVED, alert))
        return True

    def woken(self, alert: Alert, by: str, now_ns: int) -> None:
        self.events.append(_event(now_ns, Happening.WOKEN, alert, by=by))

    def held(self, flush: Flush) -> None:
        id_ = flush.group.id
        before, now = self._held.get(id_, {}), {key: held.why for key, held in flush.held.items()}
        for alert in flush.alerts:
            held = flush.held.get(alert.fingerprint)
            if held is None or held.why == "snoozed" or before.get(alert.fingerprint) == held.why:
                continue
            made = _event(flush.now_ns, Happening(held.why), alert, group=flush.group, details={"by": list(held.by)})
            self.events.append(made)
        self._held[id_] = now

    def notified(self, made: Notification) -> None:
        for name in dict.fromkeys(alert.name for alert in made.alerts):
            self.events.append(
                Event(
                    made.at_ns,
                    Happening.NOTIFIED,
                    name,
                    group_key=made.group_key,
                    receiver=made.integration.receiver,
                    labels=made.group_labels,
                    details={
                        "integration": str(made.integration),
                        "reason": made.reason.value,
                        "firing": len(made.firing),
                        "resolved": len(made.resolved),
                    },
                )
            )

    def forget(self, group: Group) -> None:
        self._held.pop(group.id, None)

    def forget_groups(self) -> None:
        self._held = {}


def _event(
    at_ns: int,
    kind: Happening,
    alert: Alert,
    *,
    group: Group | None = None,
    by: str = "",
    details: Mapping[str, object] | None = None,
) -> Event:
    return Event(
        at_ns,
        kind,
        alert.name,
        fingerprint=alert.fingerprint,
        labels=alert.labels,
        group_key=group.key if group is not None else "",
        receiver=group.route.options.receiver if group is not None else "",
        by=by,
        details=details or {},
    )
