"""What a service says of itself: that it lives, and whether what it needs is there."""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.check_kinds import check_of
from midwatch.sdk.checks import CACHE_SECONDS, TIMEOUT_SECONDS, Checks, Result, report
from midwatch.sdk.guard import Guard
from midwatch.sdk.pages import Asked, Pages
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import METRICS, in_force

LIVE_PATHS = ("/health",)
READY_PATHS = ("/ready", "/api/health")
OK, UNAVAILABLE = 200, 503

_STARTED = monotonic()
_UP = METRICS.gauge(
    "health_check_up", "1 where the check passed when it was last asked, else 0", ("check",), mode="livemin"
)
_SECONDS = METRICS.gauge(
    "health_check_seconds", "How long the check took when it was last asked", ("check",), mode="livemax"
)
_guard = Guard("health", PROBLEMS)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [
            ("content-type", "application/json"),
            ("content-length", str(len(self.body))),
            ("cache-control", "no-store"),
        ]


class Health(Pages):
    """The checks of a service, and the answers for its probes. Any thread may ask."""

    def __init__(
        self,
        checks: Mapping[str, Any] | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        cache_seconds: float = CACHE_SECONDS,
        live_paths: Sequence[str] = LIVE_PATHS,
        ready_paths: Sequence[str] = READY_PATHS,
        about: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        """`about` adds to every answer, such as the counts of a worker's queue. Raises TypeError for what cannot
        be checked."""
        self._timeout_seconds = timeout_seconds
        self._checks = Checks(cache_seconds=cache_seconds)
        self._live, self._ready = frozenset(live_paths), frozenset(ready_paths)
        self.paths = self._live | self._ready
        self._about = about
        self._was: dict[str, bool] = {}
        self._lock = threading.Lock()
        self._first_look: asyncio.Task[None] | None = None
        for name, target in (checks or {}).items():
            self.add(name, target)

    def add(self, name: str, target: Any, timeout_seconds: float | None = None) -> None:
        """One more check; see `check_kinds.check_of` for what can be one."""
        seconds = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        self._checks.add(name, check_of(target, seconds), seconds)

    def answer(self, path: str) -> Answer:
        """To a probe of one of `paths`, from a thread that may wait."""
        return self._answer(None if path in self._live else self._checks.ask())

    async def answer_async(self, path: str) -> Answer:
        return self._answer(None if path in self._live else await self._checks.ask_async())

    def reply(self, asked: Asked) -> Answer:
        return self.answer(asked.path)

    async def reply_async(self, asked: Asked) -> Answer:
        return await self.answer_async(asked.path)

    def opened(self) -> None:
        """The checks are asked once, so that the lines of a start say what is there."""
        threading.Thread(target=self._look, name="midwatch-first-look", daemon=True).start()

    async def opened_async(self) -> None:
        self._first_look = asyncio.create_task(self._look_async())

    def _look(self) -> None:
        with _guard:
            self._tell(self._checks.ask())

    async def _look_async(self) -> None:
        with _guard:
            self._tell(await self._checks.ask_async())

    def _answer(self, results: list[Result] | None) -> Answer:
        said: dict[str, Any] = {"status": "ok", **_who()}
        healthy = True
        with _guard:
            if self._about is not None:
                said |= self._about()
        if results is not None:
            with _guard:
                self._tell(results)
            healthy = all(one.healthy for one in results)
            said["status"] = "ok" if healthy else "failing"
            said["ready"] = healthy
            said["checks"] = report(results)
        return Answer(OK if healthy else UNAVAILABLE, json.dumps(said, default=safe_text).encode())

    def _tell(self, results: list[Result]) -> None:
        """The metrics, and a line for each check that is asked for the first time or has changed its mind."""
        running = in_force()
        for one in results:
            _UP.set(one.healthy, check=one.name)
            _SECONDS.set(one.latency_seconds, check=one.name)
            with self._lock:
                was, self._was[one.name] = self._was.get(one.name), one.healthy
            if running is None or was == one.healthy:
                continue
            fields: dict[str, Any] = {"check": one.name, "duration_ms": round(one.latency_seconds * 1000, 2)}
            if one.healthy:
                message = "health check passes" if was is None else "health check passes again"
                running.logs.emit("info", message, fields, logger="midwatch.health")
            else:
                fields["reason"] = f"{one.error}: {safe_text(one.failure)}" if one.failure else one.error
                running.logs.emit("warning", "health check failed", fields, logger="midwatch.health")


def _who() -> dict[str, Any]:
    said: dict[str, Any] = {
        "uptime_seconds": round(monotonic() - _STARTED, 1),
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    running = in_force()
    if running is not None:
        resource = running.options.resource
        said["service"] = running.options.service
        if version := resource.get("service.version"):
            said["version"] = version
    return said
