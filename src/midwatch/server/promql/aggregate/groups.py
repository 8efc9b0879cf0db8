"""Which rows belong together, and sums over them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from midwatch.server.promql.block import Block
from midwatch.server.promql.floats import Bools, Floats, Ints, add, settle
from midwatch.server.promql.labels import EMPTY, NAME, Labels, drop, keep


@dataclass
class Groups:
    """`members[i]` are the rows of group i, in their order."""

    labels: list[Labels]
    of_row: Ints
    members: list[Ints]

    @classmethod
    def of(cls, block: Block, grouping: tuple[str, ...], *, without: bool) -> "Groups":
        names = frozenset(grouping)
        places: dict[Labels, int] = {}
        shown: list[Labels] = []
        of_row = np.empty(block.rows, dtype=np.int64)
        for row, labels in enumerate(block.labels):
            key = group_labels(labels, names, without=without)
            place = places.setdefault(key, len(places))
            if place == len(shown):
                shown.append(key)
            of_row[row] = place
        order = np.argsort(of_row, kind="stable")
        edges = np.searchsorted(of_row[order], np.arange(len(shown) + 1))
        return cls(shown, of_row, [order[edges[i] : edges[i + 1]] for i in range(len(shown))])

    @property
    def size(self) -> int:
        return len(self.labels)

    @cached_property
    def order(self) -> Ints:
        """Rows, group by group."""
        return np.concatenate(self.members) if self.members else np.empty(0, dtype=np.int64)

    @cached_property
    def starts(self) -> Ints:
        """Where each group begins in `order`."""
        sizes = [len(rows) for rows in self.members]
        return np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64) if sizes else np.empty(0, dtype=np.int64)

    def counts(self, mask: Bools) -> Ints:
        """Per group and step, how many cells of the mask."""
        return np.add.reduceat(mask[self.order].astype(np.int64), self.starts, axis=0) if self.size else _no(mask)

    def any(self, mask: Bools) -> Bools:
        result: Bools = self.counts(mask) > 0
        return result

    def reduce(self, values: Floats, better: np.ufunc) -> Floats:
        reduced: Floats = better.reduceat(values[self.order], self.starts, axis=0)
        return reduced

    def sums(self, values: Floats, mask: Bools) -> Floats:
        """Compensated sums of the cells of the mask, pair by pair."""
        total = np.where(mask, values, 0.0)[self.order]
        carry = np.zeros(total.shape)
        sizes = np.array([len(rows) for rows in self.members], dtype=np.int64)
        while len(total) > self.size:
            total, carry, sizes = _halved(total, carry, sizes)
        result = np.asarray(settle(total, carry))
        # Pairs may overflow where the sum in order does not, or otherwise: what is infinite goes in order.
        for place in np.flatnonzero(~np.isfinite(result).all(axis=1)).tolist():
            result[place] = _in_order(values, mask, self.members[place])
        return result

    def each(self, block: Block, compute: Callable[[Floats, Ints], Floats]) -> Floats:
        """Per group: its floats sorted with NaN last, absent ones as NaN at the end, and how many there are."""
        out = np.full((self.size, block.steps), np.nan)
        floats = block.is_float
        for place, rows in enumerate(self.members):
            columns = np.sort(np.where(floats[rows], block.values[rows], np.nan), axis=0)
            out[place] = compute(columns, floats[rows].sum(axis=0))
        return out


def _no(mask: Bools) -> Ints:
    return np.zeros((0, mask.shape[1]), dtype=np.int64)


def _in_order(values: Floats, mask: Bools, rows: Ints) -> Floats:
    total, carry = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for row in rows.tolist():
        total, carry = add(total, carry, np.where(mask[row], values[row], 0.0))
    return np.asarray(settle(total, carry))


def _halved(total: Floats, carry: Floats, sizes: Ints) -> tuple[Floats, Floats, Ints]:
    """Neighbours within each group added up."""
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    rank = np.arange(len(total)) - starts
    even = np.flatnonzero(rank % 2 == 0)
    ends = starts[even] + np.repeat(sizes, sizes)[even]
    paired = even + 1 < ends
    left = even[paired]
    summed, lost = add(total[left], carry[left], total[left + 1])
    lost = np.where(np.isinf(summed), 0.0, lost + carry[left + 1])
    new_total, new_carry = total[even], carry[even]
    new_total[paired], new_carry[paired] = summed, lost
    return new_total, new_carry, (sizes + 1) // 2


def group_labels(labels: Labels, names: frozenset[str], *, without: bool) -> Labels:
    if without:
        return drop(labels, names | {NAME})
    return keep(labels, names) if names else EMPTY
