"""What is the same for all of one query."""

from dataclasses import dataclass

from midwatch.server.promql.annotations import Annotations
from midwatch.server.promql.block import Block
from midwatch.server.promql.limits import Budget
from midwatch.server.promql.options import EngineOptions
from midwatch.server.promql.storage import SeriesSource


@dataclass(frozen=True, slots=True)
class Context:
    source: SeriesSource
    options: EngineOptions
    notes: Annotations
    budget: Budget

    def renamed(self, block: Block) -> Block:
        """Another metric than what it was made of."""
        return block.renamed(delayed=self.options.delayed_name_removal)
