"""Delivers the outbox: a lane for each integration, so that nobody waits for a receiver that hangs.

A lane sends one message after the other, in the order of the outbox, at the pace that the vendor allows. What cannot
be delivered waits, longer each time, and what is due meanwhile of other groups goes first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.faults import fault_point
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.model.notification import Integration
from midwatch.server.notify.conditions import Conditions, recovery_failed
from midwatch.server.notify.outcome import Verdict
from midwatch.server.notify.sender import Attempt, Sender, Setup
from midwatch.server.workspace.deliveries import Deliveries, Tried, Waiting
from midwatch.server.workspace.outbox import State

log = structlog.get_logger(__name__)

GIVE_UP_SECONDS = 86_400.0
AT_ONCE_MAX = 200
"""Messages under way, over all integrations."""
CONDITIONS_SECONDS = 60.0
"""How often it is told that Midwatch cannot notify: as often as rules tell of theirs."""

Tell = Callable[[Sequence[Alert]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds."""

    first_retry: float = 2.0
    longest_retry: float = 300.0
    look: float = 1.0
    """How often the outbox is looked at when nobody wakes the loop: other servers put notifications, too."""

    def retry(self, attempts: int, wanted: float | None) -> float:
        """Until the next attempt: twice as long each time, and never sooner than the receiver wants."""
        own = min(self.first_retry * float(1 << min(attempts, 30)), self.longest_retry)
        return max(own, wanted or 0.0)


class Notifier:
    """`tell` takes alerts about delivery itself; `wake` is set when something was put."""

    def __init__(
        self,
        deliveries: Deliveries,
        sender: Sender,
        clock: Clock,
        wake: asyncio.Event,
        tell: Tell,
        pace: Pace | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._sender = sender
        self._clock = clock
        self._wake = wake
        self._tell = tell
        self._pace = pace or Pace()
        self._lanes: dict[Integration, asyncio.Task[None]] = {}
        self._free_at: dict[Integration, float] = {}
        """By the clock that only grows: when a lane may send again."""
        self._failures: dict[Integration, int] = {}
        self._places = asyncio.Semaphore(AT_ONCE_MAX)
        self._configured = asyncio.Event()
        self._conditions = Conditions()
        self._told_at: float | None = None
        self._backlog: tuple[int, int | None] = (0, None)
        self._counts = Counts(
            "midwatch_notify_attempts_total", "Attempts to deliver notifications.", ("kind", "verdict")
        )
        self.looked_at: float | None = None
        """When the outbox was last read, by the clock that only grows."""

    @property
    def sender(self) -> Sender:
        return self._sender

    async def configure(self, setup: Setup) -> None:
        """Raises TemplateError, BadRequest: nothing has changed."""
        await self._sender.configure(setup)
        self._configured.set()
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled; of all servers, one at a time does. Nothing before a plan's receivers are known."""
        await self._configured.wait()
        try:
            while True:
                self._wake.clear()
                try:
                    await self._look()
                    await self._watch()
                except MidwatchError as error:
                    log.warning("notify.waits", error=error.message)
                try:
                    async with asyncio.timeout(self._pace.look):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            for lane in self._lanes.values():
                lane.cancel()
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)
            self._lanes.clear()

    async def _look(self) -> None:
        now_ms = self._now_ms()
        waiting = await self._deliveries.waiting()
        self.looked_at = self._clock.monotonic()
        for integration, due_ms in waiting.items():
            lane = self._lanes.get(integration)
            idle = lane is None or lane.done()
            known = self._sender.channel(integration) is not None
            if idle and known and due_ms <= now_ms and self._free_at.get(integration, 0.0) <= self._clock.monotonic():
                self._lanes[integration] = asyncio.create_task(self._lane(integration), name=f"notify-{integration}")
        self._lanes = {one: lane for one, lane in self._lanes.items() if not lane.done()}
        unknown = [one for one in waiting if self._sender.channel(one) is None]
        if unknown:
            before = now_ms - int(GIVE_UP_SECONDS * 1000)
            await self._deliveries.drop(unknown, before, "its receiver is configured no longer")

    async def _lane(self, integration: Integration) -> None:
        """Send what is due, until nothing is, or the receiver does not take it."""
        try:
            while (waiting := await self._deliveries.next(integration)) is not None:
                channel = self._sender.channel(integration)
                if channel is None:
                    return
                async with self._places:
                    fault_point("notify_before_request")
                    attempt = await self._sender.attempt(waiting.notification, waiting.id, waiting.receipt)
                fault_point("notify_after_request")
                tried = self._tried(waiting, attempt)
                await self._deliveries.record(waiting, tried)
                await self._after(integration, waiting, attempt, tried)
                if tried.state is State.PENDING:
                    return
                await asyncio.sleep(channel.seconds_between)
        except MidwatchError as error:
            log.warning("notify.lane_waits", integration=str(integration), error=error.message)

    def _tried(self, waiting: Waiting, attempt: Attempt) -> Tried:
        outcome, now_ms = attempt.outcome, self._now_ms()
        state, next_ms, error = State.DELIVERED, 0, outcome.error
        if outcome.verdict is Verdict.NOTHING:
            state = State.DROPPED
        elif outcome.verdict is Verdict.REFUSED:
            state = State.FAILED
        elif outcome.verdict is Verdict.AGAIN:
            state = State.PENDING
            wait = self._pace.retry(waiting.attempts, outcome.retry_after_seconds)
            next_ms = now_ms + int(wait * 1000)
            if next_ms - waiting.created_ms > GIVE_UP_SECONDS * 1000:
                state, error = State.FAILED, f"given up after {GIVE_UP_SECONDS / 3600:g} h: {error}"
        return Tried(
            attempt.at_ms, attempt.seconds, outcome.verdict, attempt.exchanges, error, state, next_ms, outcome.receipt
        )

    async def _after(self, integration: Integration, waiting: Waiting, attempt: Attempt, tried: Tried) -> None:
        self._counts.add(integration.kind, attempt.outcome.verdict)
        if tried.state is State.PENDING:
            # The receiver is in trouble rather than this one message: the lane waits too, for a while.
            failures = self._failures[integration] = self._failures.get(integration, 0) + 1
            wait = self._pace.retry(failures - 1, attempt.outcome.retry_after_seconds)
            if attempt.outcome.retry_after_seconds is None:
                wait = min(wait, self._pace.longest_retry / 10)
            self._free_at[integration] = self._clock.monotonic() + wait
            log.warning("notify.not_delivered", integration=str(integration), id=waiting.id, error=tried.error)
            return
        self._failures.pop(integration, None)
        self._free_at.pop(integration, None)
        if tried.state is State.FAILED:
            log.error("notify.failed", integration=str(integration), id=waiting.id, error=tried.error)
            self._told_at = None
            config = self._sender.setup.integrations.get(integration)
            if getattr(config, "recovery", False):
                await self._tell([recovery_failed(waiting.notification, tried.error, self._clock.now_ns())])

    async def _watch(self) -> None:
        """Tell of receivers that cannot be reached; a receiver that works is the only way to hear of it."""
        now = self._clock.monotonic()
        if self._told_at is not None and now - self._told_at < CONDITIONS_SECONDS:
            return
        fares = await self._deliveries.fares()
        self._backlog = await self._deliveries.backlog()
        known = {one: state for one, state in fares.items() if self._sender.channel(one) is not None}
        self._told_at = now
        if alerts := self._conditions.alerts(known, self._clock.now_ns()):
            await self._tell(alerts)

    def _now_ms(self) -> int:
        return self._clock.now_ns() // 1_000_000

    def measures(self) -> Iterable[Measure]:
        yield from self._counts.measures()
        waiting, oldest_ms = self._backlog
        age = 0.0 if oldest_ms is None else max(0.0, (self._now_ms() - oldest_ms) / 1000)
        yield Measure("midwatch_notify_waiting", "Notifications that are not delivered yet.", waiting, (), "gauge")
        yield Measure("midwatch_notify_oldest_waiting_seconds", "How long the oldest of them waits.", age, (), "gauge")
        for integration in self._sender.setup.integrations:
            labels = (("receiver", integration.receiver), ("integration", f"{integration.kind}[{integration.index}]"))
            failing = float(integration in self._conditions.failing)
            yield Measure("midwatch_notify_failing", "1 where a receiver cannot be told.", failing, labels, "gauge")
