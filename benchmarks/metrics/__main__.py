"""`make bench-metrics`: remote write and PromQL of Midwatch, Debian's Prometheus and VictoriaMetrics, in one run.

    make bench-metrics                    some ten minutes
    make bench-metrics ARGS=--full        a million series
    make bench-metrics ARGS=--tiny        whether it works at all

Each server is by itself in turn, gets the same bodies on one connection and is asked the same questions. Answers are
held against those of Prometheus; VictoriaMetrics's rate() differs by design: it looks back to the sample before the
window and extrapolates nothing. Samples per CPU-second count all CPU of a server and of its engine, from the first
byte until merges rest. Machines are shared: compare ratios, not figures of different days.
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.metrics import series
from benchmarks.metrics.asking import Told, ask_all, report_answers
from benchmarks.metrics.questions import questions
from benchmarks.metrics.series import Family
from benchmarks.metrics.servers import Start, servers
from benchmarks.metrics.writing import write

WRITTEN_STEP_MS = 15_000
STEP_MS = 60_000
LEAD_STEPS = 10
"""Steps before the first one that is asked about: its window is full."""
RECENT_STEPS = 3
FULL_SERIES = 1_000_000
"""Of all families together: what one selector of Midwatch may find."""


def main() -> None:
    options = _options()
    chosen = {name: start for name, start in servers().items() if not options.only or name in options.only}
    end_ms = (time.time_ns() // 1_000_000 - 120_000) // STEP_MS * STEP_MS
    if options.steps:
        _measure_writing(chosen, _written(options.series, options.steps, end_ms))
    if options.hours:
        families = _asked_about(options, end_ms)
        _measure_asking(chosen, families, end_ms // 1000, options.hours, options.times)


def _measure_writing(chosen: dict[str, Start], family: Family) -> None:
    print(f"Writing: {len(family.labels):,} series × {family.steps:,} steps, one step a body", flush=True)
    for start in chosen.values():
        with tempfile.TemporaryDirectory() as directory, start(Path(directory) / "data") as server:
            print(f"  {server.name}: {write(server, [family])}", flush=True)


def _measure_asking(chosen: dict[str, Start], families: list[Family], end_s: int, hours: int, times: int) -> None:
    counts = " + ".join(f"{len(one.labels):,} {one.labels[0][0][1]}" for one in families)
    print(f"\nAsking: {counts}; {sum(one.samples for one in families):,} samples, several a series in a body")
    told: dict[str, list[Told]] = {}
    for start in chosen.values():
        with tempfile.TemporaryDirectory() as directory, start(Path(directory) / "data") as server:
            print(f"  {server.name}: {write(server, families)}", flush=True)
            told[server.name] = ask_all(server, questions(end_s, hours), times)
    report_answers(told)


def _written(count: int, steps: int, end_ms: int) -> Family:
    start_ms = end_ms - (steps - 1) * WRITTEN_STEP_MS
    return Family([series.requests(one) for one in range(count)], series.counting, start_ms, steps, WRITTEN_STEP_MS)


def _asked_about(options: argparse.Namespace, end_ms: int) -> list[Family]:
    steps = options.hours * 3_600_000 // STEP_MS + LEAD_STEPS
    start_ms, recent_ms = end_ms - (steps - 1) * STEP_MS, end_ms - (RECENT_STEPS - 1) * STEP_MS
    counters = [series.requests(one) for one in range(options.counters)]
    buckets = [series.latency(one) for one in range(options.histograms * len(series.BUCKETS))]
    items = [series.stock(one) for one in range(options.wide)]
    return [
        Family(counters, series.counting, start_ms, steps, STEP_MS, steps_a_body=10),
        Family(buckets, series.observing, start_ms, steps, STEP_MS, steps_a_body=10),
        Family(items, series.wandering, recent_ms, RECENT_STEPS, STEP_MS, steps_a_body=RECENT_STEPS),
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics", description=__doc__)
    parser.add_argument("--series", type=int, default=2_000, help="series that are written, a sample each a body")
    parser.add_argument("--steps", type=int, default=2_500, help="samples of each; 0: no such measurement")
    parser.add_argument("--hours", type=int, default=24, help="time that queries look at; 0: no queries")
    parser.add_argument("--counters", type=int, default=10_000, help="counters over that time, a sample a minute")
    parser.add_argument("--histograms", type=int, default=100, help="histograms of 12 buckets, likewise")
    parser.add_argument("--wide", type=int, default=100_000, help="series with three samples only")
    parser.add_argument("--times", type=int, default=5, help="how often each question is asked")
    parser.add_argument("--only", nargs="*", help="names of servers: Prometheus VictoriaMetrics Midwatch")
    parser.add_argument("--full", action="store_true", help="one million series altogether")
    parser.add_argument("--tiny", action="store_true", help="a minute's run whose figures say nothing")
    options = parser.parse_args()
    if options.full:
        options.wide = FULL_SERIES - options.counters - options.histograms * len(series.BUCKETS)
    if options.tiny:
        options.steps, options.hours, options.counters = 20, 2, 200
        options.histograms, options.wide, options.times = 10, 1_000, 2
    return options


if __name__ == "__main__":
    main()
