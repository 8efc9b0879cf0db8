"""The engine is paused under rules that would all fire if they took its silence for that of what they watch."""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests import remote_write
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = pytest.mark.faults

PAUSE_SECONDS = 75
"""MidwatchBehind fires after a minute; an engine that hangs for longer is replaced."""
RULES = """
groups:
  - name: silence
    interval: 5s
    rules:
      - alert: Gone
        expr: absent_over_time(beats_total[20s])
      - alert: Quiet
        expr: sum(increase(beats_total[30s])) < 1
      - alert: Late
        expr: time() - timestamp(beats_total) > 20
      - alert: Down
        expr: service_up == 0
        for: 10s
"""


def _send(server: Server, **values: float) -> None:
    at_ms = time.time_ns() // 1_000_000
    series = [
        remote_write.series_1({"__name__": name, "job": "x"}, samples=[{"value": value, "timestamp": at_ms}])
        for name, value in values.items()
    ]
    body = remote_write.packed(remote_write.version_1(*series))
    with server.door() as door:
        answer = door.post(remote_write.PATH, content=body, headers=remote_write.HEADERS_1)
    assert answer.status_code in (200, 204), answer.text


def _firing(api: httpx.Client) -> set[str]:
    alerts = api.get("/prometheus/api/v1/alerts").json()["data"]["alerts"]
    return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}


def _engine(server: Server) -> psutil.Process:
    assert server.process is not None
    (found,) = (one for one in psutil.Process(server.process.pid).children() if "engine" in " ".join(one.cmdline()))
    return found


def test_no_page_but_that_midwatch_is_behind_and_none_missed(tmp_path: Path) -> None:
    """Beats go on coming in all the time; a service goes down in the pause, and is told of after it."""
    plan = tmp_path / "observability"
    (plan / "rules").mkdir(parents=True)
    (plan / "midwatch.yml").write_text("runbooks: warn\n")
    (plan / "rules" / "silence.yml").write_text(RULES)
    server = Server(tmp_path / "data", options=("--plan", str(plan))).start()
    seen: set[str] = set()
    try:
        with server.api() as api:
            for _ in range(20):
                _send(server, beats_total=time.time(), service_up=1)
                time.sleep(2)

            def judged() -> bool:
                (group,) = (g for g in api.get("/api/v1/rules").json()["groups"] if g["name"] == "silence")
                return all(rule["health"] == "ok" for rule in group["rules"])

            eventually(judged)
            eventually(lambda: not _firing(api), seconds=60)
            engine = _engine(server)
            engine.send_signal(signal.SIGSTOP)
            try:
                paused = time.monotonic()
                while (since := time.monotonic() - paused) < PAUSE_SECONDS:
                    _send(server, beats_total=time.time(), service_up=float(since < 20))
                    seen |= _firing(api)
                    time.sleep(2)
            finally:
                with contextlib.suppress(ProcessLookupError):  # it hung for so long that it was replaced
                    os.kill(engine.pid, signal.SIGCONT)
            assert seen == {"MidwatchBehind"}

            def told() -> bool:
                _send(server, beats_total=time.time(), service_up=0)
                firing = _firing(api)
                seen.update(firing)
                return firing == {"Down"}

            eventually(told, seconds=120)
            assert seen == {"MidwatchBehind", "Down"}
            asked: dict[str, Any] = {"alert": "Down", "after": "firing"}
            (fired,) = api.get("/api/v1/rule-history", params=asked).json()["transitions"]
            assert fired["alert"] == "Down"
    finally:
        server.stop()
