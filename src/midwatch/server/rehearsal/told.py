"""Who would be told of replayed alerts, and when: the dispatcher on the same virtual clock, with nobody behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.dedup import Said, Told
from midwatch.server.alerting.dispatcher import Dispatcher, Pair
from midwatch.server.alerting.telling import Tell, by_receiver
from midwatch.server.model.notification import Notification
from midwatch.server.rehearsal.replay import MS_TO_NS, Moment
from midwatch.server.rules.alerts import State

STEPS_MAX = 200_000
"""Looks at groups in one rehearsal; a rule that flaps for weeks is told of as far as this goes."""


@dataclass
class Captured:
    """A notification log that nobody delivers from."""

    notifications: list[Notification] = field(default_factory=list)
    _last: dict[Pair, Told] = field(default_factory=dict)

    async def put(self, notifications: Sequence[Notification]) -> None:
        self.notifications += notifications
        for one in notifications:
            self._last[one.group_key, one.integration] = Said(one)

    async def lasts(self, wanted: Sequence[Pair]) -> Mapping[Pair, Told]:
        return {pair: self._last[pair] for pair in wanted if pair in self._last}


async def told_of(
    configuration: Configuration, moments: Sequence[Moment], end_ms: int, tell: Tell = by_receiver
) -> list[Notification]:
    """Every notification until `end_ms`. Moments are in order of time."""
    log = Captured()
    dispatcher = Dispatcher(configuration, log, tell=tell)
    firing = [one for one in moments if State.FIRING in (one.before, one.after)]
    wake_ns, at = 0, 0
    for _ in range(STEPS_MAX):
        next_ms = firing[at].at_ms if at < len(firing) else end_ms
        if not dispatcher.known:
            if at >= len(firing):
                break
            now_ns = next_ms * MS_TO_NS
        else:
            now_ns = min(wake_ns, next_ms * MS_TO_NS)
        if now_ns > end_ms * MS_TO_NS:
            break
        alerts = []
        while at < len(firing) and firing[at].at_ms * MS_TO_NS <= now_ns:
            alerts.append(firing[at].alert)
            at += 1
        if alerts:
            dispatcher.put(alerts, now_ns)
        wake_ns = max(await dispatcher.step(now_ns), now_ns + 1)
        if at >= len(firing) and wake_ns > end_ms * MS_TO_NS:
            break
    return log.notifications
