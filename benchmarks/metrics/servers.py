"""The servers that are measured, each by itself: on loopback, on an empty directory."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import psutil
from tests.conftest import KEY, TOKEN, Server
from tools.find_prometheus import find_prometheus
from tools.find_victoria_metrics import find_victoria_metrics

from benchmarks import cpu
from benchmarks.__main__ import settle
from benchmarks.metrics.disk import bytes_below, replaced_parts

START_SECONDS_MAX = 60.0
ANSWER_SECONDS_MAX = 300.0
REST_SECONDS = 5.0
REST_CPU_SECONDS = 0.15
"""A server that uses no more than this in REST_SECONDS rests."""
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Running:
    name: str
    process: psutil.Process
    door: httpx.Client
    """Takes remote write at `/write`."""
    api: httpx.Client
    """Prometheus's API, from below `/api/v1`."""
    rest: Callable[[], None]
    """Returns when all that was written is stored, and nothing is merged any more."""
    parameters: dict[str, str]
    """What a query says beside the question."""
    bytes_on_disk: Callable[[], int]
    """All that is kept in its directory, its log of what came in too."""


Start = Callable[[Path], AbstractContextManager[Running]]


@contextlib.contextmanager
def midwatch(data: Path) -> Iterator[Running]:
    limits = ("--items-per-second", "100000000", "--series-per-metric", "0", "--series-per-key", "0")
    server = Server(data, options=(*limits, "--retention", "metrics=0")).start()
    try:
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        base = server.url + "/prometheus/api/v1"
        with _client(base, KEY) as door, _client(base, TOKEN) as api, _client(server.url, TOKEN) as own:
            settle(own, process)
            rest = partial(settle, own, process)
            yield Running("Midwatch", process, door, api, rest, {}, partial(_kept_by_midwatch, data))
    finally:
        server.stop()


def _kept_by_midwatch(data: Path) -> int:
    return bytes_below(data, replaced_parts(data))


def prometheus(program: str) -> Start:
    def command(data: Path, address: str) -> list[str]:
        (data / "prometheus.yml").write_text("")
        options = [f"--config.file={data}/prometheus.yml", f"--storage.tsdb.path={data}/tsdb"]
        options += [f"--web.listen-address={address}", "--web.enable-remote-write-receiver"]
        return [program, *options, "--query.timeout=5m", "--query.max-samples=500000000", "--log.level=warn"]

    return lambda data: _peer("Prometheus", command, data, "/-/ready", {})


def victoria_metrics(program: str) -> Start:
    def command(data: Path, address: str) -> list[str]:
        options = [f"-storageDataPath={data}/vm", f"-httpListenAddr={address}", "-retentionPeriod=100y"]
        # Prometheus's look-back and answers of any size; neither of its caches of answers, as the others have none.
        options += ["-search.maxLookback=5m", "-search.latencyOffset=0s", "-search.disableCache"]
        limits = ("maxUniqueTimeseries", "maxSeries", "maxTagValues")
        options += [f"-search.{limit}=10000000" for limit in limits]
        return [program, *options, "-search.maxQueryDuration=5m", "-loggerLevel=ERROR"]

    return lambda data: _peer("VictoriaMetrics", command, data, "/health", {"nocache": "1"})


def servers() -> dict[str, Start]:
    """By name, those that are found on this machine; peers first, for Midwatch's answers to be held against."""
    found: dict[str, Start] = {}
    if program := find_prometheus():
        found["Prometheus"] = prometheus(program)
    if program := find_victoria_metrics():
        found["VictoriaMetrics"] = victoria_metrics(program)
    return found | {"Midwatch": midwatch}


@contextlib.contextmanager
def _peer(
    name: str, command: Callable[[Path, str], list[str]], data: Path, ready: str, parameters: dict[str, str]
) -> Iterator[Running]:
    data.mkdir()
    address = f"127.0.0.1:{_free_port()}"
    with (data / "server.log").open("wb") as log:
        process = subprocess.Popen(command(data, address), cwd=data, stdout=log, stderr=log)
    try:
        watched, deadline = psutil.Process(process.pid), time.monotonic() + START_SECONDS_MAX
        while not _is_ready(f"http://{address}{ready}"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{name} did not start:\n{(data / 'server.log').read_text(errors='replace')}")
            time.sleep(0.2)
        kept = partial(bytes_below, data)
        with _client(f"http://{address}/api/v1") as client:
            yield Running(name, watched, client, client, partial(_rest, watched), parameters, kept)
    finally:
        process.terminate()
        process.wait()


def _client(base: str, token: str = "") -> httpx.Client:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=base, headers=headers, timeout=ANSWER_SECONDS_MAX)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _rest(process: psutil.Process) -> None:
    since, before = time.monotonic(), cpu.by_process(process).total()
    while time.monotonic() - since < REST_SECONDS:
        time.sleep(LOOK_AGAIN_SECONDS)
        if (now := cpu.by_process(process).total()) > before + REST_CPU_SECONDS:
            since, before = time.monotonic(), now
