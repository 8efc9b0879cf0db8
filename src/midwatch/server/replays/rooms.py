"""The room of session replays, put together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock
from midwatch.server.model.measure import Measure
from midwatch.server.replays.desk import ReplayDesk
from midwatch.server.replays.keeper import ReplayKeeper
from midwatch.server.replays.sweeper import ReplaySweeper
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.replays import ReplayLedger


class ReplayRetention:
    """Days that replays are kept, 0 for ever: the setting's, unless the plan says."""

    def __init__(self, days: float) -> None:
        self._setting = days
        self._planned: float | None = None

    @property
    def days(self) -> float:
        return self._setting if self._planned is None else self._planned

    def plan(self, days: float | None) -> None:
        """An effect of the plan."""
        self._planned = days


@dataclass(frozen=True, slots=True)
class ReplayRooms:
    ledger: ReplayLedger
    keeper: ReplayKeeper
    sweeper: ReplaySweeper
    desk: ReplayDesk
    retention: ReplayRetention

    def measures(self) -> Iterable[Measure]:
        yield from self.keeper.measures()
        yield from self.sweeper.measures()


def replay_rooms(
    database: Database, blobs: Blobs, privacy: Callable[[], PrivacyPolicy], clock: Clock, *, days: float, bytes_max: int
) -> ReplayRooms:
    """`privacy`: the rules in force; `days`: the setting."""
    ledger, retention = ReplayLedger(database, clock), ReplayRetention(days)
    sweeper = ReplaySweeper(ledger, blobs, clock, days=lambda: retention.days, bytes_max=bytes_max)
    return ReplayRooms(
        ledger, ReplayKeeper(ledger, blobs, privacy), sweeper, ReplayDesk(ledger, blobs, sweeper, privacy), retention
    )
