"""How long the garbage collector stops the process: 1 µs a collection.

Its callbacks come in the middle of anything, also where a lock of a metric is held: they take none, and only add to
numbers that are read later.
"""

import gc
from time import monotonic, perf_counter
from typing import Any

WINDOW_SECONDS = 30.0
"""The longest pause is that of this window and of the one before: each who reads sees it, however often others do."""
_GENERATIONS = 3


class GcPauses:
    """From when it is made until `end`."""

    _began: float
    _seconds: list[float]
    _longest: list[float]
    _longest_before: list[float]
    _window_ends: float

    def __init__(self) -> None:
        self.begin()
        gc.callbacks.append(self._told)

    def begin(self) -> None:
        """At zero."""
        self._began = 0.0
        self._seconds = [0.0] * _GENERATIONS
        self._longest = [0.0] * _GENERATIONS
        self._longest_before = [0.0] * _GENERATIONS
        self._window_ends = monotonic() + WINDOW_SECONDS

    def end(self) -> None:
        gc.callbacks.remove(self._told)

    def read(self) -> list[tuple[float, float]]:
        """By generation: seconds so far, and the longest of the last minute."""
        now = monotonic()
        if now >= self._window_ends:
            late = now >= self._window_ends + WINDOW_SECONDS
            self._longest_before = [0.0] * _GENERATIONS if late else self._longest
            self._longest = [0.0] * _GENERATIONS
            self._window_ends = now + WINDOW_SECONDS
        longest = map(max, self._longest, self._longest_before)
        return list(zip(self._seconds, longest, strict=True))

    def _told(self, phase: str, about: dict[str, Any]) -> None:
        if phase == "start":
            self._began = perf_counter()
        elif self._began:
            took = perf_counter() - self._began
            generation = about["generation"]
            self._seconds[generation] += took
            self._longest[generation] = max(self._longest[generation], took)
