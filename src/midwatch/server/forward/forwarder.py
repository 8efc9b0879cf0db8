"""All destinations of the plan in force. Each server forwards what came to it: no lease is needed."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from midwatch.contract.plan.sections.forward import Destination
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.forward.delivery import Sender
from midwatch.server.forward.lane import Lane, LaneState, Rules
from midwatch.server.forward.parcels import Selection, count_bodies
from midwatch.server.forward.queue import Queue, Waiting
from midwatch.server.model.clock import Clock
from midwatch.server.model.measure import Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys
from midwatch.server.other_process import OtherProcess, ProcessLost
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.protocols.otlp.messages import KINDS

log = structlog.get_logger(__name__)

PACK_SECONDS_MAX = 60.0
LOOK_SECONDS = 1.0
"""How often bounds are looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the plan says that forwarding needs."""

    destinations: tuple[Destination, ...] = ()
    aliases: Callable[[Iterable[str]], tuple[str, ...]] = tuple
    """Every name of these environments."""


class Route:
    """One destination at work: its queue, its connections, a lane for each of its signals."""

    def __init__(self, destination: Destination, queue: Queue) -> None:
        self.destination = destination
        self.queue = queue
        self.lanes: dict[SegmentKind, Lane] = {}
        self.sender: Sender | None = None
        self.tasks: list[asyncio.Task[None]] = []

    @property
    def kinds(self) -> list[SegmentKind]:
        return [otlp.kind for otlp in KINDS if otlp.kind.signal.value in self.destination.signals]

    def excess(self, now_ns: int, *, disk_full: bool) -> tuple[Waiting, str] | None:
        """The oldest of what waits, where more waits than may, and why."""
        waiting = self.queue.all()
        if not waiting:
            return None
        bound = self.destination.queue
        if sum(one.bytes_left for one in waiting) > bound.size:
            return waiting[0], "queue_full"
        if now_ns - waiting[0].started_ns > bound.age * 1e9:
            return waiting[0], "too_old"
        return (waiting[0], "disk_full") if disk_full else None

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks = []
        if self.sender is not None:
            await self.sender.close()


class Forwarder:
    """Follows the log (`SegmentFollower`); `configure` is an effect of the plan, `run` works until cancelled."""

    def __init__(
        self,
        directory: Path,
        files: PlanFiles,
        clock: Clock,
        *,
        node: str,
        key_names: Callable[[], dict[str, str]],
        policy: Callable[[], PrivacyPolicy],
        disk_reserve_bytes: int = 0,
        keys: WalKeys = NO_KEYS,
    ) -> None:
        """`policy`: the rules of privacy in force."""
        self.routes: dict[str, Route] = {}
        """By name."""
        self._directory = directory
        self._files = files
        self._clock = clock
        self._node = node
        self._keys = keys
        self._key_names = key_names
        self._policy = policy
        self._disk_reserve_bytes = disk_reserve_bytes
        self._wanted = Wanted()
        self._changed = asyncio.Event()
        self._growing: dict[SegmentKind, tuple[str, Path, int]] = {}
        self._process = OtherProcess(call_seconds_max=PACK_SECONDS_MAX)

    async def configure(self, wanted: Wanted) -> None:
        """On return what comes in is kept for every destination of the plan."""
        self._wanted = wanted
        for destination in wanted.destinations:
            route = self.routes.get(destination.name)
            if route is None:
                queue = Queue(self._directory / destination.name, self._clock)
                await asyncio.to_thread(queue.open)
                route = self.routes[destination.name] = Route(destination, queue)
            elif route.destination != destination:
                await route.stop()
                states = {kind: lane.state for kind, lane in route.lanes.items()}
                route = self.routes[destination.name] = Route(destination, route.queue)
                self._make_lanes(route, states)
            for kind, (segment_id, path, size) in list(self._growing.items()):
                if kind in route.kinds:
                    await asyncio.to_thread(route.queue.link, kind, segment_id, path, offset=size)
                    if self._growing.get(kind, ("",))[0] != segment_id:
                        route.queue.sealed(kind, segment_id)
            if not route.lanes:
                self._make_lanes(route, {})
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled; what waits then is sent after the next start."""
        try:
            while True:
                try:
                    if self._changed.is_set():
                        self._changed.clear()
                        await self._apply()
                    await self._keep_bounds()
                except Exception:  # the disk's or ours: told, and never the end of the server
                    log.exception("forward.failed")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)
        finally:
            for route in self.routes.values():
                await asyncio.shield(route.stop())
            self._process.close()

    # --- the log's side ----------------------------------------------------------------------------------------------

    def created(self, kind: SegmentKind, segment_id: str, path: Path) -> None:
        """See `SegmentFollower`."""
        self._growing[kind] = (segment_id, path, 0)
        for route in list(self.routes.values()):
            if kind in route.kinds:
                try:
                    route.queue.link(kind, segment_id, path)
                except OSError as error:
                    if (lane := route.lanes.get(kind)) is not None:
                        lane.state.lose("not_linked", 1, self._clock.now_ns())
                    log.error("forward.not_linked", destination=route.destination.name, error=str(error))

    def grown(self, kind: SegmentKind, segment_id: str, size_bytes: int) -> None:
        """See `SegmentFollower`."""
        if (known := self._growing.get(kind)) is not None and known[0] == segment_id:
            self._growing[kind] = (segment_id, known[1], size_bytes)
        for route in self.routes.values():
            route.queue.grown(kind, segment_id, size_bytes)
            if (lane := route.lanes.get(kind)) is not None:
                lane.wake.set()

    def sealed(self, kind: SegmentKind, segment_id: str) -> None:
        """See `SegmentFollower`."""
        if self._growing.get(kind, ("",))[0] == segment_id:
            self._growing.pop(kind, None)
        for route in list(self.routes.values()):
            route.queue.sealed(kind, segment_id)
            if (lane := route.lanes.get(kind)) is not None:
                lane.wake.set()  # what was sent whole before it was sealed goes now, and not with the next body

    # --- for others to see -------------------------------------------------------------------------------------------

    def lanes(self) -> Iterable[tuple[Route, Lane]]:
        for route in self.routes.values():
            for lane in route.lanes.values():
                yield route, lane

    def measures(self) -> Iterable[Measure]:
        for route, lane in self.lanes():
            kind, state = lane.otlp.kind, lane.state
            labels = (("destination", route.destination.name), ("signal", kind.signal.value))
            yield Measure("midwatch_forward_items_total", "Items that a destination took", state.sent_items, labels)
            yield Measure("midwatch_forward_bodies_total", "Bodies that a destination took", state.sent_bodies, labels)
            text = "Bytes that a destination took, before compression"
            yield Measure("midwatch_forward_bytes_total", text, state.sent_bytes, labels)
            text = "Requests that a destination did not take"
            yield Measure("midwatch_forward_failed_attempts_total", text, state.failed_attempts, labels)
            text = "Bytes that wait for a destination"
            waiting = route.queue.bytes_of(kind)
            yield Measure("midwatch_forward_waiting_bytes", text, waiting, labels, kind="gauge")
            text = "Age of the oldest that waits for a destination"
            oldest = route.queue.oldest_seconds([kind])
            yield Measure("midwatch_forward_oldest_seconds", text, oldest, labels, kind="gauge")
            for reason, count in state.lost.items():
                text = "Bodies that did not go on, by reason"
                yield Measure("midwatch_forward_lost_total", text, count, (*labels, ("reason", reason)))

    # --- within ------------------------------------------------------------------------------------------------------

    def _make_lanes(self, route: Route, states: dict[SegmentKind, LaneState]) -> None:
        destination = route.destination
        route.sender = Sender(destination, self._files)
        for otlp in KINDS:
            if otlp.kind in route.kinds:
                lane = Lane(
                    destination,
                    otlp,
                    route.queue,
                    route.sender,
                    self._process,
                    lambda destination=destination: self._rules(destination),  # type: ignore[misc]
                    self._clock,
                    node=self._node,
                    keys=self._keys,
                )
                lane.state = states.get(otlp.kind, lane.state)
                route.lanes[otlp.kind] = lane

    def _rules(self, destination: Destination) -> Rules:
        select = destination.select
        keys = {name: key_id for key_id, name in self._key_names().items()}
        return Rules(
            Selection(
                frozenset(self._wanted.aliases(select.environments)) if select.environments else None,
                frozenset(select.services) if select.services else None,
                frozenset(keys[name] for name in select.keys if name in keys) if select.keys else None,
            ),
            self._policy(),
        )

    async def _apply(self) -> None:
        """Start lanes that do not run; what the plan does not name any more is given up."""
        named = {one.name for one in self._wanted.destinations}
        for name in [name for name in self.routes if name not in named]:
            route = self.routes.pop(name)
            await route.stop()
            left = route.queue.all()
            if left:
                log.warning("forward.removed", destination=name, bytes=sum(one.bytes_left for one in left))
        for route in self.routes.values():
            if not route.tasks:
                route.tasks = [
                    asyncio.create_task(lane.run(), name=f"forward-{route.destination.name}-{kind}")
                    for kind, lane in route.lanes.items()
                ]
        await asyncio.to_thread(self._sweep, named)

    def _sweep(self, named: set[str]) -> None:
        """Queues of destinations that the plan does not name any more."""
        if self._directory.exists():
            for path in self._directory.iterdir():
                if path.name not in named:
                    shutil.rmtree(path, ignore_errors=True)

    async def _keep_bounds(self) -> None:
        disk_full = await asyncio.to_thread(self._disk_is_full) if self.routes else False
        for route in list(self.routes.values()):
            while (found := route.excess(self._clock.now_ns(), disk_full=disk_full)) is not None:
                await self._give_up(route, *found)
                disk_full = False  # one at a look: what is deleted is seen in the next one

    async def _give_up(self, route: Route, one: Waiting, reason: str) -> None:
        path, start, end = one.path, one.offset, one.size_bytes
        try:
            bodies = await self._process.run(count_bodies, path, self._keys, start, end)
        except (OSError, ProcessLost):
            bodies = 1
        if (one.path, one.offset) != (path, start):
            return  # sent or cleaned meanwhile
        if (lane := route.lanes.get(one.kind)) is not None:
            lane.state.lose(reason, bodies, self._clock.now_ns())
            lane.wake.set()
        name, signal = route.destination.name, one.kind.signal.value
        log.error("forward.given_up", destination=name, signal=signal, reason=reason, bodies=bodies, bytes=end - start)
        await asyncio.to_thread(route.queue.advance, one, end)

    def _disk_is_full(self) -> bool:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._directory).free < self._disk_reserve_bytes
