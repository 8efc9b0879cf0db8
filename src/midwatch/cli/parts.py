"""Processes of a demonstration: started, waited for, and stopped with their whole group."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

READY_SECONDS_MAX = 90
STOP_SECONDS_MAX = 20
OUTPUT_SHOWN = 2000
"""Characters of what a part printed last, in the message that it did not start."""


class PartFailed(Exception):
    """A part did not start; the message says which and what it printed last."""


def say(text: str) -> None:
    print(text, flush=True)


def kept_secret(path: Path, prefix: str) -> str:
    """Made once, the owner's alone, and the same at the next start."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(prefix + secrets.token_hex(24))
    return path.read_text()


def describe(path: Path, told: Mapping[str, Any]) -> None:
    """Say in a file, which is there whole or not at all and the owner's alone, what runs and how to get in."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(told, indent=1))
    fresh.replace(path)


def usable(port: int) -> int:
    """The port, or 0 where somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            say(f"port {port} is taken: using another one")
            return 0
    return port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Part(subprocess.Popen[bytes]):
    """A child that is stopped with its whole group, and remembers its name and where its output goes."""

    name = ""
    log = Path()

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-OUTPUT_SHOWN:]

    def stop(self) -> None:
        if self.poll() is None:
            self.terminate()
            try:
                self.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.wait()


def start_part(
    name: str, command: Sequence[str], logs: Path, environment: Mapping[str, str], folder: Path | None = None
) -> Part:
    """`logs`/`name`.log gets what it prints; `environment` goes above this process's own."""
    logs.mkdir(exist_ok=True)
    path = logs / f"{name}.log"
    with path.open("wb") as log:
        part = Part(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    part.name, part.log = name, path
    return part


def wait_for(part: Part, ready: Callable[[], bool]) -> None:
    """Raises PartFailed where the part ends before, or takes too long."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline and part.poll() is None:
        if ready():
            return
        time.sleep(0.1)
    raise PartFailed(f"cannot start {part.name}; it printed:\n{part.output()}")


def wait_for_port(part: Part, port: int) -> None:
    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(part, listens)


def start_midwatch(
    stack: ExitStack, data: Path, logs: Path, *, port: int, key: str, options: Sequence[str] = ()
) -> tuple[Part, dict[str, str]]:
    """A server on `data` that takes what comes with `key`; with it, what it says of itself in its server.json.

    Its other ports are any that are free, and it may reach this machine's loopback.
    """
    command = [sys.executable, "-m", "midwatch", "up", "--data", str(data), "--port", str(port)]
    others = ["--otlp-http-port", "0", "--otlp-grpc-port", "0", "--statsd-port", "0"]
    own = ["--log-format", "json", "--private-networks", "127.0.0.0/8"]
    server = start_part("midwatch", [*command, *others, *own, *options], logs, {"MIDWATCH_INGEST_KEY": key})
    stack.callback(server.stop)
    target: dict[str, str] = {}

    def ready() -> bool:
        try:
            target.update(json.loads((data / "server.json").read_text()))
            return str(target["pid"]) == str(server.pid) and httpx.get(f"{target['url']}/ready").status_code == 200
        except (OSError, ValueError, KeyError, httpx.HTTPError):
            return False

    wait_for(server, ready)
    return server, target


def signin_link(target: Mapping[str, str]) -> str:
    """An address that signs the administrator in once."""
    headers = {"authorization": f"Bearer {target['token']}"}
    with httpx.Client(base_url=target["url"], headers=headers, timeout=10) as api:
        users = api.get("/api/v1/users").raise_for_status().json()["users"]
        admin = next(user for user in users if user["role"] == "admin" and not user["disabled"])
        link = api.post(f"/api/v1/users/{admin['id']}/link").raise_for_status().json()["signin_link"]
    return f"{target['url']}{link}"
