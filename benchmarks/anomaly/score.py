"""Alerts against labelled windows: precision, recall, and a score as NAB's standard profile has it.

Lavin, Ahmad 2015, "Evaluating Real-time Anomaly Detection Algorithms".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

FALSE_POSITIVE, FALSE_NEGATIVE = 0.11, 1.0
"""NAB's standard profile; a detection at the very beginning of a window counts 1."""


@dataclass(frozen=True, slots=True)
class Score:
    """Sums over series."""

    alerts: int = 0
    right: int = 0
    """Alerts that began in a window."""
    windows: int = 0
    found: int = 0
    points: float = 0.0

    def __add__(self, more: "Score") -> "Score":
        return Score(
            self.alerts + more.alerts,
            self.right + more.right,
            self.windows + more.windows,
            self.found + more.found,
            self.points + more.points,
        )

    @property
    def normal(self) -> float:
        """0 for nothing told at all, 100 for every window at its beginning and nothing else."""
        none = -FALSE_NEGATIVE * self.windows
        return 100 * (self.points - none) / (self.windows - none) if self.windows else 0.0

    @property
    def row(self) -> str:
        precision = f"{self.right / self.alerts:.0%}" if self.alerts else "–"
        recall = f"{self.found / self.windows:.0%}" if self.windows else "–"
        return f"{self.alerts} | {precision} | {recall} | {self.normal:.1f}"


def scored(starts: Sequence[int], windows: Sequence[tuple[int, int]], length: int) -> Score:
    """Of one series; starts and windows are places of samples, both ends of a window are in it."""
    points, found, right = 0.0, 0, 0
    for begin, end in windows:
        inside = [one for one in starts if begin <= one <= end]
        right += len(inside)
        if not inside:
            points -= FALSE_NEGATIVE
            continue
        found += 1
        # From -1 at the left end of the window to 0 at its right one.
        points += _weight((min(inside) - end) / max(1, end - begin)) / _weight(-1.0)
    for one in starts:
        if any(begin <= one <= end for begin, end in windows):
            continue
        before = [(begin, end) for begin, end in windows if end < one]
        begin, end = max(before, default=(0, 0))
        # Shortly after a window it is wrong by little.
        points += FALSE_POSITIVE * (_weight((one - end) / max(1, end - begin)) if before else -1.0)
    return Score(len(starts), right, len(windows), found, points)


def _weight(place: float) -> float:
    """NAB's scaled sigmoid: near 1 early in a window, 0 at its end, near -1 long after."""
    return 2 / (1 + exp(min(5 * place, 700))) - 1
