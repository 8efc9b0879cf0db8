"""Series of `prometheus_client` as they are handed to an app: what they cannot take is counted, and nothing raises."""

import time
from math import isnan
from typing import Any

import prometheus_client

from midwatch.sdk.problems import PROBLEMS, Problems

MEASUREMENTS, NOT_A_NUMBER, NEGATIVE = "measurements", "not_a_number", "negative"


class Series:
    """What counters, gauges and histograms have in common; the family of a metric without labels is its one series."""

    problems: Problems = PROBLEMS
    _name: str

    def refuse(self, amount: Any) -> None:
        """Leave it out: one line on stderr names the metric and the mistake."""
        if isinstance(amount, float) and not isnan(amount):
            self.problems.dropped(MEASUREMENTS, NEGATIVE, 1, f"{self._name} is a counter, and counts no less than 0")
        else:
            got = "NaN" if isinstance(amount, float) else type(amount).__name__
            self.problems.dropped(MEASUREMENTS, NOT_A_NUMBER, 1, f"{self._name}: expected a number, got {got}")


class Counter(Series, prometheus_client.Counter):
    def inc(self, amount: float = 1, exemplar: dict[str, str] | None = None) -> None:
        try:
            number = float(amount)
            if number >= 0:
                self._value.inc(number)
                if exemplar:
                    super().inc(0, exemplar)
            else:
                self.refuse(number)
        except Exception:
            self.refuse(amount)

    add = inc


class Gauge(Series, prometheus_client.Gauge):
    def set(self, value: float) -> None:
        try:
            number = float(value)
            if self._is_most_recent:
                self._value.set(number, timestamp=time.time())
            else:
                self._value.set(number)
        except Exception:
            self.refuse(value)

    def inc(self, amount: float = 1) -> None:
        """More, or less where it is negative."""
        try:
            number = float(amount)
            if self._is_most_recent:
                self.set(self._value.get() + number)
            else:
                self._value.inc(number)
        except Exception:
            self.refuse(amount)

    def dec(self, amount: float = 1) -> None:
        try:
            number = -float(amount)
        except Exception:
            self.refuse(amount)
        else:
            self.inc(number)

    add = inc
