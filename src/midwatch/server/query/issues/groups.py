"""Groups of an issue in queries: those that were merged are told by the one that stands for their issue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Merged:
    """Hash → primary hash of its issue, of groups that are not primary themselves."""

    of: Mapping[str, str] = field(default_factory=dict)

    @property
    def primary(self) -> str:
        """An expression over `GroupHash`."""
        if not self.of:
            return "GroupHash"
        return "transform(GroupHash, {merged_from:Array(String)}, {merged_to:Array(String)}, GroupHash)"

    @property
    def params(self) -> dict[str, Any]:
        if not self.of:
            return {}
        return {"merged_from": list(self.of), "merged_to": list(self.of.values())}
