"""An instant vector over all steps: labels × steps, with a mask of what is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Bools, Floats, Ints, Objects
from midwatch.server.promql.labels import Labels, drop_metadata

SAME_LABELS = "vector cannot contain metrics with the same labelset"


@dataclass(slots=True)
class Block:
    """Rows are series, columns steps.

    Where `histograms` has one, it is the sample and `present` is set; `values` is only looked at elsewhere.
    `drop_name` marks rows that lose their name at the end of the query, where removal is delayed.
    """

    labels: list[Labels]
    values: Floats
    present: Bools
    histograms: Objects | None = None
    drop_name: Bools | None = None

    @property
    def rows(self) -> int:
        return len(self.labels)

    @property
    def steps(self) -> int:
        return int(self.values.shape[1])

    @property
    def dropped(self) -> Bools:
        return np.zeros(self.rows, dtype=bool) if self.drop_name is None else self.drop_name

    @property
    def is_histogram(self) -> Bools:
        """Cells that are histograms."""
        if self.histograms is None:
            return np.zeros(self.present.shape, dtype=bool)
        mask: Bools = self.histograms.astype(bool) & self.present
        return mask

    @property
    def is_float(self) -> Bools:
        return self.present if self.histograms is None else self.present & ~self.is_histogram

    def pick(self, rows: Ints | Sequence[int]) -> "Block":
        """Some of the rows, in this order."""
        index = np.asarray(rows, dtype=np.int64)
        return Block(
            [self.labels[row] for row in index.tolist()],
            self.values[index],
            self.present[index],
            None if self.histograms is None else self.histograms[index],
            None if self.drop_name is None else self.drop_name[index],
        )

    def where(self, mask: Bools) -> "Block":
        """Only the cells of the mask, and no row without any."""
        return replace(self, present=self.present & mask).compact()

    def compact(self) -> "Block":
        """Without rows that have nothing, and without histograms where there are none."""
        block = self
        if block.histograms is not None and not block.is_histogram.any():
            block = replace(block, histograms=None)
        alive = block.present.any(axis=1)
        return block if alive.all() else block.pick(np.flatnonzero(alive))

    def floats(self) -> "Block":
        """Without the histograms."""
        return self if self.histograms is None else replace(self, histograms=None, present=self.is_float).compact()

    def renamed(self, *, delayed: bool) -> "Block":
        """The same values as another metric: without name, type and unit, now or at the end."""
        if delayed:
            return replace(self, drop_name=np.ones(self.rows, dtype=bool))
        return replace(self, labels=[drop_metadata(labels) for labels in self.labels]).unique()

    def unique(self) -> "Block":
        """Rows of the same labels as one.

        Raises:
            ExecutionError: they have samples at the same step.
        """
        if len(set(self.labels)) == self.rows:
            return self
        places: dict[Labels, int] = {}
        target = np.array([places.setdefault(labels, len(places)) for labels in self.labels], dtype=np.int64)
        shape = (len(places), self.steps)
        if self.rows:
            counts = np.zeros(shape, dtype=np.int64)
            np.add.at(counts, target, self.present)
            if (counts > 1).any():
                raise ExecutionError(SAME_LABELS)
        merged = Block(list(places), np.full(shape, np.nan), np.zeros(shape, dtype=bool))
        merged.drop_name = np.zeros(len(places), dtype=bool)
        if self.histograms is not None:
            merged.histograms = np.full(shape, None, dtype=object)
        for row in range(self.rows):
            to, mask = int(target[row]), self.present[row]
            merged.values[to, mask] = self.values[row, mask]
            merged.present[to] |= mask
            merged.drop_name[to] |= self.dropped[row]
            if merged.histograms is not None and self.histograms is not None:
                merged.histograms[to, mask] = self.histograms[row, mask]
        return merged


def nothing(steps: int) -> Block:
    return Block([], np.empty((0, steps)), np.empty((0, steps), dtype=bool))


def stack(blocks: Sequence[Block], steps: int) -> Block:
    """Rows of several blocks, one after the other."""
    blocks = [block for block in blocks if block.rows]
    if not blocks:
        return nothing(steps)
    if len(blocks) == 1:
        return blocks[0]
    histograms = None
    if any(block.histograms is not None for block in blocks):
        parts = [np.full(b.present.shape, None, dtype=object) if b.histograms is None else b.histograms for b in blocks]
        histograms = np.concatenate(parts)
    return Block(
        [labels for block in blocks for labels in block.labels],
        np.concatenate([block.values for block in blocks]),
        np.concatenate([block.present for block in blocks]),
        histograms,
        np.concatenate([block.dropped for block in blocks]),
    )
