"""Remote write into a whole server, beside Prometheus and VictoriaMetrics where this machine has them.

    python -m benchmarks.pieces.remote_write [STEPS]

2,000 series, one body a step on one connection, as a Prometheus sends that has fallen behind. Samples per CPU-second
count all CPU of a server (and of its engine) from the first body until what it stores has come to rest.
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
from benchmarks import cpu
from benchmarks.__main__ import settle
from tests.conftest import KEY, TOKEN, Server
from tests.remote_write import HEADERS_1, HEADERS_2, PATH, packed
from tools.find_prometheus import find_prometheus

from midwatch.server.protocols.prometheus.messages import VERSION_1, VERSION_2

SERIES = 2000
STEP_MS = 15_000
START_SECONDS_MAX = 60.0
REST_SECONDS = 5.0


def labels(place: int) -> list[tuple[str, str]]:
    """Sorted, as Prometheus sends them; ten of some 190 bytes."""
    return [
        ("__name__", f"http_server_requests_{place % 40}_total"),
        ("code", ("200", "404", "500")[place % 3]),
        ("handler", f"/api/v1/items/{place % 37}"),
        ("instance", f"10.0.0.{place % 50}:8080"),
        ("job", "api"),
        ("method", ("GET", "POST")[place % 2]),
        ("node", f"node-{place % 20:04d}"),
        ("pod", f"api-{place:08x}"),
        ("region", "eu-west-1"),
        ("zone", "abc"[place % 3]),
    ]


def bodies_1(steps: int, start_ms: int) -> Iterator[bytes]:
    chance, counters = random.Random(1), [0.0] * SERIES
    named = [[{"name": name, "value": value} for name, value in labels(place)] for place in range(SERIES)]
    for step in range(steps):
        request = VERSION_1.request()
        for place in range(SERIES):
            counters[place] += chance.randrange(100)
            sample = {"value": counters[place], "timestamp": start_ms + step * STEP_MS}
            request.timeseries.add(labels=named[place], samples=[sample])
        yield packed(request)


def bodies_2(steps: int, start_ms: int) -> Iterator[bytes]:
    chance, counters = random.Random(1), [0.0] * SERIES
    symbols = {"": 0, "Requests.": 1}
    refs = [
        [symbols.setdefault(text, len(symbols)) for pair in labels(place) for text in pair] for place in range(SERIES)
    ]
    for step in range(steps):
        request = VERSION_2.request(symbols=list(symbols))
        for place in range(SERIES):
            counters[place] += chance.randrange(100)
            sample = {"value": counters[place], "timestamp": start_ms + step * STEP_MS}
            request.timeseries.add(labels_refs=refs[place], samples=[sample], metadata={"type": 1, "help_ref": 1})
        yield packed(request)


def measure(
    name: str, url: str, process: psutil.Process, bodies: list[bytes], headers: dict[str, str], rest: Callable[[], None]
) -> None:
    before, started = sum(cpu.seconds(process).values()), time.monotonic()
    with httpx.Client(timeout=60) as client:
        for body in bodies:
            answer = client.post(url, content=body, headers=headers)
            if answer.status_code >= 300:
                raise SystemExit(f"{name}: {answer.status_code} {answer.text}")
    sent = time.monotonic() - started
    rest()
    spent, samples = sum(cpu.seconds(process).values()) - before, len(bodies) * SERIES
    memory = cpu.resident_mb(process)
    print(f"{name}: {samples / spent:,.0f} samples per CPU-second, sent in {sent:.1f} s, {memory:.0f} MB")


def midwatch(bodies: list[bytes], headers: dict[str, str], version: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory) / "data", options=("--items-per-second", "10000000")).start()
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        api = httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=60)
        key = {"authorization": f"Bearer {KEY}", **headers}
        measure(f"Midwatch, {version}", server.url + PATH, process, bodies, key, lambda: settle(api, process))
        server.stop()


def peer(name: str, command: list[str], address: str, path: str, bodies: list[bytes]) -> None:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"http://{address}/-/ready").status_code in (200, 400, 404):
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        url, watched = f"http://{address}{path}", psutil.Process(process.pid)
        measure(name, url, watched, bodies, HEADERS_1, lambda: time.sleep(REST_SECONDS))
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    start_ms = time.time_ns() // 1_000_000 - steps * STEP_MS
    first = list(bodies_1(steps, start_ms))
    midwatch(first, HEADERS_1, "1.0")
    midwatch(list(bodies_2(steps, start_ms)), HEADERS_2, "2.0")
    with tempfile.TemporaryDirectory() as directory:
        # Old samples only come in where a window for what is out of order is open.
        configuration = Path(directory) / "prometheus.yml"
        configuration.write_text("storage: {tsdb: {out_of_order_time_window: 30d}}\n")
        if program := find_prometheus():
            command = [program, f"--config.file={configuration}", f"--storage.tsdb.path={directory}/tsdb"]
            command += ["--web.enable-remote-write-receiver", "--web.listen-address=127.0.0.1:19090"]
            peer("Prometheus", command, "127.0.0.1:19090", "/api/v1/write", first)
        if program := shutil.which("victoria-metrics"):
            command = [program, f"-storageDataPath={directory}/vm", "-httpListenAddr=127.0.0.1:18428"]
            peer("VictoriaMetrics", command, "127.0.0.1:18428", "/api/v1/write", first)


if __name__ == "__main__":
    main()
