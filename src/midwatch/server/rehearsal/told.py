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

STEPS_MAX = 50_000
"""Looks at groups in one rehearsal."""


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


@dataclass(frozen=True, slots=True)
class Messages:
    notifications: tuple[Notification, ...]
    until_ms: int | None = None
    """Where STEPS_MAX ended it; None: they are all."""


async def told_of(
    configuration: Configuration, moments: Sequence[Moment], end_ms: int, tell: Tell = by_receiver
) -> Messages:
    """Every notification until `end_ms`. Moments are in order of time."""
    log = Captured()
    dispatcher = Dispatcher(configuration, log, tell=tell)
    firing = [one for one in moments if State.FIRING in (one.before, one.after)]
    wake_ns, at, end_ns = 0, 0, end_ms * MS_TO_NS
    for _ in range(STEPS_MAX):
        next_ns = firing[at].at_ms * MS_TO_NS if at < len(firing) else end_ns + 1
        now_ns = min(wake_ns, next_ns) if dispatcher.known else next_ns
        if now_ns > end_ns:
            return Messages(tuple(log.notifications))
        alerts = []
        while at < len(firing) and firing[at].at_ms * MS_TO_NS <= now_ns:
            alerts.append(firing[at].alert)
            at += 1
        if alerts:
            dispatcher.put(alerts, now_ns)
        wake_ns = max(await dispatcher.step(now_ns), now_ns + 1)
    return Messages(tuple(log.notifications), now_ns // MS_TO_NS)
