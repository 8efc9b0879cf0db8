"""All metrics of the app: kept by `prometheus_client`, scraped at `/metrics`, pushed as OTLP."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from midwatch.sdk import forks
from midwatch.sdk.children import Children
from midwatch.sdk.guard import Guard
from midwatch.sdk.metric_forks import start_anew
from midwatch.sdk.metric_kinds import (
    CARDINALITY,
    DURATION_BUCKETS,
    LABEL_SETS_MAX,
    OTHER,
    Counter,
    Gauge,
    Histogram,
    Kind,
    Shape,
)
from midwatch.sdk.metric_names import Given, code_of, require, scraped
from midwatch.sdk.problems import Problems

__all__ = [
    "CARDINALITY",
    "DURATION_BUCKETS",
    "LABEL_SETS_MAX",
    "OTHER",
    "Counter",
    "Gauge",
    "Histogram",
    "Metrics",
    "Shape",
]

M = TypeVar("M", bound=Kind)


class Metrics:
    """All metrics of the app; a name asked for twice is the same metric."""

    def __init__(self, registry: CollectorRegistry, problems: Problems) -> None:
        self.registry = registry
        self._problems = problems
        self._guard = Guard("measurements", problems)
        self._made: dict[str, Kind] = {}
        self._making = threading.RLock()
        self._readers: list[Callable[[], None]] = []
        self.given: dict[str, Given] = {}
        """By the scraped name, how they are pushed where that differs: names and labels with dots, units."""
        self.children = Children(self.given, problems)
        forks.in_child(self._forked)

    def counter(self, name: str, description: str = "", labels: Sequence[str] = (), *, unit: str = "") -> Counter:
        """Something that only grows. Raises ValueError for a name or label that none can have."""
        return self.get(Counter, Shape(name, description, tuple(labels), unit))

    def gauge(
        self, name: str, description: str = "", labels: Sequence[str] = (), *, unit: str = "", mode: str | None = None
    ) -> Gauge:
        """Something that goes up and down; `mode` is prometheus_client's `multiprocess_mode`."""
        return self.get(Gauge, Shape(name, description, tuple(labels), unit, None, mode))

    def histogram(
        self,
        name: str,
        description: str = "",
        labels: Sequence[str] = (),
        buckets: Sequence[float] | None = None,
        *,
        unit: str = "",
    ) -> Histogram:
        """A distribution; `buckets` are upper bounds, the last one without end is added."""
        bounds = None if buckets is None else tuple(map(float, buckets))
        return self.get(Histogram, Shape(name, description, tuple(labels), unit, bounds))

    def send_as(self, name: str, given: Given) -> None:
        """Push what is scraped as `name` under a convention's name."""
        self.given[name] = given

    def before_reading(self, read: Callable[[], None]) -> None:
        """Call `read` whenever metrics are about to be read: to bring up to date what is not counted as it happens."""
        self._readers.append(read)

    def read(self) -> None:
        """Bring all up to date."""
        for read in self._readers:
            with self._guard:
                read()
        for metric in list(self._made.values()):
            if isinstance(metric, Gauge):
                metric.read()

    def collect(self) -> Iterable[Metric]:
        """What this process has measured, and those that it has forked for one job each."""
        self.read()
        return self.children.joined(self.registry.collect())

    def told_to_parent(self) -> bool:
        """Whether they are the parent's to send and expose; it has been told the newest then."""
        return self.children.tell(self.read, self.registry.collect)

    def histograms(self) -> Iterator[Any]:
        """The families of `histograms.Histogram`."""
        for metric in list(self._made.values()):
            if isinstance(metric, Histogram):
                yield metric._family

    def get(self, kind: type[M], asked: Shape, *, by_app: bool = False) -> M:
        """The metric of that name, made where there is none.

        What the SDK measures by itself may be declared `by_app` with labels and buckets of its own, before it is
        measured. Raises ValueError where the app asks for what cannot be.
        """
        flat = scraped(asked.name).removesuffix("_total" if kind is Counter else "")
        with self._making:
            known = self._made.get(flat)
            if known is None:
                known = self._make(kind, flat, asked)
                known.ours = not by_app
            elif type(known) is kind and known.shape.fits(asked):
                pass
            elif by_app:
                self._declare(kind, known, asked)
            elif type(known) is not kind:
                # Ours goes without: the app had the name first.
                self._problems.say(f"metric {asked.name!r} is the app's own, of another kind: ours is not counted")
                return kind(asked, None, self._problems)
            elif known.ours:
                raise ValueError(f"metric {asked.name!r} has {known.shape} already: expected the same")
            else:
                known.measured_by_us = True
        assert isinstance(known, kind)
        return known

    def _make(self, kind: type[M], flat: str, asked: Shape) -> M:
        require(asked.name, asked.labels, asked.unit)
        made = kind(asked, self.registry, self._problems)
        self._made[flat] = made
        self._note(flat, asked)
        return made

    def _declare(self, kind: type[Kind], known: Kind, asked: Shape) -> None:
        if type(known) is not kind or not known.ours:
            was = f"a {type(known).__name__.lower()} with {known.shape}"
            raise ValueError(f"metric {asked.name!r} is {was} already: expected the same kind, labels and buckets")
        require(asked.name, asked.labels, asked.unit)
        known.declare(asked)
        self._note(known._family._name, asked)

    def _forked(self) -> None:
        self._making = threading.RLock()
        start_anew(metric._family for metric in self._made.values())

    def _note(self, flat: str, asked: Shape) -> None:
        dotted = {scraped(one): one for one in asked.labels if "." in one}
        if asked.name != scraped(asked.name) or asked.unit or dotted:
            self.given[flat] = Given(asked.name, code_of(asked.unit), dotted)
