"""What monitors tell as series → bodies of remote write 1.0."""

import struct
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.prometheus.messages import VERSION_1

NAME = "__name__"
STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""Prometheus's stale marker: the series ends here."""
SERIES_A_BODY = 20_000
_KEPT = 200_000

Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[None]]
LabelSet = tuple[tuple[str, str], ...]
"""Sorted by name."""


@dataclass(frozen=True, slots=True)
class Sample:
    labels: LabelSet
    value: float
    at_ms: int


def label_set(name: str, labels: Mapping[str, str]) -> LabelSet:
    """Empty labels are none, as everywhere in Prometheus."""
    return tuple(sorted((key, value) for key, value in {**labels, NAME: name}.items() if value))


def bodies(samples: Iterable[Sample]) -> list[tuple[bytes, int]]:
    """Each with the number of its samples."""
    found: list[tuple[bytes, int]] = []
    request, count = VERSION_1.request(), 0
    for one in samples:
        series = request.timeseries.add()
        series.MergeFromString(_encoded(one.labels))
        series.samples.add(value=one.value, timestamp=one.at_ms)
        count += 1
        if count == SERIES_A_BODY:
            found.append((request.SerializeToString(), count))
            request, count = VERSION_1.request(), 0
    if count:
        found.append((request.SerializeToString(), count))
    return found


async def write(put: Put, grant: IngestGrant, samples: Iterable[Sample]) -> None:
    """Raises MidwatchError: what comes after the body that was refused is not kept."""
    for content, items in bodies(samples):
        await put(SegmentKind.REMOTE_WRITE, grant, content, items)


@lru_cache(_KEPT)
def _encoded(labels: LabelSet) -> bytes:
    series = VERSION_1.request().timeseries.add()
    for name, value in labels:
        series.labels.add(name=name, value=value)
    content: bytes = series.SerializeToString()
    return content
