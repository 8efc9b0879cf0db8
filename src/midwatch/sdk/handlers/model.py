"""A run as the team's store keeps it, and what a store must be able to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from midwatch.contract.handlers import LIVE, State


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One handler and key. Never changed, only replaced; `revision` grows with every replacement."""

    id: str
    handler: str
    key: str
    """As it may be seen: without what is private in it."""
    state: State
    revision: int = 0
    fence: int = 0
    """Grows with every run: what an older one says later is not heard."""
    attempt: int = 0
    lease_until: float = 0.0
    """Of a live one, in seconds of the store's clock: by then its process says again that it lives."""
    started_at: float = 0.0
    ended_at: float = 0.0
    is_known: bool = False
    """It has failed once: the server knows of it, or will. One that has finished at once it never will."""
    told_revision: int = 0
    """What the server knows for sure."""
    order_id: str = ""
    """The order under which it ran last; empty: its app's own doing."""
    queued_order: str = ""
    """The order under which the next run of it will be."""
    payload: bytes = b""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Of its failure and for whom it is: what the server is told."""
    outcome: str = ""
    """What it returned, as JSON, where that is small."""

    @property
    def looked_at(self) -> float | None:
        """When somebody must look at it next: 0 for at once, None for never."""
        is_told = self.told_revision >= self.revision
        if self.state in LIVE and (is_told or self.state is State.RUNNING):
            return self.lease_until
        if self.state is State.RETRYING or is_told:
            return None
        return None if self.state is State.DONE and not self.is_known else 0.0


class RunStore(Protocol):
    """Redis or a database. Any thread may use it; it raises what Redis or the database says."""

    def now(self) -> float:
        """Unix seconds, by one clock for all who use the store."""
        ...

    def look(self, run_id: str) -> tuple[float, StoredRun | None]:
        """The time, and the run."""
        ...

    def put(self, run: StoredRun, revision: int, forget_at: float) -> bool:
        """Replace the run of that revision, 0 for none; False where it is another by now."""
        ...

    def to_look_at(self, at: float, limit: int) -> list[StoredRun]:
        """Those whose `looked_at` has come, the earliest first."""
        ...

    def forget(self, before: float) -> None:
        """Runs whose `forget_at` has come."""
        ...
