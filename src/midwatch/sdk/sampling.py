"""Sampling by trace id, so that every service of a trace decides alike and rates can be read back."""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Decision, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

_BITS = 56
_RANDOM_PART = (1 << _BITS) - 1


class RatioSampler(Sampler):
    """Keeps a share of the traces and says which in `tracestate` (`ot=th:…`).

    Follows OpenTelemetry's probability sampling: a trace is kept where the last 56 bits of its id are not below the
    threshold, so the kept ones of a smaller share are among those of a larger. Midwatch weighs the spans by it.
    """

    def __init__(self, rate: float) -> None:
        """`rate` is above 0 and at most 1."""
        self._rate = rate
        self._threshold = round((1 - rate) * (1 << _BITS))
        written = f"{self._threshold:014x}".rstrip("0") or "0"
        self._state = TraceState([("ot", f"th:{written}")])

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        if trace_id & _RANDOM_PART < self._threshold:
            return SamplingResult(Decision.DROP)
        return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes, self._state)

    def get_description(self) -> str:
        return f"RatioSampler{{{self._rate}}}"


def sampler_for(rate: float) -> Sampler:
    """What the parent decided; else this share of the traces."""
    if rate >= 1:
        return ParentBased(ALWAYS_ON)
    return ParentBased(RatioSampler(rate) if rate > 0 else ALWAYS_OFF)
