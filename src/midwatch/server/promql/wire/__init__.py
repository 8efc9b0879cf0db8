"""Results and trees as Prometheus's HTTP API has them: pure, to bytes."""

from midwatch.server.promql.wire.results import encoded
from midwatch.server.promql.wire.tree import tree

__all__ = ["encoded", "tree"]
