"""Aggregations that keep some rows as they are: topk, bottomk, limitk, limit_ratio; and count_values."""

import numpy as np

from midwatch.server.promql.aggregate.groups import Groups, group_labels
from midwatch.server.promql.block import Block, nothing
from midwatch.server.promql.context import Context
from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Bools, Floats, plain, short
from midwatch.server.promql.labels import Labels, is_label_name, offset_of, replaced
from midwatch.server.promql.syntax.ast import Aggregate, Span
from midwatch.server.promql.syntax.text import quote

_INT64_MAX = 9223372036854774784.0
"""The largest float that is a 64-bit integer."""
_INT64_MIN = -9223372036854775808.0


def pick(context: Context, expr: Aggregate, block: Block, parameter: Floats) -> Block:
    assert expr.parameter is not None
    if expr.operator == "limit_ratio":
        return _limit_ratio(context, block, parameter, expr.parameter.span)
    if parameter.max() < 1:
        return nothing(block.steps)
    if np.isnan(parameter).any():
        raise ExecutionError("Parameter value is NaN")
    if parameter.min() <= _INT64_MIN:
        raise ExecutionError(f"Scalar value {short(float(parameter.min()))} underflows int64")
    if parameter.max() >= _INT64_MAX:
        raise ExecutionError(f"Scalar value {short(float(parameter.max()))} overflows int64")
    wanted = np.trunc(parameter)
    groups = Groups.of(block, expr.grouping, without=expr.without)
    if expr.operator == "limitk":
        mask = np.zeros(block.present.shape, dtype=bool)
        for rows in groups.members:
            mask[rows] = block.present[rows] & (np.cumsum(block.present[rows], axis=0) <= wanted)
        return block.where(mask)
    if block.is_histogram.any():
        context.notes.ignored_in_aggregation(expr.operator, expr.span)
    return _ranked(block, groups, wanted, largest=expr.operator == "topk")


def _ranked(block: Block, groups: Groups, wanted: Floats, *, largest: bool) -> Block:
    """The best of each group per step; an instant vector has them in their order."""
    floats = block.is_float
    mask = np.zeros(block.present.shape, dtype=bool)
    order: list[int] = []
    for rows in groups.members:
        # Three keys, the last counts most: there at all, a number, its size.
        values = -block.values[rows] if largest else block.values[rows]
        keys = (np.where(np.isnan(values), 0.0, values), np.isnan(values), ~floats[rows])
        ranking = np.lexsort(keys, axis=0)
        places = np.empty_like(ranking)
        np.put_along_axis(places, ranking, np.arange(len(rows))[:, None], axis=0)
        mask[rows] = floats[rows] & (places < wanted)
        if block.steps == 1:
            order += rows[ranking[:, 0]].tolist()
    picked = Block(block.labels, block.values, block.present & mask, None, block.drop_name)
    return (picked.pick(order) if block.steps == 1 else picked).compact()


def _limit_ratio(context: Context, block: Block, ratio: Floats, span: Span) -> Block:
    """A share of the series by their labels; a negative one the rest of it."""
    if np.isnan(ratio).any():
        raise ExecutionError("Ratio value is NaN")
    for edge, cap in ((ratio.max(), 1.0), (ratio.min(), -1.0)):
        if abs(edge) > 1 and edge * cap > 0:
            what = f"ratio value should be between -1 and 1, got {short(float(edge))}, capping to {short(cap)}"
            context.notes.warn(what, span)
    offsets = np.array([offset_of(labels) for labels in block.labels]).reshape(-1, 1)
    capped = np.clip(ratio, -1.0, 1.0)
    mask: Bools = np.where(capped >= 0, offsets < capped, offsets >= 1.0 + capped)
    return block.where(mask & (capped != 0))


def count_values(expr: Aggregate, block: Block, label: str) -> Block:
    """How many series of a group have each value."""
    if not is_label_name(label):
        raise ExecutionError(f"invalid label name {quote(label)}")
    names = frozenset(expr.grouping) | (frozenset() if expr.without else {label})
    counts: dict[Labels, Floats] = {}
    for row, labels in enumerate(block.labels):
        for text, steps in _texts(block, row).items():
            key = group_labels(replaced(labels, {label: text}), names, without=expr.without)
            counts.setdefault(key, np.zeros(block.steps))[steps] += 1
    if not counts:
        return nothing(block.steps)
    values = np.stack(list(counts.values()))
    return Block(list(counts), values, values > 0)


def _texts(block: Block, row: int) -> dict[str, list[int]]:
    """The steps at which a row has each value."""
    found: dict[str, list[int]] = {}
    natives = block.is_histogram[row]
    for step in np.flatnonzero(block.present[row]).tolist():
        histogram = block.histograms[row, step] if block.histograms is not None and natives[step] else None
        text = plain(float(block.values[row, step])) if histogram is None else str(histogram)
        found.setdefault(text, []).append(step)
    return found
