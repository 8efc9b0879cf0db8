"""Finding the rows of two vectors that belong together, and putting their results under labels."""

from dataclasses import dataclass, replace

import numpy as np

from midwatch.server.promql.binary.vectors import Operands, apply
from midwatch.server.promql.block import Block, stack
from midwatch.server.promql.context import Context
from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Bools, Floats, Ints, Objects
from midwatch.server.promql.labels import NAME, Labels, drop, drop_metadata, get, keep, replaced, show
from midwatch.server.promql.syntax.ast import ARITHMETIC, Binary, Cardinality, Matching

_MANY_TO_ONE = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
_NOT_UNIQUE = "multiple matches for labels: grouping labels must ensure unique matches"


def match_labels(labels: Labels, matching: Matching) -> Labels:
    """What two rows must have in common."""
    names = frozenset(matching.labels)
    return keep(labels, names) if matching.on else drop(labels, names | {NAME})


@dataclass(slots=True)
class Signatures:
    """The match group of each row of two blocks, numbered."""

    left: Ints
    right: Ints
    size: int

    @classmethod
    def of(cls, left: Block, right: Block, matching: Matching) -> "Signatures":
        places: dict[Labels, int] = {}
        numbers = [
            np.array(
                [places.setdefault(match_labels(labels, matching), len(places)) for labels in block.labels],
                dtype=np.int64,
            )
            for block in (left, right)
        ]
        return cls(numbers[0], numbers[1], len(places))

    def present(self, block: Block, numbers: Ints) -> Ints:
        """Per group and step, how many rows are there."""
        counts = np.zeros((self.size, block.steps), dtype=np.int64)
        np.add.at(counts, numbers, block.present)
        return counts


@dataclass(slots=True)
class _Pairs:
    """Rows that meet: many, one, their match group; -1 for a fill value's side."""

    many: Ints
    one: Ints
    group: Ints
    present: Bools


def operate(context: Context, expr: Binary, left: Block, right: Block) -> Block:
    """Arithmetic and comparison between two vectors."""
    matching = expr.matching
    swapped = matching.cardinality is Cardinality.ONE_TO_MANY
    many, one = (right, left) if swapped else (left, right)
    fill_many, fill_one = matching.fill_left, matching.fill_right
    signatures = Signatures.of(many, one, matching)
    _check_one_side(signatures, many, one, matching, fills=fill_many is not None or fill_one is not None)
    if not matching.include:
        one, signatures = _one_row_each(one, signatures)
    pairs = [_met(signatures, many, one)]
    if fill_one is not None:
        pairs.append(_alone(signatures.left, many, signatures.present(one, signatures.right), side=0))
    if fill_many is not None:
        pairs.append(_alone(signatures.right, one, signatures.present(many, signatures.left), side=1))
    joined = _joined(pairs)
    values = [
        _cells(many, joined.many, fill_many if fill_many is not None else np.nan),
        _cells(one, joined.one, fill_one if fill_one is not None else np.nan),
    ]
    if swapped:
        values.reverse()
    operands = Operands(values[0][0], values[1][0], values[0][1], values[1][1], joined.present)
    results = apply(context, expr.operator, operands, expr.span)
    labels = [
        _result_labels(
            _labels(many, int(m), one, int(o), matching),
            _labels(one, int(o), many, int(m), matching),
            expr,
            drop_name=expr.return_bool and not context.options.delayed_name_removal,
        )
        for m, o in zip(joined.many, joined.one, strict=True)
    ]
    _check_unique(joined, results.computed, labels, signatures.size, matching)
    out_values: Floats = results.values
    histograms: Objects | None = results.histograms
    present = results.computed & results.kept
    if expr.return_bool:
        out_values, histograms, present = results.kept.astype(np.float64), None, results.computed
    block = Block(labels, np.array(out_values), present, histograms).compact()
    block.drop_name = np.full(block.rows, expr.return_bool)
    return block.unique()


def _one_row_each(one: Block, signatures: Signatures) -> tuple[Block, Signatures]:
    """Rows of one group, which are never there together, as one row: their own labels are not asked for."""
    groups, first, target = np.unique(signatures.right, return_index=True, return_inverse=True)
    if len(groups) == one.rows:
        return one, signatures
    merged = one.pick(first)
    merged.values, merged.present = merged.values.copy(), merged.present.copy()
    for row in np.setdiff1d(np.arange(one.rows), first).tolist():
        to, mask = int(target[row]), one.present[row]
        merged.values[to, mask] = one.values[row, mask]
        merged.present[to] |= mask
        if merged.histograms is not None and one.histograms is not None:
            merged.histograms[to, mask] = one.histograms[row, mask]
    return merged, Signatures(signatures.left, groups, signatures.size)


def _labels(own: Block, row: int, other: Block, other_row: int, matching: Matching) -> Labels:
    """A row's labels; of a fill value those that the other side was matched by."""
    return own.labels[row] if row >= 0 else match_labels(other.labels[other_row], matching)


def _met(signatures: Signatures, many: Block, one: Block) -> _Pairs:
    by_group: dict[int, list[int]] = {}
    for row, number in enumerate(signatures.right.tolist()):
        by_group.setdefault(number, []).append(row)
    rows = [(m, o) for m, number in enumerate(signatures.left.tolist()) for o in by_group.get(number, ())]
    index = np.array(rows, dtype=np.int64).reshape(-1, 2)
    present = many.present[index[:, 0]] & one.present[index[:, 1]]
    alive = present.any(axis=1)
    index, present = index[alive], present[alive]
    return _Pairs(index[:, 0], index[:, 1], signatures.left[index[:, 0]], present)


def _alone(numbers: Ints, block: Block, others: Ints, *, side: int) -> _Pairs:
    """Rows of one side at the steps where the other has nothing for them."""
    present = block.present & (others[numbers] == 0)
    rows = np.flatnonzero(present.any(axis=1))
    nobody = np.full(len(rows), -1, dtype=np.int64)
    return _Pairs(nobody if side else rows, rows if side else nobody, numbers[rows], present[rows])


def _joined(pairs: list[_Pairs]) -> _Pairs:
    return _Pairs(
        np.concatenate([one.many for one in pairs]),
        np.concatenate([one.one for one in pairs]),
        np.concatenate([one.group for one in pairs]),
        np.concatenate([one.present for one in pairs]),
    )


def _cells(block: Block, rows: Ints, fill: float) -> tuple[Floats, Objects | None]:
    """The rows' values, and the fill value where there is none."""
    missing = rows < 0
    if not block.rows:
        return np.full((len(rows), block.steps), fill), None
    values = np.where(missing[:, None], fill, block.values[rows])
    if block.histograms is None:
        return values, None
    histograms = block.histograms[rows]
    histograms[missing] = None
    return values, histograms


def _result_labels(many: Labels, one: Labels, expr: Binary, *, drop_name: bool) -> Labels:
    matching = expr.matching
    labels = drop_metadata(many) if drop_name or expr.operator in ARITHMETIC else many
    if matching.cardinality is Cardinality.ONE_TO_ONE:
        names = frozenset(matching.labels)
        labels = keep(labels, names) if matching.on else drop(labels, names)
    if matching.include:
        labels = replaced(labels, {name: get(one, name) for name in matching.include})
    return labels


def _check_one_side(signatures: Signatures, many: Block, one: Block, matching: Matching, *, fills: bool) -> None:
    """The one side has one row per group at any step at which the operator looks."""
    counts = signatures.present(one, signatures.right)
    looked = one.present.any(axis=0) if fills else many.present.any(axis=0)
    groups, steps = np.nonzero((counts > 1) & looked)
    if not len(groups):
        return
    step = steps.min()
    group = int(groups[steps == step].min())
    rows = np.flatnonzero((signatures.right == group) & one.present[:, step])[:2]
    first, second = sorted(show(one.labels[row]) for row in rows.tolist())
    side = "left" if matching.cardinality is Cardinality.ONE_TO_MANY else "right"
    shown = show(match_labels(one.labels[int(rows[0])], matching))
    raise ExecutionError(
        f"found duplicate series for the match group {shown} on the {side} hand-side of the operation:"
        f" [{first}, {second}];many-to-many matching not allowed: matching labels must be unique on one side"
    )


def _check_unique(pairs: _Pairs, computed: Bools, labels: list[Labels], groups: int, matching: Matching) -> None:
    if matching.cardinality is Cardinality.ONE_TO_ONE:
        counts = np.zeros((groups, computed.shape[1]), dtype=np.int64)
        np.add.at(counts, pairs.group, computed)
        if (counts > 1).any():
            raise ExecutionError(_MANY_TO_ONE)
        return
    places: dict[tuple[int, Labels], int] = {}
    keys = zip(pairs.group.tolist(), labels, strict=True)
    target = np.array([places.setdefault(key, len(places)) for key in keys], dtype=np.int64)
    counts = np.zeros((len(places), computed.shape[1]), dtype=np.int64)
    np.add.at(counts, target, computed)
    if (counts > 1).any():
        raise ExecutionError(_NOT_UNIQUE)


def combine_sets(operator: str, left: Block, right: Block, matching: Matching) -> Block:
    """and, or, unless."""
    signatures = Signatures.of(left, right, matching)
    if operator == "or":
        taken = signatures.present(left, signatures.left)[signatures.right] > 0 if right.rows else right.present
        rest = replace(right, present=right.present & ~taken).compact()
        return stack([left, rest], left.steps).unique()
    there = signatures.present(right, signatures.right)[signatures.left] > 0 if left.rows else left.present
    return left.where(there if operator == "and" else ~there)
