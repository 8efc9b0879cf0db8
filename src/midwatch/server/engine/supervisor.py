"""Keeps the engine child alive: starts it, waits until it answers, starts it again when it ends."""

import asyncio
import os
import secrets
import socket
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import httpx
import structlog

from midwatch.server.engine.child import EXIT_PATH_TAKEN, LET_GO_SECONDS, PASSWORD_VARIABLE
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.measure import Measure

log = structlog.get_logger(__name__)

START_SECONDS_MAX = 120.0
"""Opening a large store reads its part list; loading thousands of parts takes seconds."""
STOP_SECONDS_MAX = 20.0
HANG_SECONDS = 60.0
"""A busy engine answers a ping within a second or two: pings have a lane of their own."""
HANGS_MAX = 2
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Waits before the first, second … restart in a row; a child that lives for a minute begins a new row."""
SETTLED_SECONDS = 60.0


class EngineTaken(Unavailable):
    """Another process owns the path; trying again does not help while it runs."""


class EngineSupervisor:
    """Owns the child. Address and password stay the same over restarts, so clients only see a refused connection.

    The listening socket belongs to this process and is handed to each child: while a child is down, connections wait in
    the socket's queue rather than being refused.
    """

    def __init__(
        self,
        path: Path,
        *,
        memory_bytes: int,
        body_dirs: Sequence[Path] = (),
        backups_dir: Path | None = None,
        hang_seconds: float = HANG_SECONDS,
        let_go_seconds: float = LET_GO_SECONDS,
    ) -> None:
        self._path = path
        self._memory_bytes = memory_bytes
        self._body_dirs = list(body_dirs)
        self._backups_dir = backups_dir
        self._hang_seconds = hang_seconds
        self._let_go_seconds = let_go_seconds
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._readers: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.user = "midwatch"
        self.password = secrets.token_urlsafe(32)
        self.port = 0
        self.restarts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id of the child that serves now."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Return when the engine answers.

        Raises:
            EngineTaken: another process uses the path.
            Unavailable: the child ended or did not come up.
        """
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(256)
        self.port = self._socket.getsockname()[1]
        await self._spawn()
        self._tasks = [asyncio.create_task(self._keep_alive()), asyncio.create_task(self._watch_for_hangs())]

    async def stop(self) -> None:
        """Let the child finish what runs, then end it."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)
            except TimeoutError:
                log.warning("engine.killed", after_seconds=STOP_SECONDS_MAX)
                process.kill()
                await process.wait()
        self._socket.close()

    def measures(self) -> Iterable[Measure]:
        yield Measure("midwatch_engine_restarts_total", "Times the embedded engine was started again", self.restarts)

    async def _spawn(self) -> None:
        arguments = [sys.executable, "-m", "midwatch.server.engine.child", "--path", str(self._path)]
        arguments += ["--fd", str(self._socket.fileno()), "--memory-bytes", str(self._memory_bytes)]
        arguments += ["--until-stdin-closes", "--let-go-seconds", str(self._let_go_seconds)]
        if self._backups_dir is not None:
            arguments += ["--backups-dir", str(self._backups_dir)]
        for directory in self._body_dirs:
            arguments += ["--body-dir", str(directory)]
        started = time.monotonic()
        self._process = process = await asyncio.create_subprocess_exec(
            *arguments,
            env={**os.environ, PASSWORD_VARIABLE: self.password},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=[self._socket.fileno()],
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        said: list[str] = []
        errors = self._read(process.stderr, said)
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS_MAX)
        except TimeoutError:
            process.kill()
            line = b""
        if not line.startswith(b"ready"):
            status = await process.wait()
            await errors
            reason = said[-1] if said else f"it ended with status {status}"
            failure = EngineTaken if status == EXIT_PATH_TAKEN else Unavailable
            raise failure(f"cannot start the embedded engine: {reason}")
        self._read(process.stdout, [])
        log.info("engine.ready", pid=process.pid, seconds=round(time.monotonic() - started, 2))

    def _read(self, stream: asyncio.StreamReader, said: list[str]) -> "asyncio.Task[None]":
        reader = asyncio.create_task(_log_lines(stream, said))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        return reader

    async def _watch_for_hangs(self) -> None:
        """End a child that runs and yet answers nothing for so long that no load explains it."""
        async with httpx.AsyncClient(base_url=self.url, timeout=self._hang_seconds, trust_env=False) as client:
            unanswered = 0
            while True:
                await asyncio.sleep(self._hang_seconds / 4)
                asked = self.pid
                try:
                    await client.get("/ping")
                    unanswered = 0
                except httpx.TimeoutException:
                    unanswered = unanswered + 1 if asked == self.pid else 0
                except httpx.TransportError:
                    unanswered = 0  # it ended; the other task sees to that
                if unanswered >= HANGS_MAX and self._process is not None and self._process.returncode is None:
                    log.error("engine.hangs", pid=self.pid, seconds=self._hang_seconds * unanswered)
                    self._process.kill()
                    unanswered = 0

    async def _keep_alive(self) -> None:
        in_a_row = 0
        while not self._stopping:
            assert self._process is not None
            began = time.monotonic()
            status = await self._process.wait()
            if self._stopping:
                return
            in_a_row = 0 if time.monotonic() - began > SETTLED_SECONDS else in_a_row + 1
            self.restarts += 1
            log.error("engine.ended", status=status, restarts=self.restarts)
            await asyncio.sleep(BACKOFF_SECONDS[min(in_a_row, len(BACKOFF_SECONDS)) - 1 if in_a_row else 0])
            try:
                await self._spawn()
            except Unavailable as error:
                log.error("engine.not_started", error=error.message)


async def _log_lines(stream: asyncio.StreamReader, said: list[str]) -> None:
    """Hand the child's own words on as structured lines; keep the last few."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # longer than the reader's limit; that much of it was thrown away
            continue
        if not line:
            return
        text = line.decode(errors="replace").rstrip()
        if text:
            said[:] = [*said[-20:], text]
            log.warning("engine.says", text=text[:2000])
