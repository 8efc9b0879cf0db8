"""What is the same for all of one query."""

from dataclasses import dataclass, field

from midwatch.server.promql.annotations import Annotations
from midwatch.server.promql.block import Block
from midwatch.server.promql.limits import Budget
from midwatch.server.promql.options import EngineOptions
from midwatch.server.promql.storage import PushDown, SeriesSource


@dataclass(frozen=True, slots=True)
class Context:
    source: SeriesSource
    options: EngineOptions
    notes: Annotations
    budget: Budget
    pushing: PushDown | None = field(init=False)
    """The source, where it computes itself: asking a protocol's instance costs more than many a node."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pushing", self.source if isinstance(self.source, PushDown) else None)

    def renamed(self, block: Block) -> Block:
        """Another metric than what it was made of."""
        return block.renamed(delayed=self.options.delayed_name_removal)
