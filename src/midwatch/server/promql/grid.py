"""The times a query is asked about."""

from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Ints


@dataclass(frozen=True, slots=True)
class Grid:
    """From start to end in steps, milliseconds, both ends included; one step where start is end."""

    start_ms: int
    end_ms: int
    step_ms: int

    @property
    def steps(self) -> int:
        return 0 if self.end_ms < self.start_ms else (self.end_ms - self.start_ms) // self.step_ms + 1

    @property
    def last_ms(self) -> int:
        return self.start_ms + (self.steps - 1) * self.step_ms

    def times(self) -> Ints:
        return self.start_ms + np.arange(self.steps, dtype=np.int64) * self.step_ms

    def first(self) -> "Grid":
        """The first step alone."""
        return Grid(self.start_ms, self.start_ms, self.step_ms)
