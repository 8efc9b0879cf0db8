"""One entry of `scrape_configs` at work: its targets are found, and each is asked for its page in its own rhythm."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from midwatch.contract.plan.sections.scrape_configs import ScrapeConfig
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.scrape.discovery import Tell, ask_service, static_groups, watch_files
from midwatch.server.scrape.fetch import ACCEPT, Fetched, Fetcher, FetchFailed
from midwatch.server.scrape.relabel import relabeller
from midwatch.server.scrape.state import JobState, TargetState
from midwatch.server.scrape.targets import Group, Target, targets_of
from midwatch.server.scrape.written import Outcome, TargetSeries

log = structlog.get_logger(__name__)

READING_MAX = 2
"""Pages that are read at once, in threads: reading is Python, and holds the interpreter."""

Keep = Callable[[list[tuple[bytes, int]]], Coroutine[Any, Any, None]]
"""Put bodies of remote write into the log; raises MidwatchError where it cannot."""


@dataclass(slots=True)
class _Loop:
    target: Target
    series: TargetSeries
    state: TargetState
    task: "asyncio.Task[None] | None" = None
    reading: "asyncio.Future[tuple[Outcome, tuple[bytes, int]]] | None" = None
    """In a thread, which goes on when the task is cancelled."""

    async def ended(self) -> list[bytes]:
        """Cancel it, and wait; the series that queries see."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        if self.reading is not None:
            await asyncio.gather(self.reading, return_exceptions=True)
        return self.series.live


class Job:
    """Started with `start`; `stop` ends it and hands on what queries still see of each target."""

    def __init__(
        self,
        config: ScrapeConfig,
        files: PlanFiles,
        keep: Keep,
        clock: Clock,
        reading: asyncio.Semaphore,
        *,
        before: dict[Target, list[bytes]] | None = None,
    ) -> None:
        self.config = config
        self.state = JobState(config.job_name)
        self._files = files
        self._keep = keep
        self._clock = clock
        self._reading = reading
        self._relabel = relabeller(config.metric_relabel_configs)
        self._before = before or {}
        self._groups: dict[str, Sequence[Group]] = {}
        self._problems: dict[str, str] = {}
        self._unheard: set[str] = set()
        self._loops: dict[Target, _Loop] = {}
        self._watching: list[asyncio.Task[None]] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._fetcher: Fetcher | None = None

    def start(self) -> None:
        """On the event loop."""
        config = self.config
        try:
            self._fetcher = Fetcher(config, self._files, compressed=config.enable_compression)
        except FetchFailed as error:
            self._problems["job"] = str(error)
        self._groups["static"] = static_groups(config.static_configs)
        for index, files in enumerate(config.file_sd_configs):
            self._watch(f"file_sd_configs[{index}]", partial(watch_files, files, self._files))
        for index, service in enumerate(config.http_sd_configs):
            self._watch(f"http_sd_configs[{index}]", partial(ask_service, service, self._files))
        self._sync()

    async def stop(self) -> dict[Target, list[bytes]]:
        """By target, the series that queries see."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, *self._leaving, return_exceptions=True)
        left = await _ended(self._loops.values())
        if self._fetcher is not None:
            await self._fetcher.close()
        return {**self._before, **left}

    async def leave(self, left: dict[Target, list[bytes]]) -> None:
        """Markers for targets that are no more."""
        now_ms = self._clock.now_ns() // 10**6
        for target, live in left.items():
            series = TargetSeries(self.config, self._relabel, target.labels, live)
            try:
                await self._keep(await asyncio.to_thread(series.gone, now_ms))
            except MidwatchError as error:
                log.warning("scrape.not_kept", job=self.config.job_name, url=target.url, error=error.message)

    def _watch(self, source: str, watch: Callable[[Tell], Coroutine[Any, Any, None]]) -> None:
        self._unheard.add(source)

        def tell(groups: Sequence[Group] | None, problem: str) -> None:
            self._unheard.discard(source)
            if groups is not None:
                self._groups[source] = groups
            self._problems.pop(source, None)
            if problem:
                self._problems[source] = f"{source}: {problem}"
                log.warning("scrape.discovery", job=self.config.job_name, problem=problem)
            self._sync()

        self._watching.append(asyncio.ensure_future(watch(tell)))

    def _sync(self) -> None:
        """Loops for the targets that there are now, and for no others."""
        found = targets_of(self.config, [group for groups in self._groups.values() for group in groups])
        problems = [*self._problems.values(), *found.problems]
        targets = found.targets
        if (limit := self.config.target_limit) and len(targets) > limit:
            problems.append(f"target_limit={limit}: there are {len(targets):,} targets, and none is scraped")
            targets = {}
        if self._fetcher is None:
            targets = {}
        ending = [self._loops.pop(target) for target in [one for one in self._loops if one not in targets]]
        gone: dict[Target, list[bytes]] = {}
        for target, discovered in targets.items():
            if target not in self._loops:
                self._loops[target] = self._loop(target, discovered)
        if not self._unheard:
            # Every source was heard: what the job had before, and has no longer, is gone.
            gone, self._before = self._before, {}
        if ending or gone:
            leaving = asyncio.ensure_future(self._part_with(ending, gone))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        self.state.active = [loop.state for loop in self._loops.values()]
        self.state.dropped, self.state.dropped_count = found.dropped, found.dropped_count
        self.state.problems = problems

    async def _part_with(self, ending: list[_Loop], gone: dict[Target, list[bytes]]) -> None:
        await self.leave({**gone, **await _ended(ending)})

    def _loop(self, target: Target, discovered: dict[str, str]) -> _Loop:
        live = self._before.pop(target, [])
        series = TargetSeries(self.config, self._relabel, target.labels, live)
        loop = _Loop(target, series, TargetState(self.config.job_name, target, discovered))
        loop.task = asyncio.ensure_future(self._run(loop))
        return loop

    async def _run(self, loop: _Loop) -> None:
        interval, offset = loop.target.interval_seconds, _offset(loop.target)
        last = float("-inf")
        while True:
            now = self._clock.now_ns() / 1e9
            due = now + interval - (now - offset) % interval
            if due - last < interval / 2:
                due += interval  # woken a little early: that was this one
            last = due
            await asyncio.sleep(due - now)
            try:
                await self._scrape(loop)
            except Exception:
                # Our own mistake, told in full; the next page may pass.
                log.exception("scrape.failed", job=self.config.job_name, url=loop.target.url)
                loop.state.health, loop.state.error = "down", "Midwatch failed to read the page; its log says more"

    async def _scrape(self, loop: _Loop) -> None:
        target, state = loop.target, loop.state
        began_ns, began = self._clock.now_ns(), self._clock.monotonic()
        time_ms = began_ns // 10**6
        fetched, problem = None, ""
        try:
            fetched = await self._fetch(target)
        except FetchFailed as error:
            problem = str(error)
        seconds = self._clock.monotonic() - began
        async with self._reading:
            reading = asyncio.to_thread(_read, loop.series, fetched, problem, time_ms, seconds)
            loop.reading = asyncio.ensure_future(reading)
            outcome, report = await asyncio.shield(loop.reading)
        state.scraped_ns, state.seconds, state.samples = began_ns, seconds, outcome.kept
        state.health, state.error = ("down", outcome.problem) if outcome.problem else ("up", "")
        try:
            await self._keep([*outcome.bodies, report])
        except MidwatchError as error:
            state.error = f"cannot keep the page: {error.message}"
            log.warning("scrape.not_kept", job=self.config.job_name, url=target.url, error=error.message)

    async def _fetch(self, target: Target) -> Fetched:
        assert self._fetcher is not None
        timeout = target.timeout_seconds
        headers = {"accept": ACCEPT, "x-prometheus-scrape-timeout-seconds": f"{timeout:g}"}
        limit = self.config.body_size_limit
        fetched = await self._fetcher.get(target.url, timeout_seconds=timeout, headers=headers, bytes_max=limit)
        kind = fetched.content_type.partition(";")[0].strip().lower()
        if kind not in ("", "text/plain", "application/openmetrics-text"):
            raise FetchFailed(f"content-type={kind[:80]}: expected text/plain or application/openmetrics-text")
        return fetched


async def _ended(loops: Iterable[_Loop]) -> dict[Target, list[bytes]]:
    """All of them, with the series that queries see."""
    loops = list(loops)
    live = await asyncio.gather(*(loop.ended() for loop in loops))
    return {loop.target: found for loop, found in zip(loops, live, strict=True)}


def _read(
    series: TargetSeries, fetched: Fetched | None, problem: str, time_ms: int, seconds: float
) -> tuple[Outcome, tuple[bytes, int]]:
    """In a thread."""
    if fetched is None:
        outcome = series.none(time_ms, problem)
    else:
        open_metrics = fetched.content_type.strip().lower().startswith("application/openmetrics-text")
        outcome = series.page(fetched.text, time_ms, open_metrics=open_metrics)
    return outcome, series.report(outcome, time_ms, seconds)


def _offset(target: Target) -> float:
    """Of the target's scrapes within its interval: spread over all targets, and the same after a restart."""
    digest = hashlib.md5(repr((target.labels, target.url)).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * target.interval_seconds
