"""`make bench-anomaly ARGS=…/NAB`: bands of anomaly rules over NAB's labelled series, beside a naive z-score.

    git clone https://github.com/numenta/NAB        data and labels of the Numenta Anomaly Benchmark
    python -m benchmarks.anomaly NAB
    python -m benchmarks.anomaly NAB --deviations 4

Walks forward: every hour is judged by what was learned before it. An alert begins where the condition held for some
samples in a row and ends once it has not for an hour; what counts is where alerts begin, since that wakes somebody.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.anomaly.score import Score, scored
from midwatch.server.anomaly.band import learn
from midwatch.server.model.band import BandWanted
from midwatch.server.promql.floats import Floats, Ints

HOUR_MS, WEEK_MS = 3_600_000, 604_800_000
HISTORY_MS = 4 * WEEK_MS
PROBATION = 0.15
"""NAB's share of a series, of its first 5,000 samples at most, in which nothing is scored."""
PROBATION_MAX = 5_000
Beyond = Callable[[Ints, Floats], Floats]
"""How many deviations each sample is away from what was expected of it; 0 where nothing was."""


@dataclass(frozen=True, slots=True)
class Labelled:
    name: str
    times_ms: Ints
    values: Floats
    windows: list[tuple[int, int]]
    """From and to, as places in `times_ms`."""

    @property
    def probation(self) -> int:
        return int(PROBATION * min(len(self.times_ms), PROBATION_MAX))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.anomaly", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a clone of NAB")
    parser.add_argument("--deviations", type=float, nargs="*", default=[3.0, 4.0, 5.0])
    parser.add_argument("--in-a-row", type=int, default=3, help="samples for which the condition holds, as `for` says")
    parser.add_argument("--relearn-hours", type=int, default=1)
    parser.add_argument("--files", action="store_true", help="each series for itself")
    options = parser.parse_args()
    detectors: dict[str, Beyond] = {
        "anomaly rule": lambda times, values: by_band(times, values, options.relearn_hours),
        "z-score of all before": by_z_score,
        "z-score of a day": lambda times, values: by_z_score(times, values, 24 * HOUR_MS),
    }
    series = list(corpus(options.corpus))
    print(f"{len(series)} series, {sum(len(one.windows) for one in series)} windows")
    print("| | deviations | alerts | precision | recall | score | CPU s |\n|---|---|---|---|---|---|---|")
    for name, detector in detectors.items():
        began = time.process_time()
        found = [detector(one.times_ms, one.values) for one in series]
        seconds = time.process_time() - began
        for deviations in options.deviations:
            each = [_judged(one, far > deviations, options.in_a_row) for one, far in zip(series, found, strict=True)]
            whole = sum(each, Score())
            print(f"| {name} | {deviations:g} | {whole.row} | {seconds:.0f} |")
            if options.files:
                for one, score in zip(series, each, strict=True):
                    print(f"|     {one.name} | | {score.row} | |")


def corpus(folder: Path) -> Iterator[Labelled]:
    windows = json.loads((folder / "labels" / "combined_windows.json").read_text())
    for name, of_file in sorted(windows.items()):
        with (folder / "data" / name).open() as lines:
            rows = list(csv.DictReader(lines))
        times = np.array([_time_ms(row["timestamp"]) for row in rows], dtype=np.int64)
        values = np.array([float(row["value"]) for row in rows])
        places = [
            (int(np.searchsorted(times, _time_ms(begin))), int(np.searchsorted(times, _time_ms(end), "right")) - 1)
            for begin, end in of_file
        ]
        yield Labelled(name, times, values, places)


def _time_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def by_band(times_ms: Ints, values: Floats, relearn_hours: int) -> Floats:
    """The band of one deviation, so that others need not be learned again; as rules, at steps of five minutes."""
    wanted = BandWanted("nab", 1.0, HISTORY_MS)
    far = np.zeros(len(values))
    for begin, end in _chunks(times_ms, relearn_hours * HOUR_MS):
        from_ = int(np.searchsorted(times_ms, times_ms[begin] - HISTORY_MS))
        if begin - from_ < 2:
            continue
        rows, learned = learn(wanted, times_ms[from_:begin], values[None, from_:begin], int(times_ms[begin]))
        if not len(rows):
            continue
        lower, expected, upper = (one[0] for one in learned.at(times_ms[begin:end]))
        now = values[begin:end]
        with np.errstate(all="ignore"):
            above, below = (now - expected) / (upper - expected), (expected - now) / (expected - lower)
        far[begin:end] = np.nan_to_num(np.where(now >= expected, above, below), posinf=1e9)
    return far


def _chunks(times_ms: Ints, size_ms: int) -> Iterator[tuple[int, int]]:
    places = np.flatnonzero(np.diff(times_ms // size_ms, prepend=-1))
    yield from zip(places.tolist(), [*places[1:].tolist(), len(times_ms)], strict=True)


def by_z_score(times_ms: Ints, values: Floats, window_ms: int = 0) -> Floats:
    """Distance from the mean of what was before, in standard deviations of it."""
    sums, squares = (np.concatenate([[0.0], np.cumsum(one)]) for one in (values, values**2))
    ends = np.arange(len(values))
    begins = np.searchsorted(times_ms, times_ms - window_ms) if window_ms else np.zeros(len(values), dtype=np.int64)
    counts = np.maximum(ends - begins, 1)
    mean = (sums[ends] - sums[begins]) / counts
    deviation = np.sqrt(np.maximum((squares[ends] - squares[begins]) / counts - mean**2, 0.0))
    with np.errstate(all="ignore"):
        far = np.abs(values - mean) / deviation
    return np.where(ends - begins >= 2, np.nan_to_num(far, posinf=1e9), 0.0)


def _judged(one: Labelled, held: np.ndarray, in_a_row: int) -> Score:
    starts = [place for place in alerts(one.times_ms, held, in_a_row) if place >= one.probation]
    return scored(starts, one.windows, len(one.times_ms) - one.probation)


def alerts(times_ms: Ints, held: np.ndarray, in_a_row: int) -> list[int]:
    """Where alerts begin: held for so many samples in a row, after an hour in which none fired."""
    found: list[int] = []
    run, last_ms = 0, -HOUR_MS
    for place, (at_ms, holds) in enumerate(zip(times_ms.tolist(), held.tolist(), strict=True)):
        run = run + 1 if holds else 0
        if run < in_a_row:
            continue
        if not found or at_ms - last_ms > HOUR_MS:
            found.append(place)
        last_ms = at_ms
    return found


if __name__ == "__main__":
    main()
