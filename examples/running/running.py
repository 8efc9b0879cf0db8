"""One system, running: what is started in which order, and what faults lay hands on."""

import asyncio
import importlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from examples.history import write_history
from examples.running.databases import drop_postgresql, new_postgresql, new_redis
from examples.running.declared import Fault, Process, System
from examples.running.gates import Gate, gate_before
from examples.running.plans import hurry_plan, place_plan
from midwatch.cli.parts import (
    Part,
    PartFailed,
    free_port,
    kept_secret,
    say,
    start_midwatch,
    start_part,
    usable,
    wait_for,
    wait_for_port,
)

ROOT = Path(__file__).resolve().parents[2]
SYSTEMS = tuple(sorted(file.parent.name for file in ROOT.glob("examples/*/system.py")))


def system_named(name: str) -> System:
    if name not in SYSTEMS:
        raise PartFailed(f"there is no example {name!r}: {', '.join(SYSTEMS)}")
    system: System = importlib.import_module(f"examples.{name}.system").SYSTEM
    return system


@dataclass(frozen=True)
class Wish:
    """How a system is to be started."""

    data: Path
    port: int = 4400
    own_ports: bool = False
    """Any free ports instead of those that the system names: several may run beside one another."""
    hurry: int = 1
    """All times of rules and routes are so many times shorter."""
    traffic: bool = True
    history: str = ""
    """How far back telemetry is written before the start, such as `7d`."""
    options: tuple[str, ...] = ()
    """More options of `midwatch up`."""


@dataclass
class RunningSystem:
    """See examples/running/declared.py for what faults may do with it."""

    system: System
    wish: Wish
    stack: ExitStack
    names: dict[str, str] = field(default_factory=dict)
    """What `{…}` stands for in commands, environments, places and secrets."""
    environment: dict[str, str] = field(default_factory=dict)
    target: dict[str, str] = field(default_factory=dict)
    """Midwatch's server.json."""
    parts: dict[str, Part] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    """Processes that a fault has killed."""
    gates: dict[str, Gate] = field(default_factory=dict)
    active: list[str] = field(default_factory=list)
    """Names of faults that are on."""
    outside: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    async def start(self) -> None:
        """Everything, in order; raises PartFailed and DatabaseAway."""
        self.wish.data.mkdir(parents=True, exist_ok=True)
        self._install()
        await self._start_outside()
        await self._start_databases()
        self._choose_ports()
        self._start_midwatch()
        if self.wish.history and self.system.history:
            await asyncio.to_thread(self._write_history)
        for command in self.system.prepare:
            await asyncio.to_thread(self._run, command)
        for process in self.system.processes:
            if self.wish.traffic or not process.traffic:
                await asyncio.to_thread(self._start_process, process)

    async def stop(self) -> None:
        for part in reversed(self.parts.values()):
            if part.poll() is None:
                os.killpg(part.pid, signal.SIGCONT)
            await asyncio.to_thread(part.stop)
        for gate in self.gates.values():
            await gate.stop()
        await self.outside.aclose()
        if self.system.postgresql:
            drop_postgresql(self._database)

    def plan_again(self, plan: Path) -> None:
        """Put the system's plan, as it is for this machine, into `plan`, where Midwatch watches it."""
        places = {old: new.format_map(self.names) for old, new in self.system.places.items()}
        secrets = {name: secret.format_map(self.names) for name, secret in self.system.secrets.items()}
        place_plan(self.system.folder / "observability", plan, places, secrets, self.names["outside_url"])
        if self.wish.hurry > 1:
            hurry_plan(plan, self.wish.hurry)

    # What faults may do.

    async def behave(self, vendor: str, behaviour: str, **details: Any) -> None:
        answer = await self.outside.put(f"/control/{vendor}", json={"behaviour": behaviour, "details": details})
        answer.raise_for_status()

    def gate(self, name: str) -> Gate:
        return self.gates[name]

    def pause(self, process: str) -> None:
        os.killpg(self.parts[process].pid, signal.SIGSTOP)

    def resume(self, process: str) -> None:
        os.killpg(self.parts[process].pid, signal.SIGCONT)

    def kill(self, process: str) -> None:
        self.ended.add(process)
        os.killpg(self.parts[process].pid, signal.SIGKILL)
        self.parts[process].wait()

    def start_again(self, process: str) -> None:
        self._start_process(next(one for one in self.system.processes if one.name == process))
        self.ended.discard(process)

    async def ask(self, process: str, method: str, path: str, body: Any = None) -> Any:
        answer = await self.outside.request(method, self.names[f"{process}_url"] + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else answer.text

    def fault(self, name: str) -> Fault:
        if name not in self.system.faults:
            raise PartFailed(f"{self.system.name} has no fault {name!r}: {', '.join(self.system.faults)}")
        return self.system.faults[name]

    # How it is started.

    @property
    def _logs(self) -> Path:
        return self.wish.data / "logs"

    @property
    def _database(self) -> str:
        return f"midwatch_{self.system.name}_{os.getpid()}" if self.wish.own_ports else f"midwatch_{self.system.name}"

    def _install(self) -> None:
        npm = [sys.executable, str(ROOT / "tools" / "npm.py")]
        for folder in self.system.packages:
            where = str((self.system.folder / folder).relative_to(ROOT))
            if subprocess.run([*npm, where], check=False).returncode:
                raise PartFailed(f"cannot install the npm packages of {where}")
            if folder in self.system.pages and not self._built(folder):
                say(f"building the page of {where}")
                if subprocess.run([*npm, where, "run", "build"], stdout=subprocess.DEVNULL, check=False).returncode:
                    raise PartFailed(f"cannot build the page of {where}: `npm run build` there says why")

    def _built(self, folder: str) -> bool:
        """Whether the page is newer than all that it is made of."""
        root = self.system.folder / folder
        made = root / "dist" / "index.html"
        sources = [
            file
            for file in root.rglob("*")
            if file.is_file() and not {"node_modules", "dist"} & set(file.relative_to(root).parts)
        ]
        return made.exists() and all(file.stat().st_mtime <= made.stat().st_mtime for file in sources)

    async def _start_outside(self) -> None:
        port, mail = free_port(), free_port()
        command = [sys.executable, "-m", "examples.outside", str(port), str(mail)]
        part = start_part("outside", command, self._logs, {"PYTHONPATH": str(ROOT)}, folder=ROOT)
        self._keep(part)
        wait_for_port(part, port)
        self.names |= {"outside_url": f"http://127.0.0.1:{port}", "smtp": f"127.0.0.1:{mail}"}
        self.environment["OUTSIDE_URL"] = self.names["outside_url"]
        self.outside = httpx.AsyncClient(base_url=self.names["outside_url"], timeout=10)

    async def _start_databases(self) -> None:
        if self.system.postgresql:
            gate, url = await gate_before(new_postgresql(self._database), 5432)
            self.gates["postgresql"], self.environment["DATABASE_URL"] = gate, url
            self.names |= {"database_url": url, "postgresql_address": f"127.0.0.1:{gate.at}"}
        if self.system.redis is not None:
            gate, url = await gate_before(new_redis(self.system.redis), 6379)
            self.gates["redis"], self.environment["REDIS_URL"] = gate, url
            self.names["redis_address"] = f"127.0.0.1:{gate.at}"

    def _choose_ports(self) -> None:
        self.names |= {"python": sys.executable, "node": shutil.which("node") or "node"}
        for process in self.system.processes:
            if process.port:
                port = free_port() if self.wish.own_ports else usable(process.port) or free_port()
                self.names |= {f"{process.name}_port": str(port), f"{process.name}_url": f"http://127.0.0.1:{port}"}
                self.environment[f"{process.name.upper()}_URL"] = f"http://127.0.0.1:{port}"

    def _start_midwatch(self) -> None:
        plan = self.wish.data / "plan"
        self.plan_again(plan)
        key = kept_secret(self.wish.data / "ingest-key", "mwk_example_")
        port = 0 if self.wish.own_ports else usable(self.wish.port)
        options = ("--plan", str(plan), *self.wish.options)
        server, self.target = start_midwatch(
            self.stack, self.wish.data / "midwatch", self._logs, port=port, key=key, options=options
        )
        self.parts["midwatch"] = server
        url, host = self.target["url"], self.target["url"].removeprefix("http://")
        statsd = self.target["statsd_url"].rpartition("/")[2]
        self.names |= {"midwatch_url": url, "midwatch_key": key}
        self.environment |= {
            "MIDWATCH_URL": url,
            "MIDWATCH_KEY": key,
            "MIDWATCH_DSN": f"http://{key}@{host}",
            "SENTRY_DSN": f"http://{key}@{host}/1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.target["otlp_http_url"],
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{key}",
            "STATSD_HOST": statsd.rpartition(":")[0],
            "STATSD_PORT": statsd.rpartition(":")[2],
            "PLAN": str(plan),
            "PYTHONUNBUFFERED": "1",
        }

    def _write_history(self) -> None:
        """Once for this data: what has happened does not happen again."""
        written = self.wish.data / "history"
        if written.exists():
            say(f"the past up to {written.read_text()} is there already")
            return
        write_history(self.system, self.wish.history, self.target, self.environment["MIDWATCH_KEY"])
        written.write_text(datetime.now(UTC).isoformat(timespec="minutes"))

    def _start_process(self, process: Process) -> None:
        names = {**self.names, "port": self.names.get(f"{process.name}_port", "")}
        own = {name: value.format_map(names) for name, value in process.environment.items()}
        port = {"PORT": names["port"]} if process.port else {}
        part = start_part(
            process.name,
            [word.format_map(names) for word in process.command],
            self._logs,
            {**self.environment, **port, **own},
            folder=self.system.folder / process.folder,
        )
        self._keep(part)
        if process.ready:
            wait_for(part, lambda: _answers(names[f"{process.name}_url"] + process.ready))
        elif process.port:
            wait_for_port(part, int(names["port"]))

    def _run(self, command: tuple[str, ...]) -> None:
        words = [word.format_map(self.names) for word in command]
        done = subprocess.run(
            words,
            cwd=self.system.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PartFailed(f"`{' '.join(words)}` failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")

    def _keep(self, part: Part) -> None:
        self.parts[part.name] = part
        self.stack.callback(part.stop)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code < 500
    except httpx.HTTPError:
        return False


def described(running: RunningSystem, control_url: str) -> Mapping[str, Any]:
    """What `make fault` and tests need to know of a system that runs."""
    target = running.target
    return {
        "system": running.system.name,
        "control_url": control_url,
        "midwatch_url": target["url"],
        "token": target["token"],
        "key": running.environment["MIDWATCH_KEY"],
        "otlp_http_url": target["otlp_http_url"],
        "outside_url": running.names["outside_url"],
        "urls": {one.name: running.names[f"{one.name}_url"] for one in running.system.processes if one.port},
        "environment": running.environment,
        "data": str(running.wish.data),
        "database": running.environment.get("DATABASE_URL", ""),
        "redis": running.environment.get("REDIS_URL", ""),
    }
