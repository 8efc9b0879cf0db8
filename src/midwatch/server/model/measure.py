"""Figures about Midwatch itself, as each room hands them out for `/metrics`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Measure:
    """One sample. Counters end in `_total`; units are in the name, last."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()
    kind: Literal["counter", "gauge"] = "counter"


class MeasureSource(Protocol):
    """A room that has figures to show. Cheap: called on every scrape, from the event loop."""

    def measures(self) -> Iterable[Measure]: ...


@dataclass(slots=True)
class Counts:
    """Plain counters by label values, for rooms on the hot path: an increment is one dict update."""

    name: str
    help: str
    label_names: tuple[str, ...]
    values: dict[tuple[str, ...], float] = field(default_factory=dict)
    distinct_max: int = 5000

    def add(self, *label_values: str, amount: float = 1) -> None:
        if label_values not in self.values and len(self.values) >= self.distinct_max:
            label_values = ("other",) * len(self.label_names)
        self.values[label_values] = self.values.get(label_values, 0) + amount

    def measures(self) -> Iterable[Measure]:
        for label_values, value in self.values.items():
            yield Measure(self.name, self.help, value, tuple(zip(self.label_names, label_values, strict=True)))
