"""Series that are made up: calm, an incident, calm again; and a source of them, as the engine reads one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from midwatch.server.promql import Series
from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.matchers import Matcher, select

STEP_MS = 15_000


class Kind(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"
    """Its level is how much it grows in a second."""
    AGE = "age"
    """A moment, in seconds since the epoch; its level is how long ago it is."""


@dataclass(frozen=True, slots=True)
class Incident:
    """From `start_ms` until before `end_ms` levels are those of the incident."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Course:
    """What a series does; None: there is none."""

    labels: Labels
    kind: Kind
    calm: float | None
    incident: float | None

    def steady(self, *, incident: bool) -> "Course":
        level = self.incident if incident else self.calm
        return Course(self.labels, self.kind, level, level)


@dataclass
class Sketch:
    """A source of courses with a sample every STEP_MS from `start_ms` to `end_ms`."""

    courses: Sequence[Course]
    start_ms: int
    end_ms: int
    incident: Incident
    _made: dict[Course, Series] = field(default_factory=dict)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        found = []
        for course in self.courses:
            if not select(course.labels, tuple(matchers)):
                continue
            whole = self._made.get(course)
            if whole is None:
                whole = self._made[course] = self._series(course)
            low, high = np.searchsorted(whole.times_ms, (start_ms, end_ms + 1))
            if low < high:
                found.append(Series(whole.labels, whole.times_ms[low:high], whole.values[low:high]))
        return found

    def _series(self, course: Course) -> Series:
        times: Ints = np.arange(-(-self.start_ms // STEP_MS) * STEP_MS, self.end_ms + 1, STEP_MS, dtype=np.int64)
        inside = (times >= self.incident.start_ms) & (times < self.incident.end_ms)
        calm, incident = (np.nan if level is None else level for level in (course.calm, course.incident))
        levels: Floats = np.where(inside, incident, calm)
        there = ~np.isnan(levels)
        match course.kind:
            case Kind.COUNTER:
                values = np.cumsum(np.where(there, levels, 0.0)) * (STEP_MS / 1000)
            case Kind.AGE:
                values = times / 1000 - levels
            case Kind.GAUGE:
                values = levels
        return Series(course.labels, times[there], values[there])
