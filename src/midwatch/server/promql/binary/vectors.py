"""Operators between a vector and a number, or between the matched rows of two vectors."""

from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.binary.arithmetic import floats, with_histograms
from midwatch.server.promql.block import Block
from midwatch.server.promql.context import Context
from midwatch.server.promql.floats import Bools, Floats, Objects
from midwatch.server.promql.histogram.arithmetic import IncompatibleSchemasError
from midwatch.server.promql.syntax.ast import ARITHMETIC, COMPARISONS, Span


@dataclass(slots=True)
class Operands:
    """Cells of the two sides, aligned; `present` is where both are."""

    left: Floats
    right: Floats
    left_histograms: Objects | None
    right_histograms: Objects | None
    present: Bools


@dataclass(slots=True)
class Results:
    """`computed`: the pair has an answer; `kept`: a comparison holds, or there is none."""

    values: Floats
    histograms: Objects | None
    computed: Bools
    kept: Bools


def apply(context: Context, operator: str, operands: Operands, span: Span, *, told: bool = True) -> Results:
    """The operator on every pair; `told`: contradicting hints and reconciled bounds are said."""
    values, kept = floats(operator, operands.left, operands.right)
    left_native = _natives(operands.left_histograms, operands.present)
    right_native = _natives(operands.right_histograms, operands.present)
    native = left_native | right_native
    trims = operator in ("</", ">/")
    if trims and (operands.present & ~native).any():
        context.notes.incompatible_types("float", operator, "float", span)
    computed = operands.present & ~native & (not trims)
    kept = kept & computed
    if not native.any():
        return Results(values, None, computed, kept)
    values = np.array(values)
    histograms = np.full(operands.present.shape, None, dtype=object)
    for row, column in np.argwhere(native).tolist():
        context.budget.check_time()
        left = _cell(operands.left, operands.left_histograms, left_native, row, column)
        right = _cell(operands.right, operands.right_histograms, right_native, row, column)
        try:
            mixed = with_histograms(operator, left, right)  # type: ignore[arg-type]
        except IncompatibleSchemasError:
            what = "incompatible bucket layout encountered for binary operator"
            context.notes.warn(f"{what} {operator}", span)
            continue
        if mixed is None:
            kinds = ["histogram" if side[row, column] else "float" for side in (left_native, right_native)]
            context.notes.incompatible_types(kinds[0], operator, kinds[1], span)
            continue
        if told and mixed.reconciled:
            context.notes.mismatched_buckets(mixed.reconciled, span)
        elif told and mixed.collided:
            context.notes.reset_collision(mixed.collided, span)
        computed[row, column] = True
        kept[row, column] = mixed.kept
        histograms[row, column] = mixed.histogram
    return Results(values, histograms, computed, kept)


def _natives(histograms: Objects | None, present: Bools) -> Bools:
    if histograms is None:
        return np.zeros(present.shape, dtype=bool)
    mask: Bools = histograms.astype(bool) & present
    return mask


def _cell(values: Floats, histograms: Objects | None, native: Bools, row: int, column: int) -> object:
    return histograms[row, column] if histograms is not None and native[row, column] else float(values[row, column])


def with_scalar(
    context: Context, operator: str, block: Block, number: Floats, span: Span, *, swapped: bool, return_bool: bool
) -> Block:
    """A vector and a number per step; `swapped`: the number stood on the left."""
    numbers = np.broadcast_to(number, block.values.shape)
    sides = (numbers, block.values) if swapped else (block.values, numbers)
    natives = (None, block.histograms) if swapped else (block.histograms, None)
    results = apply(context, operator, Operands(sides[0], sides[1], natives[0], natives[1], block.present), span)
    values, histograms = results.values, results.histograms
    if operator in COMPARISONS and swapped:  # What is kept is the vector's value, on whichever side.
        values, histograms = block.values, block.histograms
    if return_bool:
        values, present, histograms = results.kept.astype(np.float64), results.computed, None
    else:
        present = results.computed & results.kept
    out = Block(block.labels, values, present, histograms, block.drop_name).compact()
    return context.renamed(out) if operator in ARITHMETIC or return_bool else out
