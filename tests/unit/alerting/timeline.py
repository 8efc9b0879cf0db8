"""Days on a virtual clock: what is done when, and who is told of what when."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from tests.unit.alerting.kinds import configured

from midwatch.server.alerting.config.model import compiled
from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.marks import Mark, MarkKind
from midwatch.server.alerting.memory import NotificationsKept
from midwatch.server.alerting.silences import Silence
from midwatch.server.model.alert import Alert, fingerprint
from midwatch.server.model.notification import Notification
from midwatch.server.protocols.alertmanager.matchers import read_matchers

LONG_NS = 100 * 86_400 * 10**9
"""Until when alerts fire whose end is not told: nobody has to tell of them again meanwhile."""


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) * 10**9


def shown(ns: int) -> str:
    """`03-02 08:00:30`, in UTC."""
    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%m-%d %H:%M:%S")


class Watch:
    """A dispatcher, its notifications, and the time."""

    def __init__(self, text: str, now: str) -> None:
        self.log = NotificationsKept()
        self.dispatcher = Dispatcher(configured(text), self.log)
        self.now_ns = at(now)

    def fire(self, *, ends_ns: int | None = None, **labels: str) -> None:
        ends = self.now_ns + LONG_NS if ends_ns is None else ends_ns
        self.dispatcher.put([Alert(labels, self.now_ns, ends)], self.now_ns)

    def end(self, **labels: str) -> None:
        known = self.dispatcher.known[fingerprint(labels)].alert
        self.dispatcher.put([Alert(labels, known.starts_at_ns, self.now_ns)], self.now_ns)

    def silence(self, matchers: str, hours: float) -> None:
        made = Silence(
            tuple(compiled(one) for one in read_matchers(matchers)),
            self.now_ns,
            self.now_ns + int(hours * 3600e9),
            "ada",
            "why",
        )
        self.dispatcher.silences.put(self.dispatcher.silences.changed_by(made, self.now_ns, f"s{self.now_ns}"))

    def mark(self, kind: MarkKind, *, hours: float = 0, **labels: str) -> None:
        until_ns = self.now_ns + int(hours * 3600e9) if hours else 0
        self.dispatcher.marks.put(
            Mark(f"m{self.now_ns}", kind, frozenset({fingerprint(labels)}), "ada", self.now_ns, until_ns=until_ns)
        )

    async def run(self, until: str) -> None:
        """Step whenever something is due, as the loop of a server does."""
        await self.run_to(at(until))

    async def run_to(self, until_ns: int) -> None:
        while True:
            wake_ns = await self.dispatcher.step(self.now_ns)
            if wake_ns > until_ns:
                break
            self.now_ns = max(wake_ns, self.now_ns + 1)
        self.now_ns = until_ns

    def told(self) -> list[str]:
        return [line(one) for one in self.log.notifications]


def line(one: Notification) -> str:
    """`03-02 08:00:30 team first_notification firing=A,B resolved=C`."""
    sides = {"firing": one.firing, "resolved": one.resolved}
    names = [f"{side}={','.join(map(name_of, alerts))}" for side, alerts in sides.items() if alerts]
    return " ".join([shown(one.at_ns), one.integration.receiver, one.reason.value, *names])


def name_of(alert: Alert) -> str:
    return alert.name + (f"@{alert.labels['instance']}" if "instance" in alert.labels else "")


Act = Callable[[Watch], Awaitable[None] | None]


async def told(text: str, acts: Sequence[tuple[str, Act]], until: str) -> list[str]:
    """Everything that is told until then, when the acts are done at their times."""
    watch = Watch(text, acts[0][0])
    for moment, act in acts:
        await watch.run(moment)
        act(watch)
    await watch.run(until)
    return watch.told()
