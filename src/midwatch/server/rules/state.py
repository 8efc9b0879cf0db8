"""What is known of rules and groups between two evaluations.

Changed by one step at a time, which may run in a thread; read from the event loop meanwhile, where a list of what is
there is taken at once and a field may be a moment older than the next.
"""

from dataclasses import dataclass, field
from typing import Literal

from midwatch.server.promql.labels import Labels
from midwatch.server.rules.alerts import Active, ActiveAlert, State
from midwatch.server.rules.model import Group, Rule

Health = Literal["unknown", "ok", "err"]


@dataclass(slots=True)
class RuleState:
    rule: Rule
    health: Health = "unknown"
    error: str = ""
    """Why the last evaluation failed."""
    evaluated_ms: int | None = None
    """The time that the last evaluation was for."""
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    active: Active = field(default_factory=dict)
    written: set[Labels] = field(default_factory=set)
    """Series of the last evaluation: those that the next one does not have are ended."""

    @property
    def alerts(self) -> list[ActiveAlert]:
        """Pending and firing ones."""
        return [one for one in list(self.active.values()) if one.active]

    @property
    def state(self) -> State:
        """The furthest that any of its alerts is."""
        states = {one.state for one in self.alerts}
        return next((one for one in (State.FIRING, State.PENDING) if one in states), State.INACTIVE)


@dataclass(slots=True)
class GroupState:
    group: Group
    rules: list[RuleState]
    done_ms: int
    """The last time that it was evaluated for; the next is an interval later."""
    evaluated_ns: int | None = None
    """When that was done, by the wall clock."""
    seconds: float = 0.0
    samples: int = 0
    evaluations: int = 0
    failures: int = 0
    iterations: int = 0
    missed: int = 0
    """Times that were never evaluated: too long ago when their turn came."""

    @property
    def due_ms(self) -> int:
        return self.done_ms + self.group.interval_ms

    @property
    def failing(self) -> list[RuleState]:
        return [one for one in self.rules if one.health == "err"]
