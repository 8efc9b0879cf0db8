"""Series and their bodies of remote write 1.0, the same for every server of a run, quickly made.

A body is written once by protobuf; each sending writes new values and times where they lie in it.
"""

import heapq
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cramjam
import numpy as np
from numpy.typing import NDArray

from midwatch.server.protocols.prometheus.messages import VERSION_1

SERIES_A_BODY = 2_000
BUCKETS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")
_OBSERVED = np.array((20, 40, 60, 80, 100, 60, 40, 20, 10, 5, 3, 2))
"""Bounds of what each bucket sees in a step: most requests take a tenth of a second, and few more than ten."""
SHARDS = 10
_VALUE, _TIME_MS = 1.2345678901234567e-300, 1_700_000_000_000
_TIME_BYTES = 6
"""A varint of milliseconds, from 2004 until 2109."""
_SAMPLE = re.compile(rb"\x09" + re.escape(struct.pack("<d", _VALUE)) + rb"\x10", re.DOTALL)

Labels = list[tuple[str, str]]
Values = NDArray[np.float64]
Moving = Callable[[np.random.Generator, Values, int], Values]
"""From the last values of all series to those of so many next steps: an array of series × steps."""


@dataclass(frozen=True, slots=True)
class Family:
    """Series of one kind, sampled together."""

    labels: list[Labels]
    moving: Moving
    start_ms: int
    steps: int
    step_ms: int
    steps_a_body: int = 1

    @property
    def samples(self) -> int:
        return len(self.labels) * self.steps

    def bodies(self) -> Iterator[tuple[int, int, bytes]]:
        """Each body with its first time and its samples, in the order of time; the same at every call."""
        chance = np.random.default_rng(len(self.labels))
        # As far apart as counters are that began at different times: topk meets no two that are equal.
        last = 1e6 * np.arange(1, len(self.labels) + 1)
        parts = [slice(first, first + SERIES_A_BODY) for first in range(0, len(self.labels), SERIES_A_BODY)]
        templates: dict[int, list[_Template]] = {}
        for step in range(0, self.steps, self.steps_a_body):
            count = min(self.steps_a_body, self.steps - step)
            if count not in templates:
                templates[count] = [_Template.of(self.labels[part], count) for part in parts]
            values = self.moving(chance, last, count)
            last = values[:, -1]
            begin_ms = self.start_ms + step * self.step_ms
            times = begin_ms + self.step_ms * np.arange(count)
            for part, template in zip(parts, templates[count], strict=True):
                yield begin_ms, values[part].size, template.filled(values[part], times)


def in_time_order(families: list[Family]) -> Iterator[tuple[int, bytes]]:
    """Samples and body, of all families: Prometheus takes nothing that is an hour behind its newest sample."""
    for _, samples, body in heapq.merge(*(one.bodies() for one in families), key=lambda found: found[0]):
        yield samples, body


@dataclass(frozen=True, slots=True)
class _Template:
    body: NDArray[np.uint8]
    values: NDArray[np.intp]
    """Where each sample's value lies, its time one byte behind it; those of a series follow each other."""

    @classmethod
    def of(cls, labels: list[Labels], samples: int) -> "_Template":
        request = VERSION_1.request()
        for pairs in labels:
            request.timeseries.add(
                labels=[{"name": name, "value": value} for name, value in pairs],
                samples=[{"value": _VALUE, "timestamp": _TIME_MS}] * samples,
            )
        body = request.SerializeToString()
        places = np.array([found.start() + 1 for found in _SAMPLE.finditer(body)], dtype=np.intp)
        assert len(places) == len(labels) * samples
        return cls(np.frombuffer(body, dtype=np.uint8), places)

    def filled(self, values: Values, times_ms: NDArray[np.int64]) -> bytes:
        body = self.body.copy()
        body[self.values[:, None] + np.arange(8)] = np.ascontiguousarray(values).view(np.uint8).reshape(-1, 8)
        sevens = (times_ms[:, None] >> (7 * np.arange(_TIME_BYTES))) & 0x7F
        sevens[:, :-1] |= 0x80
        at = self.values[:, None] + 9 + np.arange(_TIME_BYTES)
        body[at] = np.tile(sevens.astype(np.uint8), (len(values), 1))
        return bytes(cramjam.snappy.compress_raw(body.tobytes()))


def counting(chance: np.random.Generator, last: Values, steps: int) -> Values:
    counted: Values = last[:, None] + np.cumsum(chance.integers(0, 100, size=(len(last), steps)), axis=1)
    return counted


def observing(chance: np.random.Generator, last: Values, steps: int) -> Values:
    """Buckets of histograms, a histogram's next to each other: each counts what those before it count."""
    size = (len(last) // len(BUCKETS), len(BUCKETS), steps)
    seen = chance.integers(0, _OBSERVED[:, None], size=size).cumsum(axis=1)
    counted: Values = last[:, None] + seen.reshape(len(last), steps).cumsum(axis=1)
    return counted


def wandering(chance: np.random.Generator, last: Values, steps: int) -> Values:
    moved: Values = last[:, None] + np.cumsum(chance.integers(-50, 51, size=(len(last), steps)), axis=1)
    return moved


def requests(place: int) -> Labels:
    """Sorted, as Prometheus sends them; ten labels of some 190 bytes."""
    return [
        ("__name__", "http_requests_total"),
        ("code", ("200", "404", "500")[place % 3]),
        ("handler", f"/api/v1/items/{place % 37}"),
        ("instance", f"10.0.0.{place % 50}:8080"),
        ("job", f"api-{place % 8}"),
        ("method", ("GET", "POST")[place % 2]),
        ("pod", f"api-{place:08x}"),
        ("region", f"eu-west-{place % 7}"),
        ("shard", f"{place % SHARDS}"),
        ("zone", "abc"[place % 3]),
    ]


def latency(place: int) -> Labels:
    histogram, bucket = divmod(place, len(BUCKETS))
    return [
        ("__name__", "latency_seconds_bucket"),
        ("instance", f"10.0.1.{histogram % 250}:8080"),
        ("job", f"api-{histogram % 8}"),
        ("le", BUCKETS[bucket]),
        ("pod", f"api-{histogram:08x}"),
    ]


def stock(place: int) -> Labels:
    return [
        ("__name__", "stock"),
        ("instance", f"10.0.2.{place % 50}:8080"),
        ("item", f"item-{place:07d}"),
        ("job", "warehouse"),
        ("kind", f"kind-{place % 20}"),
    ]
