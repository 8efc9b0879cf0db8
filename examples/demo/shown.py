"""The one system that is shown: a process of its own, which is stopped before another is started."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from examples.demo.choices import Choice
from examples.running.running import ROOT
from midwatch.cli.parts import Part, signin_link, start_part

STOP_SECONDS_MAX = 120
"""It stops processes of its own, one after another."""
SAID_LINES = 4


class Shown:
    def __init__(self, choices: Mapping[str, Choice], logs: Path) -> None:
        self.choices = choices
        self.choice: Choice | None = None
        self._logs = logs
        self._part: Part | None = None
        self._began = 0.0
        self._changing = asyncio.Lock()

    async def show(self, name: str) -> None:
        """Stop what is shown, and start this; what comes of it is in `state()`."""
        async with self._changing:
            await self._stop()
            self.choice = choice = self.choices[name]
            choice.described.unlink(missing_ok=True)
            self._logs.mkdir(parents=True, exist_ok=True)
            self._began = time.monotonic()
            self._part = start_part(choice.name, [sys.executable, *choice.command], self._logs, {}, folder=ROOT)

    async def stop(self) -> None:
        async with self._changing:
            await self._stop()

    async def _stop(self) -> None:
        part, self._part = self._part, None
        if part is None or part.poll() is not None:
            return
        part.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(part.wait, STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            part.stop()

    def state(self) -> dict[str, Any]:
        """`stopping`, `starting`, `running` or `ended`, since when, and what it printed last."""
        if self.choice is None or self._part is None:
            return {"name": "", "state": "stopping", "seconds": 0, "said": []}
        ended = self._part.poll() is not None
        state = "ended" if ended else "running" if self.choice.described.is_file() else "starting"
        said = [line.strip() for line in self._part.output().splitlines() if line.strip()]
        seconds = round(time.monotonic() - self._began)
        return {"name": self.choice.name, "state": state, "seconds": seconds, "said": said[-SAID_LINES:]}

    def described(self) -> Mapping[str, Any] | None:
        """What the system says of itself; None while it does not run."""
        if self.choice is None or self.state()["state"] != "running":
            return None
        told: Mapping[str, Any] = json.loads(self.choice.described.read_text())
        return told

    def greeting(self) -> str:
        return self._part.output() if self._part is not None else ""

    def look(self) -> str | None:
        """An address that signs the administrator in once; None while there is none."""
        told = self.described()
        if told is None:
            return None
        try:
            return signin_link({"url": told["midwatch_url"], "token": told["token"]})
        except httpx.HTTPError:
            return None
