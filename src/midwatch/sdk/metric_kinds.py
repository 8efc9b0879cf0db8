"""Counters, histograms and gauges as the app has them in its hands."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from prometheus_client import CollectorRegistry

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk import series
from midwatch.sdk.guard import Guard
from midwatch.sdk.histograms import Histogram as LeanHistogram
from midwatch.sdk.metric_names import code_of, scraped, word_of
from midwatch.sdk.problems import Problems
from midwatch.sdk.redaction_signals import label_of
from midwatch.sdk.series import MEASUREMENTS

LABEL_SETS_MAX = 2000
"""Series of one metric. What comes beyond is counted under the label values `_other`, so that sums stay true."""
OTHER = "_other"
CARDINALITY = "cardinality"
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
LIVE_SUM = "livesum"
"""What a gauge of several processes is, unless said otherwise: the sum over those that live."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a metric is asked for as."""

    name: str
    description: str = ""
    labels: tuple[str, ...] = ()
    unit: str = ""
    buckets: tuple[float, ...] | None = None
    mode: str | None = None

    def fits(self, asked: "Shape") -> bool:
        """Whether who asks for this gets what was asked; what was left open is not asked for."""
        buckets = asked.buckets in (None, self.buckets or DURATION_BUCKETS)
        return asked.labels == self.labels and buckets and asked.mode in (None, self.mode or LIVE_SUM)

    def __str__(self) -> str:
        shown = f"the labels {', '.join(self.labels) or 'none'}"
        return shown + (f" and the buckets {', '.join(f'{one:g}' for one in self.buckets)}" if self.buckets else "")


class Kind:
    """A metric with its series by label values; any thread may use it."""

    made_of: Any = None

    def __init__(self, shape: Shape, registry: CollectorRegistry | None, problems: Problems) -> None:
        self._registry = registry
        self._problems = problems
        self._guard = Guard(MEASUREMENTS, problems)
        self.ours = True
        """Not the app's: it may still be declared otherwise."""
        self.measured_by_us = False
        """Though it is the app's: a label that it does not have is no mistake of the app's then."""
        self._become(shape, self._family_of(shape))

    def _family_of(self, shape: Shape) -> Any:
        """Raises ValueError for buckets or a mode that cannot be."""
        name, unit = scraped(shape.name), {}
        if word := word_of(code_of(shape.unit), name.removesuffix("_total")):
            unit = {"unit": word}
        labels = tuple(map(scraped, shape.labels))
        described = shape.description or shape.name
        return self.made_of(name, described, labels, registry=None, **unit, **self._more(shape))

    def _become(self, shape: Shape, family: Any) -> None:
        if self._registry is not None:
            self._registry.register(family)
        self.shape = shape
        self.names = shape.labels
        self._family = family
        self._series: dict[tuple[Any, ...], Any] = {}
        self._known = frozenset(shape.labels)

    def _more(self, shape: Shape) -> dict[str, Any]:
        return {}

    def declare(self, shape: Shape) -> None:
        """Be of this shape from now on. Raises ValueError where it has been measured already."""
        if self._series:
            raise ValueError(
                f"metric {shape.name!r} is measured with {self.shape} already: declare it before the app is served"
            )
        told = replace(shape, description=shape.description or self.shape.description)
        family = self._family_of(told)
        if self._registry is not None:
            self._registry.unregister(self._family)
        self.ours, self.measured_by_us = False, True
        self._become(told, family)

    def labels(self, *values: Any, **labels: Any) -> Any:
        """The series of these labels, by name or in their order: one that is kept by the caller costs least.

        A label that is missing has no value; one that the metric does not have is left out and counted.
        """
        if values:
            labels.update(zip(self.names, values, strict=False))
        found = self.of(labels)
        if (len(labels) > len(self.names) or len(values) > len(self.names)) and not self.measured_by_us:
            unknown = set(labels) - self._known or f"more labels than {', '.join(self.names) or 'none'}"
            self._problems.dropped("labels", "unknown", 1, f"{self._family._name} has no {unknown}")
        return found

    def of(self, fields: Mapping[str, Any]) -> Any:
        """The series whose labels are among these fields, whatever else there is."""
        key = tuple(fields.get(name, "") for name in self.names)
        try:
            found = self._series.get(key)
        except Exception:
            # Such as a list, which no dictionary takes: what counts is its text.
            key = tuple(map(safe_text, key))
            found = self._series.get(key)
        return self._make(key) if found is None else found

    def _make(self, key: tuple[Any, ...]) -> Any:
        if not self.names:
            self._series[key] = self._handed_out(self._family)
            return self._family
        if len(self._series) >= LABEL_SETS_MAX:
            self._problems.dropped("label sets", CARDINALITY, 1, f"of {self._family._name}")
            return self._handed_out(self._family.labels(*([OTHER] * len(self.names))))
        found = self._series[key] = self._handed_out(self._family.labels(*map(label_of, self.names, key)))
        return found

    def _handed_out(self, one: Any) -> Any:
        one.problems = self._problems
        return one


class Counter(Kind):
    made_of = series.Counter

    def add(self, amount: float = 1, **labels: Any) -> None:
        """Count `amount` more; what is negative is left out and counted."""
        self.labels(**labels).inc(amount)

    inc = add


class Gauge(Kind):
    made_of = series.Gauge

    def _become(self, shape: Shape, family: Any) -> None:
        super()._become(shape, family)
        self._watched: dict[Any, Callable[[], float]] = {}

    def _more(self, shape: Shape) -> dict[str, Any]:
        return {"multiprocess_mode": shape.mode or LIVE_SUM}

    def set(self, value: float, **labels: Any) -> None:
        self.labels(**labels).set(value)

    def add(self, amount: float = 1, **labels: Any) -> None:
        """More, or less where it is negative."""
        self.labels(**labels).inc(amount)

    def dec(self, amount: float = 1, **labels: Any) -> None:
        self.labels(**labels).dec(amount)

    inc = add

    def watch(self, read: Callable[[], float], **labels: Any) -> None:
        """Ask `read` whenever the metric is read. One that takes long keeps all other metrics waiting."""
        self._watched[self.labels(**labels)] = read

    def read(self) -> None:
        """Ask all that are watched; one that fails has no value."""
        for watched, read in list(self._watched.items()):
            value = float("nan")
            with self._guard:
                value = float(read())
            watched.set(value)


class Histogram(Kind):
    made_of = LeanHistogram

    def _more(self, shape: Shape) -> dict[str, Any]:
        return {"buckets": shape.buckets or DURATION_BUCKETS}

    def record(self, value: float, **labels: Any) -> None:
        self.labels(**labels).observe(value)

    observe = record

    @contextmanager
    def time(self, **labels: Any) -> Iterator[None]:
        """Record how many seconds the block took, also when it raises."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.record(time.perf_counter() - started, **labels)
