"""A source of series that are functions of time, for rules on a virtual clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from midwatch.server.promql import Series
from midwatch.server.promql.labels import make
from midwatch.server.promql.matchers import Matcher, select

STEP_MS = 15_000
Course = Callable[[int], float | None]
"""The value of a sample at a time in milliseconds; None: there is none."""


@dataclass
class Courses:
    """Samples every 15 s, of which nothing is seen that is later than `until_ms`."""

    series: dict[str, tuple[dict[str, str], Course]] = field(default_factory=dict)
    failure: Exception | None = None
    answering: bool = True
    reads: int = 0

    def answers(self) -> bool:
        return self.answering

    def put(self, text: str, course: Course, **labels: str) -> None:
        self.series[f"{text}{sorted(labels.items())}"] = ({"__name__": text, **labels}, course)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        found = []
        for pairs, course in self.series.values():
            labels = make(pairs)
            if not select(labels, tuple(matchers)):
                continue
            first = -(-start_ms // STEP_MS) * STEP_MS
            cells = [(at, course(at)) for at in range(first, end_ms + 1, STEP_MS)]
            kept = [(at, value) for at, value in cells if value is not None]
            if kept:
                times = np.array([at for at, _ in kept], dtype=np.int64)
                found.append(Series(labels, times, np.array([float(value) for _, value in kept])))
        return found


def between(start_ms: int, end_ms: int, value: float, otherwise: float | None = 0.0) -> Course:
    """A value from start until before end."""
    return lambda at: value if start_ms <= at < end_ms else otherwise
