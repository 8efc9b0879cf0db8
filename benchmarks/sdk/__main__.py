"""`make bench-sdk`: one FastAPI app under one load in one run, bare, with Midwatch, and with what else there is.

Every variant runs in the same environment (`requirements/rivals.lock`) under one uvicorn worker, sends to the same
sink, writes its lines to stdout, and is asked in turn with the others, several rounds. CPU is that of the app's
process, its threads that encode and send included. Machines are shared: the ratios count.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import uvloop

from benchmarks.sdk.apps.routes import LINES
from benchmarks.sdk.load import ask

VARIANTS = {
    "bare": "benchmarks.sdk.apps.bare",
    "Midwatch": "benchmarks.sdk.apps.with_midwatch",
    "OpenTelemetry": "benchmarks.sdk.apps.with_opentelemetry",
    "Logfire": "benchmarks.sdk.apps.with_logfire",
    "sentry-sdk": "benchmarks.sdk.apps.with_sentry",
}
ACCESS_LINES = ("OpenTelemetry",)
"""Variants whose request lines are uvicorn's own."""
ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".make" / "rivals-venv" / "bin" / "python"
"""Of the environment that all variants run in."""
WARM_UP = 2000
START_SECONDS = 30
UNKEPT = "PYTHONDONTWRITEBYTECODE"
"""Else what is not installed by pip is compiled at each start, which no app that is deployed pays."""
IMPORT_ROUNDS = 7


@dataclass
class Measured:
    """Medians over the rounds are what counts."""

    cpu_us: list[float] = field(default_factory=list)
    """CPU microseconds of the process per request."""
    line_us: list[float] = field(default_factory=list)
    """CPU microseconds per line."""
    a_second: list[float] = field(default_factory=list)
    rss_mb: float = 0.0
    import_ms: float = 0.0


@contextmanager
def sink() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-m", "benchmarks.sdk.sink"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def serving(name: str, port: int, sink_port: int) -> Iterator[psutil.Process]:
    command = [str(PYTHON), "-m", "uvicorn", f"{VARIANTS[name]}:app", "--host=127.0.0.1", f"--port={port}"]
    command += ["--log-level=info"] if name in ACCESS_LINES else ["--no-access-log", "--log-level=warning"]
    with subprocess.Popen(command, env=environment(sink_port), stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def environment(sink_port: int) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != UNKEPT}
    return inherited | {
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink_port}",
        "SENTRY_DSN": f"http://key@127.0.0.1:{sink_port}/1",
        "OTEL_PYTHON_LOG_LEVEL": "error",
    }


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            urlopen(f"http://127.0.0.1:{port}/items/1", timeout=5).close()
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"port {port}: the app did not start within {START_SECONDS} s")


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def load(process: psutil.Process, port: int, path: str, requests: int) -> tuple[float, float]:
    """CPU microseconds per request, and requests a second."""
    before = cpu_seconds(process)
    seconds = uvloop.run(ask(port, path, requests))
    # What still waits to be sent is paid for by these requests.
    time.sleep(2.5)
    return (cpu_seconds(process) - before) * 1e6 / requests, requests / seconds


def import_ms(name: str, sink_port: int) -> float:
    """Milliseconds of CPU that the variant's imports and set-up add to the bare app's."""
    code = f"import {VARIANTS[name]}, os; os._exit(0)"
    found = []
    for _ in range(IMPORT_ROUNDS):
        before = os.times()
        subprocess.run([str(PYTHON), "-c", code], env=environment(sink_port), stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        found.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(found) * 1000


def measure(names: list[str], rounds: int, requests: int) -> dict[str, Measured]:
    found = {name: Measured() for name in names}
    with ExitStack() as stack:
        sink_port = stack.enter_context(sink())
        for name in names:
            found[name].import_ms = import_ms(name, sink_port)
        ports = {name: 4500 + number for number, name in enumerate(names)}
        running = {name: stack.enter_context(serving(name, ports[name], sink_port)) for name in names}
        for name in names:
            load(running[name], ports[name], "/items", WARM_UP)
            load(running[name], ports[name], "/lines", WARM_UP // LINES)
        for number in range(rounds):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                cpu_us, a_second = load(running[name], ports[name], "/items", requests)
                lines_us, _ = load(running[name], ports[name], "/lines", requests // LINES)
                found[name].cpu_us.append(cpu_us)
                found[name].a_second.append(a_second)
                found[name].line_us.append((lines_us - cpu_us) / LINES)
                print(f"round {number + 1}: {name} {cpu_us:.0f} µs, {a_second:.0f} a second", file=sys.stderr)
        for name in names:
            found[name].rss_mb = running[name].memory_info().rss / 1e6
    return found


def report(found: dict[str, Measured]) -> None:
    bare = found["bare"]
    base_us, base_rate = statistics.median(bare.cpu_us), statistics.median(bare.a_second)
    print("| | CPU µs a request | added | requests a second | kept | µs a line | import, ms of CPU | resident MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name, one in found.items():
        cpu_us, rate = statistics.median(one.cpu_us), statistics.median(one.a_second)
        print(
            f"| {name} | {cpu_us:.0f} | {cpu_us - base_us:+.0f} | {rate:,.0f} | {rate / base_rate:.0%} "
            f"| {statistics.median(one.line_us):.1f} | {one.import_ms - bare.import_ms:+.0f} "
            f"| {one.rss_mb:.0f} ({one.rss_mb - bare.rss_mb:+.0f}) |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20_000, help="a round")
    parser.add_argument("--only", nargs="*", choices=VARIANTS, default=list(VARIANTS), help="variants, bare besides")
    asked = parser.parse_args()
    names = [name for name in VARIANTS if name == "bare" or name in asked.only]
    report(measure(names, asked.rounds, asked.requests))


if __name__ == "__main__":
    main()
