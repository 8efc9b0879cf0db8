"""The increase of a native histogram over a window, resets included."""

from midwatch.server.promql.functions.ranges import Cell, RangeCall
from midwatch.server.promql.functions.starts import pair_is_reset
from midwatch.server.promql.histogram import FloatHistogram, Hint
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError, minus, plus, to_schema
from midwatch.server.promql.histogram.resets import is_reset


def window_increase(
    call: RangeCall, cell: Cell, histograms: list[FloatHistogram], *, counter: bool
) -> FloatHistogram | None:
    """None where the buckets cannot be compared; a warning then says so."""
    notes, name, span = call.context.notes, call.metric(cell.row), call.span
    if counter and any(one.hint is Hint.GAUGE for one in histograms):
        notes.not_counter(name, span)
    gauges = histograms[0].hint is Hint.GAUGE and histograms[-1].hint is Hint.GAUGE
    before, last, first_counts = histograms[0], histograms[-1], True
    if counter and _reset(call, cell, 1, histograms):
        # Then the first sample does not count, whatever its buckets are.
        before = FloatHistogram(schema=histograms[1].schema, custom=histograms[1].custom)
        first_counts = False
    relevant = [before, *(histograms[1:-1] if counter else ()), last]
    if len({one.uses_custom for one in relevant}) > 1:
        notes.mixed_schemas(name, span)
        return None
    try:
        outcome = minus(to_schema(last, min(one.schema for one in relevant)), before)
        if outcome.reconciled:
            notes.mismatched_buckets("subtraction", span)
        result = outcome.histogram
        if counter:
            _tell_overlap(call, cell)
            for place, now in enumerate(histograms[1:], start=1):
                if (place > 1 or first_counts) and _reset(call, cell, place, histograms):
                    outcome = plus(result, before)
                    result = outcome.histogram
                    if outcome.reconciled:
                        notes.mismatched_buckets("addition", span)
                before = now
        elif not gauges:
            notes.not_gauge(name, span)
    except IncompatibleSchemasError:
        notes.mixed_schemas(name, span)
        return None
    return result.with_hint(Hint.GAUGE).compact()


def _reset(call: RangeCall, cell: Cell, place: int, histograms: list[FloatHistogram]) -> bool:
    """Whether a sample is a reset, by what stands before it."""
    known = call.resets.get(cell.first + place)
    if known is None:
        starts, times = cell.starts, cell.times
        told = bool(starts) and pair_is_reset(starts[place - 1], times[place - 1], starts[place], times[place])
        known = told or is_reset(histograms[place], histograms[place - 1])
        call.resets[cell.first + place] = known
    return known


def _tell_overlap(call: RangeCall, cell: Cell) -> None:
    starts, times = cell.starts, cell.times
    for place in range(1, len(starts)):
        if starts[place] != 0 and starts[place] < times[place - 1] and starts[place] != starts[place - 1]:
            call.context.notes.start_overlap(call.metric(cell.row), call.span)
            return
