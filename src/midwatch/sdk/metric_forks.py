"""What a fork must not take along: counts, which are the parent's to send, and locks that are held."""

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import Counter, Histogram


def start_anew(families: Iterable[Any]) -> None:
    """In the child: counters and histograms begin at zero; gauges keep what they were set to."""
    for family in families:
        counts = isinstance(family, Counter | Histogram)
        for child in _children(family):
            for value in _values(child):
                if getattr(value, "_multiprocess", False):
                    # They see by themselves that it is another process.
                    continue
                # A thread of the parent may have held it.
                value._lock = threading.Lock()
                if counts:
                    value._value = 0.0
            if hasattr(child, "exemplars"):
                child.exemplars = [None] * len(child.exemplars)


def _children(family: Any) -> Iterator[Any]:
    if family._labelnames:
        family._lock = threading.Lock()
        yield from family._metrics.values()
    else:
        yield family


def _values(child: Any) -> Iterator[Any]:
    if isinstance(child, Histogram):
        yield child._sum
        yield from child._buckets
    else:
        yield child._value
