"""What the SDK itself has lost, as a metric among the app's."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from midwatch.sdk.problems import Problems

NAME = "midwatch_sdk_dropped"


class Dropped(Collector):
    """`midwatch_sdk_dropped_total{what,reason}`."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(NAME, "What Midwatch's SDK lost", labels=("what", "reason"))
        for (what, reason), count in self._problems.counts().items():
            family.add_metric((what, reason), count)
        yield family

    def describe(self) -> Iterable[Metric]:
        """Its name, without reading it."""
        return [CounterMetricFamily(NAME, "What Midwatch's SDK lost", labels=("what", "reason"))]
