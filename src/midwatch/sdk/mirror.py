"""What collectors of their own tell, written to where the app's other processes read it."""

from typing import Any

from prometheus_client import CollectorRegistry, values
from prometheus_client.metrics import MetricWrapperBase


class Mirror:
    """Counters and gauges of collectors that keep no values of `prometheus_client`'s."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._written: dict[tuple[str, tuple[tuple[str, str], ...]], Any] = {}

    def write(self) -> None:
        for collector in tuple(self._registry._collector_to_names):
            if isinstance(collector, MetricWrapperBase):
                continue
            for family in collector.collect():
                if family.type not in ("counter", "gauge"):
                    continue
                for sample in family.samples:
                    key = sample.name, tuple(sample.labels.items())
                    value = self._written.get(key)
                    if value is None:
                        value = self._written[key] = values.ValueClass(
                            family.type,
                            family.name,
                            sample.name,
                            tuple(sample.labels),
                            tuple(sample.labels.values()),
                            family.documentation,
                            multiprocess_mode="livesum",
                        )
                    value.set(sample.value)
