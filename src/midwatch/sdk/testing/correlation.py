"""Whether what was told belongs together: one correlation id for a trace, and one trace for it."""

from collections.abc import Iterable, Iterator

from midwatch.sdk.testing.values import Span, Told


def untidy(told: Iterable[Told], correlation_id: str) -> Iterator[str]:
    """What is wrong, a sentence each. Spans need no correlation id of their own: their trace has it."""
    of_trace: dict[str, str] = {}
    of_id: dict[str, str] = {}
    for one in told:
        found = one.correlation_id
        if not found and not isinstance(one, Span):
            yield f"{one.title} has no correlation id: it was told outside of any work"
        if not found:
            continue
        if correlation_id and found != correlation_id:
            yield f"{one.title} has the correlation id {found!r}, expected {correlation_id!r}"
        if not one.trace_id:
            continue
        first = of_trace.setdefault(one.trace_id, found)
        if first != found:
            yield f"{one.title} has the correlation id {found!r}, others of its trace {first!r}"
        trace = of_id.setdefault(found, one.trace_id)
        if trace != one.trace_id:
            yield f"{one.title} has the trace id {one.trace_id}, others of {found!r} {trace}"
