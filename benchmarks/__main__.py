"""`make bench`: a whole server under load, beside a Python loop that only decodes the same bodies; ratios of one run.

    make bench                        a few minutes: 2 M spans, 4 M records
    make bench ARGS=--full            10 M spans, 20 M records, spread over a day

Items per CPU-second count all CPU of the server and of its engine, from the first byte until merges rest. Machines are
shared: compare ratios, not figures of different days.
"""

import argparse
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path

import httpx
import psutil
from tests.conftest import TOKEN, Server

from benchmarks import cpu
from benchmarks.bodies import MAKERS, template
from benchmarks.load import Load, Sent, send
from benchmarks.yardstick import decode_loop

DAY_NS = 86_400_000_000_000
STEADY_SPANS_A_SECOND = 20_000
MERGES_REST_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.5


class Peak:
    """The greatest resident memory of a process tree while the `with` lasts."""

    def __init__(self, process: psutil.Process) -> None:
        self.mb = 0.0
        self._process = process
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            self.mb = max(self.mb, cpu.resident_mb(self._process))


def yardstick(signal: str) -> float:
    chance = random.Random(2)
    templates = [template(MAKERS[signal](chance)) for _ in range(20)]
    messages = [one.fresh(time.time_ns(), chance) for one in templates]
    return statistics.median(decode_loop(messages, signal) for _ in range(5))


def settle(api: httpx.Client, process: psutil.Process) -> None:
    """Wait until everything is stored and merging rests."""
    while api.get("/api/v1/system/status").json()["wal"]["segments_waiting"]:
        time.sleep(LOOK_AGAIN_SECONDS)
    quiet_since, before = time.monotonic(), cpu.seconds(process)["engine, merging"]
    while time.monotonic() - quiet_since < MERGES_REST_SECONDS:
        time.sleep(LOOK_AGAIN_SECONDS)
        if (now := cpu.seconds(process)["engine, merging"]) > before + 0.05:
            quiet_since = time.monotonic()
        before = now


def signal_status(api: httpx.Client, signal: str) -> dict[str, float]:
    found: dict[str, float] = next(
        one for one in api.get("/api/v1/system/status").json()["signals"] if one["signal"] == signal
    )
    return found


def report_answers(sent: Sent) -> None:
    times = sorted(sent.answer_seconds)
    p50, p99 = statistics.median(times) * 1e3, times[int(len(times) * 0.99)] * 1e3
    print(
        f"  {sent.items / sent.seconds:,.0f} a second, {sent.refused} refused; answers p50 {p50:.1f}, p99 {p99:.1f} ms"
    )


def measure(server: Server, process: psutil.Process, load: Load) -> None:
    loop = yardstick(load.signal)
    before = cpu.seconds(process)
    with Peak(process) as peak, server.api() as api:
        sent = send(load)
        fresh = signal_status(api, load.signal)
        settle(api, process)
        status = signal_status(api, load.signal)
    used = cpu.seconds(process) - before
    total = used.total()
    loop = statistics.median((loop, yardstick(load.signal)))
    print(f"{load.signal}: {sent.items:,} sent, {status['rows']:,} rows")
    print(
        f"  {sent.items / total:,.0f} per CPU-second, {sent.items / total / loop:.2f} of the decode loop ({loop:,.0f})"
    )
    print("  µs an item: " + ", ".join(f"{part} {one / sent.items * 1e6:.2f}" for part, one in used.most_common()))
    report_answers(sent)
    visible = f"p50 {fresh['freshness_p50_seconds']:.2f} s, p99 {fresh['freshness_p99_seconds']:.2f} s"
    print(
        f"  visible {visible}; {status['bytes_on_disk'] / status['rows']:.1f} bytes a row; peak RSS {peak.mb:.0f} MB",
        flush=True,
    )


def queries(server: Server) -> None:
    day = "start=now-25h&end=now"
    with server.api() as api:
        trace = api.get(f"/api/v1/traces?{day}&limit=1").json()["traces"][0]["trace_id"]
        asked = {
            "trace by id": f"/api/v1/traces/{trace}",
            "service table over a day": f"/api/v1/services?{day}",
            "traces by attribute over a day": f"/api/v1/traces?query=user.id:user-00077&limit=20&{day}",
            "traces by attribute, last hour": "/api/v1/traces?query=user.id:user-00077&limit=20&start=now-1h&end=now",
            "needle in bodies over a day": f"/api/v1/logs?query=%22123456%22&limit=20&{day}",
            "service map, last hour": "/api/v1/service-map?start=now-1h&end=now",
            "newest lines": f"/api/v1/logs?limit=100&{day}",
            "log histogram over a day": f"/api/v1/logs/histogram?{day}",
        }
        for name, path in asked.items():
            times = []
            for _ in range(7):
                started = time.perf_counter()
                api.get(path).raise_for_status()
                times.append(time.perf_counter() - started)
            print(f"  {name}: {statistics.median(times) * 1e3:.0f} ms (slowest {max(times) * 1e3:.0f})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--spans", type=int, default=2_000_000)
    parser.add_argument("--records", type=int, default=4_000_000)
    parser.add_argument("--steady-seconds", type=float, default=30, help="time at 20,000 spans a second")
    parser.add_argument("--full", action="store_true", help="10 M spans, 20 M records, 60 s steady")
    options = parser.parse_args()
    if options.full:
        options.spans, options.records, options.steady_seconds = 10_000_000, 20_000_000, 60
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory) / "data", {"MIDWATCH_API_TOKEN": TOKEN}).start()
        try:
            assert server.process is not None
            process = psutil.Process(server.process.pid)
            with server.api() as api:
                settle(api, process)
            print(f"idle RSS {cpu.resident_mb(process):.0f} MB: {cpu.shares_mb(process)}", flush=True)
            now = time.time_ns()
            print(f"steady {STEADY_SPANS_A_SECOND:,} a second")
            steady = int(STEADY_SPANS_A_SECOND * options.steady_seconds)
            measure(server, process, Load(server.url, "traces", steady, STEADY_SPANS_A_SECOND))
            print("flat out")
            for signal, items in (("traces", options.spans), ("logs", options.records)):
                measure(server, process, Load(server.url, signal, items, begin_ns=now - DAY_NS, end_ns=now))
            queries(server)
            print(f"RSS after queries {cpu.resident_mb(process):.0f} MB: {cpu.shares_mb(process)}")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
