"""Where alerts come in and people act on them, on every server; and the loop of the one that dispatches.

One server holds the lease and has the truth in memory, kept in the workspace before anything is acknowledged. The
others put what comes in into the workspace's mail for it, and see what it kept.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog

from midwatch.server.alerting.configuration import Configuration, built_in
from midwatch.server.alerting.dispatcher import Dispatcher, NotificationLog
from midwatch.server.alerting.maintenance import MaintenanceWindows
from midwatch.server.alerting.state import (
    known_of,
    mark_of,
    mark_of_row,
    read_alerts,
    silence_of,
    silence_of_row,
    taken,
    written_alerts,
)
from midwatch.server.alerting.telling import Tell, by_receiver
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError, Unavailable
from midwatch.server.model.measure import Measure
from midwatch.server.model.notification import Notification
from midwatch.server.workspace.alerting import AlertingState, Changes

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often mail is looked for, and how long nothing is done at most."""
KEEP_SECONDS = 15.0
"""How long it may take until it is kept that an alert was told of once more."""
JUMP_SECONDS = 5.0
"""By how much the clock on the wall may part from the one that only grows."""
STALE_SECONDS = 2.0
"""How old what a server shows may be that does not dispatch."""
FORGET_SECONDS = 3600.0
PUT_AT_ONCE = 500
"""Alerts that are taken in before others get their turn: ten thousand take a third of a second."""


class AlertDesk:
    """Owned by one event loop."""

    def __init__(
        self, state: AlertingState, outbox: NotificationLog, clock: Clock, *, tell: Tell = by_receiver
    ) -> None:
        self.maintenance = MaintenanceWindows()
        self._state = state
        self._outbox = outbox
        self._clock = clock
        self._tell = tell
        self._configuration = built_in()
        self._dispatcher = self._new_dispatcher()
        self._holding = False
        self._loaded_at: float | None = None
        self._kept_at = 0.0
        self._forgot_at: float | None = None
        self._woken = asyncio.Event()
        self._keeping = asyncio.Lock()
        self._loading = asyncio.Lock()
        self.stepped_at: float | None = None
        """When the loop last did what was due, by the clock that only grows."""
        self.failed = 0
        """How often it could not, for a bug."""

    @property
    def configuration(self) -> Configuration:
        return self._configuration

    def configure(self, configuration: Configuration | None) -> None:
        """Put a configuration in force; None: the built-in one."""
        self._configuration = configuration or built_in()
        self._dispatcher.configure(self._configuration, self._clock.now_ns())
        self._woken.set()

    def measures(self) -> Iterable[Measure]:
        if not self._holding:
            return
        dispatcher, now_ns = self._dispatcher, self._clock.now_ns()
        ended = sum(1 for one in dispatcher.known.values() if one.alert.resolved(now_ns))
        told = "Alerts that are known, by whether they fire."
        yield Measure("midwatch_alerts", told, len(dispatcher.known) - ended, (("state", "firing"),), "gauge")
        yield Measure("midwatch_alerts", told, ended, (("state", "resolved"),), "gauge")
        yield Measure("midwatch_alert_groups", "Groups of alerts.", len(dispatcher.groups), kind="gauge")
        yield Measure("midwatch_alerting_failures_total", "Looks at groups that a bug ended.", self.failed)
        if self.stepped_at is not None:
            idle = self._clock.monotonic() - self.stepped_at
            yield Measure("midwatch_alerting_idle_seconds", "Since groups were last looked at.", idle, kind="gauge")

    async def put(self, alerts: Sequence[Alert]) -> None:
        """Take alerts in; when it returns, none of them is lost with this process.

        Raises:
            RateLimited: more alerts than may be known at once; some of these may be.
            Unavailable: the workspace does not answer.
        """
        if not self._holding:
            await self._state.keep(Changes(mail=[{"kind": "alerts", "value": written_alerts(alerts)}]))
            return
        changed = False
        try:
            for at in range(0, len(alerts), PUT_AT_ONCE):
                changed |= bool(self._dispatcher.put(alerts[at : at + PUT_AT_ONCE], self._clock.now_ns()))
                await asyncio.sleep(0)
        finally:
            if changed:
                await self._keep()
                self._woken.set()

    async def run(self) -> None:
        """Dispatch until cancelled; of all servers, one at a time does."""
        try:
            while True:
                wall_ns, grown = self._clock.now_ns(), self._clock.monotonic()
                try:
                    await self._turn()
                except Unavailable as error:
                    log.warning("alerting.waits", error=error.message)
                    await asyncio.sleep(LOOK_SECONDS)
                except Exception as error:  # a bug here must not end what wakes people for the rest
                    log.error("alerting.failed", exc_info=error)
                    self.failed += 1
                    await asyncio.sleep(LOOK_SECONDS)
                self._look_at_clocks(wall_ns, grown)
        finally:
            self._holding = False
            self._loaded_at = None

    async def _turn(self) -> None:
        """One look at everything, and the sleep until the next."""
        self._woken.clear()
        if not self._holding:
            await self._load()
            self._holding = True
        await self._read_mail()
        now_ns = self._clock.now_ns()
        wake_ns = await self._dispatcher.step(now_ns)
        await self._keep_when_due(now_ns)
        self.stepped_at = self._clock.monotonic()
        seconds = min(LOOK_SECONDS, (wake_ns - self._clock.now_ns()) / 1e9)
        if seconds > 0:
            await _set_within(self._woken, seconds)

    async def step(self) -> int:
        """Do what is due by the clock, and keep it; when something is due next. For clocks that a test moves."""
        if not self._holding:
            await self._load()
            self._holding = True
        await self._read_mail()
        wake_ns = await self._dispatcher.step(self._clock.now_ns())
        await self._keep()
        return wake_ns

    def _look_at_clocks(self, wall_ns: int, grown: float) -> None:
        by_ns = self._clock.now_ns() - wall_ns - int((self._clock.monotonic() - grown) * 1e9)
        if abs(by_ns) > JUMP_SECONDS * 1e9:
            log.warning("alerting.clock_jumped", seconds=round(by_ns / 1e9, 1))
            self._dispatcher.clock_jumped(by_ns, self._clock.now_ns())

    def _new_dispatcher(self) -> Dispatcher:
        return Dispatcher(self._configuration, self._outbox, tell=self._tell, maintenance=self.maintenance)

    async def _load(self) -> None:
        """Everything as it was kept last."""
        remembered = await self._state.load()
        dispatcher = self._new_dispatcher()
        dispatcher.silences.put(silence_of_row(row) for row in remembered.silences)
        for row in remembered.marks:
            dispatcher.marks.put(mark_of_row(row))
        times = {(row.route, row.labels): (row.next_ns, row.climbs_ns) for row in remembered.groups}
        dispatcher.restore((known_of(row) for row in remembered.alerts), times, self._clock.now_ns())
        # Groups of routes that are gone, and what was only read: nothing of it is news.
        dispatcher.moved |= times.keys() - dispatcher.groups.keys()
        dispatcher.touched.clear()
        dispatcher.marks.touched.clear()
        self._dispatcher = dispatcher
        self._loaded_at = self._clock.monotonic()

    async def current(self) -> Dispatcher:
        """What is shown: the truth, or on a server that does not dispatch what was kept a moment ago."""
        if not self._holding:
            async with self._loading:
                age = None if self._loaded_at is None else self._clock.monotonic() - self._loaded_at
                if not self._holding and (age is None or age > STALE_SECONDS):
                    await self._load()
        return self._dispatcher

    async def act(self, changes: Changes, letter: tuple[str, Any], do: Callable[[Dispatcher], object]) -> None:
        """Keep what somebody did, and do it: here, and by a letter on the server that dispatches.

        Raises:
            Unavailable: the workspace does not answer; nothing was done.
        """
        if not self._holding:
            changes.mail.append({"kind": letter[0], "value": letter[1]})
        await self._state.keep(changes)
        do(self._dispatcher)
        self._woken.set()

    async def owe(self, notifications: Sequence[Notification]) -> None:
        """Hand notifications on that no group's time has to come for."""
        if notifications:
            await self._outbox.put(notifications)

    async def _read_mail(self) -> None:
        mail = await self._state.mail()
        now_ns = self._clock.now_ns()
        for letter in mail:
            try:
                self._read_letter(letter.kind, letter.value, now_ns)
            except MidwatchError as error:
                log.warning("alerting.mail_refused", kind=letter.kind, error=error.message)
        if mail:
            await self._keep(Changes(read_mail=[letter.id for letter in mail]))

    def _read_letter(self, kind: str, value: Any, now_ns: int) -> None:
        if kind == "alerts":
            self._dispatcher.put(read_alerts(value), now_ns)
        elif kind == "silences":
            self._dispatcher.silences.put(map(silence_of, value))
        elif kind == "mark":
            self._dispatcher.marks.put(mark_of(value))
        elif kind == "unmark":
            self._dispatcher.marks.end(value)

    async def _keep_when_due(self, now_ns: int) -> None:
        dispatcher, now = self._dispatcher, self._clock.monotonic()
        if (
            dispatcher.notes.events
            or dispatcher.moved
            or dispatcher.marks.touched
            or now - self._kept_at >= KEEP_SECONDS
        ):
            await self._keep()
        if self._forgot_at is None or now - self._forgot_at >= FORGET_SECONDS:
            self._forgot_at = now
            old = dispatcher.silences.long_over(now_ns)
            dispatcher.silences.remove(old)
            await self._keep(Changes(gone_silences=old))

    async def _keep(self, also: Changes | None = None) -> None:
        """Raises Unavailable: the same is kept with the next."""
        async with self._keeping:
            changes, put_back = taken(self._dispatcher)
            if also is not None:
                for name in Changes.__slots__:
                    getattr(changes, name).extend(getattr(also, name))
            try:
                await self._state.keep(changes)
            except BaseException:
                put_back()
                raise
            self._kept_at = self._clock.monotonic()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
