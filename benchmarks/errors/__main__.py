"""`make bench-errors`: full errors a second with the queue drained, Midwatch beside Bugsink, in one run.

    make bench-errors                       3,000 events each
    make bench-errors ARGS="--events 500"   whether it works at all

Each server is by itself in turn and gets the same envelopes on the same connections, as fast as it takes them. The rate
counts from the first byte until every event can be seen. CPU is that of all processes of a server over that time.
Machines are shared: compare ratios, not figures of different days.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx
import psutil

from benchmarks.errors.events import events
from benchmarks.errors.servers import Running, servers

LOOK_SECONDS = 0.2
DRAIN_SECONDS_MAX = 900.0
TRIES_MAX = 200


@dataclass(slots=True)
class Figures:
    accepted_s: float = 0.0
    """Until the last envelope was acknowledged."""
    drained_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--issues", type=int, default=40)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    envelopes = events(options.events, options.issues)
    size = sum(map(len, envelopes))
    print(
        f"{len(envelopes):,} events of {options.issues} issues, {size / len(envelopes) / 1000:.1f} KB on average, "
        f"{max(map(len, envelopes)) / 1000:.0f} at most; {options.connections} connections"
    )
    rates: dict[str, float] = {}
    for name, start in servers().items():
        if options.only and name not in options.only:
            continue
        with tempfile.TemporaryDirectory() as directory, start(Path(directory) / "data") as server:
            found = _measure(server, envelopes, options.connections)
            count = len(envelopes)
            rates[name] = count / found.drained_s
            took = f"{rates[name]:.0f} events/s drained ({count / found.accepted_s:.0f}/s accepted)"
            cost = f"{count / found.cpu_s:.0f} per CPU-second, peak {found.peak_mb:.0f} MB"
            print(f"  {name}: {took}, {cost}", flush=True)
    if len(rates) == 2:
        print(f"ratio: {rates['Midwatch'] / rates['Bugsink']:.1f}")


def _measure(server: Running, envelopes: list[bytes], connections: int) -> Figures:
    found, done = Figures(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(server, found, done))
    watcher.start()
    cpu_before, began = _cpu(server), time.monotonic()
    shares = iter(envelopes)
    lock = threading.Lock()
    senders = [threading.Thread(target=_send, args=(server.url, shares, lock)) for _ in range(connections)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    found.accepted_s = time.monotonic() - began
    while server.digested() < len(envelopes):
        if time.monotonic() - began > DRAIN_SECONDS_MAX:
            raise SystemExit(f"{server.name}: {server.digested():,} of {len(envelopes):,} events after 15 minutes")
        time.sleep(LOOK_SECONDS)
    found.drained_s = time.monotonic() - began
    found.cpu_s = _cpu(server) - cpu_before
    done.set()
    watcher.join()
    return found


def _send(url: str, envelopes: Iterator[bytes], lock: threading.Lock) -> None:
    with httpx.Client(timeout=60) as client:
        while True:
            with lock:
                some = list(islice(envelopes, 1))
            if not some:
                return
            for _ in range(TRIES_MAX):
                answer = client.post(url, content=some[0], headers={"content-type": "application/x-sentry-envelope"})
                if answer.status_code == httpx.codes.OK:
                    break
                if answer.status_code not in (429, 503):
                    raise SystemExit(f"refused: {answer.status_code} {answer.text[:300]}")
                time.sleep(0.1)


def _all(server: Running) -> list[psutil.Process]:
    return [one for process in server.processes for one in (process, *process.children(recursive=True))]


def _cpu(server: Running) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in _all(server))


def _watch(server: Running, found: Figures, done: threading.Event) -> None:
    while not done.wait(LOOK_SECONDS):
        try:
            found.peak_mb = max(found.peak_mb, sum(one.memory_info().rss for one in _all(server)) / 1e6)
        except psutil.NoSuchProcess:
            continue


if __name__ == "__main__":
    main()
