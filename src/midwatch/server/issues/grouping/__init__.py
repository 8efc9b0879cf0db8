"""Which events are one issue: versioned algorithms, each pure and for ever the same."""

from midwatch.server.issues.grouping.algorithm import Grouping, grouping_of

__all__ = ["Grouping", "grouping_of"]
