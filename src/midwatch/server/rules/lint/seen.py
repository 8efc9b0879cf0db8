"""What stored history says of one side of a comparison."""

from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Bools, Floats, Ints

DAY_MS = 86_400_000
LOOKS_MIN = 100
"""Of fewer nothing is concluded."""
_THERE = 0.9
"""Of the looks from the first to the last at which there is something, so much may be called all the time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """By look: whether the condition held, and the value that is nearest to holding."""

    times_ms: Ints
    values: Floats
    held: Bools
    step_ms: int
    end_ms: int
    bucket_max: float | None = None
    """Of a quantile: where the last bucket of its histogram ends, so that no value is beyond."""

    @property
    def span_ms(self) -> int:
        return int(self.times_ms[-1] - self.times_ms[0]) if len(self.times_ms) else 0

    @property
    def enough(self) -> bool:
        """A series that is there for less than a day may have its first night to come."""
        return self.span_ms >= DAY_MS and len(self.times_ms) >= LOOKS_MIN

    @property
    def all_along(self) -> bool:
        """Hardly a gap, and up to now."""
        looks = self.span_ms // self.step_ms + 1
        return len(self.times_ms) >= _THERE * looks and self.end_ms - int(self.times_ms[-1]) < DAY_MS // 24

    def quantile(self, share: float) -> float:
        return float(np.quantile(self.finite, share))

    @property
    def finite(self) -> Floats:
        found: Floats = self.values[np.isfinite(self.values)]
        return found


def seen(
    operator: str, threshold: float, times_ms: Ints, values: Floats, step_ms: int, bucket_max: float | None = None
) -> Seen:
    """`values` are series × times, with NaN where there is nothing."""
    end_ms = int(times_ms[-1]) if len(times_ms) else 0
    if not len(values):
        nothing = np.empty(0)
        return Seen(times_ms[:0], nothing, nothing.astype(bool), step_ms, end_ms, bucket_max)
    there = ~np.isnan(values).all(axis=0)
    kept = values[:, there]
    nearest = np.fmin.reduce(kept, axis=0) if operator in ("<", "<=") else np.fmax.reduce(kept, axis=0)
    held: Bools = np.any(_COMPARE[operator](kept, threshold) & ~np.isnan(kept), axis=0)
    return Seen(times_ms[there], nearest, held, step_ms, end_ms, bucket_max)


_COMPARE = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
