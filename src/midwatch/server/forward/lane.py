"""One signal of one destination: parcels one after another, each until it is there, refused, or given up."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from midwatch.contract.plan.sections.forward import Destination
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.forward.cleaning import write_clean
from midwatch.server.forward.delivery import Sender, Verdict
from midwatch.server.forward.parcels import Order, Parcel, Selection, pack
from midwatch.server.forward.queue import Queue, Waiting
from midwatch.server.model.clock import Clock
from midwatch.server.model.wal_keys import WalKeys
from midwatch.server.other_process import OtherProcess, ProcessLost
from midwatch.server.protocols.otlp.messages import OtlpKind

log = structlog.get_logger(__name__)

PARCEL_BYTES_MAX = 1 << 20
"""Before compression: what every receiver takes that we know of."""
PARCEL_BODIES_MAX = 1000
GATHER_SECONDS = 0.2
"""Between two parcels where little waits: few large ones cost both sides less."""
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
FAILURES_MAX = 20
"""So often a parcel is tried that only makes the other side fail: some eight minutes."""
TROUBLE_SECONDS = 5.0
CLEAN_AGAIN_SECONDS = 60.0
"""What could not be cleaned is tried again."""


@dataclass(slots=True)
class LaneState:
    """What is known of a lane, for `/metrics` and the page; since start."""

    sent_bodies: int = 0
    sent_items: int = 0
    sent_bytes: int = 0
    last_sent_ns: int | None = None
    failed_attempts: int = 0
    error: str = ""
    """Of the last attempt, or of the last body that was refused; empty once something was taken without a word."""
    retry_ns: int | None = None
    """When it is tried again; None while nothing holds it up."""
    lost: dict[str, int] = field(default_factory=dict)
    """Bodies (items, where a part of a body was refused) that did not go on, by reason."""
    lost_ns: dict[str, int] = field(default_factory=dict)

    def lose(self, reason: str, count: int, now_ns: int) -> None:
        if count:
            self.lost[reason] = self.lost.get(reason, 0) + count
            self.lost_ns[reason] = now_ns


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the next parcel."""

    selection: Selection
    policy: PrivacyPolicy


class Lane:
    def __init__(
        self,
        destination: Destination,
        otlp: OtlpKind,
        queue: Queue,
        sender: Sender,
        process: OtherProcess,
        rules: Callable[[], Rules],
        clock: Clock,
        *,
        node: str,
        keys: WalKeys,
    ) -> None:
        self.otlp = otlp
        self.state = LaneState()
        self.wake = asyncio.Event()
        self._destination = destination
        self._queue = queue
        self._sender = sender
        self._process = process
        self._rules = rules
        self._clock = clock
        self._node = node
        self._keys = keys
        self._alone_until: tuple[str, int] = ("", 0)
        """Up to here bodies go one by one: together they were refused."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._next()
            except (OSError, ProcessLost) as error:
                self.state.error = f"{type(error).__name__}: {error}"[:300]
                log.warning("forward.trouble", destination=self._destination.name, error=self.state.error)
                await asyncio.sleep(TROUBLE_SECONDS)
            except Exception:
                # Our own mistake, told in full; it may pass, and nothing is forgotten.
                log.exception("forward.failed", destination=self._destination.name, signal=self._signal)
                self.state.error = "Midwatch failed to send; its log says more"
                await asyncio.sleep(TROUBLE_SECONDS)

    @property
    def _signal(self) -> str:
        return self.otlp.kind.signal.value

    async def _next(self) -> None:
        one = self._queue.next(self.otlp.kind)
        if one is None:
            self.wake.clear()
            if self._queue.next(self.otlp.kind) is None:
                await self.wake.wait()
                await asyncio.sleep(GATHER_SECONDS)
            return
        if one.finished:
            await asyncio.to_thread(self._queue.forget, one)
            return
        if await self._cleaned():
            return
        start = one.offset
        parcel = await self._process.run(pack, self._order(one))
        self.state.lose("damaged", parcel.damaged, self._clock.now_ns())
        if parcel.content and not await self._delivered(one, start, parcel):
            return
        if one.offset == start:  # else it was given up meanwhile
            await asyncio.to_thread(self._queue.advance, one, parcel.end)

    def _order(self, one: Waiting) -> Order:
        rules = self._rules()
        alone = one.name == self._alone_until[0] and one.offset < self._alone_until[1]
        return Order(
            one.path,
            one.kind,
            one.offset,
            one.size_bytes,
            rules.selection,
            rules.policy,
            self._destination.compression == "gzip",
            PARCEL_BYTES_MAX,
            1 if alone else PARCEL_BODIES_MAX,
            self._keys,
        )

    async def _delivered(self, one: Waiting, start: int, parcel: Parcel) -> bool:
        """True when the parcel is dealt with; False to look anew: its bodies go one by one, or were given up."""
        via = ",".join(filter(None, (parcel.via, self._node)))
        attempt = failures = 0
        while True:
            answer = await self._sender.send(self.otlp, parcel, via)
            state, now_ns = self.state, self._clock.now_ns()
            if answer.verdict is Verdict.DELIVERED:
                state.sent_bodies += parcel.bodies
                state.sent_items += parcel.items - answer.refused_items
                state.sent_bytes += parcel.bytes
                state.last_sent_ns, state.error, state.retry_ns = now_ns, answer.error, None
                state.lose("partly_refused", answer.refused_items, now_ns)
                return True
            state.failed_attempts += 1
            state.error = answer.error
            failures += answer.verdict is Verdict.FAILED
            if answer.verdict is Verdict.REFUSED or failures >= FAILURES_MAX:
                return self._refused(one, parcel, now_ns)
            seconds = answer.retry_after_seconds
            if seconds is None:
                longest = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)]
                seconds = longest * random.uniform(0.5, 1.0)  # noqa: S311 - so that servers do not come all at once
            attempt += 1
            state.retry_ns = now_ns + int(seconds * 1e9)
            log.warning("forward.retry", **self._told(), error=answer.error, seconds=round(seconds, 1))
            if await self._given_up_within(one, start, seconds):
                state.retry_ns = None
                return False

    def _refused(self, one: Waiting, parcel: Parcel, now_ns: int) -> bool:
        self.state.retry_ns = None
        if parcel.bodies > 1:
            self._alone_until = (one.name, parcel.end)
            return False
        self.state.lose("refused", parcel.bodies, now_ns)
        log.error("forward.refused", **self._told(), items=parcel.items, bytes=parcel.bytes, error=self.state.error)
        return True

    def _told(self) -> dict[str, str]:
        return {"destination": self._destination.name, "signal": self._signal}

    async def _given_up_within(self, one: Waiting, start: int, seconds: float) -> bool:
        """Sleep; True at once when the bound took what waits."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            if one.offset != start or await self._cleaned():
                return True
            await asyncio.sleep(min(left, 0.5))
        return one.offset != start

    async def _cleaned(self) -> bool:
        """Clean one segment that waits as it came; True when there may be more of them."""
        one = self._queue.unclean(self.otlp.kind)
        if one is None:
            return False
        start, target = one.offset, self._queue.place_for_clean(one)
        # Whatever comes of it: what cannot be cleaned holds up nothing that can be sent.
        one.clean_from = self._clock.monotonic() + CLEAN_AGAIN_SECONDS
        try:
            damaged = await self._process.run(write_clean, self._order(one), target)
            if one.offset == start:  # else it was given up meanwhile
                await asyncio.to_thread(self._queue.replace, one)
                self.state.lose("damaged", damaged, self._clock.now_ns())
        except (OSError, ProcessLost) as error:
            log.error("forward.not_cleaned", **self._told(), error=f"{type(error).__name__}: {error}"[:300])
        finally:
            await asyncio.to_thread(target.unlink, missing_ok=True)
        return True
