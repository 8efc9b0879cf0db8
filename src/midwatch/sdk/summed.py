"""The values of several processes as one."""

import json
from collections.abc import Callable, Iterable

from prometheus_client.core import Metric, Sample
from prometheus_client.utils import floatToGoString

OF_EACH = ("all", "liveall")
"""Modes of gauges that are a series for each process."""

Key = tuple[str, str]
"""What kind of file, and the key in it."""
Values = dict[Key, tuple[float, float]]
"""A value and its time, which only `mostrecent` gauges have."""

_text: Callable[[float], str] = floatToGoString


def _add(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return one[0] + other[0], 0.0


def _newer(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return one if one[1] >= other[1] else other


JOINS: dict[str, Callable[[tuple[float, float], tuple[float, float]], tuple[float, float]]] = {
    "sum": _add,
    "min": min,
    "max": max,
    "mostrecent": _newer,
    "all": _add,
}


def families(found: Values) -> Iterable[Metric]:
    made: dict[str, Metric] = {}
    buckets: dict[tuple[str, tuple[tuple[str, str], ...]], dict[float, float]] = {}
    for (kind, named), (value, _) in found.items():
        process, key = named.split(" ", 1) if kind.removeprefix("gauge_") in OF_EACH else ("", named)
        family_name, name, labels, text = json.loads(key)
        family = made.get(family_name)
        if family is None:
            family = made[family_name] = Metric(family_name, text, kind.partition("_")[0])
        if kind == "histogram" and "le" in labels:
            bound = float(labels.pop("le"))
            buckets.setdefault((family_name, tuple(labels.items())), {})[bound] = value
        else:
            family.samples.append(Sample(name, {**labels, **({"pid": process} if process else {})}, value))
    for (family_name, labels_of), counts in buckets.items():
        below = 0.0
        for bound in sorted(counts):
            below += counts[bound]
            labels = {**dict(labels_of), "le": _text(bound)}
            made[family_name].samples.append(Sample(f"{family_name}_bucket", labels, below))
        made[family_name].samples.append(Sample(f"{family_name}_count", dict(labels_of), below))
    return made.values()
