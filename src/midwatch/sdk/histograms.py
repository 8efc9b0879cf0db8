"""Histograms of `prometheus_client` that cost half as much, each bucket with the trace of one that fell into it."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from math import isnan
from time import time
from typing import Any

import prometheus_client
from opentelemetry.trace import TraceFlags, get_current_span
from prometheus_client.core import Exemplar, Sample
from prometheus_client.utils import floatToGoString

from midwatch.sdk.series import Series

EXEMPLAR_SECONDS = 1.0
"""How long a bucket keeps its exemplar before a newer one is looked for: scrapes are further apart."""
LOOK_AGAIN_SECONDS = 0.1
"""Where the trace at hand was not kept: asking each time would cost what most of the work costs."""
_text: Callable[[float], str] = floatToGoString


class Histogram(Series, prometheus_client.Histogram):
    """The same series and the same text; `observe` asks for nothing that cannot be there."""

    def _metric_init(self) -> None:
        super()._metric_init()
        self._bounds = self._upper_bounds[:-1]
        self._looked: list[float] = [0.0] * len(self._upper_bounds)
        self.exemplars: list[Exemplar | None] = [None] * len(self._upper_bounds)

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        """`exemplar` is what the base class takes; ours is the span at hand, where its trace is kept."""
        try:
            number = float(amount)
            if isnan(number):
                # It would be the sum's value for ever.
                self.refuse(number)
                return
            at = bisect_left(self._bounds, number)
            self._sum.inc(number)
            self._buckets[at].inc(1)
            now = time()
            if now >= self._looked[at] or exemplar:
                self._note(at, number, now, exemplar)
        except Exception:
            self.refuse(amount)

    record = observe

    def _note(self, at: int, amount: float, now: float, labels: dict[str, str] | None) -> None:
        if labels is None:
            labels = _trace_at_hand()
        self._looked[at] = now + (EXEMPLAR_SECONDS if labels else LOOK_AGAIN_SECONDS)
        if labels:
            self.exemplars[at] = Exemplar(labels, amount, now)

    def _child_samples(self) -> Iterable[Sample]:
        samples, below = [], 0.0
        for text, bucket, exemplar in zip(
            _texts(tuple(self._upper_bounds)), self._buckets, self.exemplars, strict=True
        ):
            below += bucket.get()
            samples.append(Sample("_bucket", {"le": text}, below, None, exemplar))
        samples.append(Sample("_count", {}, below, None, None))
        if self._upper_bounds[0] >= 0:
            # OpenMetrics 1.0 has no sum where values may be negative.
            samples.append(Sample("_sum", {}, self._sum.get(), None, None))
        return samples


def exemplars_of(family: Any) -> Iterator[tuple[tuple[str, ...], str, Exemplar]]:
    """Of a family of this process: label values, the bucket's bound as text, and its exemplar."""
    children = family._metrics.copy().items() if family._labelnames else [((), family)]
    for values, child in children:
        for text, exemplar in zip(_texts(tuple(child._upper_bounds)), child.exemplars, strict=True):
            if exemplar is not None:
                yield values, text, exemplar


def _trace_at_hand() -> dict[str, str] | None:
    context = get_current_span().get_span_context()
    if context.is_valid and context.trace_flags & TraceFlags.SAMPLED:
        return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
    return None


@lru_cache(maxsize=256)
def _texts(bounds: tuple[float, ...]) -> tuple[str, ...]:
    return tuple(map(_text, bounds))
