"""Those who use the chat in its rows' tests, and instances of its server that a row starts for itself."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page
from tools import npm

from midwatch.cli.parts import free_port
from tests.eventually import eventually
from tests.systems.chromium import chromium
from tests.systems.running import ROOT, Example

SERVER = ROOT / "examples" / "chat" / "server"
PATIENCE = 480.0
"""Seconds for whatever is waited for: the machine may be busy with other things."""
TELLING = ("MIDWATCH_", "SENTRY_", "OTEL_")
"""What the variables begin with that say where a process tells what."""


@dataclass
class Chat:
    """The system that runs, with what its users do."""

    system: Example

    def ask(self, method: str, path: str, body: Any = None, user: str = "ada", at: str = "chat_a") -> httpx.Response:
        url = self.system.url(at) + path
        return httpx.request(method, url, json=body, headers={"x-user-id": user}, timeout=90)

    def write(self, text: str, user: str = "ada", room: str = "general", at: str = "chat_a") -> httpx.Response:
        return self.ask("POST", f"/api/chat/rooms/{room}/messages", {"text": text}, user, at)

    def break_a_query(self) -> httpx.Response:
        """A pattern that PostgreSQL cannot read: a 500."""
        return self.ask("GET", "/api/chat/rooms/general/messages?pattern=(")

    def ticket(self, user: str = "ada") -> str:
        answer = self.ask("POST", "/api/tickets", {"title": "Sign in", "text": "I cannot sign in"}, user)
        return str(answer.raise_for_status().json()["data"]["id"])

    def ask_assistant(self, ticket: str, user: str = "ada") -> httpx.Response:
        return self.ask("POST", "/api/ai/ticket-assistant", {"ticketId": ticket}, user)

    def summarise(self, room: str = "general") -> None:
        self.ask("POST", f"/api/chat/rooms/{room}/summary").raise_for_status()

    # What is seen of it.

    def lines(self, query: str, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.get("logs", query=query, limit=500, **more)["rows"]
        return found

    def value(self, query: str) -> float:
        return self.system.value(query)

    def values(self, query: str, label: str) -> dict[str, float]:
        return {one["metric"].get(label, ""): float(one["value"][1]) for one in self.system.promql(query)}

    def reaches(self, query: str, wanted: Callable[[float], bool]) -> float:
        return self.system.reaches(query, wanted, PATIENCE)

    def told(self, alert: str, after: float, state: str = "firing") -> dict[str, float]:
        """Seconds until Slack and e-mail heard of it; empty until both have."""
        shown = f"[{state.upper()}"
        found = {
            name: [one for one in self.system.notified(path, alert, after) if shown in one["body"]]
            for name, path in (("Slack", "/services/"), ("e-mail", "mailto:"))
        }
        return {name: some[0]["at"] - after for name, some in found.items()} if all(found.values()) else {}

    def until_told(self, alert: str, began: float, act: Callable[[], Any] = lambda: time.sleep(0.5)) -> str:
        """Do it over and over until Slack and e-mail have heard; how long that took, in words."""
        deadline = time.monotonic() + PATIENCE
        while not (heard := self.told(alert, began)):
            assert time.monotonic() < deadline, f"nobody was told of {alert}"
            act()
            time.sleep(0.2)
        return ", ".join(f"{name} after {seconds:.0f} s" for name, seconds in heard.items())

    def socket_counts(self, at: str) -> list[dict[str, float]]:
        """Disconnects and failed deliveries by reason, connects by outcome."""
        counted = (("disconnects", "reason"), ("delivery_failures", "reason"), ("connections", "outcome"))
        return [
            self.values(f'sum by ({label}) (websocket_{name}_total{{instance="{at}"}})', label)
            for name, label in counted
        ]

    def well(self) -> None:
        """Both instances answer, after what a test has broken."""
        for at in ("chat_a", "chat_b"):
            self.system.until(lambda at=at: self.ask("GET", "/api/health", at=at).status_code == 200, PATIENCE)  # type: ignore[misc]


@dataclass
class Instance:
    """One more process of the server."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path
    name: str = field(default="spare")

    def ask(self, method: str, path: str, body: Any = None, user: str = "ada") -> httpx.Response:
        return httpx.request(method, self.url + path, json=body, headers={"x-user-id": user}, timeout=90)

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        try:
            return self.ask("GET", "/api/health").status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """As a deploy does it; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def instance(
    system: Example, folder: Path, name: str = "spare", *, telling: Mapping[str, str] | None = None, **more: str
) -> Iterator[Instance]:
    """It shares database and Redis with the others. `telling`: where it tells what, in place of the example's."""
    folder.mkdir(parents=True, exist_ok=True)
    node = shutil.which("node", path=npm.node_environment()["PATH"])
    assert node is not None
    given = dict(system.told["environment"])
    if telling is not None:
        given = {key: one for key, one in given.items() if not key.startswith(TELLING)} | dict(telling)
    else:
        given["SENTRY_TRACES_SAMPLE_RATE"] = "1"
    port, log = free_port(), folder / f"{name}.log"
    own = {"INSTANCE": name, "PORT": str(port), "ENVIRONMENT": "production", "OTEL_METRIC_EXPORT_INTERVAL": "2000"}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [node, "--import", "./instrument.mjs", "server.mjs"],
            cwd=SERVER,
            env={"PATH": os.environ["PATH"], **given, **own, **more},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Instance(process, f"http://127.0.0.1:{port}", log, name)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextmanager
def ready_instance(system: Example, folder: Path, name: str = "spare", **more: Any) -> Iterator[Instance]:
    with instance(system, folder, name, **more) as started:
        eventually(started.ready, seconds=PATIENCE)
        yield started


@contextmanager
def two_pages() -> Iterator[tuple[Page, Page]]:
    """Of one browser."""
    with chromium() as browser:
        context = browser.new_context()
        context.set_default_timeout(60_000)
        yield context.new_page(), context.new_page()
