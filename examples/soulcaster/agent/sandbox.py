"""A machine of the sandbox provider for one job, and what it costs."""

import os
import threading
import time
from types import TracebackType
from typing import Any, Self

import httpx
from agent.failures import SandboxTimeout

import midwatch

USAGE_EVERY_SECONDS = float(os.environ.get("USAGE_EVERY_SECONDS", "15"))
LIFE_SECONDS = 3600
POLL_SECONDS = 0.3
TEMPLATE = "node-20"
log = midwatch.get_logger("sandbox")
in_use = midwatch.gauge("sandboxes_in_use", "Sandboxes that run at this moment")
in_use_limit = midwatch.gauge("sandboxes_limit", "Sandboxes that may run at once")
hours_used = midwatch.gauge("sandbox_hours_used", "Hours of the calendar month that are used")
hours_limit = midwatch.gauge("sandbox_hours_limit", "Hours that the plan has in a month")
boots = midwatch.histogram(
    "sandbox_boot_seconds", "From asking for a sandbox to having it", buckets=(0.1, 0.5, 1, 5, 15)
)


def provider() -> httpx.Client:
    return httpx.Client(base_url=f"{os.environ['OUTSIDE_URL']}/sandboxes", timeout=30)


class Sandbox:
    def __init__(self) -> None:
        self._client = provider()
        self._began = time.time()
        self.id = ""

    def __enter__(self) -> Self:
        with boots.time(), midwatch.step("boot sandbox"):
            answer = self._client.post("/sandboxes", json={"templateID": TEMPLATE, "timeout": LIFE_SECONDS})
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise SandboxTimeout(f"no sandbox is free: {answer.json()['detail']}")
            answer.raise_for_status()
        self.id = answer.json()["sandboxID"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._client.delete(f"/sandboxes/{self.id}")
        midwatch.cost("sandbox.hours", (time.time() - self._began) / 3600, provider="e2b", template=TEMPLATE)
        self._client.close()

    def run(self, command: str) -> dict[str, Any]:
        """Its `exitCode` and `stdout`. Raises SandboxTimeout where the sandbox goes away."""
        answer = self._asked("POST", "commands", {"cmd": command})
        while True:
            found = self._asked("GET", f"commands/{answer['pid']}")
            if not found["running"]:
                return found
            time.sleep(POLL_SECONDS)

    def _asked(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._client.request(method, f"/sandboxes/{self.id}/{path}", json=body)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise SandboxTimeout(f"the sandbox is gone: {answer.json()['detail']}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def watch_usage() -> None:
    """Ask the provider now and then how much of the plan is used, from a thread of its own."""

    def measure() -> None:
        with provider() as client:
            while True:
                try:
                    usage = client.get("/usage").raise_for_status().json()
                    in_use.set(usage["concurrentSandboxes"])
                    in_use_limit.set(usage["concurrentSandboxesLimit"])
                    hours_used.set(usage["sandboxHoursUsed"])
                    hours_limit.set(usage["sandboxHoursLimit"])
                except httpx.HTTPError as error:
                    log.warning("sandbox.usage.unknown", reason=type(error).__name__)
                time.sleep(USAGE_EVERY_SECONDS)

    threading.Thread(target=measure, name="usage", daemon=True).start()
