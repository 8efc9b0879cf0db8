"""Metrics by name and labels, now and since the capture began."""

from collections.abc import Mapping
from typing import Any

from midwatch.sdk.setup import METRICS

Series = dict[tuple[tuple[str, str], ...], float]


class Measured:
    """Read when it is asked. Names are those given or those scraped, labels any that the series must have."""

    def __init__(self) -> None:
        self._before = _samples()

    def value(self, name: str, labels: Mapping[str, Any] | None = None, **more: Any) -> float:
        """The sum over all series with these labels, 0 without any; of a histogram how often it was measured."""
        return _sum(_samples(), name, {**(labels or {}), **more})

    def change(self, name: str, labels: Mapping[str, Any] | None = None, **more: Any) -> float:
        """How much it has become since the capture began."""
        wanted = {**(labels or {}), **more}
        return _sum(_samples(), name, wanted) - _sum(self._before, name, wanted)

    def series(self, name: str) -> Series:
        """All series of that name by their labels, sorted."""
        return dict(_found(_samples(), name))

    def labels(self) -> dict[str, list[dict[str, str]]]:
        """Of every series that has come since the capture began, by name."""
        came: dict[str, list[dict[str, str]]] = {}
        for name, series in _samples().items():
            new = series.keys() - self._before.get(name, {}).keys()
            if new:
                came[name] = [dict(labels) for labels in sorted(new)]
        return came


def _samples() -> dict[str, Series]:
    found: dict[str, Series] = {}
    for family in METRICS.collect():
        for sample in family.samples:
            if not sample.name.endswith(("_bucket", "_created")):
                found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def _found(samples: Mapping[str, Series], name: str) -> Series:
    flat = name.replace(".", "_")
    return next((samples[one] for one in (flat, f"{flat}_total", f"{flat}_count") if one in samples), {})


def _sum(samples: Mapping[str, Series], name: str, labels: Mapping[str, Any]) -> float:
    wanted = {(key.replace(".", "_"), str(value)) for key, value in labels.items()}
    return sum(value for series, value in _found(samples, name).items() if wanted <= set(series))
