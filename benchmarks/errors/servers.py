"""Midwatch, and Bugsink as its documentation sets it up: gunicorn, its worker, SQLite. Each by itself, on loopback."""

import contextlib
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from tests.conftest import KEY, TOKEN, Server

START_SECONDS_MAX = 90.0
MAKE_PROJECT = """
from projects.models import Project
p = Project.objects.create(name="b", retention_max_event_count=10**9)
print("DSN", p.id, p.sentry_key.hex)
"""
LIMITS = (
    *("MAX_EVENTS_PER_PROJECT_PER_5_MINUTES", "MAX_EVENTS_PER_PROJECT_PER_HOUR", "MAX_EVENTS_PER_5_MINUTES"),
    *("MAX_EVENTS_PER_HOUR", "MAX_RETENTION_PER_PROJECT_EVENT_COUNT"),
)
BUGSINK = Path(os.environ.get("MIDWATCH_BUGSINK", ".make/bugsink-venv/bin"))
"""Where `make bench-errors` has installed it."""


@dataclass(frozen=True, slots=True)
class Running:
    name: str
    url: str
    """Takes envelopes."""
    processes: list[psutil.Process]
    """With their children."""
    digested: Callable[[], int]
    """Events that people can see."""


Start = Callable[[Path], AbstractContextManager[Running]]


@contextlib.contextmanager
def midwatch(data: Path) -> Iterator[Running]:
    plan = data.parent / "plan"
    plan.mkdir()
    # Every event is kept whole, as Bugsink keeps them.
    (plan / "midwatch.yml").write_text("errors:\n  limits: {per_issue: 10000000, per_key: 10000000, spike: 10000000}\n")
    server = Server(data, options=("--plan", str(plan), "--items-per-second", "100000000")).start()
    try:
        assert server.process is not None
        api = httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=60)

        def digested() -> int:
            answer = api.post("/api/v1/sql", json={"query": "SELECT count() FROM error_events"})
            return int(answer.json()["rows"][0][0])

        url = f"{server.url}/api/1/envelope/?sentry_key={KEY}"
        yield Running("Midwatch", url, [psutil.Process(server.process.pid)], digested)
    finally:
        server.stop()


@contextlib.contextmanager
def bugsink(data: Path) -> Iterator[Running]:
    data.mkdir()
    port = _free_port()
    _run(
        data,
        "bugsink-create-conf",
        "--template=singleserver",
        f"--port={port}",
        f"--base-dir={data}",
        f"--host=127.0.0.1:{port}",
    )
    conf = next(data.glob("*conf*.py"))
    # Plain HTTP on loopback, and none of its own limits in the way.
    added = [f'BUGSINK["{limit}"] = 10**9' for limit in LIMITS]
    added += [
        f'BUGSINK["BASE_URL"] = "http://127.0.0.1:{port}"',
        "SECURE_PROXY_SSL_HEADER = None",
        'ALLOWED_HOSTS = ["*"]',
    ]
    conf.write_text("\n".join([conf.read_text(), *added, ""]))
    _run(data, "bugsink-manage", "migrate")
    _run(data, "bugsink-manage", "migrate", "snappea", "--database=snappea")
    made = _run(data, "bugsink-manage", "shell", "-c", MAKE_PROJECT)
    _, number, key = next(line for line in made.splitlines() if line.startswith("DSN")).split()
    with (data / "log").open("wb") as log:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        web = subprocess.Popen(
            [BUGSINK.absolute() / "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "4", "bugsink.wsgi"],
            cwd=data,
            env=environment,
            stdout=log,
            stderr=log,
        )
        worker = subprocess.Popen(
            [BUGSINK.absolute() / "bugsink-runsnappea"], cwd=data, env=environment, stdout=log, stderr=log
        )
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/health/ready", data / "log")

        def digested() -> int:
            with contextlib.closing(
                sqlite3.connect(f"file:{data}/db.sqlite3?mode=ro", uri=True, timeout=30)
            ) as database:
                return int(database.execute("SELECT count(*) FROM events_event").fetchone()[0])

        url = f"http://127.0.0.1:{port}/api/{number}/envelope/?sentry_key={key}"
        yield Running("Bugsink", url, [psutil.Process(web.pid), psutil.Process(worker.pid)], digested)
    finally:
        for process in (worker, web):
            process.terminate()
            process.wait(30)


def servers() -> dict[str, Start]:
    """By name, those that are there."""
    found: dict[str, Start] = {"Midwatch": midwatch}
    if (BUGSINK / "bugsink-manage").exists():
        found["Bugsink"] = bugsink
    return found


def _run(data: Path, *command: str) -> str:
    program, *arguments = command
    done = subprocess.run(
        [BUGSINK.absolute() / program, *arguments], cwd=data, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)[:80]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _until_it_answers(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url)
            return
        time.sleep(0.2)
    raise SystemExit(f"it did not start:\n{log.read_text(errors='replace')[-3000:]}")
