"""What a system says of itself in its `system.py`: processes, what they stand on, and what can be made to go wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class Running(Protocol):
    """What a fault can lay hands on."""

    async def behave(self, vendor: str, behaviour: str, **details: Any) -> None:
        """A part of the outside world answers so from now on; `ok` is what it does by itself."""

    def gate(self, name: str) -> "GateControl":
        """What stands between the processes and `postgresql` or `redis`."""

    def pause(self, process: str) -> None:
        """It stands still (SIGSTOP), as a process that hangs."""

    def resume(self, process: str) -> None: ...

    def kill(self, process: str) -> None: ...

    def start_again(self, process: str) -> None: ...

    async def ask(self, process: str, method: str, path: str, body: Any = None) -> Any:
        """An HTTP request to a process of the system; its answer, read as JSON where it is."""


class GateControl(Protocol):
    def close(self) -> None:
        """Connections are cut, and new ones refused."""

    def open(self) -> None: ...

    def slow(self, seconds: float) -> None:
        """Each piece that passes takes so much longer; 0 is as before."""


Act = Callable[[Running], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One thing that a document names as going wrong."""

    what: str
    """What is seen of it, in a sentence."""
    start: Act
    heal: Act


@dataclass(frozen=True)
class Process:
    """Its words may be `{python}`, `{node}`, `{port}`, and `{NAME_url}` and `{NAME_port}` of any process."""

    name: str
    command: tuple[str, ...]
    folder: str = "."
    port: int = 0
    """Where it listens, if nobody else does; 0: it does not listen."""
    ready: str = ""
    """A path that answers below 500 once it works; empty: it works once its port is open."""
    environment: Mapping[str, str] = field(default_factory=dict)
    traffic: bool = False
    """It plays the users: left out where somebody else does."""


@dataclass(frozen=True)
class System:
    """All processes see these variables:

    `DATABASE_URL` and `REDIS_URL` (through gates that faults close), `OUTSIDE_URL` (the outside world; a vendor is at
    `/NAME`), `NAME_URL` of each process that listens, `MIDWATCH_URL`, `MIDWATCH_DSN`, `MIDWATCH_KEY`,
    `OTEL_EXPORTER_OTLP_ENDPOINT` and `OTEL_EXPORTER_OTLP_HEADERS`, `SENTRY_DSN`, `STATSD_HOST`, `STATSD_PORT`,
    `PLAN` (the directory of the plan in force).
    """

    name: str
    title: str
    folder: Path
    processes: tuple[Process, ...]
    faults: Mapping[str, Fault]
    postgresql: bool = False
    redis: int | None = None
    """The number of its database in Redis, its own among the examples."""
    packages: tuple[str, ...] = ()
    """Folders with a package-lock.json, whose packages are installed before the start."""
    pages: tuple[str, ...] = ()
    """Of these, those whose `npm run build` makes a page in `dist/`."""
    prepare: tuple[tuple[str, ...], ...] = ()
    """Commands that run to their end before the processes start: tables, rows to begin with."""
    places: Mapping[str, str] = field(default_factory=dict)
    """What the plan's files say, and what stands there on this machine: `{"https://api.example.com": "{api_url}"}`."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Files of the plan's `secrets/`: what is in each."""
    environment: str = "production"
    """The environment of all that the example tells, as its plan names it."""
    history: str = ""
    """A module with `write(history)`, see examples/history; empty: none."""


def behaving(vendor: str, behaviour: str, what: str, **details: Any) -> Fault:
    """The outside world does so, until it is healed."""

    async def start(running: Running) -> None:
        await running.behave(vendor, behaviour, **details)

    async def heal(running: Running) -> None:
        await running.behave(vendor, "ok")

    return Fault(what, start, heal)


def gone(gate: str, what: str) -> Fault:
    """`postgresql` or `redis` cannot be reached."""

    async def start(running: Running) -> None:
        running.gate(gate).close()

    async def heal(running: Running) -> None:
        running.gate(gate).open()

    return Fault(what, start, heal)


def slowed(gate: str, seconds: float, what: str) -> Fault:
    async def start(running: Running) -> None:
        running.gate(gate).slow(seconds)

    async def heal(running: Running) -> None:
        running.gate(gate).slow(0)

    return Fault(what, start, heal)


def paused(process: str, what: str) -> Fault:
    """The process lives and does nothing."""

    async def start(running: Running) -> None:
        running.pause(process)

    async def heal(running: Running) -> None:
        running.resume(process)

    return Fault(what, start, heal)


def killed(process: str, what: str) -> Fault:
    async def start(running: Running) -> None:
        running.kill(process)

    async def heal(running: Running) -> None:
        # What it waits for goes through gates, which this loop serves.
        await asyncio.to_thread(running.start_again, process)

    return Fault(what, start, heal)


def asked(process: str, path: str, what: str, *, body: Any = None, healed: Any = None) -> Fault:
    """`POST path` to a process that can be asked to misbehave; to heal it, the same with `healed`, or nothing."""

    async def start(running: Running) -> None:
        await running.ask(process, "POST", path, body)

    async def heal(running: Running) -> None:
        if healed is not None:
            await running.ask(process, "POST", path, healed)

    return Fault(what, start, heal)
