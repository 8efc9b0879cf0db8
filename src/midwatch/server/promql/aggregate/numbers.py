"""Aggregations that make one row of a group: sum, avg, count, min, max, group, stddev, stdvar, quantile."""

from collections.abc import Callable

import numpy as np

from midwatch.server.promql.aggregate.groups import Groups
from midwatch.server.promql.block import Block
from midwatch.server.promql.context import Context
from midwatch.server.promql.floats import Floats, Ints
from midwatch.server.promql.functions.order_statistics import sorted_quantiles
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError, combine
from midwatch.server.promql.labels import NAME, get
from midwatch.server.promql.syntax.ast import Aggregate, Span


def aggregate(context: Context, expr: Aggregate, block: Block, parameter: Floats | None) -> Block:
    groups = Groups.of(block, expr.grouping, without=expr.without)
    if not groups.size:
        return Block([], np.empty((0, block.steps)), np.empty((0, block.steps), dtype=bool))
    if expr.operator in ("sum", "avg"):
        result = _sum(context, block, groups, expr.expr.span, mean=expr.operator == "avg")
    elif expr.operator in ("count", "group"):
        counts = groups.counts(block.present)
        values = counts.astype(np.float64) if expr.operator == "count" else np.ones(counts.shape)
        result = Block(groups.labels, values, counts > 0)
    else:
        if block.is_histogram.any():
            context.notes.ignored_in_aggregation(expr.operator, expr.expr.span)
        result = _of_floats(context, expr, block, groups, parameter)
    result.drop_name = np.array([bool(block.dropped[rows].any()) for rows in groups.members])
    return result.compact()


def _of_floats(context: Context, expr: Aggregate, block: Block, groups: Groups, parameter: Floats | None) -> Block:
    floats = block.is_float
    counts = groups.counts(floats)
    match expr.operator:
        case "min" | "max":
            better = np.fmin if expr.operator == "min" else np.fmax
            values = groups.reduce(np.where(floats, block.values, np.nan), better)
        case "quantile":
            assert parameter is not None
            assert expr.parameter is not None
            _tell_bad_quantiles(context, parameter, expr.parameter.span)
            values = groups.each(block, _quantile(parameter))
        case _:
            values = _variance(block, groups, counts)
            values = np.sqrt(values) if expr.operator == "stddev" else values
    return Block(groups.labels, values, counts > 0)


def _quantile(q: Floats) -> Callable[[Floats, Ints], Floats]:
    return lambda columns, counts: sorted_quantiles(q, columns, counts)


def _tell_bad_quantiles(context: Context, q: Floats, span: Span) -> None:
    """Of many bad ones the worst on each side; NaN is worse than all."""
    bad = {np.nan} if np.isnan(q).any() else {edge for edge in (q.max(), q.min()) if edge > 1 or edge < 0}
    for one in sorted(bad):
        context.notes.bad_quantile(float(one), span)


def _variance(block: Block, groups: Groups, counts: Ints) -> Floats:
    """Around the mean, both counted from one of the values: then equal values have exactly none."""
    floats = block.is_float
    least = groups.reduce(np.where(floats, block.values, np.nan), np.fmin)
    away = block.values - least[groups.of_row]
    mean = groups.sums(away, floats) / counts
    away = away - mean[groups.of_row]
    return groups.sums(away * away, floats) / counts


def _means(block: Block, groups: Groups, counts: Ints) -> Floats:
    """Of sums, and where those overflow of parts."""
    floats = block.is_float
    mean = groups.sums(block.values, floats) / counts
    odd = ~np.isfinite(mean) & (counts > 0)
    if odd.any():
        mean = np.where(odd, groups.sums(block.values / counts[groups.of_row], floats), mean)
    return mean


def _sum(context: Context, block: Block, groups: Groups, span: Span, *, mean: bool) -> Block:
    floats, natives = block.is_float, block.is_histogram
    counts = groups.counts(floats)
    values = _means(block, groups, counts) if mean else groups.sums(block.values, floats)
    result = Block(groups.labels, values, counts > 0)
    if block.histograms is None or not natives.any():
        return result
    has_native = groups.any(natives)
    mixed = has_native & result.present
    if mixed.any():
        context.notes.mixed_aggregation(span)
    result.present &= ~mixed
    result.histograms = np.full(result.present.shape, None, dtype=object)
    for place, step in np.argwhere(has_native & ~mixed).tolist():
        context.budget.check_time()
        rows = [row for row in groups.members[place].tolist() if natives[row, step]]
        try:
            combined = combine([block.histograms[row, step] for row in rows], mean=mean)
        except IncompatibleSchemasError:
            kinds = [block.histograms[row, step].uses_custom for row in rows]
            stranger = rows[kinds.index(not kinds[0])]
            context.notes.mixed_schemas(get(block.labels[stranger], NAME), span)
            continue
        if combined.contradicting:
            context.notes.reset_collision("aggregation", span)
        if combined.reconciled:
            context.notes.mismatched_buckets("aggregation", span)
        result.histograms[place, step] = combined.histogram.compact()
        result.present[place, step] = True
    return result
