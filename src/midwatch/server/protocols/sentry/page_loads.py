"""Which page a page load was of, for web vitals that are told later and only name its span."""

from collections import OrderedDict
from dataclasses import dataclass

LOADS_MAX = 20_000
"""Remembered at a time; some 4 MB."""


@dataclass(frozen=True, slots=True)
class PageLoad:
    path: str
    template: str
    """The route, where the SDK's router says one."""
    user_agent: str


class PageLoads:
    """By trace and span, the oldest forgotten first."""

    def __init__(self, loads_max: int = LOADS_MAX) -> None:
        self._loads: OrderedDict[tuple[bytes, bytes], PageLoad] = OrderedDict()
        self._max = loads_max

    def remember(self, trace_id: bytes, span_id: bytes, load: PageLoad) -> None:
        if not load.path and not load.template:
            return
        self._loads[trace_id, span_id] = load
        self._loads.move_to_end((trace_id, span_id))
        if len(self._loads) > self._max:
            self._loads.popitem(last=False)

    def of(self, trace_id: bytes, span_id: bytes) -> PageLoad | None:
        return self._loads.get((trace_id, span_id))
