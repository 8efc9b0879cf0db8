"""What one query may use: samples, series and time."""

from collections.abc import Callable

from midwatch.server.promql.errors import LimitError, QueryTimeoutError
from midwatch.server.promql.options import EngineOptions

_TOO_MANY = "query processing would load too many samples into memory in query execution"


class Budget:
    """Counts what a query holds; `deadline` answers whether its time is over."""

    def __init__(self, options: EngineOptions, deadline: Callable[[], bool] | None) -> None:
        self._samples_max = options.samples_max
        self._series_max = options.series_max
        self._deadline = deadline
        self.loaded = 0
        self.peak = 0

    def load(self, samples: int) -> None:
        """Samples that a selector brought and that stay until the end."""
        self.loaded += samples
        self.hold(0)

    def hold(self, samples: int) -> None:
        """Samples that exist for a moment besides the loaded ones."""
        self.peak = max(self.peak, self.loaded + samples)
        if self.peak > self._samples_max:
            raise LimitError(_TOO_MANY)

    def series(self, count: int) -> None:
        if count > self._series_max:
            raise LimitError(f"query would select {count} series: expected at most {self._series_max}")

    def check_time(self) -> None:
        if self._deadline is not None and self._deadline():
            raise QueryTimeoutError("query timed out in expression evaluation")
